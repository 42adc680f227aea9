"""The command line of the benchmark: `python -m bench [ROW]...`."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bench import machine, report
from bench.rows import cortex, inprocess, loads, peers, start, storage, waits
from bench.run import ROWS, Run, SkippedError, put_in_order

MODULES = (loads, cortex, start, storage, waits, inprocess, peers)
"""The modules whose import has registered the rows, in the order of the table."""
put_in_order([module.__name__ for module in MODULES])

cli = typer.Typer(add_completion=False, rich_markup_mode=None)


@cli.command()
def measure(
    rows: Annotated[list[str] | None, typer.Argument(metavar="[ROW]...", help="Without one, all.")] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each row.")] = 5,
    seconds: Annotated[int, typer.Option(min=1, help="Seconds of load on each contender in a round.")] = 2,
    results: Annotated[Path, typer.Option(help="Where results are kept, row by row.")] = report.RESULTS,
    page: Annotated[Path, typer.Option(help="The page that is written of them.")] = report.PAGE,
    resume: Annotated[bool, typer.Option("--resume", help="Measure only rows without a result.")] = False,
    show: Annotated[bool, typer.Option("--list", help="List the rows and end.")] = False,
) -> None:
    """Measures the mock beside its floors, prints each row, and writes results and page anew."""
    if show:
        for each in ROWS.values():
            typer.echo(f"{each.name:22} {each.what}")
        return
    unknown = [name for name in rows or () if name not in ROWS]
    if unknown:
        raise typer.BadParameter(f"no row {unknown[0]!r}: expected {', '.join(ROWS)}")
    found = report.read(results)
    names = [name for name in ROWS if not rows or name in rows]
    with Run(rounds, seconds) as run:
        for name in report.missing(found, names) if resume else names:
            found[name] = _measured(name, run)
            typer.echo("\n".join(report.lines(name, found[name])))
            report.write(results, found)
    page.write_text(report.page(report.read(results)), "utf-8")


def _measured(name: str, run: Run) -> dict[str, Any]:
    """Measures one row and describes where and when that was."""
    started = time.monotonic()
    load = machine.load()
    try:
        described = ROWS[name].measure(run).described()
    except (SkippedError, RuntimeError) as reason:  # one row that cannot be measured spares the others
        return {"skipped": str(reason)}
    return described | {
        "machine": machine.described(),
        "load": load,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rounds": run.rounds,
        "seconds": round(time.monotonic() - started, 1),
    }


if __name__ == "__main__":
    cli()
