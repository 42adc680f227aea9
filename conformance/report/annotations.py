"""The report that GitHub shows beside a change: a workflow command for each clause that is not kept."""

from pathlib import Path

from conformance.report.story import TOLD_IN_FULL, facts_of
from conformance.report.summary import Summary
from conformance.verdict import Result, Verdict

COMMANDS = {
    Verdict.BROKEN: "error",
    Verdict.STALE: "error",
    Verdict.ERROR: "error",
    Verdict.KNOWN: "notice",
    Verdict.ADVICE: "warning",
    Verdict.NOTED: "notice",
}


def write_annotations(summary: Summary, path: Path) -> None:
    """Writes the commands, to be printed by a step of a workflow.

    Raises:
        OSError: The file cannot be written.
    """
    path.write_text(annotations(summary), encoding="utf-8", errors="backslashreplace")


def annotations(summary: Summary) -> str:
    """The commands, a line each; the broken clauses first, for GitHub shows ten of a kind in a step."""
    lines = [
        _command(result)
        for verdict in TOLD_IN_FULL
        for result in summary.results
        if result.verdict is verdict
    ]
    if summary.unreachable:
        lines.append(f"::error title={_property(summary.service)}::{_message(summary.unreachable)}")
    return "".join(f"{line}\n" for line in lines)


def _command(result: Result) -> str:
    title = f"{result.verdict} {result.clause.id}"
    story = "\n".join([result.clause.title, *(f"{name}: {text}" for name, text in facts_of(result))])
    return f"::{COMMANDS[result.verdict]} title={_property(title)}::{_message(story)}"


def _message(text: str) -> str:
    """The text as the runner undoes it: a line break would end the command, and let another one begin."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
