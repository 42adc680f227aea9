"""The clause table as the server reads it."""

from collections.abc import Mapping

import pytest

from mock_server.moorcheh.clauses import refusals
from mock_server.refusal import Refusal
from tests.mock_server.moorcheh.test_rules import tables


def test_a_refusal_is_read_by_full_id() -> None:
    assert refusals()["moorcheh.quota.over-cap"] == Refusal(409, "failure")
    assert refusals()["moorcheh.search.dimension"] == Refusal(400, "error")
    assert refusals()["moorcheh.search.top-k-clamped"] == Refusal(400, "failure")


@pytest.mark.parametrize("table", [pytest.param(table, id=name) for _, name, table in tables()])
def test_every_rule_is_a_clauses(table: Mapping[str, object]) -> None:
    assert table.keys() <= refusals().keys()
    assert table
