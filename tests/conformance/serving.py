"""Servers, services and drivers that are only as large as a test of the suite needs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from conformance.asgi import AsgiTransport
from conformance.check import Check
from conformance.clause import Clause
from conformance.run import Options, Run
from conformance.service import Service
from conformance.target import Target
from conformance.verdict import Result
from mock_server import create_app

MUST = Clause("tiny.first.must", "The first thing holds", "tiny/page, heading", "documented", "must")
OTHER = Clause("tiny.first.other", "Another thing holds", "tiny/page", "implied", "must")
SHOULD = Clause("tiny.second.should", "A thing that should hold", "tiny/page", "documented", "should")
ASSUMED = Clause("tiny.second.assumed", "A thing nobody wrote down", "not documented", "assumed", "must")
CLAUSES = (MUST, OTHER, SHOULD, ASSUMED)

Answer = Callable[[httpx.Request], httpx.Response]


@dataclass(frozen=True)
class TinyService(Service):
    """A service of four clauses, or of a test's own, whose checks the test brings along."""

    own_checks: Sequence[Check] = ()
    own_clauses: Sequence[Clause] = CLAUSES

    def clauses(self) -> dict[str, Clause]:
        """The clauses by id."""
        return {clause.id: clause for clause in self.own_clauses}

    def checks(self) -> list[Check]:
        """The checks of the test, in its order."""
        return list(self.own_checks)


@dataclass
class TinyDriver:
    """A driver that makes nothing and writes down when it was told what."""

    target: Target
    remarks: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def begin_example(self) -> None:
        """Writes it down."""
        self.told.append("begin example")

    def end_check(self) -> None:
        """Writes it down."""
        self.told.append("end check")

    def end_run(self) -> None:
        """Writes it down."""
        self.told.append("end run")


def target_of(answer: Answer) -> Target:
    """A target whose server is a function."""
    return Target("http://server", transport=httpx.MockTransport(answer))


def answering(status: int, value: Any = None) -> Target:
    """A target whose server answers everything alike."""
    return target_of(lambda _request: httpx.Response(status, json={} if value is None else value))


def mock_target(**settings: Any) -> Target:
    """A target whose server is a mock of its own, in this process."""
    return Target("http://mock", transport=AsgiTransport(create_app(**settings)))


def service_of(
    *checks: Check,
    baseline: Callable[[Any], str] = lambda _server: "",
    clauses: Sequence[Clause] = CLAUSES,
) -> TinyService:
    """A service with these checks."""
    return TinyService("tiny", "Tiny", (), baseline, own_checks=checks, own_clauses=clauses)


def run_of(
    *checks: Check,
    baseline: str = "",
    driver: TinyDriver | None = None,
    clauses: Sequence[Clause] = CLAUSES,
    **options: Any,
) -> Run:
    """A run of these checks with a server that answers 200 to everything; nothing is proven yet."""
    service = service_of(*checks, baseline=lambda _server: baseline, clauses=clauses)
    return Run(service, driver or TinyDriver(answering(200)), Options(**options))


def proven(run: Run) -> dict[str, Result]:
    """The results of a run of which every check has been proven, by clause id."""
    for check in run.checks():
        run.prove(check)
    run.finish()
    return {result.clause.id: result for result in run.results()}
