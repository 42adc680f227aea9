"""The journal: what it says of each exchange, what it lets go of, and how it is asked."""

import base64

import httpx
import pytest

from mock_server.journal import SPARE, Journal
from tests.mock_server.calling import Client


def test_an_exchange_is_told_as_it_was_on_the_wire(world_url: str) -> None:
    body = '{"name":"café", "type": "text"}'.encode()
    with httpx.Client(base_url=world_url, headers={"X-Twice": "1"}) as client:
        client.post("/_mock/clock", json={"freeze": True})
        client.post("/namespaces?a=%20b&a=c", content=body, headers=[("x-many", "1"), ("x-many", "2")])
        client.delete("/namespaces/caf%C3%A9%2Fb")
        requests = client.get("/_mock/requests").json()["requests"]
        now = client.get("/_mock/state").json()["now"]
    first, second = requests
    assert [first["number"], second["number"]] == [1, 2]
    assert (first["method"], first["path"], first["raw_path"]) == ("POST", "/namespaces", "/namespaces")
    assert (first["query"], first["headers"]["x-twice"]) == ("a=%20b&a=c", "1")
    assert first["headers"]["x-many"] == "1, 2"
    assert (first["body"], first["body_bytes"], first["truncated"]) == (body.decode(), len(body), False)
    assert (first["status"], first["clause"]) == (400, "moorcheh.namespaces.name-charset")
    assert first["clause"] in first["answer"]
    assert (first["committed"], first["answered"], first["fault"]) == (False, True, None)
    assert (first["at"], second["monotonic"] >= first["monotonic"]) == (now, True)
    assert (second["path"], second["raw_path"]) == ("/namespaces/café/b", "/namespaces/caf%C3%A9%2Fb")
    assert second["status"] == 404


def test_unknown_paths_and_methods_are_journalled_and_the_admin_api_is_not(client: Client) -> None:
    client.get("/nope")
    client.call("PUT", "/health")
    client.get("/_mock/state")
    client.get("/_mock/nope")
    other = Client(client.app, "/_session/other")
    other.get("/")
    requests = client.get("/_mock/requests").body["requests"]
    assert [(each["path"], each["status"]) for each in requests] == [("/nope", 404), ("/health", 405)]
    assert [each["raw_path"] for each in other.get("/_mock/requests").body["requests"]] == ["/"]


def test_a_body_that_is_no_utf8_stands_in_base64(client: Client) -> None:
    client.call("POST", "/search", b"\xff\x00")
    entry = client.get("/_mock/requests").body["requests"][0]
    assert (entry["body"], base64.b64decode(entry["body_base64"])) == (None, b"\xff\x00")


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [1, 2, 3, 4]),
        ("?method=get", [1, 4]),
        ("?path=/namespaces/*", [3]),
        ("?path=/namespaces*", [2, 3]),
        ("?status=200", [1, 4]),
        ("?clause=moorcheh.namespaces.*", [2, 3]),
        ("?clause=*.delete-missing", [3]),
        ("?limit=2", [3, 4]),
        ("?limit=0", []),
        ("?limit=9&method=GET&path=/health&status=200", [1, 4]),
    ],
)
def test_requests_are_chosen_by_what_they_were(client: Client, query: str, numbers: list[int]) -> None:
    client.get("/health")
    client.post("/namespaces", {})
    client.call("DELETE", "/namespaces/nope")
    client.get("/health")
    requests = client.get(f"/_mock/requests{query}").body["requests"]
    assert [each["number"] for each in requests] == numbers


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?since=1", "no parameter 'since' here: expected method or path or status or clause or limit"),
        ("?status=ok", "status: expected an integer from 0, got 'ok'"),
        ("?limit=1&limit=2", "limit: expected once, got 2 times"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(client: Client, query: str, message: str) -> None:
    reply = client.get(f"/_mock/requests{query}")
    assert (reply.status, reply.message) == (400, f"{message} [mock.request]")


def test_requests_are_forgotten_when_told_and_numbers_go_on(client: Client) -> None:
    client.get("/health")
    assert client.call("DELETE", "/_mock/requests").body == {"requests": [], "dropped": 0}
    client.get("/health")
    assert [each["number"] for each in client.get("/_mock/requests").body["requests"]] == [2]


def test_the_oldest_go_where_there_are_too_many(client: Client) -> None:
    client.post("/_mock/settings", {"journal_entries": 2})
    for _ in range(5):
        client.get("/health")
    body = client.get("/_mock/requests").body
    assert ([each["number"] for each in body["requests"]], body["dropped"]) == ([4, 5], 3)
    client.post("/_mock/settings", {"journal_entries": 0})
    client.get("/health")
    assert client.get("/_mock/requests").body == {"requests": [], "dropped": 6}


def test_the_oldest_go_where_they_take_too_much_and_the_newest_stays() -> None:
    journal = Journal(lambda: 0.0)
    journal.most_bytes = 3 * SPARE + 100
    for size in (10, 20, 30):
        journal.answer(journal.open("POST", "/", b"/", b"", (), b"x" * size, size), 200, b"")
    assert [each.body_bytes for each in journal] == [10, 20, 30]
    late = journal.open("POST", "/", b"/", b"", (), b"", 0)
    assert [each.number for each in journal] == [2, 3, 4]
    journal.answer(late, 200, b"y" * 10_000)
    assert [each.number for each in journal] == [4]
    assert journal.dropped == 3


def test_an_answer_to_what_was_dropped_counts_for_nothing() -> None:
    journal = Journal(lambda: 0.0)
    journal.entries = 1
    early = journal.open("GET", "/", b"/", b"", (), b"", 0)
    journal.open("GET", "/", b"/", b"", (), b"", 0)
    journal.answer(early, 200, b"y" * 100)
    journal.most_bytes = 2 * SPARE
    journal.entries = 2
    journal.open("GET", "/", b"/", b"", (), b"", 0)
    assert len(journal) == 2


def test_of_long_bodies_the_beginning_is_kept(client: Client) -> None:
    client.post("/_mock/settings", {"journal_body": 10})
    client.post("/search", b"x" * 1_000)
    entry = client.get("/_mock/requests").body["requests"][0]
    assert (entry["body"], entry["body_bytes"], entry["truncated"]) == ("x" * 10, 1_000, True)
    assert len(entry["answer"]) == 10


@pytest.mark.parametrize("name", ["journal_entries", "journal_bytes", "journal_body"])
def test_the_bounds_of_the_journal_are_integers_from_0(client: Client, name: str) -> None:
    assert client.post("/_mock/settings", {name: -1}).status == 400
    assert client.post("/_mock/settings", {name: 7}).body[name] == 7
