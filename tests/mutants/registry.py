"""A mutant is the mock with one rule changed: it breaks exactly one clause, which the suite must name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest

Change = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong server.

    Attributes:
        clause: The id of the clause it breaks.
        says: What is wrong with it, in one sentence.
        change: Makes it of the mock, for as long as the monkeypatch lasts.
        name: The name of the change.
        is_hardest: Whether it is harder to catch than the others of its clause.
    """

    clause: str
    says: str
    change: Change
    name: str
    is_hardest: bool = False

    @property
    def service(self) -> str:
        """The service whose clause it breaks."""
        return self.clause.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.clause}:{self.name}"


MUTANTS: list[Mutant] = []


def mutant(clause: str, says: str, *, hardest: bool = False) -> Callable[[Change], Change]:
    """Registers a function that patches the mock as a mutant; the hardest of its clause is always tried."""

    def register(change: Change) -> Change:
        MUTANTS.append(Mutant(clause, says, change, change.__name__, hardest))
        return change

    return register


def mutants_of(service: str) -> list[Mutant]:
    """Lists the mutants that break a clause of one service."""
    return [mutant for mutant in MUTANTS if mutant.service == service]


def hardest(mutants: Iterable[Mutant]) -> list[Mutant]:
    """Lists one mutant of each clause: the hardest to catch or, where none is said to be that, the last."""
    ordered = sorted(mutants, key=lambda mutant: mutant.is_hardest)
    return list({mutant.clause: mutant for mutant in ordered}.values())
