"""The texts of a namespace, page by page."""

from typing import Any

import pytest

from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve

PATH = "/namespaces/notes/documents/fetch-text-data"


def store(client: Client, *ids: str, name: str = "notes", **metadata: Any) -> None:
    documents = [{"id": item_id, "text": f"Text of {item_id}", **metadata} for item_id in ids]
    assert client.post(f"/namespaces/{name}/documents", {"documents": documents}).status == 202


@pytest.fixture
def notes(serve: Serve) -> Client:
    client = serve(jobs="instant")
    client.post("/_mock/clock", {"freeze": True})
    client.create("notes", None)
    client.create("other", None)
    return client


def pages(client: Client, limit: int) -> list[list[str]]:
    found = []
    query = f"?limit={limit}"
    while query:
        body = client.get(PATH + query).body
        found.append([item["id"] for item in body["items"]])
        token = body["pagination"]["next_token"]
        assert body["pagination"] == {"limit": limit, "has_more": token is not None, "next_token": token}
        query = f"?limit={limit}&next_token={token}" if token else ""
    return found


def test_a_page_tells_all_of_its_items(notes: Client) -> None:
    store(notes, "a", source="zoo")
    notes.post("/_mock/clock", {"advance": 60})
    store(notes, "b", source="zoo")
    store(notes, "c", source=7)
    body = notes.get(PATH).body
    first, last = (body["items"][place]["created_at"] for place in (0, -1))
    assert first < last
    assert body["items"][0] == {
        "id": "a",
        "text": "Text of a",
        "metadata": {"source": "zoo"},
        "created_at": first,
        "is_summary": False,
    }
    assert body["statistics"] == {
        "total_items": 3,
        "total_text_chunks": 3,
        "total_summary_chunks": 0,
        "created_at_min": first,
        "created_at_max": last,
        "source_counts": {"zoo": 2},
    }
    assert body["pagination"] == {"limit": 100, "has_more": False, "next_token": None}
    assert (body["status"], body["namespace"], body["execution_time"] >= 0) == ("success", "notes", True)


def test_an_empty_namespace_has_one_empty_page(notes: Client) -> None:
    body = notes.get(PATH).body
    assert (body["items"], body["pagination"]["has_more"]) == ([], False)
    assert (body["statistics"]["created_at_min"], body["statistics"]["created_at_max"]) == (None, None)


def test_pages_hold_every_item_once_the_oldest_first(notes: Client) -> None:
    for item_id in "abcdefg":
        store(notes, item_id)
        store(notes, item_id, name="other")
    store(notes, "b", updated=True)
    assert pages(notes, 3) == [["a", "b", "c"], ["d", "e", "f"], ["g"]]
    assert pages(notes, 7) == [[*"abcdefg"]]


def test_a_token_holds_though_items_come_and_go(notes: Client) -> None:
    store(notes, *"abcd")
    token = notes.get(f"{PATH}?limit=2").body["pagination"]["next_token"]
    notes.post("/namespaces/notes/items/delete", {"ids": ["b", "c"]})
    store(notes, "e")
    body = notes.get(f"{PATH}?limit=2&next_token={token}").body
    assert [item["id"] for item in body["items"]] == ["d", "e"]


@pytest.mark.parametrize(("limit", "kept"), [("100", 100), ("007", 7), ("101", 100), ("9" * 5000, 100)])
def test_a_limit_is_at_most_100(notes: Client, limit: str, kept: int) -> None:
    store(notes, *(f"n{place}" for place in range(120)))
    body = notes.get(f"{PATH}?limit={limit}").body
    assert (len(body["items"]), body["pagination"]["limit"]) == (kept, kept)


@pytest.mark.parametrize("limit", ["0", "00", "-1", "+1", "1.0", "many", "", "%C2%B2"])
def test_a_limit_that_means_nothing_is_refused(notes: Client, limit: str) -> None:
    reply = notes.get(f"{PATH}?limit={limit}")
    assert (reply.status, reply.body["status"]) == (400, "failure")
    assert "limit: expected an integer from 1" in reply.message
    assert reply.message.endswith("[moorcheh.fetch.limit-bounds]")


def test_a_token_from_elsewhere_is_refused(notes: Client) -> None:
    store(notes, *"ab", name="other")
    other = notes.get(f"{PATH.replace('notes', 'other')}?limit=1").body["pagination"]["next_token"]
    for token in (other, "", "x", "%F0%9F%90%A2", "bm90ZXMvLTE", "bm90ZXMv" + "OTk5" * 400):
        reply = notes.get(f"{PATH}?next_token={token}")
        assert reply.status == 400
        assert reply.message.endswith("next_token: not one of namespace 'notes' [moorcheh.fetch.pages]")


def test_vectors_have_no_texts_and_unknown_namespaces_nothing(client: Client) -> None:
    client.create()
    reply = client.get("/namespaces/demo/documents/fetch-text-data?limit=0")
    assert (reply.status, "[moorcheh.fetch.vector-namespace]" in reply.message) == (400, True)
    reply = client.get("/namespaces/nope/documents/fetch-text-data?limit=0")
    assert (reply.status, "not found" in reply.message) == (404, True)
