"""Compares the answers of two servers to the same call, field by field, and says what a difference is in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

from conformance import wire
from conformance.clause import Clause, load_clauses
from conformance.drift.difference import Difference, shown
from conformance.drift.documented import required_fields
from conformance.drift.step import MARK, Step

SUCCESS = range(200, 300)
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the fields of a service's answers mean.

    Ids lack the service's name. Patterns match a path of keys joined by dots, `*` in place of a position.

    Attributes:
        service: The service's name.
        accepted: The clause that an accepted call of an operation shows, by operationId.
        statuses: The choice that a difference between two 2xx statuses is, by operationId.
        ignored: Patterns of what each answer has anew: timings, identifiers, timestamps.
        fields: Pattern and clause or choice of what differs there, the first that fits; the clause of the
            call where none does.
        keyed: Patterns of arrays whose order says nothing, with the key of their elements ("" for
            elements that are their own key).
        ranked: Patterns of arrays whose order and choice depend on scores, with the path to the key of their
            elements; what differs in it is the choice `scores`.
        falling: The clause that says of a ranked array that its scores fall, by its pattern.
        own: Those of the keyed arrays that hold what others have made on the server too.
        refusals: Where a refusal may differ, as in `fields`.
    """

    service: str
    accepted: Mapping[str, str]
    statuses: Mapping[str, str] = field(default_factory=dict)
    ignored: Sequence[str] = ()
    fields: Sequence[tuple[str, str]] = ()
    keyed: Mapping[str, str] = field(default_factory=dict)
    ranked: Mapping[str, str] = field(default_factory=dict)
    falling: Mapping[str, str] = field(default_factory=dict)
    own: Sequence[str] = ()
    refusals: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What one server answered: status and JSON value, names masked; None for a body that is no JSON."""

    status: int
    value: Any


class Comparison:
    """Compares one call's answers.

    Args:
        vocabulary: What fields mean.
        step: The call.
    """

    def __init__(self, vocabulary: Vocabulary, step: Step) -> None:
        self._words = vocabulary
        self._step = step
        self._refused = False

    def differences(self, a: Said, b: Said) -> Iterator[Difference]:
        """Everything in which two answers differ."""
        successes = (a.status in SUCCESS) + (b.status in SUCCESS)
        if successes == 1:
            yield self._difference(self._step.about, "status", a.status, b.status)
            return
        if a.status != b.status:
            known = self._words.statuses.get(self._step.operation, self._accepted)
            yield self._difference(known if successes else self._refusal, "status", a.status, b.status)
        self._refused = not successes
        yield from self._compared(a.value, b.value, "")

    @property
    def _accepted(self) -> str:
        return self._words.accepted[self._step.operation]

    @property
    def _refusal(self) -> str:
        """What a difference between two refusals is in: the clause that demands it, if one does."""
        return self._step.about if self._step.about not in self._words.accepted.values() else REFUSAL

    def _compared(self, a: Any, b: Any, path: str) -> Iterator[Difference]:
        if any(re.fullmatch(pattern, path) for pattern in self._words.ignored):
            if (a is None) is not (b is None) or _kind(a) != _kind(b):
                yield self._at(path, a, b)
        elif isinstance(a, dict) and isinstance(b, dict):
            yield from self._objects(a, b, path)
        elif isinstance(a, list) and isinstance(b, list):
            yield from self._arrays(a, b, path)
        elif not _alike(a, b):
            yield self._at(path, a, b)

    def _objects(self, a: Mapping[str, Any], b: Mapping[str, Any], path: str) -> Iterator[Difference]:
        for key in dict.fromkeys((*a, *b)):
            below = f"{path}.{key}" if path else key
            if key in a and key in b:
                yield from self._compared(a[key], b[key], below)
            else:
                yield self._at(below, a.get(key, ABSENT), b.get(key, ABSENT), absent=True)

    def _arrays(self, a: Sequence[Any], b: Sequence[Any], path: str) -> Iterator[Difference]:
        if path in self._words.ranked:
            yield from self._ranked(a, b, path, self._words.ranked[path])
        elif path in self._words.keyed:
            yield from self._keyed(a, b, path, self._words.keyed[path])
        elif len(a) != len(b):
            yield self._at(path, f"{len(a)} elements", f"{len(b)} elements")
        else:
            for one, other in zip(a, b, strict=True):
                yield from self._compared(one, other, _below(path))

    def _keyed(self, a: Sequence[Any], b: Sequence[Any], path: str, key: str) -> Iterator[Difference]:
        ours, theirs = _by_key(a, key), _by_key(b, key)
        if path in self._words.own:
            ours, theirs = _own(ours), _own(theirs)
        if ours.keys() == theirs.keys() and [*ours] != [*theirs]:
            yield self._difference("choice.list-order", path, [*ours], [*theirs])
        for name in dict.fromkeys((*ours, *theirs)):
            if name in ours and name in theirs:
                yield from self._compared(ours[name], theirs[name], _below(path))
            else:
                yield self._at(path, name if name in ours else ABSENT, name if name in theirs else ABSENT)

    def _ranked(self, a: Sequence[Any], b: Sequence[Any], path: str, key: str) -> Iterator[Difference]:
        ours, theirs = _by_key(a, key), _by_key(b, key)
        if len(a) != len(b):
            yield self._at(path, f"{len(a)} elements", f"{len(b)} elements")
        elif _falls(a) is not _falls(b):
            yield self._difference(self._words.falling[path], path, _scores(a), _scores(b))
        elif [*ours] != [*theirs]:
            yield self._difference("choice.scores", path, [*ours], [*theirs])
        for name in ours:
            if name in theirs:
                yield from self._compared(ours[name], theirs[name], _below(path))

    def _at(self, path: str, a: Any, b: Any, absent: bool = False) -> Difference:
        named = self._words.refusals if self._refused else self._words.fields
        where = f"{self._step.operation}:{path}"
        usual = ENVELOPE if self._refused else self._shown
        known = next((what for pattern, what in named if re.fullmatch(pattern, where)), "")
        if absent and not known:
            known = usual if self._requires(path) else EXTRA_FIELDS
        elif known.startswith(CHOICE) and self._is_no_choice(known, path, a, b, absent):
            known = usual
        return self._difference(known or usual, path or "the body", a, b)

    def _requires(self, path: str) -> bool:
        required = required_fields(self._words.service, self._step.operation)
        return path.rpartition(".")[2] in required

    def _is_no_choice(self, choice: str, path: str, a: Any, b: Any, absent: bool) -> bool:
        """Whether a field that may differ is not there, or of another kind, on one side."""
        if absent:
            return self._requires(path)
        if choice == MESSAGE_TEXT and not all(isinstance(each, str) and each.strip() for each in (a, b)):
            return True
        return _kind(a) != _kind(b)

    @property
    def _shown(self) -> str:
        """The clause that an accepted call shows: the one it is about, unless that speaks of a refusal."""
        clause = _clauses(self._words.service).get(f"{self._words.service}.{self._step.about}")
        return self._step.about if clause is not None and clause.refusal is None else self._accepted

    def _difference(self, about: str, where: str, a: Any, b: Any) -> Difference:
        call = f"{self._step.method} {self._step.path}"
        return Difference(f"{self._words.service}.{about}", call, where, shown(a), shown(b))


class _Absent:
    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()
REFUSAL = "choice.refusal-status"
MESSAGE_TEXT = "choice.message-text"
EXTRA_FIELDS = "choice.extra-fields"
CHOICE = "choice."
ENVELOPE = "errors.envelope"


@cache
def _clauses(service: str) -> Mapping[str, Clause]:
    return load_clauses(service)


def _below(path: str) -> str:
    return f"{path}.*" if path else "*"


def _scores(hits: Sequence[Any]) -> list[Any]:
    return [hit.get("score") if isinstance(hit, dict) else None for hit in hits]


def _falls(hits: Sequence[Any]) -> bool:
    """Whether no score is above the one before, as far as there are scores."""
    scores = [score for score in _scores(hits) if isinstance(score, int | float)]
    return all(one >= other for one, other in pairwise(scores))


def _by_key(elements: Sequence[Any], key: str) -> dict[str, Any]:
    def of(element: Any) -> str:
        for part in key.split(".") if key else ():
            element = element.get(part) if isinstance(element, dict) else None
        return str(element)

    return {of(element): element for element in elements}


def _own(elements: Mapping[str, Any]) -> dict[str, Any]:
    return {name: element for name, element in elements.items() if name.startswith(MARK)}


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, int | float) and not isinstance(b, bool):
        return abs(a - b) <= TOLERANCE * max(1.0, abs(a))
    return wire.same(a, b)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__
