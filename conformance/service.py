"""A service under contract: its clauses, the modules that hold its checks, the driver that speaks to it."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.check import Check, Server, checks_of
from conformance.clause import Clause, load_clauses
from conformance.target import Target


@dataclass(frozen=True, slots=True)
class Patience:
    """What a server may cost.

    Attributes:
        job_timeout: Seconds a job may take to reach its end.
        fill_quota: Whether the quota is filled however long it takes and whoever else has items there.
    """

    job_timeout: float = 30.0
    fill_quota: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A service the suite knows.

    Attributes:
        name: The folder in `schemas/` and the first part of its clause ids.
        title: The vendor's name for it.
        areas: The modules that hold its checks, in the order in which they run.
        connect: Makes the driver for a target.
        baseline: Says why a server can prove nothing at all; empty when it stores what it accepts.
    """

    name: str
    title: str
    areas: Sequence[str]
    connect: Callable[[Target, Patience], Server]
    baseline: Callable[[Any], str]

    def clauses(self) -> Mapping[str, Clause]:
        """The clauses of the service by id."""
        return load_clauses(self.name)

    def checks(self) -> list[Check]:
        """All checks, those that need the whole server last."""
        found = [check for area in self.areas for check in checks_of(importlib.import_module(area))]
        return sorted(found, key=lambda check: check.exclusive)
