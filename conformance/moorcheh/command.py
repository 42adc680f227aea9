"""The command `moorcheh`: its own options, and where its server comes from."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from conformance.binding import Binding
from conformance.command import carry_out
from conformance.embedded import bundled_mock
from conformance.moorcheh import MOORCHEH
from conformance.moorcheh.driver import FilesFolder, Moorcheh, Terms
from conformance.options import Option
from conformance.target import Target
from conformance.wishes import Wishes, fail


def moorcheh(
    wishes: Wishes,
    fill_quota: Annotated[
        bool, Option("--fill-quota", help="Fill the quota though others have items or it takes long.")
    ] = False,
    files_dir: Annotated[
        str,
        Option(metavar="DIR[=PATH]", help="A folder the server reads too, with its path there."),
    ] = "",
    generation: Annotated[
        Literal["auto", "v1", "v2"], Option(help="Of the service; auto looks which endpoints exist.")
    ] = "auto",
) -> None:
    """Proves the API of Moorcheh on-prem."""
    with bind_moorcheh(wishes, fill_quota=fill_quota, files_dir=files_dir, generation=generation) as binding:
        carry_out(
            binding.service,
            wishes,
            bundled_mock(binding.mock_options),
            binding.connect,
            own_options=binding.options,
        )


@contextlib.contextmanager
def bind_moorcheh(
    wishes: Wishes, *, fill_quota: bool, files_dir: str, generation: Literal["auto", "v1", "v2"]
) -> Iterator[Binding]:
    """What the options of the command make of the service."""
    with _files_folder(files_dir, wishes.base_url) as files:
        terms = Terms(wishes.job_timeout, fill_quota, files, generation)
        own = ["--fill-quota"] * fill_quota + (["--files-dir", files_dir] if files_dir else [])
        own += ["--generation", generation] if generation != "auto" else []
        mock_options = ["moorcheh", *(["--files", str(files.here)] if files else [])]
        if wishes.effort.max_items:
            mock_options += ["--max-items", str(wishes.effort.max_items)]

        def connect(target: Target) -> Moorcheh:
            return Moorcheh(target, terms)

        yield Binding(MOORCHEH, connect, mock_options, options=own)


@contextlib.contextmanager
def _files_folder(text: str, base_url: str) -> Iterator[FilesFolder | None]:
    """The folder that `--files-dir` names; for the bundled mock one that is made for the run."""
    if text:
        here, _, there = text.partition("=")
        if not Path(here).is_dir():
            fail(f"--files-dir {text!r}: there is no folder {here}")
        yield FilesFolder(Path(here), there or str(Path(here).absolute()))
    elif base_url:
        yield None
    else:
        with tempfile.TemporaryDirectory(prefix="vecpact-") as made:
            folder = Path(made).resolve()
            yield FilesFolder(folder, str(folder))
