"""What every service's command does: choose clauses, run the suite, report, and say how it ended."""

import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import typer
from rich.console import Console

from conformance.check import Server
from conformance.options import DEFAULT_TIMEOUT, Wishes, fail
from conformance.plugin import run_checks
from conformance.report.json_file import write_json
from conformance.report.junit_file import write_junit
from conformance.report.summary import Summary, suite_version
from conformance.report.terminal import Progressing, print_clause, print_clauses, print_report
from conformance.run import Options, Run
from conformance.service import Service
from conformance.target import Target, Unreachable

Connect = Callable[[Target], Server]
Address = contextlib.AbstractContextManager[str]


def carry_out(
    service: Service, wishes: Wishes, address: Address, connect: Connect, own_options: Sequence[str] = ()
) -> None:
    """Carries out the command of a service.

    Args:
        service: The service.
        wishes: What the user typed.
        address: Gives the base URL for as long as the suite runs.
        connect: Makes the service's driver.
        own_options: The service's own options as typed, for the `repeat` line.

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
    headers = wishes.header_fields()
    options = Options(
        examples=wishes.examples,
        seed=wishes.seed,
        evidence=wishes.evidence(),
        chosen=chosen,
        command=_command(service, wishes, headers, own_options),
    )
    try:
        with address as url, Target(url, headers=headers, timeout=wishes.timeout) as target:
            summary = _prove(service, connect(target), options, console)
    except Unreachable as reason:
        fail(str(reason))
    if not (summary.unreachable and not summary.judged):
        print_report(console, summary)
    _write_reports(summary, wishes)
    if summary.unreachable and not summary.judged:
        fail(summary.unreachable)
    raise typer.Exit(summary.exit_code)


def _prove(service: Service, server: Server, options: Options, console: Console) -> Summary:
    started_at, begun = datetime.now(UTC), time.monotonic()
    run = Run(service, server, options)
    with Progressing(run, console) as progressing:
        try:
            to_its_end = run_checks(run, progressing.proven)
        finally:
            with contextlib.suppress(Unreachable):
                run.finish()
    return Summary(
        version=suite_version(),
        service=service.name,
        target=server.target.base_url,
        seed=options.seed,
        started_at=started_at,
        seconds=time.monotonic() - begun,
        requests=server.target.requests,
        results=run.results(),
        unreachable=run.unreachable,
        interrupted=not to_its_end,
    )


def _write_reports(summary: Summary, wishes: Wishes) -> None:
    try:
        if wishes.json_file:
            write_json(summary, wishes.json_file)
        if wishes.junit_file:
            write_junit(summary, wishes.junit_file)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")


def _command(
    service: Service, wishes: Wishes, headers: Sequence[str] | dict[str, str], own_options: Sequence[str]
) -> tuple[str, ...]:
    """The words that start the suite on the same server; what headers say may be secret and is left out."""
    words = ["python", "-m", "conformance", service.name]
    if wishes.base_url:
        words += ["--base-url", wishes.base_url]
    for name in headers:
        words += ["--header", f"{name}: ..."]
    if wishes.timeout != DEFAULT_TIMEOUT:
        words += ["--timeout", f"{wishes.timeout:g}"]
    return (*words, *own_options)
