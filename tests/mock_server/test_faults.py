"""Faults: how they are asked for, and which requests they meet."""

from typing import Any

import pytest

from mock_server.effects import EFFECTS as PLAYED
from mock_server.fault_fields import EFFECTS
from mock_server.faults import Faults
from tests.mock_server.calling import Client


def met(faults: Faults, requests: int, method: str = "POST", path: str = "/a") -> list[str | None]:
    """Lets some requests come, and names the fault that each meets."""
    struck = [faults.meet(method, path) for _ in range(requests)]
    return [None if fault is None else fault.id for fault in struck]


def test_every_effect_has_a_play() -> None:
    assert PLAYED.keys() == EFFECTS.keys()


def test_a_fault_meets_every_request_that_fits() -> None:
    faults = Faults()
    faults.add({"effect": "malformed", "method": "post", "path": "/namespaces/*/vectors"})
    assert met(faults, 2, path="/namespaces/a/vectors") == ["fault-1", "fault-1"]
    assert met(faults, 1, path="/namespaces/a") == [None]
    assert met(faults, 1, "GET", "/namespaces/a/vectors") == [None]
    assert [(each.seen, each.fired) for each in faults] == [(2, 2)]


def test_the_first_times_are_met_and_later_ones_are_not() -> None:
    faults = Faults()
    faults.add({"effect": "malformed", "times": 2})
    assert met(faults, 4) == ["fault-1", "fault-1", None, None]
    assert [(each.seen, each.fired) for each in faults] == [(4, 2)]


def test_every_nth_request_is_met() -> None:
    faults = Faults()
    faults.add({"effect": "malformed", "every": 3})
    assert met(faults, 7) == [None, None, "fault-1", None, None, "fault-1", None]


def test_with_a_probability_the_seed_decides() -> None:
    def draw(seed: int) -> list[str | None]:
        faults = Faults()
        faults.add({"effect": "malformed", "probability": 0.5, "seed": seed})
        return met(faults, 100)

    assert draw(1) == draw(1) != draw(2)
    assert 30 < draw(1).count("fault-1") < 70


def test_faults_with_a_number_of_times_follow_one_another() -> None:
    faults = Faults()
    faults.add({"effect": "malformed", "times": 1}, {"effect": "html", "times": 2}, {"effect": "empty"})
    assert met(faults, 4) == ["fault-1", "fault-2", "fault-2", "fault-3"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ([], "expected an object, got an array"),
        ({}, "effect: expected status or delay or "),
        ({"effect": "boom"}, "got 'boom'"),
        ({"effect": ["reset"]}, "got an array"),
        ({"effect": "status"}, "the effect status needs the field 'status'"),
        ({"effect": "status", "status": 99}, "status: expected an integer from 200 to 599, got 99"),
        ({"effect": "status", "status": True}, "status: expected an integer from 200 to 599, got True"),
        (
            {"effect": "status", "status": 500, "headers": {"a": 1}},
            "headers: expected an object of printable",
        ),
        ({"effect": "status", "status": 500, "headers": {"a": "b\r\nc"}}, "headers: expected an object of"),
        ({"effect": "status", "status": 500, "headers": {"a b": "c"}}, "headers: expected an object of"),
        ({"effect": "delay", "seconds": -1}, "seconds: expected seconds from 0 to 3600, got -1"),
        ({"effect": "delay", "seconds": float("nan")}, "seconds: expected seconds from 0 to 3600, got nan"),
        ({"effect": "reset", "when": "later"}, "when: expected before or after, got 'later'"),
        ({"effect": "reset", "when": {}}, "when: expected before or after, got an object"),
        ({"effect": "reset", "when": "after", "bytes": 1}, "the effect reset has no field 'bytes'"),
        ({"effect": "truncate", "bytes": -1}, "bytes: expected an integer from 0, got -1"),
        ({"effect": "content-length", "by": 0}, "by: expected an integer other than 0, got 0"),
        ({"effect": "extra", "fields": []}, "fields: expected an object, got an array"),
        ({"effect": "failure", "message": 1}, "message: expected a string, got 1"),
        ({"effect": "empty", "path": None, "probability": 2}, "probability: expected a number from 0 to 1"),
        ({"effect": "empty", "times": 0}, "times: expected an integer from 1, got 0"),
        (
            {"effect": "empty", "times": 1, "every": 2},
            "expected one of times, every, probability, not several",
        ),
        ({"effect": "empty", "seed": 2}, "seed: it belongs to a probability, and there is none"),
    ],
)
def test_a_fault_that_makes_no_sense_is_a_value_error(asked: Any, message: str) -> None:
    faults = Faults()
    with pytest.raises(ValueError, match=r"^[^\n]+$") as error:
        faults.add(asked)
    assert message in str(error.value)
    assert not faults


def test_of_several_faults_one_that_is_wrong_refuses_all(client: Client) -> None:
    reply = client.post("/_mock/faults", {"faults": [{"effect": "empty"}, {"effect": "boom"}]})
    assert reply.status == 400
    assert reply.message.startswith("faults[1]: effect: expected ")
    assert client.get("/_mock/faults").body == {"faults": []}
    assert client.post("/_mock/faults", {"faults": {}}).message == (
        "faults: expected an array, got an object [mock.request]"
    )
    assert client.post("/_mock/faults", {"faults": [], "effect": "empty"}).status == 400
    assert client.post("/_mock/faults", b"[]").status == 400
    assert client.post("/_mock/faults", b"{").status == 400


def test_faults_are_listed_with_what_they_met_and_taken_away(client: Client) -> None:
    asked = {"effect": "status", "status": 503, "method": "get", "path": "/health", "times": 1}
    added = client.post("/_mock/faults", asked).body["faults"]
    assert added == [{**asked, "id": "fault-1", "method": "GET", "seen": 0, "fired": 0}]
    client.post("/_mock/faults", {"faults": [{"effect": "html", "probability": 0.5, "seed": 3}]})
    assert [client.get("/health").status, client.get("/_mock/state").status] == [503, 200]
    listed = client.get("/_mock/faults").body["faults"]
    assert [(each["id"], each["seen"], each["fired"]) for each in listed] == [
        ("fault-1", 1, 1),
        ("fault-2", 0, 0),
    ]
    assert (listed[1]["seed"], listed[1]["status"]) == (3, 502)
    assert client.call("DELETE", "/_mock/faults/fault-1").body["faults"] == listed[1:]
    assert client.call("DELETE", "/_mock/faults/fault-1").status == 404
    assert client.call("DELETE", "/_mock/faults").body == {"faults": []}


def test_a_reset_takes_faults_away(client: Client) -> None:
    client.post("/_mock/faults", {"effect": "empty"})
    client.post("/_mock/reset")
    assert client.get("/health").status == 200
