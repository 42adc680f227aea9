"""The row about uploads without a socket: the fixture's transport, and ASGI transports beside it."""

import asyncio
import time
import warnings
from collections.abc import Callable
from typing import Any

import httpx
from starlette.types import ASGIApp

from bench.figures import Result, at_least
from bench.floors.bare import application
from bench.run import Run, row
from bench.uploads import DIMENSION, NAMESPACE, VECTORS, body
from mock_server import create_app
from mock_server.fixtures.inprocess import InProcess

ONCE = 200  # uploads in one sample
SETTINGS: dict[str, Any] = {"jobs": "instant", "max_items": 1_000_000}
CREATION = {"namespace_name": NAMESPACE, "type": "vector", "vector_dimension": DIMENSION}
BASE = "http://mock"


@row("in-process", "upload of one vector in 9.5 KB without a socket, by httpx")
def in_process(run: Run) -> Result:
    """Uploads single vectors in this process."""
    result = Result("uploads/s")
    upload = body(0, 1, short=True)
    fixture = httpx.Client(transport=InProcess(**SETTINGS).transport(), base_url=BASE)
    fixture.post("/namespaces", json=CREATION)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # starlette's test client asks for another library than httpx
        from starlette.testclient import TestClient

        test_client = TestClient(create_app(**SETTINGS), base_url=BASE)
    test_client.post("/namespaces", json=CREATION)
    ways: dict[str, Callable[[], float]] = {
        "fixture": lambda: _rate(lambda: fixture.post(VECTORS, content=upload)),
        "TestClient": lambda: _rate(lambda: test_client.post(VECTORS, content=upload)),
        "mock by ASGITransport": lambda: asyncio.run(_asgi_rate(create_app(**SETTINGS), upload)),
        "bare Starlette by ASGITransport": lambda: asyncio.run(_asgi_rate(application("drain"), upload)),
    }
    for _ in range(4 * run.rounds):
        for name, rate in ways.items():
            result.add(name, rate())
    result.ratio("fixture", "TestClient", at_least(5), "the fixture / starlette's TestClient")
    label = "the mock / bare Starlette that drains the body, both by httpx.ASGITransport"
    result.ratio("mock by ASGITransport", "bare Starlette by ASGITransport", at_least(0.8), label)
    result.ratio(
        "fixture",
        "bare Starlette by ASGITransport",
        None,
        "the fixture / bare Starlette by httpx.ASGITransport",
    )
    return result


def _rate(upload: Callable[[], Any]) -> float:
    upload().raise_for_status()
    started = time.perf_counter()
    for _ in range(ONCE):
        upload()
    return ONCE / (time.perf_counter() - started)


async def _asgi_rate(app: ASGIApp, upload: bytes) -> float:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        await client.post("/namespaces", json=CREATION)
        (await client.post(VECTORS, content=upload)).raise_for_status()
        started = time.perf_counter()
        for _ in range(ONCE):
            await client.post(VECTORS, content=upload)
        return ONCE / (time.perf_counter() - started)
