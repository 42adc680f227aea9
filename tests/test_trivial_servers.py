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
from tests.trivial.serving import Trivial, application, nonsense

JOB_TIMEOUT = 0.001
FIELDS = {
    "moorcheh": "namespaces results items message metadata score label not_found_ids pagination skipped file "
    "files item_count total failed finished_at last_error requested_new remaining context_count statistics",
    "cortex": "chunk_ids scores embeddings not_found_chunk_ids infra message statuses object_count details "
    "results batch_id deleted_count error_code",
}
# With these a server is believed to have stored what it was sent, so that it is asked for more.
BELIEVED = {
    "job_id": "job-1",
    "status": "completed",
    "file_id": "f",
    "success": True,
    "indexing_status": "completed",
    "max_items": 10,
}
DRIVERS: dict[str, tuple[Service, Callable[[Target], Server]]] = {
    "moorcheh": (MOORCHEH, lambda target: Moorcheh(target, Terms(job_timeout=JOB_TIMEOUT))),
    "cortex": (CORTEX, lambda target: Cortex(target, CortexTerms(job_timeout=JOB_TIMEOUT))),
}
SERVERS = {"moorcheh": moorcheh.SERVERS, "cortex": cortex.SERVERS}


def proven(service_name: str, trivial: Trivial, examples: int = 3) -> list[Result]:
    """What the suite of a service finds of a trivial server."""
    service, connect = DRIVERS[service_name]
    with Target("http://trivial", transport=AsgiTransport(application(trivial))) as target:
        options = Options(examples=examples, seed=1, evidence=EVIDENCE_LEVELS)
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


@pytest.mark.parametrize("service", DRIVERS)
@pytest.mark.parametrize(
    "value",
    [7, [None], [{"id": [], "chunk_id": {}, "namespace_name": 7, "metadata": 7, "embedding": 7}]],
    ids=str,
)
def test_an_answer_of_nonsense_is_no_error_of_the_suite(
    service: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.check.SHRINKING_SECONDS", 0)
    results = proven(service, nonsense(FIELDS[service], value, **BELIEVED), examples=1)
    assert not [result.clause.id for result in results if result.verdict is Verdict.KEPT]
    assert not {result.clause.id: result.detail for result in results if result.verdict is Verdict.ERROR}
