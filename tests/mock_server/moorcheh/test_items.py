"""Items by id: get and delete."""

from typing import Any

import pytest

from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve


@pytest.fixture
def filled(client: Client) -> Client:
    client.create()
    client.upload("abc", tags=["x", {"y": None}])
    return client


def test_found_items_come_with_their_metadata_alone(filled: Client) -> None:
    reply = filled.post("/namespaces/demo/items/get", {"ids": ["b", "zebra", "a"]})
    metadata = {"tags": ["x", {"y": None}]}
    assert reply.status == 200
    assert reply.body["message"]
    assert {key: value for key, value in reply.body.items() if key != "message"} == {
        "status": "success",
        "requested_ids": 3,
        "found_items": 2,
        "items": [{"id": "b", "metadata": metadata}, {"id": "a", "metadata": metadata}],
    }


def test_text_items_come_with_their_text(client: Client) -> None:
    client.create("notes", None)
    documents = [{"id": "n", "text": "Hello there", "lang": "en", "vector": [1]}]
    assert client.post("/namespaces/notes/documents", {"documents": documents}).status == 202
    (item,) = client.post("/namespaces/notes/items/get", {"ids": ["n"]}).body["items"]
    assert item == {"id": "n", "metadata": {"lang": "en", "vector": [1]}, "text": "Hello there"}


def test_deleted_items_are_gone_at_once(filled: Client) -> None:
    reply = filled.post("/namespaces/demo/items/delete", {"ids": ["a", "zebra", "c"]})
    assert reply.status == 200
    assert reply.body == {
        "status": "success",
        "message": "Delete by ids completed.",
        "namespace_name": "demo",
        "requested": 3,
        "deleted": 2,
        "not_found_ids": ["zebra"],
    }
    assert ([*filled.stored("abc")], filled.count()) == (["b"], 1)


def test_deleting_only_unknown_ids_is_no_failure(filled: Client) -> None:
    reply = filled.post("/namespaces/demo/items/delete", {"ids": ["zebra"]})
    assert (reply.status, reply.body["deleted"], filled.count()) == (200, 0, 3)


def test_a_repeated_id_is_requested_twice_and_found_once(filled: Client) -> None:
    got = filled.post("/namespaces/demo/items/get", {"ids": ["a", "a"]}).body
    assert (got["requested_ids"], got["found_items"], len(got["items"])) == (2, 1, 1)
    deleted = filled.post("/namespaces/demo/items/delete", {"ids": ["a", "a", "z", "z"]}).body
    assert (deleted["requested"], deleted["deleted"], deleted["not_found_ids"]) == (4, 1, ["z"])


@pytest.mark.parametrize("action", ["get", "delete"])
@pytest.mark.parametrize(
    ("body", "clause"),
    [
        ({}, "items.ids-empty"),
        ({"ids": []}, "items.ids-empty"),
        ({"ids": None}, "items.ids-empty"),
        ({"ids": "a"}, "items.ids-empty"),
        ({"ids": ["a"] * 101}, "items.ids-100"),
        ({"ids": ["a", ""]}, "items.id-empty"),
        ({"ids": ["a", 7]}, "items.id-empty"),
        ({"ids": ["a", None]}, "items.id-empty"),
        (["a"], "errors.malformed-json"),
    ],
)
def test_invalid_ids_are_400_and_nothing_is_deleted(
    filled: Client, action: str, body: Any, clause: str
) -> None:
    reply = filled.post(f"/namespaces/demo/items/{action}", body)
    assert (reply.status, reply.body["status"]) == (400, "failure")
    assert reply.message.endswith(f"[moorcheh.{clause}]")
    assert filled.count() == 3


@pytest.mark.parametrize("action", ["get", "delete"])
def test_a_hundred_ids_are_accepted(filled: Client, action: str) -> None:
    reply = filled.post(f"/namespaces/demo/items/{action}", {"ids": [f"{place}" for place in range(100)]})
    assert reply.status == 200


@pytest.mark.parametrize("action", ["get", "delete"])
def test_an_unknown_namespace_goes_before_invalid_ids(client: Client, action: str) -> None:
    reply = client.post(f"/namespaces/nope/items/{action}", {"ids": []})
    assert reply.status == 404
    assert "[moorcheh.items.unknown-namespace]" in reply.message


def test_deleting_frees_quota_at_once(serve: Serve) -> None:
    client = serve(jobs="instant", max_items=2)
    client.create()
    client.upload("ab")
    client.post("/namespaces/demo/items/delete", {"ids": ["a"]})
    client.upload("c")
    assert client.count() == 2
