"""The client suite has teeth: a careful client keeps every clause, each careless one is caught."""

import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from conformance.clause import EVIDENCE_LEVELS
from conformance.client.driver import Client
from conformance.cortex.client import CORTEX_CLIENT, KEY
from conformance.moorcheh.client import MOORCHEH_CLIENT
from conformance.run import Options, Run
from conformance.target import Target
from conformance.verdict import Result, Verdict
from tests.careless.__main__ import OTHERWISE
from tests.careless.fault import Fault
from tests.careless.faults import FAULTS

ROOT = Path(__file__).parents[1]
CONTRACTS = {MOORCHEH_CLIENT.name: MOORCHEH_CLIENT, CORTEX_CLIENT.name: CORTEX_CLIENT}
KEYS = {"cortex": KEY}
CAUGHT = [(fault, clause) for fault in FAULTS.values() for clause in fault.clauses]
AREAS = sorted(
    {(name, clause.area) for name, contract in CONTRACTS.items() for clause in contract.clauses().values()}
)


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """The careless client is a module of the tests: its process finds it from here."""
    monkeypatch.chdir(ROOT)


def prove(
    service: str, chosen: Collection[str], server_url: str, *words: str, examples: int = 20
) -> dict[str, Result]:
    """Runs clauses of a service's clients on the careless client with these words."""
    command = [sys.executable, "-m", "tests.careless", *words]
    with Target(server_url) as target:
        client = Client(target, command, service, api_key=KEYS.get(service))
        options = Options(examples=examples, chosen=chosen, evidence=EVIDENCE_LEVELS)
        run = Run(CONTRACTS[service], client, options)
        for check in run.checks():
            run.prove(check)
        run.finish()
        return {result.clause.id: result for result in run.results()}


@pytest.mark.parametrize(
    ("fault", "clause"), CAUGHT, ids=[f"{fault.name}-{clause}" for fault, clause in CAUGHT]
)
def test_a_careless_client_is_caught(fault: Fault, clause: str, server_url: str) -> None:
    result = prove(clause.partition(".")[0], {clause}, server_url, fault.name)[clause]
    assert result.verdict in (Verdict.BROKEN, Verdict.ADVICE), (
        f"{fault.says}: {result.verdict}, {result.detail}"
    )


@pytest.mark.parametrize("words", [(), (OTHERWISE,)], ids=["as usual", OTHERWISE])
@pytest.mark.parametrize(("service", "area"), AREAS, ids=[".".join(each) for each in AREAS])
def test_a_careful_client_keeps_every_clause(
    service: str, area: str, words: Sequence[str], server_url: str
) -> None:
    ids = {clause.id for clause in CONTRACTS[service].clauses().values() if clause.area == area}
    results = prove(service, ids, server_url, *words, examples=10)
    unkept = {
        each: results[each].got or results[each].detail for each in ids if results[each].verdict != "kept"
    }
    assert not unkept


def test_every_clause_has_a_fault() -> None:
    clauses = {clause for contract in CONTRACTS.values() for clause in contract.clauses()}
    assert {clause for _, clause in CAUGHT} == clauses


def test_no_two_faults_are_one() -> None:
    says = [(fault.says, fault.clauses) for fault in FAULTS.values()]
    assert len(set(says)) == len(says)
