"""Rows about what clients wait for: health beside large uploads, a refusal, a Python client, the suite."""

import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx

from bench import wrk
from bench.figures import Figure, Result, at_most, percentile
from bench.run import Run, SkippedError, contenders, roomy_mock, row
from bench.server import Served, floor
from bench.uploads import VECTORS, body, spoiled

BAD_NUMBERS = {"NaN": b"NaN", "1e999": b"1e999", "a string": b'"1.5"', "true": b"true", "null": b"null"}
SERVICES = ("moorcheh", "cortex")
PAUSE = 0.005  # seconds between two looks at the health


@row("busy-health", "GET /health while two connections upload 16 MB each")
def busy_health(run: Run) -> Result:
    """Asks for the health every few milliseconds while wrk uploads."""
    if not wrk.is_installed():
        raise SkippedError(wrk.MISSING)
    order = wrk.Order(VECTORS, 2, 2 * run.seconds, run.bodies(1, 1_000))
    with contenders(mock=roomy_mock(), decode=floor("decode")) as servers:
        return waits_beside(run, servers, order, "/health")


def waits_beside(run: Run, servers: Mapping[str, Served], order: wrk.Order, look: str) -> Result:
    """Asks the mock for what a path shows, and a floor for its health, while wrk uploads."""
    result = Result("ms")
    with ThreadPoolExecutor(1) as pool:
        for _ in range(run.rounds):
            for name, server in servers.items():
                load = pool.submit(wrk.drive, server.url, order)
                waits = []
                connection = server.connect()
                path = look if name == "mock" else "/health"
                while not load.done():
                    started = time.perf_counter()
                    connection.ask("GET", path)
                    waits.append(1e3 * (time.perf_counter() - started))
                    time.sleep(PAUSE)
                load.result()
                result.add(name, percentile(waits, 0.99))
    result.figures.append(Figure("99th percentile", result.samples["mock"], "ms", at_most(60)))
    decode = result.samples["decode"]
    result.figures.append(Figure("99th percentile of bare Starlette with orjson.loads", decode, "ms"))
    return result


@row("refusal", "refused upload of 1,000 x 768 with one bad number at the end")
def refusal(run: Run) -> Result:
    """Uploads a batch, and the same with its last number spoiled in each way."""
    result = Result("ms")
    valid = body(0)
    bodies = {"accepted": (202, valid)}
    bodies |= {name: (400, spoiled(valid, instead)) for name, instead in BAD_NUMBERS.items()}
    with contenders(mock=roomy_mock()) as servers:
        connection = servers["mock"].connect()
        for _ in range(2 * run.rounds):
            for name, (expected, upload) in bodies.items():
                started = time.perf_counter()
                status, answer = connection.ask("POST", VECTORS, upload)
                result.add(name, 1e3 * (time.perf_counter() - started))
                if status != expected:
                    raise RuntimeError(f"{name}: {status} {answer[:200]!r}")
    for name in BAD_NUMBERS:
        result.ratio(name, "accepted", at_most(3), f"refused for {name} / accepted")
    return result


@row("python-client", "upload of one vector by httpx, one connection")
def python_client(run: Run) -> Result:
    """Uploads single vectors from Python, where the client costs more than the server."""
    result = Result("ms")
    upload = body(0, 1)
    with contenders(mock=roomy_mock(), drain=floor("drain")) as servers:
        clients = {name: _client(server) for name, server in servers.items()}
        for _ in range(20 * run.rounds):
            for name, client in clients.items():
                started = time.perf_counter()
                for _ in range(5):
                    client.post(VECTORS, content=upload).raise_for_status()
                result.add(name, 200 * (time.perf_counter() - started))
        for client in clients.values():
            client.close()
    result.ratio("mock", "drain", None, "time with the mock / with bare Starlette that drains the body")
    return result


@row("suite", "a default run of the suite over HTTP")
def suite(run: Run) -> Result:
    """Runs the suite of each service against the bundled mock."""
    result = Result("s")
    for _ in range(max(1, run.rounds // 5)):
        for service in SERVICES:
            started = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "conformance", service], capture_output=True, text=True
            )
            result.add(service, time.perf_counter() - started)
            if done.returncode:
                result.notes.append(
                    f"{service}: exit code {done.returncode}, {done.stdout.splitlines()[-1:]}"
                )
    for service in SERVICES:
        result.figures.append(Figure(service, result.samples[service], "s", at_most(25)))
    return result


def _client(server: Served) -> httpx.Client:
    return httpx.Client(base_url=server.url, trust_env=False)
