"""The report for the summary of a CI job, as Markdown: a short table, and a fold for each clause not kept."""

import re
from collections import Counter
from pathlib import Path

from conformance.report.story import OUTCOMES, TOLD_IN_FULL, URGENCY, counted, facts_of, legible
from conformance.report.summary import Summary
from conformance.verdict import Result, Verdict

# GitHub shows no summary of a step that is longer than 1 MiB.
LONGEST = 900_000
# Whatever may mean something to Markdown, to HTML or to the two together; letters, digits and spaces do not.
MEANINGFUL = re.compile(r"[^\w \-/,=]|_")
SYMBOLS = {0: "\N{WHITE HEAVY CHECK MARK}", 1: "\N{CROSS MARK}"}


def write_markdown(summary: Summary, path: Path) -> None:
    """Writes the report.

    Raises:
        OSError: The file cannot be written.
    """
    path.write_text(markdown(summary), encoding="utf-8")


def markdown(summary: Summary) -> str:
    """The report as Markdown; what a server said is in it as text alone, whatever it says."""
    code = summary.exit_code
    symbol = SYMBOLS.get(code, "\N{WARNING SIGN}\N{VARIATION SELECTOR-16}")
    parts = [f"### {symbol} {summary.service} {OUTCOMES[code]}", _run(summary)]
    if summary.unreachable:
        parts.append(f"<p><b>The run ended early:</b> <code>{_plain(summary.unreachable)}</code></p>")
    parts.append(_table(summary))
    length = sum(len(part.encode("utf-8")) for part in parts)
    told = [result for verdict in URGENCY for result in summary.results if result.verdict is verdict]
    told = [result for result in told if result.verdict in TOLD_IN_FULL]
    for number, result in enumerate(told):
        fold = _fold(result)
        length += len(fold.encode("utf-8"))
        if length > LONGEST:
            parts.append(f"{counted(len(told) - number, 'clause')} more: the other reports have them all.")
            break
        parts.append(fold)
    return "\n\n".join(parts) + "\n"


def _run(summary: Summary) -> str:
    cost = f"{counted(summary.requests, 'request')} in {summary.seconds:.1f} s"
    return (
        f"<code>{_plain(summary.target)}</code>, {cost}, "
        f"seed {summary.seed}, vecpact {_plain(summary.version)}"
    )


def _table(summary: Summary) -> str:
    """The verdicts of each area, and of all."""
    counts = summary.counts
    shown = [verdict for verdict in URGENCY if counts[verdict] or verdict in (Verdict.KEPT, Verdict.BROKEN)]
    areas: dict[str, Counter[Verdict]] = {}
    for result in summary.results:
        areas.setdefault(result.clause.area, Counter())[result.verdict] += 1
    rows = [("area", *map(str, shown)), ("---", *["--:"] * len(shown))]
    rows += [(area, *(str(found[verdict] or "") for verdict in shown)) for area, found in areas.items()]
    rows.append(("**all**", *(f"**{counts[verdict]}**" for verdict in shown)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _fold(result: Result) -> str:
    """A result in HTML without a blank line, which would end it and have the rest read as Markdown."""
    clause = result.clause
    lines = [
        f"<details{' open' if result.verdict is Verdict.BROKEN else ''}><summary><b>{result.verdict}</b> "
        f"<code>{clause.id}</code> {_plain(clause.title)}</summary>",
        "<table>",
        *(f"<tr><th>{name}</th><td><pre>{_plain(text)}</pre></td></tr>" for name, text in facts_of(result)),
        "</table>",
        "</details>",
    ]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """The text as nothing but text: a character reference never is a sign of Markdown or HTML."""
    return MEANINGFUL.sub(lambda found: f"&#{ord(found[0])};", legible(text))
