"""Clauses are read from schemas/ as they stand there."""

import re
from pathlib import Path

import pytest

import conformance
from conformance.clause import Clause, load_clauses
from tests.schemas import ground

PACKAGE = Path(conformance.__file__).parent
NAMED_CLAUSE = r'"((?:moorcheh|cortex)(?:\.[a-z]+)+\.[a-z0-9]+(?:-[a-z0-9]+)*)"'


def test_every_clause_is_read_in_the_order_of_the_contract() -> None:
    clauses = load_clauses("moorcheh")
    assert list(clauses) == list(ground.clauses("moorcheh"))
    assert all(clause_id == clause.id for clause_id, clause in clauses.items())


def test_a_clause_says_what_its_table_says() -> None:
    tables = ground.clauses("moorcheh")
    for clause_id, clause in load_clauses("moorcheh").items():
        table = tables[clause_id]
        said = (clause.title, clause.source, clause.evidence, clause.force, clause.limit)
        assert said == (*(table[key] for key in ("title", "source", "evidence", "force")), table.get("limit"))
        assert clause.refusal == table.get("refusal", {}).get("status")
        assert clause.depends_on == tuple(f"moorcheh.{basis}" for basis in table.get("depends_on", ()))


def test_limit_refusal_and_dependence_may_be_absent() -> None:
    table = {"title": "A fact", "source": "a page", "evidence": "implied", "force": "should"}
    clause = Clause.from_table("tiny.area.fact", table)
    assert (clause.limit, clause.refusal, clause.depends_on) == (None, None, ())


def test_the_area_is_the_second_part_of_the_id() -> None:
    assert {clause.area for clause in load_clauses("moorcheh").values()} >= {"health", "vectors", "quota"}
    assert load_clauses("moorcheh")["moorcheh.quota.exact-fill"].area == "quota"


def test_an_unknown_service_has_no_clauses() -> None:
    with pytest.raises(FileNotFoundError):
        load_clauses("nobody")


def test_every_clause_that_the_suite_names_is_one() -> None:
    named = {
        clause_id
        for module in PACKAGE.rglob("*.py")
        for clause_id in re.findall(NAMED_CLAUSE, module.read_text(encoding="utf-8"))
    }
    assert len(named) > 200
    for service in ("moorcheh", "cortex"):
        known = {**load_clauses(service), **load_clauses(service, "client")}
        assert {each for each in named if each.startswith(f"{service}.")} <= known.keys()
