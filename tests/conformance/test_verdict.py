"""A failure belongs to a clause, and its type keeps it apart from those of other clauses."""

import pytest

from conformance.exchange import Exchange
from conformance.verdict import Broken, Unproven, Verdict, broken

EXCHANGE = Exchange("GET", "http://server/", {}, None, 200)


def test_failures_of_two_clauses_differ_in_type() -> None:
    one, other = (broken("a", "b", clause=clause) for clause in ("tiny.first.a", "tiny.first.b"))
    assert type(one) is not type(other)
    assert {one.clause_id, other.clause_id} == {"tiny.first.a", "tiny.first.b"}


def test_failures_of_one_clause_share_their_type() -> None:
    assert type(broken("a", "b", clause="tiny.first.a")) is type(broken("c", "d", clause="tiny.first.a"))


def test_a_failure_tells_what_was_expected_and_what_came() -> None:
    fault = broken("202", "404 {}", EXCHANGE)
    assert isinstance(fault, Broken)
    assert (fault.expected, fault.got, fault.exchange) == ("202", "404 {}", EXCHANGE)
    assert str(fault) == "expected 202, got 404 {}"


def test_a_failure_without_clause_is_that_of_its_check() -> None:
    assert broken("a", "b").clause_id == ""


def test_a_lack_of_proof_is_no_failure() -> None:
    with pytest.raises(Unproven, match="no room"):
        raise Unproven("no room")
    assert not issubclass(Unproven, AssertionError)


def test_verdicts_are_their_words() -> None:
    words = ["kept", "broken", "known", "stale", "advice", "noted", "unproven", "error", "skipped"]
    assert [str(verdict) for verdict in Verdict] == words
