"""Every format tells of one run, with a hostile server's answers in it, exactly as its golden file does."""

import re
from pathlib import Path

import pytest

from conformance.report.files import WRITERS, write_reports
from conformance.verdict import Verdict
from tests.conformance.report.golden import FOLDER, RENEW, assert_golden
from tests.conformance.report.results import GOLDEN, summary_of

FILES = {
    "json": "report.json",
    "junit": "report.xml",
    "html": "report.html",
    "markdown": "report.md",
    "badge": "badge.svg",
    "annotations": "annotations.txt",
}

GUIDE = (Path(__file__).parents[3] / "docs" / "reports.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "file"), FILES.items())
def test_a_report_is_that_of_the_golden_file(name: str, file: str, tmp_path: Path) -> None:
    write_reports(summary_of(*GOLDEN), {name: tmp_path / file})
    assert_golden(file, (tmp_path / file).read_bytes().decode("utf-8"))


def test_every_format_has_a_golden_file() -> None:
    assert FILES.keys() == WRITERS.keys()


def test_the_goldens_tell_of_every_verdict() -> None:
    assert {result.verdict for result in GOLDEN} == set(Verdict)


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(FILES.values())


def test_a_changed_report_is_noticed_and_renewed_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.conformance.report.golden.FOLDER", tmp_path / "golden")
    monkeypatch.setenv(RENEW, "1")
    assert_golden("report", "one")
    monkeypatch.delenv(RENEW)
    assert_golden("report", "one")
    with pytest.raises(AssertionError, match="report has changed"):
        assert_golden("report", "other")


def test_the_guide_names_every_format_and_every_verdict() -> None:
    options = re.findall(r"^\| `--(\w+) FILE` \|", GUIDE, re.MULTILINE)
    assert sorted(options) == sorted(WRITERS)
    junit = GUIDE.partition("## JUnit")[2].partition("## ")[0]
    rows = "".join(re.findall(r"^\| (`.*?) \|", junit, re.MULTILINE))
    assert sorted(re.findall(r"`(\w+)`", rows)) == sorted(Verdict)
