"""Rows in which wrk drives servers side by side: uploads of every size, polls, health."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench import machine, wrk
from bench.figures import Figure, Result, at_least
from bench.run import ROOM, Run, SkippedError, contenders, roomy_mock, row
from bench.server import Served, fallback, floor, mock
from bench.uploads import DIMENSION, NAMESPACE, VECTORS

CONNECTIONS = 16
FEW = 2  # connections that send 16 MB each
NONE: Mapping[str, str] = {}


@row("one-vector", "upload of one vector of 768 numbers in 9.5 KB (32-bit numbers), 16 connections")
def one_vector(run: Run) -> Result:
    """Uploads single vectors of 32-bit numbers."""
    return _single(run, short=True)


@row("one-vector-16kb", "upload of one vector of 768 numbers in 16 KB (64-bit numbers), 16 connections")
def one_vector_16kb(run: Run) -> Result:
    """Uploads single vectors of 64-bit numbers."""
    return _single(run, short=False)


@row("batch-16mb", "upload of 1,000 x 768 in 16 MB (64-bit numbers), 2 connections")
def batch_16mb(run: Run) -> Result:
    """Uploads a thousand vectors of 64-bit numbers."""
    return _batches(run, short=False, goal=1.15)


@row("batch-9mb", "upload of 1,000 x 768 in 9.5 MB (32-bit numbers), 2 connections")
def batch_9mb(run: Run) -> Result:
    """Uploads a thousand vectors of 32-bit numbers."""
    return _batches(run, short=True, goal=1.5)


@row("health", "GET /health, 16 connections")
def health(run: Run) -> Result:
    """Asks for the health."""
    with contenders(mock=mock(), constant=floor("constant")) as servers:
        result = interleaved(run, servers, "/health", CONNECTIONS)
    compare(result, "mock", "constant", 0.75, "mock / bare Starlette with a constant JSON")
    return result


@row("poll", "GET of an upload job's status, 16 connections")
def poll(run: Run) -> Result:
    """Asks how far an upload has come."""
    with contenders(mock=mock("--jobs", "manual"), constant=floor("constant")) as servers:
        connection = servers["mock"].connect()
        asked = {"vectors": [{"id": "a", "vector": [1] * DIMENSION}]}
        job_id = connection.say("POST", VECTORS, asked)["job_id"]
        paths = {"mock": f"/namespaces/{NAMESPACE}/upload-jobs/{job_id}", "constant": "/health"}
        result = Result("requests/s")
        for _ in range(run.rounds):
            for name, server in servers.items():
                _drive(result, name, server, wrk.Order(paths[name], CONNECTIONS, run.seconds))
    compare(result, "mock", "constant", 0.75, "mock / bare Starlette with a constant JSON")
    return result


def _single(run: Run, *, short: bool) -> Result:
    bodies = run.bodies(64, 1, short=short)
    with contenders(mock=roomy_mock(), drain=floor("drain"), decode=floor("decode")) as servers:
        result = interleaved(run, servers, VECTORS, CONNECTIONS, bodies)
    compare(result, "mock", "drain", 0.6, "mock / bare Starlette that drains the body")
    compare(result, "mock", "decode", 1.1, "mock / bare Starlette with orjson.loads")
    return result


def _batches(run: Run, *, short: bool, goal: float) -> Result:
    bodies = run.bodies(1, 1_000, short=short)
    commands = {"mock": roomy_mock(), "decode": floor("decode"), "fallback": fallback(*ROOM)}
    with contenders(**commands) as servers:
        result = interleaved(run, servers, VECTORS, FEW, bodies)
    compare(result, "mock", "decode", goal, "mock / bare Starlette with orjson.loads")
    compare(result, "fallback", "decode", 0.7, "mock without its fast decoder / the same")
    return result


def interleaved(
    run: Run,
    servers: dict[str, Served],
    path: str,
    connections: int,
    bodies: Sequence[Path] = (),
    headers: Mapping[str, str] = NONE,
) -> Result:
    """Drives every server once in each round."""
    if not wrk.is_installed():
        raise SkippedError(wrk.MISSING)
    result = Result("requests/s")
    order = wrk.Order(
        path, connections, run.seconds if connections > FEW else 2 * run.seconds, bodies, headers
    )
    for server in servers.values():
        wrk.drive(server.url, order, quiet=True)
    for _ in range(run.rounds):
        for name, server in servers.items():
            _drive(result, name, server, order)
    return result


def _drive(result: Result, name: str, server: Served, order: wrk.Order) -> None:
    """Drives a server once, and takes down what came of it."""
    loaded(result, name, server, lambda: wrk.drive(server.url, order))


def loaded(result: Result, name: str, server: Served, load: Callable[[], wrk.Load]) -> None:
    """Loads a server, and takes down its rate and the processor time that each request cost it."""
    before = machine.processor_time(server.pid)
    came = load()
    result.add(name, came.rate)
    after = machine.processor_time(server.pid)
    if before is not None and after is not None:
        result.costs.setdefault(name, []).append(1e3 * (after - before) / came.requests)


def compare(result: Result, one: str, other: str, goal: float, label: str) -> None:
    """Compares two servers by their rates, and by the processor time of a request: noise shifts it less."""
    result.ratio(one, other, at_least(goal), label)
    costs = zip(result.costs.get(one, ()), result.costs.get(other, ()), strict=False)
    ratios = [its / mine for mine, its in costs]
    if ratios:
        result.figures.append(Figure(f"{label}, by processor time", ratios, "", at_least(goal)))
