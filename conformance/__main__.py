"""The command line of the suite: `python -m conformance moorcheh`."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer

from conformance import options
from conformance.command import carry_out
from conformance.embedded import bundled_mock
from conformance.moorcheh import MOORCHEH
from conformance.moorcheh.driver import FilesFolder, Moorcheh, Terms
from conformance.options import DEFAULT_JOB_TIMEOUT, DEFAULT_LEVELS, DEFAULT_TIMEOUT, Wishes
from conformance.run import DEFAULT_EXAMPLES
from conformance.target import Target

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
    base_url: options.BaseUrl = "",
    evidence: options.Levels = DEFAULT_LEVELS,
    only: options.Only = None,
    skip: options.Skip = None,
    examples: options.Examples = DEFAULT_EXAMPLES,
    seed: options.Seed = None,
    list_: options.List = False,
    explain: options.Explain = "",
    json: options.JsonFile = None,
    junit: options.JunitFile = None,
    job_timeout: options.JobTimeout = DEFAULT_JOB_TIMEOUT,
    timeout: options.Timeout = DEFAULT_TIMEOUT,
    header: options.Header = None,
    fill_quota: Annotated[
        bool, typer.Option("--fill-quota", help="Fill the quota though others have items or it takes long.")
    ] = False,
    files_dir: Annotated[
        str,
        typer.Option(
            metavar="DIR[=PATH]",
            help="A folder the server reads too, and its path there if another.",
        ),
    ] = "",
    generation: Annotated[
        Literal["auto", "v1", "v2"], typer.Option(help="Of the service; auto looks which endpoints exist.")
    ] = "auto",
) -> None:
    """Proves the API of Moorcheh on-prem."""
    wishes = Wishes(
        base_url=base_url,
        levels=evidence,
        only=only or (),
        skip=skip or (),
        examples=examples,
        **({} if seed is None else {"seed": seed}),
        list_only=list_,
        explain=explain,
        json_file=json,
        junit_file=junit,
        timeout=timeout,
        headers=header or (),
    )
    with _files_folder(files_dir, base_url) as files:
        terms = Terms(job_timeout, fill_quota, files, generation)
        own = ["--job-timeout", f"{job_timeout:g}"] if job_timeout != DEFAULT_JOB_TIMEOUT else []
        own += ["--fill-quota"] * fill_quota + (["--files-dir", files_dir] if files_dir else [])
        own += ["--generation", generation] if generation != "auto" else []
        address = contextlib.nullcontext(base_url) if base_url else bundled_mock(_mock_options(files))

        def connect(target: Target) -> Moorcheh:
            return Moorcheh(target, terms)

        carry_out(MOORCHEH, wishes, address, connect, own)


def main() -> None:
    """Runs the command line."""
    application(prog_name="vecpact-check")


@contextlib.contextmanager
def _files_folder(text: str, base_url: str) -> Iterator[FilesFolder | None]:
    """The folder that `--files-dir` names; for the bundled mock one that is made for the run."""
    if text:
        here, _, there = text.partition("=")
        if not Path(here).is_dir():
            options.fail(f"--files-dir {text!r}: there is no folder {here}")
        yield FilesFolder(Path(here), there or str(Path(here).absolute()))
    elif base_url:
        yield None
    else:
        with tempfile.TemporaryDirectory(prefix="vecpact-") as made:
            folder = Path(made).resolve()
            yield FilesFolder(folder, str(folder))


def _mock_options(_files: FilesFolder | None) -> list[str]:
    return []


if __name__ == "__main__":
    main()
