"""Polices clauses.toml: ids, titles, sources, limits and refusals."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.schemas.ground import clauses

CLAUSES = clauses()
REQUIRED = {"title", "source", "evidence", "force"}
OPTIONAL = {"limit", "refusal"}
LONGEST_TITLE = 100
NUMBERS_IN_A_TITLE = {
    "moorcheh.items.ids-100": 100,
    "moorcheh.search.top-k-clamped": 100,
    "moorcheh.search.top-k-default": 10,
    "moorcheh.vectors.batch-1000": 1_000,
    "moorcheh.vectors.id-any-string": 200,
    "moorcheh.vectors.id-extreme": 1_000,
    "moorcheh.fetch.limit-bounds": 100,
}

every_clause = pytest.mark.parametrize(("clause_id", "clause"), CLAUSES.items(), ids=CLAUSES)


def test_the_ids_are_those_of_the_contract_in_its_order() -> None:
    listed = (Path(__file__).parent / "clause_ids.txt").read_text(encoding="utf-8").split()
    assert list(CLAUSES) == listed
    assert len(set(listed)) == len(listed)


@every_clause
def test_an_id_is_service_area_and_fact(clause_id: str, clause: dict[str, Any]) -> None:
    assert re.fullmatch(r"moorcheh\.[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", clause_id), clause


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
    token = r"#|/|items/(get|delete)\b|fetch-text-data\b"
    assert re.match(rf"[A-Z]|{token}", clause["title"]), clause_id


def test_no_two_clauses_have_the_same_title() -> None:
    titles = [clause["title"] for clause in CLAUSES.values()]
    assert len(set(titles)) == len(titles)


@every_clause
def test_a_source_is_of_the_kind_its_evidence_says(clause_id: str, clause: dict[str, Any]) -> None:
    source, evidence = clause["source"], clause["evidence"]
    is_a_page = re.match(r"on-prem/api-references\b", source) is not None
    is_a_choice = re.match(r"not documented: \S", source) is not None
    assert (is_a_page, is_a_choice) == (evidence == "documented", evidence == "assumed"), clause_id
    assert not source.endswith(".")


@every_clause
def test_a_refusal_is_a_status_and_the_word_of_its_path(clause_id: str, clause: dict[str, Any]) -> None:
    if "refusal" not in clause:
        return
    refusal = clause["refusal"]
    assert refusal.keys() == {"status", "code"}
    assert refusal["status"] in {400, 404, 409}
    assert refusal["code"] == ("error" if clause_id.startswith("moorcheh.search.") else "failure")


@every_clause
def test_a_title_speaks_of_refusing_where_there_is_a_refusal(clause_id: str, clause: dict[str, Any]) -> None:
    speaks = re.search(r"\b(is|are) refused\b|\brefuses\b", clause["title"]) is not None
    assert speaks == ("refusal" in clause), clause_id


@every_clause
def test_a_status_in_a_title_is_that_of_its_refusal(clause_id: str, clause: dict[str, Any]) -> None:
    named = re.search(r"\brefuse[sd]\b.*?\bwith (4\d\d)\b", clause["title"])
    assert named is None or int(named[1]) == clause["refusal"]["status"], clause_id


@every_clause
def test_a_limit_is_a_positive_integer(clause_id: str, clause: dict[str, Any]) -> None:
    limit = clause.get("limit", 1)
    assert type(limit) is int, clause_id
    assert limit > 0


@pytest.mark.parametrize(("clause_id", "limit"), NUMBERS_IN_A_TITLE.items())
def test_the_number_in_a_title_is_the_limit(clause_id: str, limit: int) -> None:
    assert CLAUSES[clause_id]["limit"] == limit
    assert f"{limit:,}" in CLAUSES[clause_id]["title"]


def test_the_default_cap_is_the_same_on_both_sides() -> None:
    sides = [CLAUSES[f"moorcheh.quota.{fact}"]["limit"] for fact in ("exact-fill", "over-cap")]
    assert sides == [100_000, 100_000]
