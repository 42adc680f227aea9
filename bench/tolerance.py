"""Runs the whole suite on every tolerant variant of the mock, and prints what is held against it.

The variants choose otherwise where the contract leaves a choice: what is said against one is a false alarm.

    python -m bench.tolerance                  # all of them, at default settings
    python -m bench.tolerance jobs cortex: --seed 7 --examples 5
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import pytest
import typer
from hypothesis.configuration import set_hypothesis_home_dir

from conformance.effort import USUAL
from tests.tolerant import VARIANTS
from tests.tolerant.page import page_of
from tests.tolerant.proving import alarms_of

cli = typer.Typer(add_completion=False, rich_markup_mode=None)


@cli.command()
def prove(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Parts of names.")] = None,
    seed: Annotated[int, typer.Option(help="The first seed; each round has the next.")] = 0,
    rounds: Annotated[int, typer.Option(min=1, help="How often each variant is proven.")] = 1,
    examples: Annotated[int, typer.Option(min=1, help="Examples for each check.")] = USUAL.examples,
    page: Annotated[
        Path | None, typer.Option(help="Write the page of all variants there, and prove none.")
    ] = None,
    runs: Annotated[Path | None, typer.Option(help="For the page: the log of bench.false_alarms.")] = None,
) -> None:
    """Proves variants one after the other; exit code 1 if anything is held against any."""
    if page:
        lines = runs.read_text("utf-8").splitlines() if runs else []
        page.write_text(page_of(VARIANTS, [json.loads(line) for line in lines]), "utf-8")
        return
    set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "vecpact-hypothesis")
    chosen = [each for each in VARIANTS if not names or any(name in str(each) for name in names)]
    accused = 0
    for round_seed in range(seed, seed + rounds):
        for variant in chosen:
            begun = time.monotonic()
            with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as made:
                folder = Path(made).resolve()
                alarms = alarms_of(variant, patch, folder, whole=True, seed=round_seed, examples=examples)
            accused += bool(alarms)
            seconds = time.monotonic() - begun
            typer.echo(f"{variant} seed {round_seed}: {len(alarms) or 'no'} alarms in {seconds:.1f} s")
            for clause, said in alarms.items():
                typer.echo(f"  {clause} {said}")
            sys.stdout.flush()
    typer.echo(f"{len(chosen)} variants, {rounds} rounds: {accused} runs with alarms")
    raise typer.Exit(bool(accused))


if __name__ == "__main__":
    cli()
