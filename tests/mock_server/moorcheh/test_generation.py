"""The first generation of the service: what it has not, and the filter that it alone has."""

from typing import Any

import pytest

from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve


@pytest.fixture
def older(serve: Serve) -> Client:
    client = serve(jobs="instant", generation="v1")
    client.create("notes", None)
    documents = [
        {"id": "a", "text": "A red #one", "team": "ai", "n": 1, "deep": {"x": [1, 2], "y": None}},
        {"id": "b", "text": "A blue one", "team": "AI", "n": True},
    ]
    assert client.post("/namespaces/notes/documents", {"documents": documents}).status == 202
    return client


def search(client: Client, **more: Any) -> Any:
    return client.post("/search", {"query": "one", "namespaces": ["notes"], **more})


def ids(client: Client, **more: Any) -> set[str]:
    return {hit["id"] for hit in search(client, **more).body["results"]}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/answer"),
        ("GET", "/namespaces/notes/documents/fetch-text-data"),
        ("POST", "/namespaces/notes/files"),
        ("GET", "/namespaces/notes/files"),
        ("GET", "/namespaces/notes/files/0123456789abcdef"),
        ("POST", "/namespaces/notes/files/delete"),
        ("GET", "/namespaces/notes/file-jobs/job-1"),
    ],
)
def test_what_came_later_is_not_found(older: Client, method: str, path: str) -> None:
    reply = older.call(method, path, {})
    assert (reply.status, reply.body["status"]) == (404, "failure")
    assert f"{path} is not found on this server" in reply.message


def test_health_names_no_providers(older: Client) -> None:
    assert older.get("/health").body == {
        "status": "ok",
        "items": 2,
        "max_items": 100_000,
        "remaining": 99_998,
    }


def test_hits_name_no_namespace(older: Client) -> None:
    hit = search(older, top_k=1).body["results"][0]
    assert hit.keys() == {"id", "score", "label", "metadata", "text"}


def test_signs_in_a_query_are_text(older: Client) -> None:
    assert ids(older, query="#team:none") == {"a", "b"}
    assert search(older, query="#one").body["results"][0]["id"] == "a"


@pytest.mark.parametrize(
    ("metadata", "kept"),
    [
        ({}, {"a", "b"}),
        ({"team": "ai"}, {"a"}),
        ({"n": 1}, {"a"}),
        ({"n": True, "team": "AI"}, {"b"}),
        ({"n": 1, "team": "AI"}, set()),
        ({"deep": {"y": None, "x": [1, 2]}}, {"a"}),
        ({"deep": {"x": [2, 1], "y": None}}, set()),
        ({"absent": None}, set()),
    ],
)
def test_a_metadata_object_keeps_equal_values(older: Client, metadata: object, kept: set[str]) -> None:
    assert ids(older, metadata=metadata) == kept


def test_it_filters_vectors_too(older: Client) -> None:
    older.create()
    older.upload("x", team="ai")
    older.upload("y", team="hr")
    found = older.post("/search", {"query": [1, 1], "namespaces": ["demo"], "metadata": {"team": "hr"}})
    assert [hit["id"] for hit in found.body["results"]] == ["y"]


def test_a_metadata_filter_that_is_no_object_is_refused(older: Client) -> None:
    reply = search(older, metadata="team")
    assert (reply.status, reply.body["status"]) == (400, "error")
    assert "metadata: expected an object, got a string [moorcheh.search.filter-key]" in reply.message


def test_the_second_generation_ignores_the_object(serve: Serve) -> None:
    client = serve(jobs="instant")
    client.create()
    client.upload("x", team="ai")
    for metadata in ({"team": "hr"}, "team"):
        found = client.post("/search", {"query": [1, 1], "namespaces": ["demo"], "metadata": metadata})
        assert [hit["id"] for hit in found.body["results"]] == ["x"]
