"""The report for CI systems: JUnit's XML, a test case per clause."""

import re
from pathlib import Path
from xml.etree import ElementTree as Xml

from conformance.report.summary import Summary
from conformance.verdict import Result, Verdict

# XML 1.0 has no way to write these at all.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(summary: Summary, path: Path) -> None:
    """Writes the report: broken is a failure, error an error, unproven and skipped are skipped.

    Raises:
        OSError: The file cannot be written.
    """
    counts = summary.counts
    suite = Xml.Element(
        "testsuite",
        name=f"vecpact {summary.service}",
        tests=str(len(summary.results)),
        failures=str(counts[Verdict.BROKEN]),
        errors=str(counts[Verdict.ERROR]),
        skipped=str(counts[Verdict.UNPROVEN] + counts[Verdict.SKIPPED]),
        time=f"{summary.seconds:.3f}",
        timestamp=summary.started_at.isoformat(timespec="seconds"),
    )
    suite.extend(_case(result) for result in summary.results)
    root = Xml.Element("testsuites")
    root.append(suite)
    Xml.indent(root)
    path.write_bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _case(result: Result) -> Xml.Element:
    clause = result.clause
    case = Xml.Element("testcase", classname=f"{clause.id.rpartition('.')[0]}", name=clause.id)
    match result.verdict:
        case Verdict.BROKEN:
            Xml.SubElement(case, "failure", message=_writable(clause.title)).text = _writable(_story(result))
        case Verdict.ERROR:
            Xml.SubElement(case, "error", message=_writable(result.detail)).text = _writable(result.repeat)
        case Verdict.UNPROVEN | Verdict.SKIPPED:
            Xml.SubElement(case, "skipped", message=_writable(f"{result.verdict}: {result.detail}"))
        case Verdict.ADVICE | Verdict.NOTED:
            Xml.SubElement(case, "system-out").text = _writable(f"{result.verdict}\n{_story(result)}")
        case Verdict.KEPT:
            pass
    return case


def _story(result: Result) -> str:
    lines = {
        "source": result.clause.source,
        "detail": result.detail,
        "sent": result.sent,
        "expected": result.expected,
        "got": result.got,
        "repeat": result.repeat,
    }
    return "\n".join(f"{name}: {text}" for name, text in lines.items() if text)


def _writable(text: str) -> str:
    return UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
