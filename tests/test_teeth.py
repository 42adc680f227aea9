"""The suite has teeth: the mock keeps every clause, and each clause's mutants of it are caught by its id."""

import pytest

from tests.mutants import MUTANTS, Mutant, hardest
from tests.proving.suite import NAMED, SERVICES, prove

CLAUSES = {clause.id: clause for service in SERVICES.values() for clause in service.clauses().values()}
AREAS = sorted({(clause.id.split(".")[0], clause.area) for clause in CLAUSES.values()})


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives the mutants to try: all of them on demand, else the hardest of each clause."""
    if "mutant" in metafunc.fixturenames:
        is_whole = metafunc.config.getoption("--all-mutants")
        metafunc.parametrize("mutant", MUTANTS if is_whole else hardest(MUTANTS), ids=str)


def test_a_mutant_is_caught_by_its_own_clause(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.change(monkeypatch)
    proof = prove(mutant.service, {mutant.clause}, until={mutant.clause})
    result = proof.results[mutant.clause]
    assert result.verdict in NAMED, f"{mutant.says}: {result.verdict}, {result.detail}"


@pytest.mark.parametrize(("service", "area"), AREAS)
def test_the_mock_keeps_every_clause(service: str, area: str) -> None:
    ids = {clause.id for clause in SERVICES[service].clauses().values() if clause.area == area}
    # No job of the mock hangs: here patience costs nothing, and a busy machine needs it.
    results = prove(service, ids, seed=1, job_timeout=10.0).results
    unkept = {
        each: results[each].detail or results[each].got for each in ids if results[each].verdict != "kept"
    }
    assert not unkept


def test_every_clause_has_a_mutant() -> None:
    assert {mutant.clause for mutant in MUTANTS} == CLAUSES.keys()


def test_one_mutant_of_a_clause_is_the_hardest() -> None:
    marked = [mutant.clause for mutant in MUTANTS if mutant.is_hardest]
    assert len(marked) == len(set(marked))
    assert set(marked) <= {mutant.clause for mutant in hardest(MUTANTS) if mutant.is_hardest}
    assert sorted(mutant.clause for mutant in hardest(MUTANTS)) == sorted(CLAUSES)


def test_no_two_mutants_have_one_name() -> None:
    assert len(set(map(str, MUTANTS))) == len(MUTANTS)


@pytest.mark.parametrize("service", SERVICES)
def test_no_two_mutants_of_a_service_are_one(service: str) -> None:
    says = [mutant.says for mutant in MUTANTS if mutant.service == service]
    assert len(says) == len(set(says))
