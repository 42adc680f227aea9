"""The kill matrix: which mutants the suite kills, by which clause, and after how many requests."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.mutants import Mutant
from tests.proving.trial import BY_NAME, Kill, Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one mutant.

    Attributes:
        mutant: The mutant.
        outcomes: The outcomes of its trials, one a seed.
    """

    mutant: Mutant
    outcomes: Sequence[Outcome]

    @property
    def kills(self) -> Counter[Kill]:
        """How often its own clause, another one, or none caught it."""
        return Counter(outcome.kill for outcome in self.outcomes)

    @property
    def verdict(self) -> Kill:
        """Its worst outcome."""
        return next(kill for kill in ("survived", "other", "own") if self.kills[kill])

    @property
    def requests(self) -> float | None:
        """The median of the requests that its own clause took to catch it; None where that never did."""
        taken = [
            outcome.named[self.mutant.clause]
            for outcome in self.outcomes
            if self.mutant.clause in outcome.named
        ]
        return median(taken) if taken else None

    @property
    def others(self) -> list[str]:
        """The ids of the clauses that were named besides its own, in any trial."""
        return sorted({clause for outcome in self.outcomes for clause in outcome.others})

    @property
    def missed(self) -> list[str]:
        """What its own clause was said to be where it was not named."""
        return sorted({said for outcome in self.outcomes for said in outcome.missed.values()})

    def record(self) -> dict[str, Any]:
        """The row as a JSON value."""
        return {
            "mutant": str(self.mutant),
            "clause": self.mutant.clause,
            "says": self.mutant.says,
            "own": self.kills["own"],
            "other": self.kills["other"],
            "survived": self.kills["survived"],
            "requests": self.requests,
            "others": self.others,
            "missed": self.missed,
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """The sum over some rows.

    Attributes:
        clauses: How many clauses their mutants break.
        mutants: How many mutants there are.
        own: How many the own clause caught with every seed.
        other: How many were caught by another clause alone with some seed, and never by none.
        survived: How many nothing caught with some seed.
        requests: The median over the mutants of the requests to the kill; None where there was none.
    """

    clauses: int
    mutants: int
    own: int
    other: int
    survived: int
    requests: float | None

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Tally":
        """Counts the rows."""
        verdicts = Counter(row.verdict for row in rows)
        taken = [row.requests for row in rows if row.requests is not None]
        return cls(
            len({row.mutant.clause for row in rows}),
            len(rows),
            verdicts["own"],
            verdicts["other"],
            verdicts["survived"],
            median(taken) if taken else None,
        )


def rows_of(outcomes: Iterable[Outcome]) -> list[Row]:
    """The rows of the trials of single mutants, in the order in which the mutants are registered."""
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if len(outcome.trial.mutants) == 1:
            found.setdefault(outcome.trial.mutants[0], []).append(outcome)
    return [Row(mutant, found[name]) for name, mutant in BY_NAME.items() if name in found]


def by_area(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows by the area of their clauses, in the order in which they come."""
    areas: dict[str, list[Row]] = {}
    for row in rows:
        areas.setdefault(row.mutant.clause.split(".")[1], []).append(row)
    return areas
