"""The JSON report has a shape that others build on: nothing in it changes its name, type or place."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from conformance.clause import SCHEMAS
from conformance.report.json_file import document, write_json
from conformance.verdict import Verdict
from tests.conformance.report.results import CALLS, RESULTS, SENT, fault_of, summary_of
from tests.conformance.serving import MUST

SCHEMA = json.loads((SCHEMAS / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def written(path: Path, *results: Any) -> Any:
    """The report, written to a file and read from it."""
    write_json(summary_of(*results), path)
    report = json.loads(path.read_text(encoding="utf-8"))
    VALIDATOR.validate(report)
    return report


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
        "exit_code": 1,
        "unreachable": "",
        "interrupted": False,
        "summary": {**dict.fromkeys(map(str, Verdict), 0), "kept": 1, "broken": 1},
        "clauses": [
            {
                "id": "tiny.first.must",
                "title": "The first thing holds",
                "source": "tiny/page, heading",
                "page": "",
                "evidence": "documented",
                "force": "must",
                "verdict": "kept",
                "examples": 20,
                "seconds": 0,
                "detail": "",
                "sent": "",
                "expected": "",
                "got": "",
                "repeat": "",
                "calls": [],
            },
            {
                "id": "tiny.first.other",
                "title": "Another thing holds",
                "source": "tiny/page",
                "page": "",
                "evidence": "implied",
                "force": "must",
                "verdict": "broken",
                "examples": 12,
                "seconds": 0.568,
                "detail": "seen once",
                "sent": SENT,
                "expected": "400",
                "got": "202 {}",
                "repeat": "python -m conformance tiny --only tiny.first.other --seed 7",
                "calls": CALLS,
            },
        ],
    }


def test_the_keys_are_those_of_the_schema_in_its_order() -> None:
    report = document(summary_of(*RESULTS))
    assert list(report) == list(SCHEMA["properties"])
    assert list(report["summary"]) == list(map(str, Verdict)) == SCHEMA["$defs"]["verdict"]["enum"]
    assert {tuple(clause) for clause in report["clauses"]} == {tuple(SCHEMA["$defs"]["clause"]["properties"])}
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


def test_the_schema_is_one_and_requires_whatever_it_names() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for shape in (SCHEMA, SCHEMA["$defs"]["clause"]):
        assert shape["required"] == list(shape["properties"])
        assert all(
            field.get("description") or "$ref" in field
            for field in shape["properties"].values()
            if "const" not in field
        )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("exit_code", 3),
        ("suite", "other"),
        ("summary", {"kept": 1}),
        ("clauses", [{"id": "x"}]),
        ("seed", "7"),
    ],
)
def test_the_schema_refuses_another_shape(key: str, value: object) -> None:
    report = document(summary_of(*RESULTS))
    VALIDATOR.validate(report)
    with pytest.raises(ValidationError):
        VALIDATOR.validate({**report, key: value})


@pytest.mark.parametrize("how", [{"unreachable": "gone"}, {"interrupted": True}, {}])
def test_a_run_that_came_to_no_end_keeps_the_schema(how: Any) -> None:
    VALIDATOR.validate(document(summary_of(**how)))
