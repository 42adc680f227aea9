"""Differences between two servers, each under the clause or the choice it is a difference in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from conformance.clause import EVIDENCE_LEVELS, Clause
from conformance.drift.choice import CHOICE, Choice

LONGEST = 160


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: its clause or choice, the call that shows it, where in the answer, and both sides."""

    id: str
    call: str
    where: str
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Everything in which two servers differ in one clause or choice: how often, and the first of it."""

    id: str
    kind: Literal["clause", "choice"]
    title: str
    evidence: str
    times: int
    first: Difference


class Differences:
    """Collects differences by what they are in.

    Args:
        clauses: The clauses of the service by id.
        choices: Its choices by id.
    """

    def __init__(self, clauses: dict[str, Clause], choices: dict[str, Choice]) -> None:
        self._clauses = clauses
        self._choices = choices
        self._found: dict[str, list[Difference]] = {}

    def add(self, difference: Difference) -> None:
        """Takes a difference; KeyError if its id is neither a clause nor a choice."""
        if difference.id not in self._clauses and difference.id not in self._choices:
            raise KeyError(difference.id)
        self._found.setdefault(difference.id, []).append(difference)

    def findings(self) -> Iterator[Finding]:
        """What was found, clauses first, each in the order of the contract."""
        for clause in self._clauses.values():
            if clause.id in self._found:
                found = self._found[clause.id]
                yield Finding(clause.id, "clause", clause.title, clause.evidence, len(found), found[0])
        for choice in self._choices.values():
            if choice.id in self._found:
                found = self._found[choice.id]
                yield Finding(choice.id, CHOICE, choice.title, "", len(found), found[0])

    def differs(self, evidence: tuple[str, ...] = EVIDENCE_LEVELS) -> bool:
        """Whether a clause of these levels of evidence differs."""
        return any(each.kind == "clause" and each.evidence in evidence for each in self.findings())


def shown(value: object) -> str:
    """A value for a line, cut where it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
