"""The JUnit report is XML that CI systems read: a test case per clause."""

from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from lxml import etree as Lxml  # noqa: N812  # named like the other reader of XML

from conformance.report.junit_file import write_junit
from conformance.report.summary import Summary
from conformance.verdict import Result, Verdict
from tests.conformance.report.results import CALLS, RESULTS, SENT, fault_of, result_of, summary_of
from tests.conformance.serving import MUST, OTHER, SHOULD

SCHEMA = Lxml.XMLSchema(file=Path(__file__).with_name("junit.xsd"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a report goes."""
    return tmp_path / "report.xml"


def written(path: Path, *results: Result) -> Xml.Element:
    """The test suite of a report, written to a file and read from it."""
    return suite_of(path, summary_of(*results))


def suite_of(path: Path, summary: Summary) -> Xml.Element:
    """The one test suite of a run's report, which keeps the schema that CI systems are known to read by."""
    write_junit(summary, path)
    SCHEMA.assertValid(Lxml.parse(path))
    root = Xml.parse(path).getroot()
    (suite,) = root
    assert root.attrib == {name: text for name, text in suite.attrib.items() if name != "timestamp"}
    return suite


def cases_of(path: Path, *results: Result) -> list[Xml.Element]:
    """The test cases of a report."""
    return written(path, *results).findall("testcase")


def test_the_suite_counts_its_cases(path: Path) -> None:
    suite = written(path, *RESULTS)
    assert suite.tag == "testsuite"
    assert suite.attrib == {
        "name": "vecpact tiny",
        "tests": "10",
        "failures": "2",
        "errors": "1",
        "skipped": "4",
        "time": "1.235",
        "timestamp": "2026-11-02T03:04:05+00:00",
    }
    assert len(suite.findall("testcase")) == 10
    for tag, count in (("failure", 2), ("error", 1), ("skipped", 4)):
        assert len(suite.findall(f"testcase/{tag}")) == count


def test_every_clause_is_a_case_of_its_area(path: Path) -> None:
    cases = cases_of(path, *RESULTS)
    assert [case.get("name") for case in cases] == [result.clause.id for result in RESULTS]
    assert [case.get("classname") for case in cases][1:3] == ["tiny.first", "tiny.second"]


def test_a_case_says_how_long_it_took(path: Path) -> None:
    assert [case.get("time") for case in cases_of(path, *RESULTS[:2])] == ["0.000", "0.568"]


def test_a_kept_clause_is_a_case_without_more(path: Path) -> None:
    (case,) = cases_of(path, result_of(MUST, Verdict.KEPT, 20))
    assert list(case) == []


def test_a_broken_clause_is_a_failure_with_its_story(path: Path) -> None:
    (case,) = cases_of(path, fault_of(OTHER, Verdict.BROKEN, detail="seen once"))
    (failure,) = case
    assert (failure.tag, failure.get("message")) == ("failure", "Another thing holds")
    assert (failure.text or "").splitlines() == [
        "source: tiny/page (implied)",
        "detail: seen once",
        f"sent: {SENT}",
        "expected: 400",
        "got: 202 {}",
        "repeat: python -m conformance tiny --only tiny.first.other --seed 7",
        f"calls: {CALLS[0]}",
        *CALLS[1:],
    ]


def test_an_error_is_no_failure(path: Path) -> None:
    (case,) = cases_of(path, RESULTS[5])
    (error,) = case
    assert (error.tag, error.get("message")) == ("error", "KeyError: 'x' (run.py:1)")
    assert (error.text or "").startswith("python -m conformance tiny --only")


@pytest.mark.parametrize("verdict", [Verdict.ADVICE, Verdict.NOTED])
def test_what_fails_no_run_fails_no_case_and_is_told(verdict: Verdict, path: Path) -> None:
    (case,) = cases_of(path, fault_of(SHOULD, verdict))
    (told,) = case
    assert told.tag == "system-out"
    assert (told.text or "").startswith(f"{verdict}\nsource: tiny/page (documented)\nsent: ")


@pytest.mark.parametrize(
    ("verdict", "detail"), [(Verdict.UNPROVEN, "there is no room"), (Verdict.SKIPPED, "not chosen")]
)
def test_what_was_not_proven_is_skipped_with_the_reason(verdict: Verdict, detail: str, path: Path) -> None:
    (case,) = cases_of(path, result_of(MUST, verdict, detail=detail))
    (skipped,) = case
    assert (skipped.tag, skipped.get("message")) == ("skipped", f"{verdict}: {detail}")


@pytest.mark.parametrize("strange", ["\x00", "\x1b", "\x0b", "\ud800", "\ufffe", "\uffff"])
def test_characters_that_xml_cannot_hold_are_replaced(strange: str, path: Path) -> None:
    detail, repeat = f"a{strange}b", f"c{strange}d"
    cases = cases_of(
        path,
        fault_of(MUST, Verdict.BROKEN, got=f"200 {strange}"),
        fault_of(MUST, Verdict.NOTED, got=f"200 {strange}"),
        result_of(MUST, Verdict.ERROR, detail=detail, repeat=repeat),
        result_of(MUST, Verdict.UNPROVEN, detail=detail),
    )
    failure, noted, error, skipped = (case[0] for case in cases)
    assert "\ngot: 200 \ufffd\n" in (failure.text or "")
    assert "\ngot: 200 \ufffd\n" in (noted.text or "")
    assert (error.get("message"), error.text) == ("a\ufffdb", "c\ufffdd")
    assert skipped.get("message") == "unproven: a\ufffdb"


@pytest.mark.parametrize("text", ["<a & b> \"c\" 'd' ]]>", "ä → 漢字 \U0001f600", "tab\tand\nline"])
def test_other_characters_come_through(text: str, path: Path) -> None:
    (case,) = cases_of(path, fault_of(MUST, Verdict.BROKEN, got=text))
    assert f"\ngot: {text}\n" in (case[0].text or "")


def test_the_properties_say_what_was_proven_and_how(path: Path) -> None:
    suite = written(path, *RESULTS)
    properties = {each.get("name"): each.get("value") for each in suite.iterfind("properties/property")}
    assert properties == {
        "suite": "vecpact 1.2.3",
        "service": "tiny",
        "target": "http://server",
        "seed": "7",
        "requests": "1234",
        "exit_code": "1",
    }
    assert suite[0].tag == "properties"


def test_a_server_that_is_gone_is_told(path: Path) -> None:
    suite = suite_of(path, summary_of(RESULTS[0], unreachable="gone \x00"))
    assert suite.findtext("system-err") == "gone \ufffd"


def test_the_schema_refuses_what_ci_systems_would_not_read() -> None:
    for wrong in (
        "<testsuites><testcase name='x'/></testsuites>",
        "<testsuites><testsuite name='x'/></testsuites>",
        "<testsuites><testsuite name='x' tests='1' failures='many' errors='0'/></testsuites>",
    ):
        assert not SCHEMA.validate(Lxml.fromstring(wrong))
