"""What Schemathesis kills of the mutants that prove the suite: `python -m bench.schemathesis_kills`.

It is given what it is made for, the project's openapi.json, and for each mutant as long as one run of the
suite takes on this machine. A kind of fault that it finds in the mock itself does not count as a kill.
"""

import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from mock_server import create_app
from tests.mutants import Mutant, mutants_of
from tests.proving.suite import SERVICES
from tests.serving import serving

ROOT = Path(__file__).parents[1]
OWN_RUNS = 3
HEADERS = {"moorcheh": [], "cortex": ["--header", "Authorization: Bearer any"]}
ABOUT = """\
Schemathesis {version}, given `openapi.json` and nothing else, with all its checks and going on after a
failure. A kill is a failure, by kind and operation, that two runs show, and of a kind that no run on
the mock itself shows on any operation ({own} runs): what a user cannot tell from noise catches nothing.
The mutants are a random sample with about the same share of each area. Beside the seconds that each was
tried for stand those of the processor which Schemathesis used (the median), and those that a default
run of the suite over HTTP uses: on a machine that does other things too these tell more."""

Fault = tuple[str, str]


def kills(
    services: Annotated[list[str] | None, typer.Argument(metavar="[SERVICE]...", help="Else both.")] = None,
    sample: Annotated[int, typer.Option(min=1, help="Mutants of each service.")] = 40,
    seconds: Annotated[int, typer.Option(min=0, help="For each mutant; 0: as a run of the suite takes.")] = 0,
    schemathesis: Annotated[str, typer.Option(metavar="PROGRAM", help="The command.")] = "schemathesis",
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write it for docs/kill-matrix.md.")
    ] = None,
) -> None:
    """Counts the mutants that Schemathesis tells from the mock."""
    program = shutil.which(schemathesis)
    if program is None:
        typer.echo("skipped: there is no schemathesis; install it into an environment of its own")
        return
    found: list[dict[str, Any]] = []
    document = {"about": ABOUT.format(version=_version(program), own=OWN_RUNS + 1), "services": found}
    for service in services or SERVICES:
        run = _run_of_the_suite(service)
        budget = seconds or round(run["seconds"])
        found.append(
            {"service": service, "run": run, "seconds": budget, "cpu": [], "sample": [], "killed": []}
        )
        for mutant, faults in _tried(program, service, sample, budget, found[-1]["cpu"]):
            found[-1]["sample"].append(str(mutant))
            found[-1]["killed"] += [str(mutant)] if faults else []
            kinds = " ".join(sorted({kind for kind, _ in faults}))
            typer.echo(f"{'killed' if faults else 'alive ':6} {mutant} {kinds}".rstrip())
            if json_file:
                json_file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        typer.echo(f"{service}: {len(found[-1]['killed'])} of {len(found[-1]['sample'])}, {budget} s each")


def _tried(
    program: str, service: str, sample: int, budget: int, cpu: list[float]
) -> Iterator[tuple[Mutant, Collection[Fault]]]:
    """Yields mutants, each with the faults found in it and not in the mock; notes the processor's time."""
    own = (_faults(program, service, budget, seed, None) for seed in range(OWN_RUNS))
    noise = {kind for kind, _ in set().union(*own)}
    for mutant in sampled(mutants_of(service), sample):
        before = _processor_seconds()
        faults = _faults(program, service, budget, 0, mutant)
        cpu.append(round(_processor_seconds() - before, 1))
        new = {(kind, operation) for kind, operation in faults if kind not in noise}
        yield mutant, confirmed(program, service, budget, mutant, new)


def confirmed(
    program: str, service: str, budget: int, mutant: Mutant, faults: Collection[Fault]
) -> Collection[Fault]:
    """Those faults of a mutant that another run on it shows again, of no kind that one on the mock shows."""
    if not faults:
        return faults
    again = _faults(program, service, budget, OWN_RUNS, mutant)
    noise = {kind for kind, _ in _faults(program, service, budget, OWN_RUNS, None)}
    return {(kind, operation) for kind, operation in again & {*faults} if kind not in noise}


def sampled(mutants: Sequence[Mutant], count: int) -> Iterator[Mutant]:
    """Draws mutants at random, the same for the same list, area by area in turn."""
    choice = random.Random(0)
    areas: dict[str, list[Mutant]] = {}
    for mutant in choice.sample(mutants, len(mutants)):
        areas.setdefault(mutant.clause.split(".")[1], []).append(mutant)
    share = {area: max(1, round(count * len(each) / len(mutants))) for area, each in areas.items()}
    turns = zip_longest(*(each[: share[area]] for area, each in areas.items()))
    return (mutant for mutant in list(chain.from_iterable(turns)) if mutant is not None)


def _faults(program: str, service: str, budget: int, seed: int, mutant: Mutant | None) -> set[Fault]:
    """The failures of one run, by kind and operation, on the mock or on a mutant of it."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        if mutant is not None:
            mutant.change(patch)
        report = Path(folder) / "report.json"
        with serving(create_app()) as url:
            subprocess.run(
                [
                    *(program, "run", str(ROOT / "schemas" / service / "openapi.json"), "--url", url),
                    *(
                        "--max-time",
                        str(budget),
                        "--seed",
                        str(seed),
                        "--continue-on-failure",
                        "--checks",
                        "all",
                    ),
                    *("--report-json-path", str(report), "--no-color", *HEADERS[service]),
                ],
                cwd=folder,
                capture_output=True,
                check=False,
            )
        failures = json.loads(report.read_text(encoding="utf-8"))["failures"]
    return {(each["type"], operation) for each in failures for operation in each["operations"]}


def _run_of_the_suite(service: str) -> dict[str, float]:
    """What a default run of the suite on the mock takes, over HTTP: seconds, and those of its processor."""
    with serving(create_app()) as url:
        begun, before = time.monotonic(), _processor_seconds()
        command = [sys.executable, "-m", "conformance", service, "--base-url", url]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        return {
            "seconds": round(time.monotonic() - begun, 1),
            "cpu": round(_processor_seconds() - before, 1),
        }


def _processor_seconds() -> float:
    """The processor time of all processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _version(program: str) -> str:
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return answer.stdout.split()[-1]


if __name__ == "__main__":
    typer.run(kills)
