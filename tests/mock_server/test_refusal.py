"""Refusals."""

from mock_server.refusal import Refused


def test_a_refusal_says_its_clause_after_the_detail() -> None:
    refused = Refused("moorcheh.vectors.dimension", "too long")
    assert str(refused) == "too long [moorcheh.vectors.dimension]"
    assert refused.facts == {}
