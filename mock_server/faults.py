"""Faults: what is to go wrong in a world, with which requests and how often."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from mock_server.journal import matches
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
MATCHING: Mapping[str, Check] = {
    "method": _text,
    "path": _text,
    "times": _integer(1),
    "every": _integer(1),
    "probability": _share,
    "seed": _integer(0, SEEDED - 1),
}
"""The fields that every fault may have: which requests it meets, and how often."""
FREQUENCIES = ("times", "every", "probability")


@dataclass(slots=True)
class Fault:
    """One fault: `fields` are those of its effect, `seen` counts the requests it fits, `fired` those it met.

    `method` is None for any, `path` a glob. Of the frequencies at most one is given: the first `times`, each
    `every`-th, or each with a `probability`, drawn from `random`.
    """

    id: str
    effect: str
    fields: Mapping[str, Any]
    method: str | None = None
    path: str = "*"
    times: int | None = None
    every: int | None = None
    probability: float | None = None
    seed: int = 0
    seen: int = 0
    fired: int = 0
    random: Random = field(default_factory=Random, repr=False)

    def fits(self, method: str, path: str) -> bool:
        """Tells whether the fault is meant for requests like this one."""
        return self.method in (None, method) and matches(self.path, path)

    def strikes(self) -> bool:
        """Counts a request that fits, and tells whether it is met."""
        self.seen += 1
        if self.times is not None:
            struck = self.fired < self.times
        elif self.every is not None:
            struck = self.seen % self.every == 0
        elif self.probability is not None:
            struck = self.random.random() < self.probability
        else:
            struck = True
        self.fired += struck
        return struck

    def view(self) -> dict[str, Any]:
        """Spells the fault as JSON, in the words in which it is asked for."""
        frequency = {name: getattr(self, name) for name in FREQUENCIES if getattr(self, name) is not None}
        if self.probability is not None:
            frequency["seed"] = self.seed
        method = {} if self.method is None else {"method": self.method}
        return {
            "id": self.id,
            "effect": self.effect,
            **self.fields,
            **method,
            "path": self.path,
            **frequency,
            "seen": self.seen,
            "fired": self.fired,
        }


class Faults:
    """The faults of one world, in the order in which they were asked for.

    A request meets at most one: the first that strikes. One that comes later does not see that request, so
    that faults with a number of times follow one another.
    """

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults.values())

    def add(self, *asked: object) -> list[Fault]:
        """Adds faults, all or none; ValueError says what is wrong with one."""
        read = [
            _read(each, f"faults[{place}]: " if len(asked) > 1 else "") for place, each in enumerate(asked)
        ]
        for fault in read:
            self._count += 1
            fault.id = f"fault-{self._count}"
            self._faults[fault.id] = fault
        return read

    def remove(self, fault_id: str) -> None:
        """Takes a fault away; KeyError if there is none of that id."""
        del self._faults[fault_id]

    def clear(self) -> None:
        """Takes all faults away."""
        self._faults.clear()

    def meet(self, method: str, path: str) -> Fault | None:
        """Answers the fault that a request meets."""
        return next((each for each in self if each.fits(method, path) and each.strikes()), None)


def _read(asked: object, where: str) -> Fault:
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
    return Fault("", str(name), fields, random=Random(matching.get("seed", 0)), **matching)


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str | int | float) else kind(value)
