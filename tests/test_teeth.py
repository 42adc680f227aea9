"""The suite has teeth: the mock keeps every clause, and each clause's mutants of it are caught by its id."""

from collections.abc import Collection
from pathlib import Path

import pytest

from conformance.asgi import AsgiTransport
from conformance.clause import EVIDENCE_LEVELS
from conformance.moorcheh import MOORCHEH
from conformance.moorcheh.driver import FilesFolder, Moorcheh, Terms
from conformance.run import Options, Run
from conformance.target import Target
from conformance.verdict import Result, Verdict
from mock_server import create_app
from tests.mutants import Mutant, deepest, mutants_of

MAX_ITEMS = 1_500
MUTANTS = mutants_of(MOORCHEH.name)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives the mutants to try: all of them on demand, else the deepest of each clause."""
    if "mutant" in metafunc.fixturenames:
        is_whole = metafunc.config.getoption("--all-mutants")
        metafunc.parametrize("mutant", MUTANTS if is_whole else deepest(MUTANTS), ids=str)


def prove(
    chosen: Collection[str] | None, folder: Path, *, seed: int = 0, job_timeout: float = 0.2
) -> dict[str, Result]:
    """Runs the suite in process against a mock of its own that reads the files of a folder."""
    app = create_app(max_items=MAX_ITEMS, files=[folder])
    terms = Terms(job_timeout=job_timeout, files=FilesFolder(folder, str(folder)))
    with Target("http://mock", transport=AsgiTransport(app)) as target:
        options = Options(seed=seed, chosen=chosen, evidence=EVIDENCE_LEVELS)
        run = Run(MOORCHEH, Moorcheh(target, terms), options)
        for check in run.checks():
            run.prove(check)
        run.finish()
        return {result.clause.id: result for result in run.results()}


def test_a_mutant_is_caught_by_its_own_clause(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mutant.change(monkeypatch)
    result = prove({mutant.clause}, tmp_path)[mutant.clause]
    assert result.verdict in (Verdict.BROKEN, Verdict.ADVICE), (
        f"{mutant.says}: {result.verdict}, {result.detail}"
    )


@pytest.mark.parametrize("area", sorted({clause.area for clause in MOORCHEH.clauses().values()}))
def test_the_mock_keeps_every_clause(area: str, tmp_path: Path) -> None:
    ids = {clause.id for clause in MOORCHEH.clauses().values() if clause.area == area}
    # No job of the mock hangs: here patience costs nothing, and a busy machine needs it.
    results = prove(ids, tmp_path, seed=1, job_timeout=10.0)
    unkept = {
        each: results[each].detail or results[each].got for each in ids if results[each].verdict != "kept"
    }
    assert not unkept


def test_every_clause_has_a_mutant() -> None:
    assert {mutant.clause for mutant in MUTANTS} == set(MOORCHEH.clauses())


def test_no_two_mutants_are_one() -> None:
    says = [mutant.says for mutant in MUTANTS]
    assert len(says) == len(set(says))
