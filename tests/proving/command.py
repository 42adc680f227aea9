"""The command that proves the suite: `python -m conformance --prove SERVICE`."""

import json
import os
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from conformance.effort import USUAL
from conformance.wishes import fail
from tests.mutants import mutants_of
from tests.proving.laboratory import Book, carry_out
from tests.proving.matrix import rows_of
from tests.proving.page import page_of, print_matrix, print_pairs
from tests.proving.suite import SERVICES
from tests.proving.trial import Outcome, Trial, pairs

Option = typer.Option
application = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

KILLED, SURVIVED, INTERRUPTED = 0, 1, 130


@application.command()
def prove(
    services: Annotated[list[str], typer.Argument(metavar="SERVICE...", help="moorcheh, cortex or both.")],
    seeds: Annotated[int, Option(min=1, help="Runs of each mutant, with the seeds 0, 1, ...")] = 5,
    only: Annotated[list[str] | None, Option(metavar="GLOB", help="Of mutants: clause:name.")] = None,
    examples: Annotated[int, Option(min=1, help="Generated examples per check.")] = USUAL.examples,
    whole: Annotated[
        bool, Option("--whole", help="Run all checks on each mutant, to see who else calls it broken.")
    ] = False,
    pair: Annotated[
        int, Option("--pairs", min=0, metavar="N", help="Try N random pairs of mutants instead.")
    ] = 0,
    jobs: Annotated[int, Option(min=1, help="Processes to use.")] = os.cpu_count() or 1,
    book: Annotated[
        Path | None,
        Option(metavar="FILE", help="Append each outcome here, and do not try again what is here already."),
    ] = None,
    json_file: Annotated[
        Path | None, Option("--json", metavar="FILE", help="Write the matrix as JSON.")
    ] = None,
    beside: Annotated[
        Path | None, Option(metavar="FILE", help="For the page: what bench.schemathesis_kills has written.")
    ] = None,
    markdown: Annotated[
        Path | None, Option(metavar="FILE", help="Write all that the book says as a page.")
    ] = None,
) -> None:
    """Runs the suite on every mutant of the mock, and says which of them it catches, and by which clause.

    Exit code: 0 its own clause catches each with every seed; 1 not so; 2 a wrong option; 130 interrupted.
    """
    for service in services:
        if service not in SERVICES:
            fail(f"--prove {service!r}: expected one of {', '.join(SERVICES)}")
    trials = [
        trial
        for service in services
        for trial in _trials(service, seeds, only or ["*"], examples, whole, pair)
    ]
    if not trials:
        fail(f"--only {' '.join(only or [])}: no mutant has such a name")
    console = Console(highlight=False)
    outcomes: list[Outcome] = []
    exit_code = KILLED
    try:
        outcomes.extend(_shown(carry_out(trials, Book(book), jobs), len(trials), console))
    except KeyboardInterrupt:
        exit_code = INTERRUPTED
    singles = rows_of(outcomes)
    pairs_tried = [outcome for outcome in outcomes if len(outcome.trial.mutants) == 2]
    if singles:
        print_matrix(console, singles)
    if pairs_tried:
        print_pairs(console, pairs_tried)
    _write(json_file, lambda: json.dumps([outcome.record() for outcome in outcomes], indent=2) + "\n")
    _write(markdown, lambda: page_of(Book(book).outcomes().values() if book else outcomes, _read(beside)))
    if exit_code == KILLED and not all(map(_is_told, outcomes)):
        exit_code = SURVIVED
    raise typer.Exit(exit_code)


def _trials(
    service: str, seeds: int, globs: Sequence[str], examples: int, whole: bool, pair: int
) -> Iterator[Trial]:
    mutants = [
        mutant for mutant in mutants_of(service) if any(fnmatchcase(str(mutant), glob) for glob in globs)
    ]
    if pair:
        for one, other in pairs(mutants, pair):
            yield Trial(service, (str(one), str(other)), 0, examples, whole)
        return
    # Shuffled, seed by seed: what an interrupted run has seen is a fair sample, and none of it twice.
    random.Random(0).shuffle(mutants)
    for seed in range(seeds):
        for mutant in mutants:
            yield Trial(service, (str(mutant),), seed, examples, whole)


def _shown(outcomes: Iterable[Outcome], total: int, console: Console) -> Iterator[Outcome]:
    """Passes outcomes on and shows them: those to worry about, and on a terminal how many there were."""
    columns = (TextColumn("{task.description:<48}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=total)
        for outcome in outcomes:
            bar.update(task, advance=1, description=outcome.trial.mutants[0])
            if not _is_told(outcome):
                what = f"{outcome.kill} {' and '.join(outcome.trial.mutants)}, seed {outcome.trial.seed}"
                console.print(f"{what}: {'; '.join(outcome.missed.values())}", soft_wrap=True)
            yield outcome


def _is_told(outcome: Outcome) -> bool:
    return outcome.kill == "own" if len(outcome.trial.mutants) == 1 else outcome.both_are_told


def _read(path: Path | None) -> Any:
    return None if path is None else json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path | None, text: Callable[[], str]) -> None:
    if path is not None:
        path.write_text(text(), encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    """Runs the command with these arguments."""
    application(arguments, prog_name="vecpact-check --prove")
