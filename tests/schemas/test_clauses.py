"""Polices every clauses.toml: ids, titles, sources, limits and refusals."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.schemas.expected import EXPECTED
from tests.schemas.ground import SERVICES, clauses

CLAUSES = {clause_id: clause for service in SERVICES for clause_id, clause in clauses(service).items()}
REQUIRED = {"title", "source", "evidence", "force"}
OPTIONAL = {"limit", "refusal", "depends_on"}
EVIDENCE = ("assumed", "implied", "documented")
FORCE = ("should", "must")
LONGEST_TITLE = 100
NUMBERS_IN_A_TITLE = {
    clause_id: limit
    for expected in EXPECTED.values()
    for clause_id, limit in expected.numbers_in_titles.items()
}

every_service = pytest.mark.parametrize("service", SERVICES)
every_clause = pytest.mark.parametrize(("clause_id", "clause"), CLAUSES.items(), ids=CLAUSES)


def test_every_service_is_expected() -> None:
    assert EXPECTED.keys() == set(SERVICES)


@every_service
def test_the_ids_are_those_of_the_contract_in_its_order(service: str) -> None:
    listed = (Path(__file__).parent / "clause_ids" / f"{service}.txt").read_text(encoding="utf-8").split()
    assert list(clauses(service)) == listed
    assert len(set(listed)) == len(listed)


@every_clause
def test_an_id_is_service_area_and_fact(clause_id: str, clause: dict[str, Any]) -> None:
    service = service_of(clause_id)
    assert re.fullmatch(rf"{service}\.[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", clause_id), clause


@every_clause
def test_a_clause_has_the_known_keys(clause_id: str, clause: dict[str, Any]) -> None:
    assert clause.keys() >= REQUIRED, clause_id
    assert clause.keys() <= REQUIRED | OPTIONAL, clause_id
    assert clause["evidence"] in {"documented", "implied", "assumed"}
    assert clause["force"] in {"must", "should"}


@every_clause
def test_a_title_is_a_short_fact(clause_id: str, clause: dict[str, Any]) -> None:
    title = clause["title"]
    assert 0 < len(title) <= LONGEST_TITLE, clause_id
    assert title == title.strip()
    assert not title.endswith(".")
    assert not re.search(r"\b(should|must|shall|test|tests|check|checks|verify|verifies)\b", title.lower())


@every_clause
def test_a_title_starts_with_a_capital_or_a_token(clause_id: str, clause: dict[str, Any]) -> None:
    token = EXPECTED[service_of(clause_id)].title_token
    assert re.match(rf"[A-Z]|{token}", clause["title"]), clause_id


@every_service
def test_no_two_clauses_have_the_same_title(service: str) -> None:
    titles = [clause["title"] for clause in clauses(service).values()]
    assert len(set(titles)) == len(titles)


@every_clause
def test_a_source_is_of_the_kind_its_evidence_says(clause_id: str, clause: dict[str, Any]) -> None:
    source, evidence = clause["source"], clause["evidence"]
    is_a_page = re.match(EXPECTED[service_of(clause_id)].documented, source) is not None
    is_a_choice = re.match(r"not documented: \S", source) is not None
    assert (is_a_page, is_a_choice) == (evidence == "documented", evidence == "assumed"), clause_id
    assert not source.endswith(".")


@every_clause
def test_a_refusal_is_a_status_and_a_code_of_it(clause_id: str, clause: dict[str, Any]) -> None:
    if "refusal" not in clause:
        return
    refusal = clause["refusal"]
    assert {"status", "code"} <= refusal.keys() <= {"status", "code", "also"}
    assert refusal["code"] in EXPECTED[service_of(clause_id)].codes[refusal["status"]]


@every_clause
def test_other_statuses_are_others(clause_id: str, clause: dict[str, Any]) -> None:
    refusal = clause.get("refusal", {})
    if "also" not in refusal:
        return
    also = refusal["also"]
    assert also, clause_id
    assert also == sorted(set(also) - {refusal["status"]})
    assert set(also) <= {200, 400, 422}


@every_clause
def test_a_title_speaks_of_refusing_where_there_is_a_refusal(clause_id: str, clause: dict[str, Any]) -> None:
    speaks = re.search(r"\b(is|are) refused\b|\brefuses\b", clause["title"]) is not None
    assert speaks == ("refusal" in clause), clause_id


@every_clause
def test_a_status_in_a_title_is_that_of_its_refusal(clause_id: str, clause: dict[str, Any]) -> None:
    named = re.search(r"\brefuse[sd]\b.*?\bwith (4\d\d)(?: or (4\d\d))?\b", clause["title"])
    if named is None:
        return
    refusal = clause["refusal"]
    assert int(named[1]) == refusal["status"], clause_id
    assert named[2] is None or int(named[2]) in refusal["also"]


@every_clause
def test_a_limit_is_a_positive_integer(clause_id: str, clause: dict[str, Any]) -> None:
    limit = clause.get("limit", 1)
    assert type(limit) is int, clause_id
    assert limit > 0


@pytest.mark.parametrize(("clause_id", "limit"), NUMBERS_IN_A_TITLE.items())
def test_the_number_in_a_title_is_the_limit(clause_id: str, limit: int) -> None:
    assert CLAUSES[clause_id]["limit"] == limit
    assert f"{limit:,}" in CLAUSES[clause_id]["title"]


@every_clause
def test_a_clause_depends_on_others_that_exist(clause_id: str, clause: dict[str, Any]) -> None:
    bases = clause.get("depends_on", ["none"])
    assert bases == sorted(set(bases)) != [], clause_id
    assert {f"{service_of(clause_id)}.{basis}" for basis in clause.get("depends_on", ())} <= CLAUSES.keys()


@every_clause
def test_a_clause_does_not_depend_on_itself(clause_id: str, clause: dict[str, Any]) -> None:
    assert clause_id not in bases_of(clause_id, clause)


@every_clause
def test_a_broken_basis_fails_a_run_wherever_its_dependant_would(
    clause_id: str, clause: dict[str, Any]
) -> None:
    for basis in bases_of(clause_id, clause):
        for key, ranks in (("evidence", EVIDENCE), ("force", FORCE)):
            assert ranks.index(CLAUSES[basis][key]) >= ranks.index(clause[key]), (clause_id, basis)


def bases_of(clause_id: str, clause: dict[str, Any]) -> set[str]:
    """The ids of the clauses that one depends on, at once or through others."""
    found: set[str] = set()
    left = [f"{service_of(clause_id)}.{basis}" for basis in clause.get("depends_on", ())]
    while left:
        basis = left.pop()
        if basis not in found:
            found.add(basis)
            left += [f"{service_of(basis)}.{each}" for each in CLAUSES[basis].get("depends_on", ())]
    return found


def service_of(clause_id: str) -> str:
    """The service a clause is of: the first part of its id."""
    return clause_id.partition(".")[0]
