"""Where the time of a run of the suite goes: `python -m bench.suite_time [SERVICE]...`.

Each two milliseconds of its processor time the suite is looked at: is it drawing payloads, speaking HTTP, or
judging? What is left of the time, it waits: for the mock's answers and, on a busy machine, for a processor.
"""

import resource
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from hypothesis.configuration import set_hypothesis_home_dir

from bench import machine
from conformance.check import Server
from conformance.cortex import CORTEX
from conformance.cortex.driver import Cortex
from conformance.effort import QUICK, THOROUGH, USUAL, Effort
from conformance.embedded import bundled_mock
from conformance.moorcheh import MOORCHEH
from conformance.moorcheh.driver import FilesFolder, Moorcheh, Terms
from conformance.run import Options, Run
from conformance.target import Target

SERVICES = {service.name: service for service in (MOORCHEH, CORTEX)}
EFFORTS = {"quick": QUICK, "usual": USUAL, "thorough": THOROUGH}
PAUSE = 0.002  # seconds of processor time between two looks
SPEAKING, DRAWING, JUDGING = "speaking HTTP and JSON", "drawing payloads", "judging"
OF_MODULES = {
    "sockets": SPEAKING,
    "transport": SPEAKING,
    "target": SPEAKING,
    "wire": SPEAKING,
    "exchange": SPEAKING,
    "history": SPEAKING,
    "payload": DRAWING,
    "writing": DRAWING,
    "breaking": DRAWING,
    "expressions": DRAWING,
}

cli = typer.Typer(add_completion=False, rich_markup_mode=None)


@cli.command()
def measure(
    services: Annotated[
        list[str] | None, typer.Argument(metavar="[SERVICE]...", help="moorcheh, cortex; without one both.")
    ] = None,
    effort: Annotated[str, typer.Option(help=f"One of {', '.join(EFFORTS)}.")] = "usual",
    seed: Annotated[int, typer.Option(help="Of the run.")] = 1,
) -> None:
    """Runs the suite of each service against the bundled mock, over HTTP, and prints what took how long."""
    if effort not in EFFORTS:
        raise typer.BadParameter(f"--effort {effort}: expected one of {', '.join(EFFORTS)}")
    set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "vecpact-hypothesis")
    described = machine.described()
    typer.echo(f"{described['processor']}, {described['cores']} cores, load {machine.load()}")
    for service in services or SERVICES:
        if service not in SERVICES:
            raise typer.BadParameter(f"no service {service!r}: expected {' or '.join(SERVICES)}")
        typer.echo("\n".join(_measured(service, EFFORTS[effort], seed)))


def _measured(service: str, effort: Effort, seed: int) -> Iterator[str]:
    """Runs the suite of one service once, and tells of it line by line."""
    before = _children()
    with tempfile.TemporaryDirectory() as made, _serving(service, effort, made) as target:
        terms = Terms(files=FilesFolder(Path(made), made))
        server: Server = Moorcheh(target, terms) if service == MOORCHEH.name else Cortex(target)
        options = Options(examples=effort.examples, effort=effort, seed=seed)
        run = Run(SERVICES[service], server, options)
        begun, worked = time.monotonic(), time.process_time()
        with looking() as seen:
            for check in run.checks():
                run.prove(check)
            run.finish()
        seconds, worked = time.monotonic() - begun, time.process_time() - worked
        requests = target.requests
    yield f"{service}: {requests:,} requests in {seconds:.1f} s, seed {seed}"
    yield f"  waiting {seconds - worked:22.1f} s   (the mock's processor time: {_children() - before:.1f} s)"
    for part, looks in seen.most_common():
        yield f"  {part:24} {worked * looks / seen.total():5.1f} s"


@contextmanager
def _serving(service: str, effort: Effort, folder: str) -> Iterator[Target]:
    files = ["--files", folder] if service == MOORCHEH.name else []
    room = ["--max-items", str(effort.max_items)] if effort.max_items else []
    headers = {"authorization": "Bearer any"}
    with bundled_mock([service, *files, *room]) as url, Target(url, headers=headers) as target:
        yield target


@contextmanager
def looking() -> Iterator[Counter[str]]:
    """Counts, as long as it lasts, what this process spends its processor time on."""
    seen: Counter[str] = Counter()

    def look(_number: int, frame: FrameType | None) -> None:
        seen[part_of(frame)] += 1

    usual = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, PAUSE, PAUSE)
    try:
        yield seen
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, usual)


def part_of(frame: FrameType | None) -> str:
    """Names what a stack is doing, by its innermost frame that belongs to the suite or to hypothesis."""
    while frame is not None:
        folder, _, name = frame.f_globals.get("__name__", "").partition(".")
        if folder == "conformance":
            return OF_MODULES.get(name.rpartition(".")[2], JUDGING)
        if folder == "hypothesis":
            return DRAWING
        frame = frame.f_back
    return JUDGING


def _children() -> float:
    """The seconds of processor time of the processes that this one has started and seen end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    cli()
