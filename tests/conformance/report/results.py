"""A run's summary with a result of every verdict, for the tests of the reports."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from conformance.clause import Clause
from conformance.report.summary import Summary
from conformance.verdict import Result, Verdict
from tests.conformance.serving import ASSUMED, MUST, OTHER, SHOULD

SENT = 'curl -sS -X POST http://server/ --data-raw \'{"id":"a"}\''
REPEAT = "python -m conformance tiny --only {} --seed 7"
CALLS = ["# create(dimension=2)", "curl -sS -X POST http://server/spaces  # 201 {}", f"{SENT}  # 202 {{}}"]
FAULT: dict[str, Any] = {"sent": SENT, "expected": "400", "got": "202 {}", "calls": tuple(CALLS)}


def result_of(clause: Clause, verdict: Verdict, examples: int = 0, **more: Any) -> Result:
    """A result."""
    return Result(clause, verdict, examples, **more)


def fault_of(clause: Clause, verdict: Verdict, examples: int = 3, **more: Any) -> Result:
    """A result that tells of a fault."""
    return result_of(clause, verdict, examples, repeat=REPEAT.format(clause.id), **{**FAULT, **more})


def clause_like(clause: Clause, suffix: str) -> Clause:
    """The same clause under another id."""
    return dataclasses.replace(clause, id=clause.id + suffix)


RESULTS = (
    result_of(MUST, Verdict.KEPT, 20),
    fault_of(OTHER, Verdict.BROKEN, 12, detail="seen once", seconds=0.5678),
    fault_of(SHOULD, Verdict.ADVICE),
    fault_of(ASSUMED, Verdict.NOTED, 1),
    result_of(clause_like(MUST, "-unproven"), Verdict.UNPROVEN, 1, detail="there is no room"),
    result_of(
        clause_like(MUST, "-error"),
        Verdict.ERROR,
        1,
        detail="KeyError: 'x' (run.py:1)",
        repeat=REPEAT.format("x"),
    ),
    result_of(clause_like(MUST, "-skipped"), Verdict.SKIPPED, detail="not chosen"),
    fault_of(clause_like(OTHER, "-known"), Verdict.KNOWN, detail="a known race"),
    result_of(clause_like(OTHER, "-stale"), Verdict.STALE, 20, detail="kept, though known to be broken"),
    result_of(clause_like(MUST, "-absent"), Verdict.SKIPPED, detail="not offered: it has no files"),
)

# What a server may answer to whoever reads a report: text that means something to each of the formats.
HOSTILE = "\n\n".join(
    (
        "</pre></details></td></svg>--></script><script>document.title = 'owned'</script>",
        "<img src=x onerror=document.title='owned'> &lt;&#60; {{ 7 * 7 }} {% raw %} ]]> '\"`",
        "| **bold** _it_ [link](http://evil) http://evil @everyone #1 :smile: $x$ ```",
        "%0A::error::x \x00\x07\x1b[31mred \ud800 \u202e\u2028\ufffe \U0001f600 \u00e4 \u6f22\r\n::error::y",
    )
)
GOLDEN = (
    *RESULTS,
    fault_of(clause_like(OTHER, "-hostile"), Verdict.BROKEN, sent=f"curl -d '{HOSTILE}'", got=HOSTILE),
    result_of(clause_like(SHOULD, "-hostile"), Verdict.UNPROVEN, detail=HOSTILE),
)


def summary_of(*results: Result, **more: Any) -> Summary:
    """A summary of a run with these results."""
    whole: dict[str, Any] = {
        "version": "1.2.3",
        "service": "tiny",
        "target": "http://server",
        "seed": 7,
        "started_at": datetime(2026, 11, 2, 3, 4, 5, 678_900, UTC),
        "seconds": 1.23456,
        "requests": 1234,
        "results": results,
    }
    return Summary(**{**whole, **more})


def verdicts_of(*verdicts: Verdict) -> Sequence[Result]:
    """A result of each verdict."""
    return [result_of(MUST, verdict) for verdict in verdicts]
