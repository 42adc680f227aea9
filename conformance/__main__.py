"""The command line of the suite: `python -m conformance moorcheh`."""

import contextlib
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn, cast

import httpx
import typer
from rich.console import Console

from conformance.clause import EVIDENCE_LEVELS, Clause, Evidence
from conformance.embedded import bundled_mock
from conformance.moorcheh import MOORCHEH
from conformance.plugin import run_checks
from conformance.report.json_file import write_json
from conformance.report.junit_file import write_junit
from conformance.report.summary import FAILED, Summary, suite_version
from conformance.report.terminal import Progressing, print_clause, print_clauses, print_report
from conformance.run import DEFAULT_EVIDENCE, DEFAULT_EXAMPLES, Options, Run
from conformance.selection import NothingMatchesError, select
from conformance.service import Patience, Service
from conformance.target import Target, Unreachable

application = typer.Typer(
    add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


@application.callback()
def services() -> None:
    """Says, clause by clause, whether a server keeps its documented contract.

    Exit code: 0 it does; 1 a clause is broken; 2 the suite could not do its work; 130 interrupted.
    """


@application.command()
def moorcheh(
    base_url: Annotated[
        str, typer.Option(metavar="URL", help="The server to test; without it the bundled mock is started.")
    ] = "",
    evidence: Annotated[
        str,
        typer.Option(metavar="LEVELS", help="Evidence that may fail the run: documented,implied,assumed."),
    ] = ",".join(DEFAULT_EVIDENCE),
    only: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Prove these clauses alone.")] = None,
    skip: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Leave these clauses out.")] = None,
    examples: Annotated[int, typer.Option(min=1, help="Generated examples per check.")] = DEFAULT_EXAMPLES,
    seed: Annotated[
        int | None, typer.Option(help="Repeats the choices of another run.", show_default="random")
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Print the clauses and run nothing.")] = False,
    explain: Annotated[str, typer.Option(metavar="ID", help="Print one clause and run nothing.")] = "",
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a JSON report.")] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a JUnit report.")] = None,
    job_timeout: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Longest wait for a job.")
    ] = 30.0,
    timeout: Annotated[
        float, typer.Option(min=0.001, metavar="SECONDS", help="Longest wait for an answer.")
    ] = 10.0,
    header: Annotated[
        list[str] | None, typer.Option(metavar="'NAME: VALUE'", help="Send this with every request.")
    ] = None,
    fill_quota: Annotated[
        bool, typer.Option(help="Fill the server's quota though others have items there or it takes long.")
    ] = False,
) -> None:
    """Proves Moorcheh's vector API."""
    clauses = MOORCHEH.clauses()
    console = Console(highlight=False)
    if explain:
        print_clause(console, _named(clauses, explain))
        return
    chosen = _chosen(clauses, only or [], skip or [])
    if list_:
        print_clauses(console, (clause for clause in clauses.values() if clause.id in chosen))
        return
    headers = dict(_header(each) for each in header or [])
    for report in (json, junit):
        _require_writable(report)
    options = Options(
        examples=examples,
        seed=random.randrange(2**32) if seed is None else seed,
        evidence=_levels(evidence),
        chosen=chosen,
        patience=Patience(job_timeout, fill_quota),
        command=_command(MOORCHEH, base_url, headers),
    )
    try:
        with _base_url(base_url) as url, Target(url, headers=headers, timeout=timeout) as target:
            summary = _prove(MOORCHEH, target, options, console)
    except Unreachable as reason:
        _fail(str(reason))
    print_report(console, summary)
    if json:
        write_json(summary, json)
    if junit:
        write_junit(summary, junit)
    raise typer.Exit(summary.exit_code)


def main() -> None:
    """Runs the command line."""
    application(prog_name="vecpact-check")


def _prove(service: Service, target: Target, options: Options, console: Console) -> Summary:
    started_at, begun = datetime.now(UTC), time.monotonic()
    run = Run(service, target, options)
    with Progressing(run, console) as progressing:
        to_its_end = run_checks(run, progressing.proven)
        with contextlib.suppress(Unreachable):
            run.finish()
    return Summary(
        version=suite_version(),
        service=service.name,
        target=target.base_url,
        seed=options.seed,
        started_at=started_at,
        seconds=time.monotonic() - begun,
        requests=target.requests,
        results=run.results(),
        unreachable=run.unreachable,
        interrupted=not to_its_end,
    )


@contextlib.contextmanager
def _base_url(url: str) -> Iterator[str]:
    """The server to test, which must be an HTTP address; the bundled mock if none is named."""
    if not url:
        with bundled_mock() as address:
            yield address
        return
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        _fail(f"--base-url {url!r}: {error}")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        _fail(f"--base-url {url!r}: expected an address such as http://localhost:8080")
    yield url


def _named(clauses: Mapping[str, Clause], clause_id: str) -> Clause:
    if clause_id not in clauses:
        _fail(f"--explain {clause_id!r}: no clause has this id; --list prints them all")
    return clauses[clause_id]


def _chosen(clauses: Mapping[str, Clause], only: Sequence[str], skip: Sequence[str]) -> frozenset[str]:
    try:
        chosen = select(clauses, only, skip)
    except NothingMatchesError as error:
        _fail(str(error))
    if not chosen:
        _fail("--only and --skip leave no clause to prove")
    return chosen


def _levels(text: str) -> tuple[Evidence, ...]:
    levels = [level.strip() for level in text.split(",")]
    for level in levels:
        if level not in EVIDENCE_LEVELS:
            _fail(f"--evidence {level!r}: expected one of {', '.join(EVIDENCE_LEVELS)}")
    return cast(tuple[Evidence, ...], tuple(levels))


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not (colon and name.strip()):
        _fail(f"--header {text!r}: expected 'Name: value'")
    return name.strip(), value.strip()


def _command(service: Service, base_url: str, headers: Mapping[str, str]) -> tuple[str, ...]:
    """The words that start the suite on the same server; what headers say may be secret and is left out."""
    words = ["python", "-m", "conformance", service.name]
    if base_url:
        words += ["--base-url", base_url]
    for name in headers:
        words += ["--header", f"{name}: ..."]
    return tuple(words)


def _require_writable(path: Path | None) -> None:
    """Ends before the run, not after it, where a report could not be written."""
    if path and not path.absolute().parent.is_dir():
        _fail(f"{path}: there is no folder {path.parent}")


def _fail(message: str) -> NoReturn:
    sys.stderr.write(f"vecpact-check: {message}\n")
    raise typer.Exit(FAILED)


if __name__ == "__main__":
    main()
