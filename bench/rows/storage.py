"""Rows about a full store: filling it, its memory, search in it, and what it does not slow down."""

import time
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from statistics import median

from bench import machine, wrk
from bench.figures import Figure, Result, at_least, at_most
from bench.floors.search import QUERIES
from bench.rows.loads import FEW, loaded
from bench.run import STORED, Full, Run, SkippedError, contenders, create, roomy_mock, row
from bench.server import Connection, asking, numpy_floor
from bench.uploads import BATCH, DIMENSION, NAMESPACE, VECTORS, body, query

PAYLOAD = STORED * DIMENSION * 4 / 1e6  # MB of 32-bit floats
TENTHS = 10
FILL, UPLOAD = "new vectors", "the same 1,000"
PAUSE = 0.1  # seconds in which the threads of a product fall asleep
SETTLING = 3.5  # seconds in which an idle server gives back what it does not need
NO_MEMORY = "only Linux shows the memory of another process"


@row("filling", "filling 100,000 x 768 in batches of 1,000, 2 connections")
def filling(run: Run) -> Result:
    """Fills mocks, and before each tenth of the way uploads the body of `batch-16mb` to another one."""
    result = Result("requests/s")
    given: list[float] = []
    for _ in range(min(3, run.rounds)):
        given += _fill_by_tenths(result)
    fills, uploads = result.samples[FILL], result.samples[UPLOAD]
    sides = {"": (fills, uploads)}
    if result.costs:
        sides[", by processor time"] = (result.costs[UPLOAD], result.costs[FILL])
    label = "new vectors / the same 1,000 over and over"
    for how, (ones, others) in sides.items():
        tenths = by_tenths(ones, others)
        result.figures.append(Figure(f"{label}{how}, over each tenth", tenths))
        result.figures.append(Figure(f"{label}{how}, the slowest tenth", [min(tenths)], "", at_least(0.85)))
    spared = [1e3 / (1e3 / fill - taken) for fill, taken in zip(fills, given, strict=True)]
    result.figures += [
        Figure("what the system takes to give the memory of a batch", given, "ms"),
        Figure(f"{label}, less that, the slowest tenth", [min(by_tenths(spared, uploads))]),
    ]
    return result


@row("memory", "memory with 100,000 x 768 stored, above the idle process")
def memory(run: Run) -> Result:
    """Looks at the memory of a full mock, and at its peak while it takes one more upload."""
    if not machine.tells_memory():
        raise SkippedError(NO_MEMORY)
    full = full_mock(run)
    above = full.filled - full.idle
    upload = body(0)
    connection = full.server.connect()
    result = Result("MB", {"started": [full.started], "after the first upload": [full.idle]})
    result.samples |= {"full": [full.filled], "most while filling": [full.most]}
    for _ in range(run.rounds):
        machine.forget_peak(full.server.pid)
        connection.ask("POST", VECTORS, upload)
        result.add("most during an upload", machine.memory_of(full.server.pid, "VmHWM"))
    bodies = [
        (peak - full.idle - 1.1 * PAYLOAD) / (len(upload) / 1e6)
        for peak in result.samples["most during an upload"]
    ]
    result.figures += [
        Figure(
            "memory above the process after its first upload / 32-bit floats",
            [above / PAYLOAD],
            "",
            at_most(1.1),
        ),
        Figure(
            "memory above the process just started / 32-bit floats", [(full.filled - full.started) / PAYLOAD]
        ),
        Figure("peak during an upload, beyond 1.10 of the floats", bodies, "bodies", at_most(3)),
        Figure("peak while filling / 32-bit floats", [(full.most - full.idle) / PAYLOAD]),
    ]
    return result


@row("search", "search, top 10 of 100,000 x 768, one connection")
def search(run: Run) -> Result:
    """Searches the full mock and a matrix of numpy in turn, for some seconds each.

    Not one search each: threads that have done a product wait for the next one awake, for some hundredths of
    a second, on the cores that the other contender's threads want.
    """
    if not wrk.is_installed():
        raise SkippedError(wrk.MISSING)
    server = full_mock(run).server
    order = wrk.Order("/search", 1, run.seconds, run.queries(QUERIES))
    result = Result("ms")
    with asking(numpy_floor("search", STORED, DIMENSION)) as floor:
        wrk.drive(server.url, order, quiet=True)
        for _ in range(run.rounds):
            result.add("mock", 1e3 / wrk.drive(server.url, order).rate)
            result.add("numpy", floor(run.seconds))
        connection = server.connect()
        for place in range(4 * run.rounds):
            asked = query(place)
            time.sleep(PAUSE)
            started = time.perf_counter()
            status, _ = connection.ask("POST", "/search", asked)
            result.add("mock, a single one", 1e3 * (time.perf_counter() - started))
            if status != 200:
                raise RuntimeError(f"a search was answered with {status}")
            time.sleep(PAUSE)
            result.add("numpy, a single one", floor(0))
    label = "search over HTTP / matrix-vector product and argpartition"
    result.ratio("mock", "numpy", at_most(1.1), label)
    result.ratio(
        "mock, a single one", "numpy, a single one", None, f"{label}, each after a pause, by http.client"
    )
    return result


@row("full-store", "cost per vector with 100,000 stored, against an empty store")
def full_store(run: Run) -> Result:
    """Uploads a new batch to the full mock and to an empty one, and deletes it again."""
    result = Result("ms a batch")
    with contenders(mock_empty=roomy_mock()) as servers:
        stores = {"full": full_mock(run).server.connect(), "empty": servers["mock_empty"].connect()}
        for place in range(4 * run.rounds):
            for name, connection in stores.items():
                result.add(name, _upload(connection, STORED + place * BATCH))
                _delete(connection, STORED + place * BATCH, BATCH)
    result.ratio("full", "empty", at_most(1.1), "into the full store / into an empty one")
    return result


@row("growth", "deletes and polls with 100,000 items stored")
def growth(run: Run) -> Result:
    """Deletes 100 ids, uploads them again, and polls, in a full store and in one of 1,000."""
    result = Result("ms")
    with contenders(mock_small=roomy_mock()) as servers:
        stores = {"full": full_mock(run).server.connect(), "of 1,000": servers["mock_small"].connect()}
        _upload(stores["of 1,000"], 0)
        for _ in range(4 * run.rounds):
            for name, connection in stores.items():
                result.add(f"delete, {name}", _delete(connection, 500, 100))
                accepted = connection.say("POST", VECTORS, _few(500, 100))
                result.add(f"poll, {name}", _poll(connection, accepted["job_id"]))
    result.figures.append(Figure("deleting 100 ids", result.samples["delete, full"], "ms", at_most(5)))
    result.ratio("delete, full", "delete, of 1,000", None, "a delete in the full store / in one of 1,000")
    result.ratio("poll, full", "poll, of 1,000", None, "a poll with the full store / with one of 1,000")
    return result


def full_mock(run: Run) -> Full:
    """Answers the mock that is full, filled first if it is not yet."""
    if run.full is None:
        server = run.keep("mock", roomy_mock())
        tells = machine.tells_memory()
        started = _settled(server.pid) if tells else 0.0
        connection = server.connect()
        create(server)
        connection.ask("POST", VECTORS, body(0, 1))
        idle = _settled(server.pid) if tells else 0.0
        for first in range(0, STORED, BATCH):
            _upload(connection, first)
        filled = _settled(server.pid) if tells else 0.0
        run.full = Full(
            server, started, idle, filled, machine.memory_of(server.pid, "VmHWM") if tells else 0.0
        )
    return run.full


def _settled(pid: int) -> float:
    """Answers the memory of a process that has been idle for some seconds, in MB."""
    time.sleep(SETTLING)
    return machine.memory_of(pid, "VmRSS")


def _fill_by_tenths(result: Result) -> list[float]:
    """Fills a mock once; answers for each tenth what the memory of a batch takes in a process of its own."""
    tenth, given, known = STORED // TENTHS, [], [body(0)] * (STORED // TENTHS // BATCH)
    with (
        contenders(mock=roomy_mock(), mock_known=roomy_mock()) as servers,
        ThreadPoolExecutor(FEW) as pool,
        asking(numpy_floor("memory", STORED // BATCH, BATCH * DIMENSION * 4)) as memory,
    ):
        sides = {
            name: (server, [server.connect() for _ in range(FEW)])
            for name, server in zip((FILL, UPLOAD), servers.values(), strict=True)
        }
        _send(sides[FILL][1][0], body(0, 1))
        _sent(pool, sides[UPLOAD][1], known)
        for first in range(0, STORED, tenth):
            new = [body(start) for start in range(first, first + tenth, BATCH)]
            for name, bodies in ((UPLOAD, known), (FILL, new)):
                server, connections = sides[name]
                loaded(result, name, server, partial(_sent, pool, connections, bodies))
            given.append(memory(tenth // BATCH))
    return given


def by_tenths(ones: Sequence[float], others: Sequence[float]) -> list[float]:
    """Compares two sides tenth by tenth of the way, over all the times it was gone."""
    ratios = [one / other for one, other in zip(ones, others, strict=True)]
    return [median(ratios[tenth::TENTHS]) for tenth in range(TENTHS)]


def _sent(pool: Executor, connections: Sequence[Connection], bodies: Sequence[bytes]) -> wrk.Load:
    """Uploads each body once, over all connections at a time."""
    started = time.perf_counter()
    shares = [bodies[turn :: len(connections)] for turn in range(len(connections))]
    for _ in pool.map(_send_all, connections, shares):
        pass
    return wrk.Load(len(bodies), len(bodies) / (time.perf_counter() - started))


def _send_all(connection: Connection, bodies: Sequence[bytes]) -> None:
    for each in bodies:
        _send(connection, each)


def _send(connection: Connection, upload: bytes) -> None:
    status, answer = connection.ask("POST", VECTORS, upload)
    if status != 202:
        raise RuntimeError(f"an upload was answered with {status} {answer!r}")


def _upload(connection: Connection, first: int) -> float:
    """Uploads a batch and answers the milliseconds it took."""
    upload = body(first)
    started = time.perf_counter()
    _send(connection, upload)
    return 1e3 * (time.perf_counter() - started)


def _delete(connection: Connection, first: int, size: int) -> float:
    """Deletes items, 100 at a time, and answers the milliseconds the last 100 took."""
    taken = 0.0
    for start in range(first, first + size, 100):
        ids = [f"v{place}" for place in range(start, start + 100)]
        started = time.perf_counter()
        answer = connection.say("POST", f"/namespaces/{NAMESPACE}/items/delete", {"ids": ids})
        taken = 1e3 * (time.perf_counter() - started)
        if answer["deleted"] != len(ids):
            raise RuntimeError(f"of {len(ids)} items {answer['deleted']} were deleted")
    return taken


def _few(first: int, size: int) -> object:
    return {"vectors": [{"id": f"v{first + place}", "vector": _vector(place)} for place in range(size)]}


def _vector(place: int) -> Sequence[float]:
    return [0.5 + (place * step) % 7 for step in range(DIMENSION)]


def _poll(connection: Connection, job_id: str) -> float:
    """Polls ten times and answers the milliseconds of one."""
    started = time.perf_counter()
    for _ in range(10):
        connection.ask("GET", f"/namespaces/{NAMESPACE}/upload-jobs/{job_id}")
    return 1e2 * (time.perf_counter() - started)
