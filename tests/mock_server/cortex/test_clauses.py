"""The clause table as the server reads it."""

from collections.abc import Iterator, Mapping

import pytest

from mock_server.cortex import rules
from mock_server.cortex.clauses import BESIDE, refusals
from mock_server.refusal import Refusal


def tables() -> Iterator[tuple[str, Mapping[str, object]]]:
    for name, table in vars(rules).items():
        if name.isupper() and isinstance(table, dict) and name != "TYPES":
            yield name, table


def test_a_refusal_is_read_by_full_id() -> None:
    assert refusals()["cortex.auth.required"] == Refusal(401, "UNAUTHORIZED")
    assert refusals()["cortex.documents.no-upsert"] == Refusal(409, "CONFLICT")
    assert refusals()["cortex.matrix.max-rows"] == Refusal(400, "INVALID_PARAMETERS")
    assert refusals()["cortex.subtenants.default"] == Refusal(400, "INVALID_PARAMETERS")


@pytest.mark.parametrize("table", [pytest.param(table, id=name) for name, table in tables()])
def test_every_rule_is_a_clauses(table: Mapping[str, object]) -> None:
    assert table.keys() <= refusals().keys()
    assert table


def test_what_no_clause_says_has_ids_of_its_own() -> None:
    assert all(clause.startswith("mock.") for clause in BESIDE)
