"""Polices every client-clauses.toml: ids, titles, sources and limits, and that each clause has its check."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.cortex.client import CORTEX_CLIENT
from conformance.moorcheh.client import MOORCHEH_CLIENT
from conformance.service import Service
from tests.schemas.expected import EXPECTED
from tests.schemas.ground import SCHEMAS
from tests.schemas.test_clauses import LONGEST_TITLE, REQUIRED

CONTRACTS = {contract.prefix: contract for contract in (CORTEX_CLIENT, MOORCHEH_CLIENT)}
NUMBERS = {"cortex.client.documents.large": 10_000, "moorcheh.client.vectors.large": 10_000}
MILLISECONDS = {
    "cortex.client.processing.pace": 50,
    "moorcheh.client.jobs.pace": 50,
    "moorcheh.client.deletions.pace": 50,
}


def tables(contract: Service) -> Mapping[str, Mapping[str, Any]]:
    """The tables of a contract's clauses by their full ids, in the order of the file."""
    text = (SCHEMAS / contract.name / "client-clauses.toml").read_text(encoding="utf-8")
    return {
        f"{contract.prefix}.{area}.{fact}": table
        for area, facts in tomllib.loads(text).items()
        for fact, table in facts.items()
    }


CLAUSES = {
    clause_id: table for contract in CONTRACTS.values() for clause_id, table in tables(contract).items()
}
every_contract = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
every_clause = pytest.mark.parametrize(("clause_id", "clause"), CLAUSES.items(), ids=CLAUSES)


@every_contract
def test_the_ids_are_those_that_are_for_ever(contract: Service) -> None:
    file = Path(__file__).parent / "clause_ids" / f"{contract.prefix}.txt"
    listed = file.read_text(encoding="utf-8").split()
    assert list(tables(contract)) == listed
    assert len(set(listed)) == len(listed)


@every_contract
def test_every_clause_is_proven_and_every_check_proves_one(contract: Service) -> None:
    proven = {clause for check in contract.checks() for clause in check.clauses}
    assert proven == set(contract.clauses())


@every_contract
def test_no_two_clauses_of_a_contract_have_the_same_title(contract: Service) -> None:
    titles = [clause.title for clause in contract.clauses().values()]
    assert len(set(titles)) == len(titles)


@every_clause
def test_an_id_is_service_client_area_and_fact(clause_id: str, clause: Mapping[str, Any]) -> None:
    assert re.fullmatch(r"[a-z]+\.client\.[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", clause_id), clause


@every_clause
def test_a_clause_has_the_known_keys(clause_id: str, clause: Mapping[str, Any]) -> None:
    assert REQUIRED <= clause.keys() <= REQUIRED | {"limit", "depends_on"}, clause_id
    assert clause["evidence"] in {"documented", "implied", "assumed"}
    assert clause["force"] in {"must", "should"}
    bases = {f"{clause_id.rsplit('.', 2)[0]}.{basis}" for basis in clause.get("depends_on", ())}
    assert bases <= set(CLAUSES) - {clause_id}


@every_clause
def test_a_title_is_a_short_fact(clause_id: str, clause: Mapping[str, Any]) -> None:
    title = clause["title"]
    assert 0 < len(title) <= LONGEST_TITLE, clause_id
    assert re.match(r"[A-Z]", title)
    assert title == title.strip()
    assert not title.endswith(".")
    assert not re.search(r"\b(should|must|shall|test|tests|check|checks|verify|verifies)\b", title.lower())


@every_clause
def test_a_source_is_of_the_kind_its_evidence_says(clause_id: str, clause: Mapping[str, Any]) -> None:
    source, evidence = clause["source"], clause["evidence"]
    pages = EXPECTED[clause_id.partition(".")[0]].documented
    is_a_page = re.match(pages, source) is not None
    is_a_choice = re.match(r"not documented: \S", source) is not None
    assert (is_a_page, is_a_choice) == (evidence == "documented", evidence == "assumed"), clause_id
    assert not source.endswith(".")


def test_the_limits_are_those_of_the_titles() -> None:
    limits = {clause_id: clause["limit"] for clause_id, clause in CLAUSES.items() if "limit" in clause}
    assert limits == NUMBERS | MILLISECONDS
    for clause_id, limit in limits.items():
        assert f"{limit:,}{' ms' if clause_id in MILLISECONDS else ''}" in CLAUSES[clause_id]["title"]
