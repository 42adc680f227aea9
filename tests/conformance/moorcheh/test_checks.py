"""Every clause of the contract has a check, and every check is of a clause of the contract."""

from conformance.moorcheh import MOORCHEH
from tests.schemas import ground

CLAUSES = set(ground.clauses("moorcheh"))
CHECKS = MOORCHEH.checks()


def test_every_clause_has_a_check_that_can_prove_it() -> None:
    assert {check.clauses[0] for check in CHECKS if not check.explores} == CLAUSES


def test_no_check_is_of_an_unknown_clause() -> None:
    assert {clause for check in CHECKS for clause in check.clauses} <= CLAUSES


def test_every_check_has_a_name_of_its_own() -> None:
    names = [check.name for check in CHECKS]
    assert sorted(set(names)) == sorted(names)


def test_a_check_that_needs_the_whole_server_is_of_a_clause_about_the_quota() -> None:
    assert {check.clauses[0] for check in CHECKS if check.exclusive} == {
        clause for clause in CLAUSES if "quota" in clause
    }
