"""The verdict on a clause, and what a check may find: the clause is broken, or nothing can be said."""

import unittest
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Protocol

from conformance.clause import Clause
from conformance.history import Call


class Verdict(StrEnum):
    """What the suite says of a clause."""

    KEPT = "kept"
    BROKEN = "broken"
    KNOWN = "known"
    STALE = "stale"
    ADVICE = "advice"
    NOTED = "noted"
    UNPROVEN = "unproven"
    ERROR = "error"
    SKIPPED = "skipped"


# What is said of a clause that does not hold, by what it weighs.
FAULTS = (Verdict.BROKEN, Verdict.ADVICE, Verdict.NOTED)
NOT_CHOSEN = "not chosen"


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict on one clause with what led to it.

    Attributes:
        clause: The clause.
        verdict: What is said of it.
        examples: How many generated examples were tried.
        detail: Why it is unproven, skipped or an error, or a remark; empty otherwise.
        sent: The request that showed the fault, as a shell command.
        expected: What the contract allows.
        got: What came instead.
        repeat: The command that repeats exactly this.
        calls: What was sent before and then, as shell commands to come to the fault again, in order.
        seconds: How long its checks took.
    """

    clause: Clause
    verdict: Verdict
    examples: int = 0
    detail: str = ""
    sent: str = ""
    expected: str = ""
    got: str = ""
    repeat: str = ""
    calls: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)


class Shown(Protocol):
    """What shows a fault: an exchange with a server, or what a client was asked."""

    def curl(self) -> str:
        """What was sent, as one shell command."""


class Broken(AssertionError):
    """A clause does not hold.

    Hypothesis tells two failures apart by exception type, so each clause has a subclass of its own:
    raise `broken(...)`, not this class.

    Attributes:
        expected: What the contract allows.
        got: What came instead.
        exchange: The request whose answer shows it, where it is one.
        calls: What the example had sent by then.
        choices: What hypothesis chose for the example, encoded; empty where it chose nothing.
        check: The name of the check that found it.
    """

    def __init__(self, expected: str, got: str, exchange: Shown | None = None) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got
        self.exchange = exchange
        self.calls: tuple[Call, ...] = ()
        self.choices = ""
        self.check = ""

    clause_id: str = ""


class Unproven(unittest.SkipTest):
    """What a check needs before it can prove anything is absent; says nothing of its clause.

    Hypothesis lets a `SkipTest` end the check at once, without shrinking.

    Args:
        reason: What is absent.
        basis: The id of the clause that speaks of it, where there is one.
    """

    def __init__(self, reason: str, basis: str = "") -> None:
        super().__init__(reason)
        self.basis = basis


class Untestable(unittest.SkipTest):
    """What is under test does not let itself be tested; the message says how, in one line.

    It is an error of the run, and no verdict on a clause. There is nothing to shrink.
    """


@cache
def _broken_type(clause_id: str) -> type[Broken]:
    return type("Broken", (Broken,), {"clause_id": clause_id})


def broken(expected: str, got: str, exchange: Shown | None = None, *, clause: str = "") -> Broken:
    """Makes the failure of a clause; without `clause`, of the clause of the check that raises it."""
    return _broken_type(clause)(expected, got, exchange)
