"""The report for programs: one JSON document whose shape others build on."""

import json
from pathlib import Path
from typing import Any

from conformance.report.source import page_of
from conformance.report.summary import Summary
from conformance.verdict import Result


def write_json(summary: Summary, path: Path) -> None:
    """Writes the report.

    Raises:
        OSError: The file cannot be written.
    """
    text = json.dumps(document(summary), indent=2, ensure_ascii=False) + "\n"
    # A lone surrogate, which a server may well answer, has no UTF-8; its escape is JSON again.
    path.write_bytes(text.encode("utf-8", "backslashreplace"))


def document(summary: Summary) -> dict[str, Any]:
    """The report as a JSON value."""
    return {
        "suite": "vecpact",
        "version": summary.version,
        "service": summary.service,
        "target": summary.target,
        "seed": summary.seed,
        "started_at": summary.started_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "seconds": round(summary.seconds, 3),
        "requests": summary.requests,
        "exit_code": summary.exit_code,
        "unreachable": summary.unreachable,
        "interrupted": summary.interrupted,
        "summary": summary.counts,
        "clauses": [_entry(result) for result in summary.results],
    }


def _entry(result: Result) -> dict[str, Any]:
    clause = result.clause
    return {
        "id": clause.id,
        "title": clause.title,
        "source": clause.source,
        "page": page_of(clause),
        "evidence": clause.evidence,
        "force": clause.force,
        "verdict": result.verdict.value,
        "examples": result.examples,
        "seconds": round(result.seconds, 3),
        "detail": result.detail,
        "sent": result.sent,
        "expected": result.expected,
        "got": result.got,
        "repeat": result.repeat,
        "calls": list(result.calls),
    }
