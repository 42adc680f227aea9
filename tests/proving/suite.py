"""The suite in this process, on a mock of its own: as users run it but without a socket, shrinking less."""

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance import check as checking
from conformance.asgi import AsgiTransport
from conformance.check import Server
from conformance.clause import EVIDENCE_LEVELS
from conformance.cortex import CORTEX
from conformance.cortex.driver import Cortex
from conformance.cortex.driver import Terms as CortexTerms
from conformance.effort import USUAL
from conformance.moorcheh import MOORCHEH
from conformance.moorcheh.driver import FilesFolder, Moorcheh, Terms
from conformance.run import Options, Run
from conformance.service import Service
from conformance.target import Target
from conformance.verdict import Broken, Result, Verdict
from mock_server import create_app

# Small enough to be filled to its cap in a moment, large enough for every batch that a check sends.
MAX_ITEMS = 1_500
KEY = {"Authorization": "Bearer any"}
# Jobs of a mutant may hang for ever; those of the mock end at the third look, which is always taken.
JOB_TIMEOUT = 0.25
SHRINKING_SECONDS = 0.3

NAMED = (Verdict.BROKEN, Verdict.ADVICE)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a run of the suite has found.

    Attributes:
        results: The verdict on every clause, by id.
        requests: How many requests had been sent when a clause was first seen broken, by id.
    """

    results: Mapping[str, Result]
    requests: Mapping[str, int]

    @property
    def named(self) -> list[str]:
        """The ids of the clauses that the suite calls broken."""
        return [clause for clause, result in self.results.items() if result.verdict in NAMED]


@contextmanager
def _moorcheh(job_timeout: float) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="vecpact-") as made:
        folder = Path(made).resolve()
        app = create_app(max_items=MAX_ITEMS, files=[folder])
        with Target("http://mock", transport=AsgiTransport(app)) as target:
            yield Moorcheh(target, Terms(job_timeout=job_timeout, files=FilesFolder(folder, str(folder))))


@contextmanager
def _cortex(job_timeout: float) -> Iterator[Server]:
    with Target("http://mock", headers=KEY, transport=AsgiTransport(create_app())) as target:
        yield Cortex(target, CortexTerms(job_timeout=job_timeout))


SERVICES: Mapping[str, Service] = {service.name: service for service in (MOORCHEH, CORTEX)}
SERVERS: Mapping[str, Callable[[float], AbstractContextManager[Server]]] = {
    MOORCHEH.name: _moorcheh,
    CORTEX.name: _cortex,
}


def prove(
    service: str,
    chosen: Collection[str] | None = None,
    *,
    seed: int = 0,
    examples: int = USUAL.examples,
    job_timeout: float = JOB_TIMEOUT,
    until: Collection[str] = (),
) -> Proof:
    """Runs the suite of a service on a mock of its own, all levels of evidence counting.

    Args:
        service: The service's name.
        chosen: The ids of the clauses to prove; None for all.
        seed: The seed of every random choice.
        examples: Hypothesis examples per check.
        job_timeout: Seconds a job may take.
        until: Ids of clauses; once all of them are found broken the run may end.
    """
    with SERVERS[service](job_timeout) as server, pytest.MonkeyPatch.context() as patch:
        options = Options(seed=seed, examples=examples, chosen=chosen, evidence=EVIDENCE_LEVELS)
        run = Run(SERVICES[service], server, options)
        requests: dict[str, int] = {}
        proven = ""

        begin = Broken.__init__

        def note(fault: Broken, *said: Any, **more: Any) -> None:
            """Notes how many requests a failure took: of the check's clause where it names none itself."""
            begin(fault, *said, **more)
            requests.setdefault(fault.clause_id or proven, server.target.requests)

        patch.setattr(Broken, "__init__", note)
        patch.setattr(checking, "SHRINKING_SECONDS", SHRINKING_SECONDS)
        for check in run.checks():
            proven = check.clauses[0]
            run.prove(check)
            if until and all(run.result(clause).verdict in NAMED for clause in until):
                break
        run.finish()
        return Proof({result.clause.id: result for result in run.results()}, requests)
