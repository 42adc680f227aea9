"""A service knows its clauses and its checks."""

import importlib

import pytest

from conformance.check import checks_of
from conformance.moorcheh import MOORCHEH
from tests.schemas import ground


def test_the_clauses_are_those_of_the_contract() -> None:
    assert list(MOORCHEH.clauses()) == list(ground.clauses("moorcheh"))


def test_every_clause_id_begins_with_the_name_of_the_service() -> None:
    assert {clause_id.split(".")[0] for clause_id in MOORCHEH.clauses()} == {MOORCHEH.name}


def test_the_checks_are_those_of_the_areas() -> None:
    found = [check for area in MOORCHEH.areas for check in checks_of(importlib.import_module(area))]
    assert set(MOORCHEH.checks()) == set(found)
    assert len(MOORCHEH.checks()) == len(found) > 100


def test_checks_that_need_the_whole_server_come_last() -> None:
    exclusive = [check.exclusive for check in MOORCHEH.checks()]
    assert exclusive == sorted(exclusive)
    assert True in exclusive


@pytest.mark.parametrize(("exclusive", "counts"), [(False, False), (False, True), (True, True)])
def test_apart_from_that_checks_keep_the_order_of_the_areas(exclusive: bool, counts: bool) -> None:
    areas = [importlib.import_module(area) for area in MOORCHEH.areas]
    ordered = [
        check
        for area in areas
        for check in checks_of(area)
        if (check.exclusive, MOORCHEH.counts(check)) == (exclusive, counts)
    ]
    assert [
        check
        for check in MOORCHEH.checks()
        if (check.exclusive, MOORCHEH.counts(check)) == (exclusive, counts)
    ] == ordered
