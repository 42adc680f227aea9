"""Filter expressions: conditions on a chunk's id, its source and its source's metadata.

A comparison with a key that is missing or null is false, whichever it is; only `not` makes it true. Numbers,
strings and booleans are never equal to each other, nor in any order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mock_server.numbers import NUMBERS

MAX_DEPTH = 100  # of conditions inside conditions


@dataclass(frozen=True, slots=True)
class Subject:
    """What a condition looks at: one chunk."""

    chunk_id: str
    source_id: str
    metadata: Mapping[str, Any]


Operand = Callable[[Subject], Any]
"""Answers a value of the subject, or a constant; None where there is no value."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds for a subject or not; `depth` counts the conditions inside each other."""

    holds: Callable[[Subject], bool]
    depth: int = 1

    def __call__(self, subject: Subject) -> bool:
        """Tells whether it holds."""
        return self.holds(subject)


def sort_of(value: object) -> str:
    """Names the sort that a value can be compared within; empty for what no literal can be."""
    if type(value) in NUMBERS:
        return "number"
    return {bool: "boolean", str: "string"}.get(type(value), "")


def equal(left: object, right: object) -> bool:
    """Tells whether two values are of one sort and equal."""
    return sort_of(left) == sort_of(right) != "" and left == right


def unequal(left: object, right: object) -> bool:
    """Tells whether two values that are there differ, by sort or within it."""
    return not equal(left, right)


def ordered(holds: Callable[[Any, Any], bool]) -> Callable[[object, object], bool]:
    """Makes a comparison that holds only between two numbers or two strings."""

    def compare(left: object, right: object) -> bool:
        return sort_of(left) == sort_of(right) in ("number", "string") and holds(left, right)

    return compare


def comparison(left: Operand, compare: Callable[[object, object], bool], right: Operand) -> Condition:
    """Compares two operands; false where either has no value."""

    def holds(subject: Subject) -> bool:
        first, second = left(subject), right(subject)
        return first is not None and second is not None and compare(first, second)

    return Condition(holds)


def membership(operand: Operand, values: Sequence[object], wanted: bool) -> Condition:
    """Looks for an operand's value among the given ones; false where it has none."""

    def holds(subject: Subject) -> bool:
        found = operand(subject)
        return found is not None and any(equal(found, value) for value in values) is wanted

    return Condition(holds)


def likeness(operand: Operand, pattern: str) -> Condition:
    """Matches an operand's text with a pattern in which % stands for any run of characters."""
    first, *rest = pattern.split("%")

    def holds(subject: Subject) -> bool:
        text = operand(subject)
        if not isinstance(text, str):
            return False
        if not rest:
            return text == first
        if not text.startswith(first):
            return False
        at = len(first)
        for part in rest[:-1]:
            found = text.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return len(text) - len(rest[-1]) >= at and text.endswith(rest[-1])

    return Condition(holds)


def negation(inner: Condition) -> Condition:
    """Holds where the inner condition does not."""
    return Condition(lambda subject: not inner(subject), _around(inner))


def conjunction(*inner: Condition) -> Condition:
    """Holds where all inner conditions do."""
    return Condition(lambda subject: all(each(subject) for each in inner), _around(*inner))


def disjunction(*inner: Condition) -> Condition:
    """Holds where one of the inner conditions does."""
    return Condition(lambda subject: any(each(subject) for each in inner), _around(*inner))


def _around(*inner: Condition) -> int:
    depth = 1 + max(each.depth for each in inner)
    if depth > MAX_DEPTH:
        raise ValueError(f"conditions are nested more than {MAX_DEPTH} deep")
    return depth
