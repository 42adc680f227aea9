"""The fields of faults: what each kind of fault is told, and what is wrong with how one is asked for."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from mock_server.payload import kind

LONGEST = 3_600.0  # seconds of a delay
SEEDED = 2**63
NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # of a header
WHEN = ("before", "after")
OUTCOMES = ("stall", "fail", "partial", "vanish")
AS = ("seconds", "date")

Check = Callable[[object], str | None]
"""Says what a field's value has to be, if it is something else."""


def _integer(least: int, most: int | None = None) -> Check:
    upper = "" if most is None else f" to {most}"

    def check(value: object) -> str | None:
        right = type(value) is int and value >= least and (most is None or value <= most)
        return None if right else f"an integer from {least}{upper}"

    return check


def _seconds(value: object) -> str | None:
    right = type(value) in (int, float) and 0 <= value <= LONGEST  # type: ignore[operator]  # a number by then
    return None if right else f"seconds from 0 to {LONGEST:g}"


def _one_of(words: Sequence[str]) -> Check:
    return lambda value: None if value in words and isinstance(value, str) else " or ".join(words)


def _text(value: object) -> str | None:
    return None if isinstance(value, str) else "a string"


def _document(value: object) -> str | None:
    return None if isinstance(value, dict) else "an object"


def _headers(value: object) -> str | None:
    right = isinstance(value, dict) and all(
        NAME.fullmatch(name) and isinstance(each, str) and each.isascii() and each.isprintable()
        for name, each in value.items()
    )
    return None if right else "an object of printable strings by header name"


def _anything(_value: object) -> str | None:
    return None


def _nonzero(value: object) -> str | None:
    return None if type(value) is int and value != 0 else "an integer other than 0"


def _share(value: object) -> str | None:
    right = type(value) in (int, float) and 0 <= value <= 1  # type: ignore[operator]  # a number by then
    return None if right else "a number from 0 to 1"


@dataclass(frozen=True, slots=True)
class Effect:
    """A kind of fault: its fields with what each may hold, those it needs, and what the rest is otherwise."""

    fields: Mapping[str, Check] = field(default_factory=dict)
    needed: Sequence[str] = ()
    usual: Mapping[str, Any] = field(default_factory=dict)


STATUS = _integer(200, 599)
RETRY: Mapping[str, Check] = {"retry_after": _integer(0, 86_400), "as": _one_of(AS)}
EFFECTS: Mapping[str, Effect] = {
    "status": Effect({"status": STATUS, "body": _anything, "headers": _headers}, ["status"]),
    "delay": Effect({"seconds": _seconds, "when": _one_of(WHEN)}, ["seconds"], {"when": "after"}),
    "reset": Effect({"when": _one_of(WHEN)}, ["when"]),
    "truncate": Effect({"bytes": _integer(0)}),
    "malformed": Effect(),
    "content-length": Effect({"by": _nonzero}, ["by"]),
    "html": Effect({"status": STATUS}, [], {"status": 502}),
    "empty": Effect({"status": STATUS}, [], {"status": 500}),
    "rate-limit": Effect(RETRY, ["retry_after"], {"as": "seconds"}),
    "unavailable": Effect(RETRY, [], {"retry_after": 1, "as": "seconds"}),
    "failure": Effect({"message": _text}),
    "extra": Effect({"fields": _document}),
    "job": Effect(
        {"outcome": _one_of(OUTCOMES), "failed": _integer(0), "reason": _text}, ["outcome"], {"failed": 1}
    ),
}
"""Every kind of fault there is, by name."""
FREQUENCIES: Mapping[str, Check] = {"times": _integer(1), "every": _integer(1), "probability": _share}
"""How often a fault strikes: it is told one of them at most."""
MATCHING: Mapping[str, Check] = {
    "method": _text,
    "path": _text,
    **FREQUENCIES,
    "seed": _integer(0, SEEDED - 1),
}
"""The fields that every fault may have: which requests it meets, and how often."""


def read(asked: object, where: str) -> Mapping[str, Any]:
    """Reads what is asked for, as the arguments of a fault beside its id; ValueError says what is wrong.

    `where` stands in front of the message.
    """
    if not isinstance(asked, dict):
        raise ValueError(f"{where}expected an object, got {kind(asked)}")
    name = asked.get("effect")
    effect = EFFECTS.get(name) if isinstance(name, str) else None
    if effect is None:
        raise ValueError(f"{where}effect: expected {' or '.join(EFFECTS)}, got {_shown(name)}")
    given = {key: value for key, value in asked.items() if key != "effect"}
    given = {key: value for key, value in given.items() if value is not None or key == "body"}
    known = {**MATCHING, **effect.fields}
    for key, value in given.items():
        if key not in known:
            raise ValueError(f"{where}the effect {name} has no field {key!r}: it has {' or '.join(known)}")
        wish = known[key](value)
        if wish is not None:
            raise ValueError(f"{where}{key}: expected {wish}, got {_shown(value)}")
    for key in effect.needed:
        if key not in given:
            raise ValueError(f"{where}the effect {name} needs the field {key!r}")
    if sum(key in given for key in FREQUENCIES) > 1:
        raise ValueError(f"{where}expected one of {', '.join(FREQUENCIES)}, not several")
    if "seed" in given and "probability" not in given:
        raise ValueError(f"{where}seed: it belongs to a probability, and there is none")
    fields = {**effect.usual, **{key: value for key, value in given.items() if key in effect.fields}}
    matching = {key: value for key, value in given.items() if key in MATCHING}
    if "method" in matching:
        matching["method"] = matching["method"].upper()
    return {"effect": name, "fields": fields, "random": Random(matching.get("seed", 0)), **matching}


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str | int | float) else kind(value)
