"""Rows about beginnings: a process until its first answer, a world until its own."""

import time
import uuid
from collections.abc import Sequence

from bench.figures import Figure, Result, at_most
from bench.run import Run, contenders, row
from bench.server import floor, mock, serving


@row("start", "start of the process to its first answer")
def start(run: Run) -> Result:
    """Starts processes and asks each once."""
    result = Result("ms")
    for _ in range(2 * run.rounds):
        result.add("mock", _first_answer(mock()))
        result.add("bare", _first_answer(floor("constant")))
    result.ratio("mock", "bare", at_most(1.15), "mock / bare uvicorn and Starlette")
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


def _first_answer(command: Sequence[str]) -> float:
    """Measures the milliseconds from the start of a server to its first answer."""
    started = time.perf_counter()
    with serving("server", command) as server:
        connection = server.connect()
        connection.say("GET", "/health")
        taken = 1e3 * (time.perf_counter() - started)
        connection.close()
    return taken
