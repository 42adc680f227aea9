"""Servers that do not do the work at all keep no clause that a server must keep."""

from collections.abc import Callable, Collection
from typing import Any

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
from mock_server import create_app
from tests.mutants import mutants_of
from tests.trivial import cortex, moorcheh
from tests.trivial.serving import after, application, every_second, nonsense, refusing

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
FAILURES = {"moorcheh": moorcheh.failure("no"), "cortex": cortex.failure("no")}
SERVERS = {"moorcheh": moorcheh.SERVERS, "cortex": cortex.SERVERS}


def is_upload(method: str, path: str) -> bool:
    """Whether a request stores vectors, documents or files."""
    name = path.replace("-", "_").rpartition("/")[2]
    return method == "POST" and name in (
        "vectors",
        "documents",
        "files",
        "upload_embeddings",
        "insert_raw_embeddings",
    )


REFUSING: dict[str, Callable[[], Any]] = {
    "every upload": lambda: is_upload,
    "every second request": every_second,
    "everything in the end": lambda: after(100),
    "whatever is posted, in the end": lambda: after(30, lambda method, _path: method == "POST"),
}


def proven(
    service_name: str,
    server: Any,
    examples: int = 3,
    chosen: Collection[str] | None = None,
    *,
    baseline: bool = True,
) -> list[Result]:
    """What the suite of a service finds of a server, an ASGI application."""
    service, connect = DRIVERS[service_name]
    key = {"authorization": "Bearer vecpact"}
    with Target("http://trivial", headers=key, transport=AsgiTransport(server)) as target:
        options = Options(examples=examples, seed=1, evidence=EVIDENCE_LEVELS, chosen=chosen)
        run = Run(service, connect(target), options)
        if not baseline:
            run.baseline = ""
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
    results = proven(service, application(SERVERS[service][name]))
    kept = [result.clause.id for result in results if result.verdict is Verdict.KEPT]
    assert not kept
    # Of a server that knows no path of a service nothing can be said, not even that it is wrong.
    knows_paths = (service, name) != ("cortex", "always 404")
    assert any(result.verdict is Verdict.BROKEN for result in results) is knows_paths
    errors = {result.clause.id: result.detail for result in results if result.verdict is Verdict.ERROR}
    assert not errors


@pytest.mark.parametrize("service", DRIVERS)
@pytest.mark.parametrize("name", REFUSING)
def test_a_server_that_refuses_for_no_reason_keeps_no_refusal(
    service: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.check.SHRINKING_SECONDS", 0)
    results = proven(
        service, refusing(create_app(max_items=100), FAILURES[service], REFUSING[name]()), examples=1
    )
    kept = [result.clause.id for result in results if result.verdict is Verdict.KEPT]
    assert not [each for each in kept if DRIVERS[service][0].clauses()[each].refusal]
    assert name not in ("every upload", "every second request") or not kept
    assert not {result.clause.id: result.detail for result in results if result.verdict is Verdict.ERROR}


@pytest.mark.parametrize("service", DRIVERS)
@pytest.mark.parametrize("turn", [0, 1])
def test_a_refusal_by_chance_is_no_refusal(service: str, turn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    clause = {"moorcheh": "moorcheh.vectors.dimension", "cortex": "cortex.matrix.empty-row"}[service]
    lax = next(mutant for mutant in mutants_of(service) if mutant.clause == clause)
    lax.change(monkeypatch)
    is_refused = every_second(is_upload)
    for _ in range(turn):
        is_refused("POST", "/vectors")
    server = refusing(create_app(), FAILURES[service], is_refused)
    # The baseline's uploads come first, and are not the point here.
    results = proven(service, server, chosen={clause}, baseline=False)
    (result,) = (result for result in results if result.clause.id == clause)
    assert result.verdict in (Verdict.BROKEN, Verdict.UNPROVEN)


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
    results = proven(service, application(nonsense(FIELDS[service], value, **BELIEVED)), examples=1)
    assert not [result.clause.id for result in results if result.verdict is Verdict.KEPT]
    assert not {result.clause.id: result.detail for result in results if result.verdict is Verdict.ERROR}
