"""Servers that do not do the work at all keep no clause that a server must keep."""

from collections.abc import Callable

import pytest

from conformance.asgi import AsgiTransport
from conformance.check import Server
from conformance.clause import EVIDENCE_LEVELS
from conformance.cortex import CORTEX
from conformance.cortex.driver import Cortex
from conformance.cortex.driver import Terms as CortexTerms
from conformance.moorcheh import MOORCHEH
from conformance.moorcheh.driver import Moorcheh, Terms
from conformance.run import Options, Run
from conformance.service import Service
from conformance.target import Target
from conformance.verdict import Result, Verdict
from tests.trivial import cortex, moorcheh
from tests.trivial.serving import Trivial, application

JOB_TIMEOUT = 0.02
DRIVERS: dict[str, tuple[Service, Callable[[Target], Server]]] = {
    "moorcheh": (MOORCHEH, lambda target: Moorcheh(target, Terms(job_timeout=JOB_TIMEOUT))),
    "cortex": (CORTEX, lambda target: Cortex(target, CortexTerms(job_timeout=JOB_TIMEOUT))),
}
SERVERS = {"moorcheh": moorcheh.SERVERS, "cortex": cortex.SERVERS}


def proven(service_name: str, trivial: Trivial) -> list[Result]:
    """What the suite of a service finds of a trivial server."""
    service, connect = DRIVERS[service_name]
    with Target("http://trivial", transport=AsgiTransport(application(trivial))) as target:
        options = Options(examples=3, seed=1, evidence=EVIDENCE_LEVELS)
        run = Run(service, connect(target), options)
        for check in run.checks():
            run.prove(check)
        run.finish()
    return run.results()


@pytest.mark.parametrize(
    ("service", "name"), [(service, name) for service in SERVERS for name in SERVERS[service]]
)
def test_a_trivial_server_keeps_no_must(service: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # How small a failure can be made does not matter here.
    monkeypatch.setattr("conformance.check.SHRINKING_SECONDS", 0)
    results = proven(service, SERVERS[service][name])
    kept = [result.clause.id for result in results if result.verdict is Verdict.KEPT]
    assert not kept
    assert any(result.verdict is Verdict.BROKEN for result in results)
    errors = {result.clause.id: result.detail for result in results if result.verdict is Verdict.ERROR}
    assert not errors
