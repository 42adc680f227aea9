"""The report for CI systems: JUnit's XML, a test case per clause."""

import re
from pathlib import Path
from xml.etree import ElementTree as Xml

from conformance.report.story import facts_of
from conformance.report.summary import Summary
from conformance.verdict import Result, Verdict

# XML 1.0 has no way to write these at all.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(summary: Summary, path: Path) -> None:
    """Writes the report: broken and stale are failures, errors are errors; known faults are skipped.

    Raises:
        OSError: The file cannot be written.
    """
    counts = summary.counts
    totals = {
        "tests": str(len(summary.results)),
        "failures": str(counts[Verdict.BROKEN] + counts[Verdict.STALE]),
        "errors": str(counts[Verdict.ERROR]),
        "skipped": str(sum(counts[each] for each in (Verdict.KNOWN, Verdict.UNPROVEN, Verdict.SKIPPED))),
        "time": f"{summary.seconds:.3f}",
    }
    name = f"vecpact {summary.service}"
    root = Xml.Element("testsuites", {"name": name, **totals})
    timestamp = summary.started_at.isoformat(timespec="seconds")
    suite = Xml.SubElement(root, "testsuite", {"name": name, **totals, "timestamp": timestamp})
    suite.append(_properties(summary))
    suite.extend(_case(result) for result in summary.results)
    if summary.unreachable:
        Xml.SubElement(suite, "system-err").text = _writable(summary.unreachable)
    Xml.indent(root)
    path.write_bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _properties(summary: Summary) -> Xml.Element:
    properties = Xml.Element("properties")
    facts = {
        "suite": f"vecpact {summary.version}",
        "service": summary.service,
        "target": summary.target,
        "seed": str(summary.seed),
        "requests": str(summary.requests),
        "exit_code": str(summary.exit_code),
    }
    for name, value in facts.items():
        Xml.SubElement(properties, "property", name=name, value=_writable(value))
    return properties


def _case(result: Result) -> Xml.Element:
    clause = result.clause
    time = f"{result.seconds:.3f}"
    case = Xml.Element("testcase", classname=clause.id.rpartition(".")[0], name=clause.id, time=time)
    match result.verdict:
        case Verdict.BROKEN | Verdict.STALE:
            said = clause.title if result.verdict is Verdict.BROKEN else result.detail
            failure = Xml.SubElement(case, "failure", type=result.verdict.value, message=_writable(said))
            failure.text = _writable(_story(result))
        case Verdict.ERROR:
            error = Xml.SubElement(case, "error", type="error", message=_writable(result.detail))
            error.text = _writable(result.repeat)
        case Verdict.UNPROVEN | Verdict.SKIPPED:
            Xml.SubElement(case, "skipped", message=_writable(f"{result.verdict}: {result.detail}"))
        case Verdict.KNOWN:
            Xml.SubElement(case, "skipped", message=_writable(f"{result.verdict}: {result.detail}"))
            Xml.SubElement(case, "system-out").text = _writable(_story(result))
        case Verdict.ADVICE | Verdict.NOTED:
            Xml.SubElement(case, "system-out").text = _writable(f"{result.verdict}\n{_story(result)}")
        case _:  # what is kept needs no words
            pass
    return case


def _story(result: Result) -> str:
    return "\n".join(f"{name}: {text}" for name, text in facts_of(result))


def _writable(text: str) -> str:
    return UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
