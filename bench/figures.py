"""What a row measures: samples of each contender, the figures made of them, and their goals."""

import operator
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

COMPARE: Mapping[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure is to reach: at least (`>=`) or at most (`<=`) a value."""

    sign: str
    value: float

    def __str__(self) -> str:
        return f"{self.sign} {self.value:g}"

    def met(self, figure: float) -> bool:
        """Tells whether a figure reaches the goal."""
        return COMPARE[self.sign](figure, self.value)


def at_least(value: float) -> Goal:
    """Makes the goal that a figure is no less than a value."""
    return Goal(">=", value)


def at_most(value: float) -> Goal:
    """Makes the goal that a figure is no more than a value."""
    return Goal("<=", value)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a row: its value in each round, its unit (empty for a ratio), its goal if it has one."""

    label: str
    values: Sequence[float]
    unit: str = ""
    goal: Goal | None = None

    @property
    def median(self) -> float:
        """The middle of the values."""
        return statistics.median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The first and the third quartile of the values."""
        return quartiles(self.values)

    @property
    def met(self) -> bool | None:
        """Whether the median reaches the goal; None where there is none."""
        return None if self.goal is None else self.goal.met(self.median)

    def described(self) -> dict[str, Any]:
        """Describes the figure as JSON."""
        low, high = self.spread
        return {
            "label": self.label,
            "unit": self.unit,
            "median": rounded(self.median),
            "spread": [rounded(low), rounded(high)],
            "goal": None if self.goal is None else str(self.goal),
            "met": self.met,
            "values": [rounded(value) for value in self.values],
        }


@dataclass(slots=True)
class Result:
    """What one row found: samples by contender in one unit, figures, and notes for the reader.

    `costs` holds, by contender, the milliseconds of processor time that one request cost the server.
    """

    unit: str
    samples: dict[str, list[float]] = field(default_factory=dict)
    costs: dict[str, list[float]] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, contender: str, value: float) -> None:
        """Adds the sample of one round."""
        self.samples.setdefault(contender, []).append(value)

    def ratio(self, one: str, other: str, goal: Goal | None = None, label: str = "") -> None:
        """Adds the ratio of two contenders, round by round; nothing where one of them has no samples."""
        paired = zip(self.samples.get(one, ()), self.samples.get(other, ()), strict=False)
        pairs = [(mine, its) for mine, its in paired if its]
        if pairs:
            ratios = [mine / its for mine, its in pairs]
            self.figures.append(Figure(label or f"{one} / {other}", ratios, "", goal))

    def described(self) -> dict[str, Any]:
        """Describes the result as JSON."""
        return {
            "unit": self.unit,
            "samples": {
                name: {
                    "median": rounded(statistics.median(values)),
                    "spread": [rounded(value) for value in quartiles(values)],
                    "values": [rounded(value) for value in values],
                }
                for name, values in self.samples.items()
            },
            "costs": {name: rounded(statistics.median(values)) for name, values in self.costs.items()},
            "figures": [figure.described() for figure in self.figures],
            "notes": self.notes,
        }


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """Answers the first and the third quartile; of a single value, itself twice."""
    if len(values) < 2:
        return values[0], values[0]
    first, _, third = statistics.quantiles(values, n=4, method="inclusive")
    return first, third


def percentile(values: Sequence[float], share: float) -> float:
    """Answers the value that a share of the values (0 to 1) does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def rounded(value: float) -> float:
    """Rounds to four significant digits: more would not be repeatable."""
    return float(f"{value:.4g}")
