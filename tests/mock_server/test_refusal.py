"""Refusals."""

from mock_server.refusal import Refusal, Refused, read_refusals


def test_a_refusal_says_its_clause_after_the_detail() -> None:
    refused = Refused("moorcheh.vectors.dimension", "too long")
    assert str(refused) == "too long [moorcheh.vectors.dimension]"
    assert refused.facts == {}


def test_a_clause_that_says_nothing_else_is_answered_as_is_usual() -> None:
    table = read_refusals("cortex", Refusal(418, "TEAPOT"))
    assert table["cortex.matrix.accepted"] == Refusal(418, "TEAPOT")
    assert table["cortex.tenants.unknown"] == Refusal(404, "TENANT_NOT_FOUND")
