"""Arrival: whether what a caller gave is what came, and where the first difference is."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.client.heard import Number

INTEGER = re.compile(r"-?\d+")


def difference(given: Any, came: Any, *, more: bool = False, place: str = "$") -> str:
    """The first difference between two JSON values, in one line; empty where they are the same.

    A float is the same whatever its spelling, so long as it is read as the same 64-bit float; an integer is
    the same if its value is. With `more`, objects may have come with more keys than were given.
    """
    if isinstance(given, dict) and isinstance(came, dict):
        missing = [key for key in given if key not in came]
        surplus = [] if more else [key for key in came if key not in given]
        if missing or surplus:
            return f"{place}: {f'no {missing[0]!r}' if missing else f'a {surplus[0]!r} that was not given'}"
        pairs = [(f"{place}.{key}", given[key], came[key]) for key in given]
    elif isinstance(given, list) and isinstance(came, list):
        if len(given) != len(came):
            return f"{place}: {len(given):,} entries were given, {len(came):,} came"
        pairs = [
            (f"{place}[{n}]", one, other) for n, (one, other) in enumerate(zip(given, came, strict=True))
        ]
    else:
        return "" if _same(given, came) else f"{place}: {given!r} was given, {came!r} came"
    found = (difference(one, other, more=more, place=where) for where, one, other in pairs)
    return next(filter(None, found), "")


def respelled_integers(given: Any, spelled: Any, place: str = "$") -> Iterator[str]:
    """Where an integer that was given did not come as one: `spelled` is the document with its `Number`s."""
    if isinstance(given, int) and not isinstance(given, bool):
        if not (isinstance(spelled, Number) and INTEGER.fullmatch(spelled)):
            yield f"{place}: the integer {given} came as {spelled}"
    elif isinstance(given, dict) and isinstance(spelled, dict):
        for key in given.keys() & spelled.keys():
            yield from respelled_integers(given[key], spelled[key], f"{place}.{key}")
    elif isinstance(given, list) and isinstance(spelled, list):
        for index, (one, other) in enumerate(zip(given, spelled, strict=False)):
            yield from respelled_integers(one, other, f"{place}[{index}]")


def _same(given: Any, came: Any) -> bool:
    if isinstance(given, bool) or isinstance(came, bool):
        return given is came
    if isinstance(given, float) and isinstance(came, int) and abs(came) < 2**1023:
        # Some languages write a large whole float without a fraction, and zeros for the digits it has not.
        return given == float(came)
    return bool(given == came)
