"""Verification: whether a request came as expected, and how the nearest one differs."""

from typing import Any

import pytest

from mock_server.verification import unlike
from tests.mock_server.calling import Client

VECTORS = "/namespaces/demo/vectors"


@pytest.fixture
def used(client: Client) -> Client:
    """An application that a client has used."""
    client.create()
    client.upload("ab", colour="red")
    client.call("POST", f"{VECTORS}?trace=1", {"vectors": [{"id": "c", "vector": [1]}]}, {"x-key": "k"})
    client.get("/health")
    return client


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"method": "post", "path": VECTORS, "times": 2},
        {"path": "/namespaces/*", "at_least": 2, "at_most": 2},
        {"path": "/nope", "times": 0},
        {"path": "/nope", "at_most": 0},
        {"status": 400, "clause": "moorcheh.vectors.*", "times": 1},
        {"body": {"vectors": [{"id": "a", "colour": "red"}, {"id": "b"}]}, "times": 1},
        {"body": {"vectors": [{"vector": [1.0]}]}, "times": 1},
        {"query": {"trace": "1"}, "headers": {"X-Key": "k"}, "times": 1},
    ],
)
def test_what_came_is_verified(used: Client, asked: dict[str, Any]) -> None:
    reply = used.post("/_mock/verify", asked)
    assert reply.status == 200, reply.body
    assert reply.body["matched"] == asked.get("times", reply.body["matched"])


@pytest.mark.parametrize(
    ("asked", "message", "number", "differences"),
    [
        (
            {"path": VECTORS, "body": {"vectors": [{"id": "z"}]}},
            f"expected at least 1 of requests {VECTORS} with body as asked, got 0 among 4 requests",
            3,
            ["body.vectors[0].id: expected 'z', got 'c'"],
        ),
        (
            {"method": "get", "path": "/healthy", "times": 1},
            "expected exactly 1 of GET /healthy, got 0 among 4 requests",
            4,
            ["path: expected /healthy, got /health"],
        ),
        (
            {"path": VECTORS, "status": 503, "clause": "moorcheh.quota.*", "headers": {"x-key": "j"}},
            "with status, clause, headers as asked",
            3,
            [
                "status: expected 503, got 400",
                "clause: expected moorcheh.quota.*, got moorcheh.vectors.dimension",
                "headers.x-key: expected 'j', got 'k'",
            ],
        ),
        (
            {"path": VECTORS, "at_least": 3, "at_most": 5},
            "expected at least 3 and at most 5 of",
            4,
            ["path: expected /namespaces/demo/vectors, got /health"],
        ),
        ({"path": "/health", "at_most": 0}, "expected at most 0 of requests /health, got 1", 3, None),
        ({"path": "/health", "body": {"a": 1}}, "got 0", 4, ["body: the body is no JSON"]),
    ],
)
def test_what_did_not_come_is_told_with_the_nearest_request(
    used: Client, asked: dict[str, Any], message: str, number: int, differences: list[str] | None
) -> None:
    reply = used.post("/_mock/verify", asked)
    assert (reply.status, reply.body["status"]) == (409, "failure")
    assert message in reply.message
    assert reply.body["nearest"]["number"] == number
    for wanted, got in zip(differences or [], reply.body["differences"], strict=differences is not None):
        assert got.startswith(wanted)


def test_without_any_request_there_is_no_nearest(client: Client) -> None:
    reply = client.post("/_mock/verify", {"path": "/health"})
    assert (reply.status, reply.body["nearest"], reply.body["differences"]) == (409, None, [])


def test_a_body_that_the_journal_holds_in_part_is_no_match(client: Client) -> None:
    client.post("/_mock/settings", {"journal_body": 5})
    client.create()
    reply = client.post("/_mock/verify", {"body": {"type": "vector"}})
    assert reply.body["differences"][0].startswith("body: the journal holds 5 of its ")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"verb": "GET"}, "no field 'verb' here: expected method or path"),
        ({"method": 1}, "method: expected a string, got a number"),
        ({"status": "400"}, "status: expected an integer from 0, got a string"),
        ({"times": -1}, "times: expected an integer from 0, got -1"),
        ({"times": 1, "at_least": 1}, "expected times, or at_least and at_most, not both"),
        ({"query": []}, "query: expected an object of strings, got an array"),
        ({"headers": {"a": 1}}, "headers.a: expected a string, got a number"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(client: Client, asked: object, message: str) -> None:
    reply = client.post("/_mock/verify", asked)
    assert reply.status == 400
    assert reply.message.startswith(message)


@pytest.mark.parametrize(
    ("wanted", "got", "said"),
    [
        (1, 1.0, []),
        ({"a": None}, {"a": None, "b": 1}, []),
        (True, 1, ["x: expected true, got 1"]),
        (0, False, ["x: expected 0, got false"]),
        ([1, 2], [1], ["x: expected 2 elements, got 1"]),
        ([1, 2], [2, 2], ["x[0]: expected 1, got 2"]),
        ({"a": {}}, {"a": []}, ["x.a: expected an object, got an array"]),
        ({"a": [1]}, {}, ["x.a: expected an array, got nothing"]),
        ("a", None, ["x: expected 'a', got null"]),
    ],
)
def test_values_differ_where_they_do(wanted: object, got: object, said: list[str]) -> None:
    assert [*unlike(wanted, got, "x")] == said
