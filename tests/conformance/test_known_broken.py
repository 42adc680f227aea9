"""What is known to be broken may be broken, and must be."""

from pathlib import Path

import pytest

from conformance.clause import Clause, load_clauses
from conformance.known_broken import KnownBroken
from conformance.reasons import load_reasons
from conformance.verdict import Result, Verdict
from tests.conformance.serving import MUST, OTHER, SHOULD

KNOWN = KnownBroken({MUST.id: "a race"})


@pytest.mark.parametrize("verdict", [Verdict.BROKEN, Verdict.ADVICE, Verdict.NOTED])
def test_a_fault_that_is_known_is_known(verdict: Verdict) -> None:
    judged = KNOWN.judged(Result(MUST, verdict, 7, sent="curl", expected="a", got="b"))
    assert judged == Result(MUST, Verdict.KNOWN, 7, "a race", sent="curl", expected="a", got="b")


def test_what_was_found_out_is_told_too() -> None:
    assert KNOWN.judged(Result(MUST, Verdict.BROKEN, detail="seen once")).detail == "a race; seen once"


def test_a_known_fault_that_is_gone_is_stale() -> None:
    judged = KNOWN.judged(Result(MUST, Verdict.KEPT, 7))
    assert (judged.verdict, judged.examples) == (Verdict.STALE, 7)
    assert judged.detail == "kept, though known to be broken (a race): take it off the list"


@pytest.mark.parametrize("verdict", [Verdict.UNPROVEN, Verdict.ERROR, Verdict.SKIPPED])
def test_where_nothing_is_found_out_nothing_changes(verdict: Verdict) -> None:
    result = Result(MUST, verdict, detail="why")
    assert KNOWN.judged(result) is result


def test_what_is_not_known_stays_broken() -> None:
    result = Result(OTHER, Verdict.BROKEN)
    assert KNOWN.judged(result) is result


def test_a_list_is_renewed_and_keeps_its_reasons(tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    known = KnownBroken(
        {
            "moorcheh.quota.global": "stays",
            "moorcheh.quota.body": "is mended",
            "moorcheh.quota.concurrent": "is not tried",
        },
        path,
    )
    clauses = {clause.id: clause for clause in _clauses()}
    known.settle(
        [
            Result(clauses["moorcheh.quota.global"], Verdict.BROKEN),
            Result(clauses["moorcheh.quota.body"], Verdict.KEPT),
            Result(clauses["moorcheh.quota.concurrent"], Verdict.SKIPPED),
            Result(clauses["moorcheh.quota.over-cap"], Verdict.BROKEN, expected="409", got="202 {\n}" * 100),
            Result(clauses["moorcheh.quota.exact-fill"], Verdict.ADVICE),
        ]
    )
    reasons = load_reasons(path)
    new = reasons.pop("moorcheh.quota.over-cap")
    assert reasons == {"moorcheh.quota.global": "stays", "moorcheh.quota.concurrent": "is not tried"}
    assert new.startswith("no reason given yet: expected 409, got 202 {")
    assert len(new) < 200


def test_without_a_file_to_write_nothing_is_renewed() -> None:
    known = KnownBroken({SHOULD.id: "why"})
    known.settle([Result(MUST, Verdict.BROKEN), Result(SHOULD, Verdict.KEPT)])
    assert known.judged(Result(MUST, Verdict.BROKEN)).verdict is Verdict.BROKEN
    assert known.judged(Result(SHOULD, Verdict.KEPT)).verdict is Verdict.STALE


def _clauses() -> list[Clause]:
    return list(load_clauses("moorcheh").values())
