"""The report for a person: progress while the suite runs, then what it found."""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from conformance.check import Check
from conformance.clause import Clause
from conformance.report.story import COMMANDS, TOLD_IN_FULL, facts_of, remark_on
from conformance.report.summary import Summary
from conformance.run import Run
from conformance.verdict import NOT_CHOSEN, Result, Verdict

STYLES = {
    Verdict.KEPT: "green",
    Verdict.BROKEN: "bold red",
    Verdict.KNOWN: "cyan",
    Verdict.STALE: "bold red",
    Verdict.ADVICE: "yellow",
    Verdict.NOTED: "cyan",
    Verdict.UNPROVEN: "yellow",
    Verdict.ERROR: "bold magenta",
    Verdict.SKIPPED: "dim",
}

# Prose is hard to read in lines that are longer, or shorter, than these.
WIDEST, NARROWEST = 110, 30


class Progressing:
    """Shows how far a run is: a bar where it can move, elsewhere a line for each clause once it is judged.

    Args:
        run: The run.
        console: Where to show it.
    """

    def __init__(self, run: Run, console: Console) -> None:
        self._run = run
        self._console = console
        self._checks_left = Counter(clause for check in run.checks() for clause in check.clauses)
        self._waiting = list(self._checks_left)
        self._bar = Progress(
            TextColumn("{task.description}", table_column=Column(width=46, no_wrap=True)),
            BarColumn(bar_width=14),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_interactive,
        )
        self._task = self._bar.add_task("", total=len(run.checks()))

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def proven(self, check: Check) -> None:
        """Takes note of a check that has been run."""
        self._bar.update(self._task, advance=1, description=check.clauses[0])
        self._checks_left.subtract(check.clauses)
        if self._console.is_interactive:
            return
        for clause_id in [each for each in self._waiting if self._is_judged(each)]:
            self._waiting.remove(clause_id)
            result = self._run.result(clause_id)
            if result.verdict is not Verdict.SKIPPED:
                print_line(self._console, result)

    def _is_judged(self, clause_id: str) -> bool:
        """Whether the verdict is final: its checks have been run, and those of what it depends on."""
        bases = self._run.clauses[clause_id].depends_on
        return self._checks_left[clause_id] == 0 and all(map(self._is_judged, bases))


def print_report(console: Console, summary: Summary) -> None:
    """Prints every verdict (unless progress has, where no bar moves), what is not kept, and the sum."""
    for result in summary.results:
        is_not_offered = result.verdict is Verdict.SKIPPED and result.detail != NOT_CHOSEN
        if is_not_offered or (console.is_interactive and result.verdict is not Verdict.SKIPPED):
            print_line(console, result)
    # The most urgent last, where a terminal is read first.
    for verdict in reversed(TOLD_IN_FULL):
        for result in summary.results:
            if result.verdict is verdict:
                _print_story(console, result)
    _print_sum(console, summary)


def print_line(console: Console, result: Result) -> None:
    """Prints a verdict in one line: clause, and the number of examples or the reason."""
    line = Text.assemble((f"{result.verdict:<9}", STYLES[result.verdict]), " ", result.clause.id)
    remark = remark_on(result)
    if len(line) + len(remark) + 2 > _width(console):
        console.print(line, soft_wrap=True)
        _print_wrapped(console, " " * 10, Text(remark, "dim"))
    else:
        console.print(line.append("  " + remark, "dim"), soft_wrap=True)


def print_clauses(console: Console, clauses: Iterable[Clause]) -> None:
    """Prints clauses with their titles, sources, evidence and force."""
    for clause in clauses:
        print_clause(console, clause)


def print_clause(console: Console, clause: Clause) -> None:
    """Prints all that is known of a clause."""
    console.print(Text(clause.id, "bold"), soft_wrap=True)
    facts: list[tuple[str, object]] = [
        ("", clause.title),
        ("source", clause.source),
        ("evidence", f"{clause.evidence}, {clause.force}"),
        ("limit", clause.limit),
        ("refusal", clause.refusal),
        ("needs", ", ".join(clause.depends_on) or None),
    ]
    _print_facts(console, [(name, str(fact)) for name, fact in facts if fact is not None])


def _print_story(console: Console, result: Result) -> None:
    clause = result.clause
    console.print()
    console.print(
        Text.assemble((result.verdict, STYLES[result.verdict]), " ", (clause.id, "bold")), soft_wrap=True
    )
    _print_facts(console, [("", clause.title), *facts_of(result)])


def _print_facts(console: Console, facts: Sequence[tuple[str, str]]) -> None:
    for name, fact in facts:
        head = Text.assemble("  ", (f"{name:<9}" if name else "", "dim"))
        if name in COMMANDS:
            # A command stays as it is, to be copied whole: the terminal itself breaks its line.
            between = "\n" + " " * len(head)
            console.print(head.append(fact.replace("\n", between)), soft_wrap=True)
        else:
            _print_wrapped(console, head, Text(fact))


def _print_wrapped(console: Console, head: Text | str, text: Text) -> None:
    """Prints prose beside a head: in lines of a terminal's width, elsewhere in one."""
    room = _width(console) - len(head)
    for number, line in enumerate(text.wrap(console, room) if room < len(text) else [text]):
        line.rstrip()
        console.print(Text.assemble(" " * len(head) if number else head, line), soft_wrap=True)


def _width(console: Console) -> int:
    """How wide prose may be, in characters; a pipe or a log has no end of a line."""
    return min(max(console.width, NARROWEST), WIDEST) if console.is_terminal else sys.maxsize


def _print_sum(console: Console, summary: Summary) -> None:
    console.print()
    counts = summary.counts
    shown = [(verdict, counts[verdict]) for verdict in Verdict if counts[verdict] or verdict is Verdict.KEPT]
    line = Text(", ").join(Text(f"{count} {verdict}", STYLES[verdict]) for verdict, count in shown)
    _print_wrapped(console, "", line)
    cost = f"{summary.requests:,} requests in {summary.seconds:.1f} s, seed {summary.seed}"
    _print_wrapped(console, "", Text(f"{summary.service} at {summary.target}: {cost}"))
    if summary.unreachable:
        _print_wrapped(console, "", Text(summary.unreachable, "bold red"))
    elif summary.interrupted:
        console.print(Text("interrupted: what was not run is unproven", "bold red"))
