"""The options that the commands of all services share."""

import inspect
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any

import typer

from conformance.effort import QUICK, THOROUGH, USUAL
from conformance.wishes import DEFAULT_JOB_TIMEOUT, DEFAULT_LEVELS, DEFAULT_TIMEOUT, Wishes

Option = typer.Option


def typed_wishes(
    base_url: Annotated[
        str, Option(metavar="URL", help="The server to test; without it the bundled mock is started.")
    ] = "",
    evidence: Annotated[
        str, Option(metavar="LEVELS", help="Evidence that may fail the run: documented,implied,assumed.")
    ] = DEFAULT_LEVELS,
    only: Annotated[list[str] | None, Option(metavar="GLOB", help="Prove these clauses alone.")] = None,
    skip: Annotated[list[str] | None, Option(metavar="GLOB", help="Leave these clauses out.")] = None,
    examples: Annotated[
        int | None,
        Option(min=1, help="Generated examples per check.", show_default=str(USUAL.examples)),
    ] = None,
    quick: Annotated[
        bool,
        Option(
            "--quick",
            help=f"Judge every clause in seconds: {QUICK.examples} examples per check, shorter histories, "
            "a smaller bundled mock.",
        ),
    ] = False,
    thorough: Annotated[bool, Option("--thorough", help=f"{THOROUGH.examples} examples per check.")] = False,
    seed: Annotated[
        int | None, Option(help="Repeat the choices of another run.", show_default="random")
    ] = None,
    list_: Annotated[bool, Option("--list", help="Print the clauses and run nothing.")] = False,
    explain: Annotated[str, Option(metavar="ID", help="Print one clause and run nothing.")] = "",
    json: Annotated[Path | None, Option(metavar="FILE", help="Write a JSON report.")] = None,
    junit: Annotated[Path | None, Option(metavar="FILE", help="Write a JUnit report.")] = None,
    html: Annotated[Path | None, Option(metavar="FILE", help="Write a report for a browser.")] = None,
    markdown: Annotated[
        Path | None, Option(metavar="FILE", help="Write a report for the summary of a CI job.")
    ] = None,
    badge: Annotated[Path | None, Option(metavar="FILE", help="Write a badge, as SVG.")] = None,
    annotations: Annotated[
        Path | None, Option(metavar="FILE", help="Write the commands of GitHub's annotations.")
    ] = None,
    job_timeout: Annotated[
        float, Option(min=0, metavar="SECONDS", help="Longest wait for a job.")
    ] = DEFAULT_JOB_TIMEOUT,
    timeout: Annotated[
        float, Option(min=0.001, metavar="SECONDS", help="Longest wait for an answer.")
    ] = DEFAULT_TIMEOUT,
    header: Annotated[
        list[str] | None, Option(metavar="'NAME: VALUE'", help="Send this with every request.")
    ] = None,
    workers: Annotated[
        int | None,
        Option(
            min=1, help="Checks at the same time.", show_default="1, or up to 16 if the server answers slowly"
        ),
    ] = None,
    write_repro: Annotated[
        Path | None,
        Option(metavar="DIR", help="Write a test for each broken clause that shows it without the suite."),
    ] = None,
    known_broken: Annotated[
        Path | None,
        Option(metavar="FILE", help="Clauses that may be broken, with reasons (TOML); they must still be."),
    ] = None,
    update_known_broken: Annotated[
        bool, Option("--update-known-broken", help="Write what is broken now to that file.")
    ] = False,
    profile: Annotated[
        Path | None,
        Option(metavar="FILE", help="What the server does not offer: clause globs with reasons (TOML)."),
    ] = None,
    replay: Annotated[
        str, Option(metavar="CHECK[:EXAMPLE]", help="Try one example again, as a `repeat` line names it.")
    ] = "",
) -> Wishes:
    """The wishes that these options express."""
    reports = {
        "json": json,
        "junit": junit,
        "html": html,
        "markdown": markdown,
        "badge": badge,
        "annotations": annotations,
    }
    return Wishes(
        base_url=base_url,
        levels=evidence,
        only=only or (),
        skip=skip or (),
        examples=examples,
        quick=quick,
        thorough=thorough,
        **({} if seed is None else {"seed": seed}),
        list_only=list_,
        explain=explain,
        reports={name: path for name, path in reports.items() if path},
        job_timeout=job_timeout,
        timeout=timeout,
        headers=header or (),
        replay=replay,
        workers=workers,
        write_repro=write_repro,
        known_broken=known_broken,
        update_known_broken=update_known_broken,
        profile=profile,
    )


def with_wishes(command: Callable[..., None], without: Collection[str] = ()) -> Callable[..., None]:
    """Gives a command, whose first parameter is `wishes`, the shared options in place of it.

    A command line is made of a function's signature: this joins two of them, so that the shared options are
    written down once. A command for which some of them mean nothing goes without those.
    """
    all_shared = inspect.signature(typed_wishes).parameters
    shared = {name: parameter for name, parameter in all_shared.items() if name not in without}
    own = dict(list(inspect.signature(command).parameters.items())[1:])

    def joined(**typed: Any) -> None:
        wishes = typed_wishes(**{name: typed[name] for name in shared})
        command(wishes, **{name: typed[name] for name in own})

    parameters = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in (*shared.values(), *own.values())
    ]
    joined.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect reads
    joined.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    joined.__doc__ = command.__doc__
    return joined
