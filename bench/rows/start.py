"""Rows about beginnings: a process until its first answer, a world until its own."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence

from bench import machine
from bench.figures import Figure, Result, at_most
from bench.run import Run, contenders, row
from bench.server import floor, mock, serving


@row("start", "start of the process to its first answer")
def start(run: Run) -> Result:
    """Starts processes and asks each once; their modules are compiled, as those of installed packages are."""
    result, times = Result("ms"), Result("ms")
    commands = {"mock": mock(), "both": mock("cortex"), "bare": floor("constant")}
    # A checkout may never have run, and PYTHONDONTWRITEBYTECODE keeps Python from writing down what it
    # compiles: then the mock would compile its modules at each start, and the packages of the floor not.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(run.folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for command in commands.values():
        _first_answer(command, environment)
    for _ in range(2 * run.rounds):
        for name, command in commands.items():
            taken, cost = _first_answer(command, environment)
            result.add(name, taken)
            if cost is not None:
                times.add(name, cost)
        result.add("python -c", _interpreter(environment))
    for name, label, goal in (("mock", "mock", at_most(1.15)), ("both", "mock of both services", None)):
        result.ratio(name, "bare", goal, f"{label} / bare uvicorn and Starlette")
        times.ratio(name, "bare", goal, f"{label} / the same, by processor time")
    result.figures += times.figures
    result.ratio("mock", "python -c", None, "mock / the interpreter alone, from its start to its end")
    return result


@row("world", "a fresh world")
def world(run: Run) -> Result:
    """Asks for the health of worlds that do not exist yet, and of one that does."""
    result = Result("ms")
    with contenders(mock=mock()) as servers:
        connection = servers["mock"].connect()
        for _ in range(40 * run.rounds):
            name = uuid.uuid4()
            for contender in ("new", "known"):
                started = time.perf_counter()
                connection.say("GET", f"/_session/{name}/health")
                result.add(contender, 1e3 * (time.perf_counter() - started))
    costs = [new - known for new, known in zip(*result.samples.values(), strict=True)]
    result.figures.append(
        Figure("first answer of a world, less that of a known one", costs, "ms", at_most(1))
    )
    return result


def _first_answer(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float | None]:
    """Measures the milliseconds from the start of a server to its first answer, and of its processor time."""
    started = time.perf_counter()
    with serving("server", command, environment) as server:
        connection = server.connect()
        connection.say("GET", "/health")
        taken = 1e3 * (time.perf_counter() - started)
        used = machine.processor_time(server.pid)
        connection.close()
    return taken, None if used is None else 1e3 * used


def _interpreter(environment: Mapping[str, str]) -> float:
    """Measures the milliseconds that the interpreter takes to do nothing."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", ""], env=environment, check=True)
    return 1e3 * (time.perf_counter() - started)
