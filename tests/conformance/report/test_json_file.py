"""The JSON report has a shape that others build on: nothing in it changes its name, type or place."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.report.json_file import document, write_json
from conformance.verdict import Verdict
from tests.conformance.report.results import RESULTS, SENT, fault_of, summary_of
from tests.conformance.serving import MUST


def written(path: Path, *results: Any) -> Any:
    """The report, written to a file and read from it."""
    write_json(summary_of(*results), path)
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_report_has_exactly_this_shape(tmp_path: Path) -> None:
    assert written(tmp_path / "report.json", *RESULTS[:2]) == {
        "suite": "vecpact",
        "version": "1.2.3",
        "service": "tiny",
        "target": "http://server",
        "seed": 7,
        "started_at": "2026-11-02T03:04:05.678Z",
        "seconds": 1.235,
        "requests": 1234,
        "summary": {"kept": 1, "broken": 1, "advice": 0, "noted": 0, "unproven": 0, "error": 0, "skipped": 0},
        "clauses": [
            {
                "id": "tiny.first.must",
                "title": "The first thing holds",
                "source": "tiny/page, heading",
                "evidence": "documented",
                "force": "must",
                "verdict": "kept",
                "examples": 20,
                "detail": "",
                "sent": "",
                "expected": "",
                "got": "",
                "repeat": "",
            },
            {
                "id": "tiny.first.other",
                "title": "Another thing holds",
                "source": "tiny/page",
                "evidence": "implied",
                "force": "must",
                "verdict": "broken",
                "examples": 12,
                "detail": "seen once",
                "sent": SENT,
                "expected": "400",
                "got": "202 {}",
                "repeat": "python -m conformance tiny --only tiny.first.other --seed 7",
            },
        ],
    }


def test_the_keys_keep_their_order() -> None:
    report = document(summary_of(*RESULTS))
    expected = "suite version service target seed started_at seconds requests summary clauses"
    assert list(report) == expected.split()
    assert list(report["summary"]) == list(map(str, Verdict))
    fields = "id title source evidence force verdict examples detail sent expected got repeat"
    assert {tuple(clause) for clause in report["clauses"]} == {tuple(fields.split())}
    assert [clause["verdict"] for clause in report["clauses"]] == [result.verdict for result in RESULTS]


@pytest.mark.parametrize("got", ["200 ä → 漢字", '\x00\x1b[0m\n\t"\\', "\ud800 alone"])
def test_any_text_is_written_and_read_back(got: str, tmp_path: Path) -> None:
    report = written(tmp_path / "report.json", fault_of(MUST, Verdict.BROKEN, got=got))
    assert report["clauses"][0]["got"] == got


def test_text_is_not_escaped_more_than_needed(tmp_path: Path) -> None:
    written(tmp_path / "report.json", fault_of(MUST, Verdict.BROKEN, got="ä"))
    content = (tmp_path / "report.json").read_text(encoding="utf-8")
    assert '"got": "ä"' in content
    assert content.endswith("}\n")
