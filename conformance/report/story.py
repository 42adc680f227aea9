"""The story of a result: the facts that every report tells of it, under the same names, in the same order."""

import re

from conformance.history import abridged
from conformance.report.summary import BREAKS, CONFORMS, FAILED, INTERRUPTED
from conformance.verdict import Result, Verdict

# From what a reader must see first to what needs no look.
URGENCY = (
    Verdict.BROKEN,
    Verdict.STALE,
    Verdict.ERROR,
    Verdict.KNOWN,
    Verdict.ADVICE,
    Verdict.NOTED,
    Verdict.UNPROVEN,
    Verdict.KEPT,
    Verdict.SKIPPED,
)
TOLD_IN_FULL = (
    Verdict.BROKEN,
    Verdict.STALE,
    Verdict.ERROR,
    Verdict.KNOWN,
    Verdict.ADVICE,
    Verdict.NOTED,
)
# How a run ended, by its exit code, in words that follow the service's name.
OUTCOMES = {
    CONFORMS: "keeps its contract",
    BREAKS: "breaks its contract",
    FAILED: "could not be proven",
    INTERRUPTED: "was interrupted",
}
# What a person copies into a shell: never wrapped, never shortened.
COMMANDS = frozenset({"sent", "repeat", "calls"})
MOST_CALLS = 12
# These make what follows run from right to left, so that text seems to be another than it is.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def facts_of(result: Result) -> list[tuple[str, str]]:
    """What is known of a result beside title and verdict, as pairs of name and text; no text is empty."""
    clause = result.clause
    facts = [
        ("source", f"{clause.source} ({clause.evidence})"),
        ("detail", result.detail),
        ("sent", result.sent),
        ("expected", result.expected),
        ("got", result.got),
        ("repeat", result.repeat),
        # Where there is but one call, `sent` has told it.
        ("calls", "\n".join(abridged(result.calls, MOST_CALLS)) if len(result.calls) > 1 else ""),
    ]
    return [(name, text) for name, text in facts if text]


def story_of(result: Result) -> str:
    """All that is known of a result, in lines as the suite prints them."""
    lines = [f"{result.verdict} {result.clause.id}", f"  {result.clause.title}"]
    lines += [f"  {name:<8} " + text.replace("\n", "\n" + " " * 11) for name, text in facts_of(result)]
    return "\n".join(lines)


def legible(text: str) -> str:
    """The text as it is, with an escape for what no file can hold and for what would turn its order round."""
    # A lone surrogate, which a server may well answer, has no UTF-8.
    sound = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", sound)


def remark_on(result: Result) -> str:
    """What stands beside a verdict that has one line: the reason, or how many examples were tried."""
    return result.detail or counted(result.examples, "example")


def counted(number: int, noun: str) -> str:
    """A number of things in words: `1 example`, `1,234 requests`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
