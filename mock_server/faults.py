"""Faults: what is to go wrong in a world, with which requests and how often."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from mock_server.deferral import Callables
from mock_server.journal import matches

if TYPE_CHECKING:
    from mock_server import fault_fields
else:
    fault_fields = Callables("mock_server.fault_fields")


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
        frequency = {"times": self.times, "every": self.every, "probability": self.probability}
        told = {name: value for name, value in frequency.items() if value is not None}
        if self.probability is not None:
            told["seed"] = self.seed
        method = {} if self.method is None else {"method": self.method}
        return {
            "id": self.id,
            "effect": self.effect,
            **self.fields,
            **method,
            "path": self.path,
            **told,
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
        several = len(asked) > 1
        added = [
            Fault("", **fault_fields.read(each, f"faults[{place}]: " if several else ""))
            for place, each in enumerate(asked)
        ]
        for fault in added:
            self._count += 1
            fault.id = f"fault-{self._count}"
            self._faults[fault.id] = fault
        return added

    def remove(self, fault_id: str) -> None:
        """Takes a fault away; KeyError if there is none of that id."""
        del self._faults[fault_id]

    def clear(self) -> None:
        """Takes all faults away."""
        self._faults.clear()

    def meet(self, method: str, path: str) -> Fault | None:
        """Answers the fault that a request meets."""
        return next((each for each in self if each.fits(method, path) and each.strikes()), None)
