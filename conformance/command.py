"""What every service's command does: choose clauses, run the suite, report, and say how it ended."""

import contextlib
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer
from hypothesis.configuration import set_hypothesis_home_dir
from rich.console import Console

from conformance.crew import Connect, Crew
from conformance.embedded import bundled_mock
from conformance.interruption import interruptible
from conformance.plugin import run_checks
from conformance.redaction import redacted
from conformance.report.files import write_reports
from conformance.report.summary import Summary, suite_version
from conformance.report.terminal import Progressing, print_clause, print_clauses, print_report
from conformance.reproduction.writing import write_reproductions
from conformance.run import Options, Run
from conformance.service import Service
from conformance.target import Target, Unreachable
from conformance.wishes import DEFAULT_JOB_TIMEOUT, DEFAULT_TIMEOUT, Wishes, fail

Address = contextlib.AbstractContextManager[str]


def carry_out(
    service: Service,
    wishes: Wishes,
    mock: Address,
    connect: Connect,
    *,
    own_headers: Mapping[str, str] | None = None,
    own_options: Sequence[str] = (),
    arguments: Sequence[str] = (),
    tested: str = "",
) -> None:
    """Carries out the command of a service.

    Args:
        service: The service.
        wishes: What the user typed.
        mock: Gives the base URL of the bundled mock, which is tested if the user names no server.
        connect: Makes the service's driver.
        own_headers: What the service needs sent with every request; the user's headers have the last word.
        own_options: The service's own options as typed, for the `repeat` line.
        arguments: What follows all options there.
        tested: What is under test, for the reports, where that is not the server.

    Raises:
        typer.Exit: The command has ended, with its exit code.
    """
    clauses = service.clauses()
    console = Console(highlight=False)
    if wishes.explain:
        print_clause(console, wishes.explained(clauses))
        return
    chosen = wishes.chosen(clauses)
    if wishes.list_only:
        print_clauses(console, (clause for clause in clauses.values() if clause.id in chosen))
        return
    wishes.require_sound()
    headers = {**(own_headers or {}), **wishes.header_fields()}
    options = options_of(service, wishes, own_options, arguments)
    try:
        with _address(wishes, mock) as url, Target(url, headers=headers, timeout=wishes.timeout) as target:
            run = Run(service, connect(target), options)
            crew = Crew(run, target, connect, wishes.workers)
            summary = _prove(run, crew, target, console, tested or target.base_url)
            written = _reproductions(run, target, connect, wishes, mock)
    except Unreachable as reason:
        fail(str(reason))
    if not (summary.unreachable and not summary.judged):
        print_report(console, summary)
    for line in written:
        console.print(line, soft_wrap=True, markup=False)
    _write_reports(summary, wishes)
    if summary.unreachable and not summary.judged:
        fail(summary.unreachable)
    raise typer.Exit(summary.exit_code)


def options_of(
    service: Service, wishes: Wishes, own_options: Sequence[str] = (), arguments: Sequence[str] = ()
) -> Options:
    """What a user chose for a run.

    Raises:
        typer.Exit: It makes no sense.
    """
    chosen = wishes.chosen(service.clauses())
    options = Options(
        examples=wishes.examples or wishes.effort.examples,
        effort=wishes.effort,
        seed=wishes.seed,
        evidence=wishes.evidence(),
        chosen=chosen,
        command=_command(service, wishes, own_options),
        arguments=arguments,
        replay=wishes.replayed(service, chosen),
        known=wishes.known(),
        not_offered=wishes.not_offered(),
        bodies=wishes.write_repro,
    )
    if chosen <= options.not_offered.keys():
        fail(f"{wishes.profile}: leaves no clause to prove")
    return options


def _address(wishes: Wishes, mock: Address) -> Address:
    return contextlib.nullcontext(wishes.base_url) if wishes.base_url else mock


def _prove(run: Run, crew: Crew, target: Target, console: Console, tested: str) -> Summary:
    # Hypothesis would cache its tables in the user's working directory.
    set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "vecpact-hypothesis")
    started_at, begun = datetime.now(UTC), time.monotonic()
    with interruptible(run), Progressing(run, console) as progressing:
        try:
            run_checks(run, progressing.proven, crew)
        finally:
            # Who interrupts the clean-up too wants to see no more of it.
            with contextlib.suppress(Unreachable, KeyboardInterrupt):
                run.finish()
    try:
        run.options.known.settle([run.plain_result(clause_id) for clause_id in run.clauses])
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
    return Summary(
        version=suite_version(),
        service=run.service.prefix,
        target=tested,
        seed=run.options.seed,
        started_at=started_at,
        seconds=time.monotonic() - begun,
        requests=target.requests,
        results=run.results(),
        unreachable=run.unreachable,
        interrupted=run.interrupted,
    )


def _reproductions(
    run: Run, target: Target, connect: Connect, wishes: Wishes, mock: Address
) -> Sequence[str]:
    """Writes tests of what was found, if the user wants them, and answers a line on each."""
    if not wishes.write_repro or run.interrupted or run.unreachable or not run.faults():
        return ()
    # Where the server is the bundled mock itself, another one says what is right.
    right = mock if wishes.base_url else bundled_mock([run.service.name])
    with right as url, Target(url, headers=target.headers, timeout=wishes.timeout) as correct:
        try:
            return list(write_reproductions(run, target, correct, connect, wishes.write_repro))
        except OSError as error:
            fail(f"{error.filename}: {error.strerror}")


def _write_reports(summary: Summary, wishes: Wishes) -> None:
    try:
        write_reports(summary, wishes.reports)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")


def _command(service: Service, wishes: Wishes, own_options: Sequence[str]) -> tuple[str, ...]:
    """The words that start the suite on the same server; what headers say may be secret and is left out."""
    words = ["python", "-m", "conformance", *service.command]
    if wishes.base_url:
        words += ["--base-url", redacted(wishes.base_url)]
    for name in wishes.header_fields():
        words += ["--header", f"{name}: ..."]
    if wishes.timeout != DEFAULT_TIMEOUT:
        words += ["--timeout", f"{wishes.timeout:g}"]
    if wishes.job_timeout != DEFAULT_JOB_TIMEOUT:
        words += ["--job-timeout", f"{wishes.job_timeout:g}"]
    return (*words, *own_options)
