"""The story of a result is told alike in every report."""

import pytest

from conformance.report.story import (
    COMMANDS,
    TOLD_IN_FULL,
    URGENCY,
    counted,
    facts_of,
    legible,
    remark_on,
    story_of,
)
from conformance.verdict import Verdict
from tests.conformance.report.results import RESULTS, SENT, fault_of, result_of
from tests.conformance.serving import MUST


def test_every_verdict_has_its_urgency() -> None:
    assert sorted(URGENCY) == sorted(Verdict)
    assert list(TOLD_IN_FULL) == [verdict for verdict in URGENCY if verdict in TOLD_IN_FULL]


def test_a_fact_that_is_not_known_is_left_out() -> None:
    assert facts_of(RESULTS[0]) == [("source", "tiny/page, heading (documented)")]
    assert [name for name, _ in facts_of(RESULTS[1])] == [
        "source",
        "detail",
        "sent",
        "expected",
        "got",
        "repeat",
        "calls",
    ]
    assert "calls" not in dict(facts_of(fault_of(MUST, Verdict.BROKEN, calls=(SENT,))))
    assert {name for name, _ in facts_of(RESULTS[1])} > COMMANDS


def test_a_remark_is_the_reason_or_the_number_of_examples() -> None:
    assert remark_on(result_of(MUST, Verdict.UNPROVEN, 3, detail="no room")) == "no room"
    assert remark_on(result_of(MUST, Verdict.KEPT, 20)) == "20 examples"


@pytest.mark.parametrize(("number", "text"), [(0, "0 things"), (1, "1 thing"), (1234, "1,234 things")])
def test_things_are_counted(number: int, text: str) -> None:
    assert counted(number, "thing") == text


def test_text_is_left_as_it_is_but_for_what_would_deceive() -> None:
    assert legible("ä 漢字 \U0001f600 \t\n שלום") == "ä 漢字 \U0001f600 \t\n שלום"
    assert legible("\ud800 \u202eabc\u2066") == "\\ud800 \\u202eabc\\u2066"


def test_a_story_is_told_in_lines() -> None:
    lines = story_of(RESULTS[1]).splitlines()
    assert lines[:3] == ["broken tiny.first.other", "  Another thing holds", "  source   tiny/page (implied)"]
    assert len(lines) >= 2 + len(facts_of(RESULTS[1]))
