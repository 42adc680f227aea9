"""A service under contract: its clauses, and the modules that hold its checks."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.check import Check, checks_of
from conformance.clause import Clause, Side, load_clauses, prefix_of


@dataclass(frozen=True, slots=True)
class Service:
    """A service the suite knows.

    Attributes:
        name: The folder in `schemas/` and the first part of its clause ids.
        title: The vendor's name for it.
        areas: The modules that hold its checks, in the order in which they run.
        baseline: Says why a server can prove nothing at all; empty when it stores what it accepts.
        counting: The ids of clauses whose checks look at what all users of a server change together, such as
            the number of its items: nobody else may be at work meanwhile.
        side: Whether its servers or its clients are under contract.
    """

    name: str
    title: str
    areas: Sequence[str]
    baseline: Callable[[Any], str]
    side: Side = "server"
    counting: frozenset[str] = frozenset()

    @property
    def prefix(self) -> str:
        """What all its clause ids begin with."""
        return prefix_of(self.name, self.side)

    @property
    def command(self) -> tuple[str, ...]:
        """The words of the command that proves it."""
        return (self.name,) if self.side == "server" else (self.side, self.name)

    def clauses(self) -> Mapping[str, Clause]:
        """The clauses of the service by id."""
        return load_clauses(self.name, self.side)

    def checks(self) -> list[Check]:
        """All checks: those that go beside others, then those that run alone, last those that need it all."""
        found = [check for area in self.areas for check in checks_of(importlib.import_module(area))]
        return sorted(found, key=lambda check: (check.exclusive, self.counts(check)))

    def counts(self, check: Check) -> bool:
        """Whether a check must have the server for itself while it runs."""
        return check.exclusive or not self.counting.isdisjoint(check.clauses)
