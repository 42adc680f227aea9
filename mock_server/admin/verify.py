"""Verification: asks whether requests as expected came, as often as expected."""

from collections.abc import Mapping
from typing import Any

from mock_server.admin.asked import REQUEST, fields_of, integer, text
from mock_server.payload import kind
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from mock_server.verification import ABSENT, Expected, Often, verify

FIELDS = ("method", "path", "status", "clause", "body", "query", "headers", "times", "at_least", "at_most")


def check(world: World, call: Call) -> Answer:
    """Answers how many requests are as expected; 409 with the nearest one and its differences otherwise."""
    asked = fields_of(call, *FIELDS)
    often = Often(*(_count(asked, name) for name in ("times", "at_least", "at_most")))
    if often.times is not None and (often.at_least, often.at_most) != (None, None):
        raise Refused(REQUEST, "expected times, or at_least and at_most, not both")
    expected = Expected(
        _word(asked, "method"),
        _word(asked, "path"),
        _count(asked, "status"),
        _word(asked, "clause"),
        asked.get("body", ABSENT),
        _pairs(asked, "query"),
        _pairs(asked, "headers"),
    )
    verdict = verify(expected, often, [*world.journal])
    if verdict.holds:
        return Answer(200, {"matched": verdict.matched})
    near = None if verdict.nearest is None else verdict.nearest.view()
    body = {"message": verdict.message, "nearest": near, "differences": [*verdict.differences]}
    return Answer(409, {"status": "failure", "matched": verdict.matched, **body})


def _word(asked: Mapping[str, Any], name: str) -> str | None:
    return text(asked, name, "") if asked.get(name) is not None else None


def _count(asked: Mapping[str, Any], name: str) -> int | None:
    return integer(asked, name, 0) if asked.get(name) is not None else None


def _pairs(asked: Mapping[str, Any], name: str) -> Mapping[str, str] | None:
    pairs = asked.get(name)
    if pairs is None:
        return None
    if not isinstance(pairs, dict):
        raise Refused(REQUEST, f"{name}: expected an object of strings, got {kind(pairs)}")
    for key, value in pairs.items():
        if not isinstance(value, str):
            raise Refused(REQUEST, f"{name}.{key}: expected a string, got {kind(value)}")
    return pairs
