"""The Markdown report is a short table and folds, in which a server's answer is nothing but text."""

import re
from html.parser import HTMLParser

import pytest

from conformance.report.markdown_file import LONGEST, MEANINGFUL, markdown
from conformance.report.story import TOLD_IN_FULL, facts_of, legible
from conformance.verdict import Result, Verdict
from tests.conformance.report.results import GOLDEN, HOSTILE, RESULTS, fault_of, result_of, summary_of
from tests.conformance.serving import MUST, OTHER, SHOULD


class Reader(HTMLParser):
    """Reads the folds as a browser does."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.quoted: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes a tag; a preformatted text begins."""
        self.open.append(tag)
        self.tags.add(tag)
        assert dict(attrs) in ({}, {"open": None})
        if tag == "pre":
            self.quoted.append("")

    def handle_endtag(self, tag: str) -> None:
        """Asserts that the tags are nested."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keeps what is preformatted."""
        if "pre" in self.open:
            self.quoted[-1] += data


def read(*results: Result) -> Reader:
    """The HTML in a report."""
    reader = Reader()
    reader.feed(markdown(summary_of(*results)))
    assert reader.open == []
    return reader


@pytest.mark.parametrize(
    ("results", "how", "heading"),
    [
        (RESULTS[:1], {}, "### ✅ tiny keeps its contract"),
        (RESULTS, {}, "### ❌ tiny breaks its contract"),
        ((), {}, "### ⚠️ tiny could not be proven"),
        (RESULTS[:1], {"interrupted": True}, "### ⚠️ tiny was interrupted"),
    ],
)
def test_the_heading_says_how_it_ended(
    results: tuple[Result, ...], how: dict[str, bool], heading: str
) -> None:
    assert markdown(summary_of(*results, **how)).splitlines()[0] == heading


def test_the_table_counts_the_verdicts_of_each_area() -> None:
    lines = markdown(summary_of(*RESULTS)).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert table == [
        "| area | broken | stale | error | known | advice | noted | unproven | kept | skipped |",
        "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |",
        "| first | 1 | 1 | 1 | 1 |  |  | 1 | 1 | 2 |",
        "| second |  |  |  |  | 1 | 1 |  |  |  |",
        "| **all** | **1** | **1** | **1** | **1** | **1** | **1** | **1** | **1** | **2** |",
    ]


def test_verdicts_that_nobody_has_are_left_out() -> None:
    assert "| area | broken | kept |" in markdown(summary_of(RESULTS[0]))


def test_what_is_not_kept_is_told_the_broken_first_and_unfolded() -> None:
    told = re.findall(r"<details( open)?><summary><b>(\w+)</b>", markdown(summary_of(*reversed(RESULTS))))
    assert told == [
        (" open", "broken"),
        *(("", each) for each in ("stale", "error", "known", "advice", "noted")),
    ]


def test_a_server_answers_text_and_nothing_else() -> None:
    reader = read(*GOLDEN)
    assert reader.tags == {"code", "details", "summary", "b", "table", "tr", "th", "td", "pre"}
    told = [result for result in GOLDEN if result.verdict in TOLD_IN_FULL]
    texts = {text for result in told for _, text in facts_of(result)}
    assert {visible(text) for text in reader.quoted} == {visible(text) for text in texts}


def visible(text: str) -> str:
    """The text less what HTML has no way to say, as browsers show it."""
    return re.sub("[\x00\x07\x1b\ufffd\ufffe]", "", legible(text))


def test_no_fold_has_a_blank_line_or_a_sign_of_markdown_in_what_it_quotes() -> None:
    report = markdown(summary_of(fault_of(MUST, Verdict.BROKEN, sent=HOSTILE, got=HOSTILE)))
    (fold,) = re.findall(r"<details.*?</details>", report, re.DOTALL)
    assert "\n\n" not in fold
    for quoted in re.findall(r"<pre>(.*?)</pre>", fold):
        assert not MEANINGFUL.search(re.sub(r"&#\d+;", "", quoted))


def test_a_target_is_text_too() -> None:
    assert "<code>http&#58;//a&#95;b&#42;c&#96;</code>" in markdown(summary_of(target="http://a_b*c`"))


def test_why_a_run_ended_early_is_told() -> None:
    report = markdown(summary_of(RESULTS[0], unreachable="x <b> y"))
    assert "<p><b>The run ended early:</b> <code>x &#60;b&#62; y</code></p>" in report


def test_a_report_is_never_longer_than_github_takes() -> None:
    faults = [fault_of(OTHER, Verdict.BROKEN, got="<" * 4000) for _ in range(100)]
    report = markdown(summary_of(*faults, fault_of(SHOULD, Verdict.ADVICE)))
    assert len(report.encode()) <= LONGEST + 1000
    told = report.count("<details")
    assert 10 < told < 100
    assert report.endswith(f"\n\n{101 - told} clauses more: the other reports have them all.\n")


def test_what_was_not_proven_needs_no_fold() -> None:
    assert "<details" not in markdown(summary_of(result_of(MUST, Verdict.UNPROVEN, detail="no room")))
