"""The suite has teeth for Cortex: the mock keeps every clause, each clause's mutants are caught by its id."""

from collections.abc import Collection

import pytest

from conformance.asgi import AsgiTransport
from conformance.clause import EVIDENCE_LEVELS
from conformance.cortex import CORTEX
from conformance.cortex.driver import Cortex, Terms
from conformance.run import Options, Run
from conformance.target import Target
from conformance.verdict import Result, Verdict
from mock_server import create_app
from tests.mutants import Mutant, deepest, mutants_of

MUTANTS = mutants_of(CORTEX.name)
KEY = {"Authorization": "Bearer any"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives the mutants to try: all of them on demand, else the deepest of each clause."""
    if "mutant" in metafunc.fixturenames:
        is_whole = metafunc.config.getoption("--all-mutants")
        metafunc.parametrize("mutant", MUTANTS if is_whole else deepest(MUTANTS), ids=str)


def prove(chosen: Collection[str] | None, *, seed: int = 0, job_timeout: float = 0.3) -> dict[str, Result]:
    """Runs the suite in process against a mock of its own."""
    with Target("http://mock", headers=KEY, transport=AsgiTransport(create_app())) as target:
        options = Options(seed=seed, chosen=chosen, evidence=EVIDENCE_LEVELS)
        run = Run(CORTEX, Cortex(target, Terms(job_timeout=job_timeout)), options)
        for check in run.checks():
            run.prove(check)
        run.finish()
        return {result.clause.id: result for result in run.results()}


def test_a_mutant_is_caught_by_its_own_clause(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.change(monkeypatch)
    result = prove({mutant.clause})[mutant.clause]
    assert result.verdict in (Verdict.BROKEN, Verdict.ADVICE), (
        f"{mutant.says}: {result.verdict}, {result.detail}"
    )


@pytest.mark.parametrize("area", sorted({clause.area for clause in CORTEX.clauses().values()}))
def test_the_mock_keeps_every_clause(area: str) -> None:
    ids = {clause.id for clause in CORTEX.clauses().values() if clause.area == area}
    # No upload hangs in the mock: here patience costs nothing, and a busy machine needs it.
    results = prove(ids, seed=1, job_timeout=10.0)
    unkept = {
        each: results[each].detail or results[each].got for each in ids if results[each].verdict != "kept"
    }
    assert not unkept


def test_every_clause_has_a_mutant() -> None:
    assert {mutant.clause for mutant in MUTANTS} == set(CORTEX.clauses())
