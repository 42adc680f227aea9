"""An ASGI application answers in this process as a server would."""

import asyncio
import gc
import gzip
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis.stateful import RuleBasedStateMachine, rule

from conformance.asgi import AsgiTransport
from conformance.check import Conditions, Server, explores
from conformance.target import Target
from tests.conformance.serving import TinyDriver


async def answer(send: Any, body: bytes, *headers: tuple[bytes, bytes], status: int = 200) -> None:
    """Sends an answer whole."""
    await send({"type": "http.response.start", "status": status, "headers": [*headers]})
    await send({"type": "http.response.body", "body": body})


async def body_of(receive: Any) -> bytes:
    """Reads a body whole."""
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body


def target_of(application: Any) -> Target:
    """A target whose server is the application."""
    return Target("http://app", transport=AsgiTransport(application))


def test_the_application_gets_the_request_and_its_answer_comes_back() -> None:
    seen: dict[str, Any] = {}

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope, body=await body_of(receive))
        await answer(send, b'{"a": 1}', (b"x-answer", b"yes"), status=418)

    with target_of(application) as target:
        exchange = target.send("PATCH", "/a%20b?c=d", json=["x"])
    assert (exchange.status, exchange.body, exchange.answer_headers["x-answer"]) == (418, {"a": 1}, "yes")
    assert (seen["method"], seen["path"], seen["query_string"]) == ("PATCH", "/a b", b"c=d")
    assert seen["body"] == b'["x"]'
    assert (b"content-type", b"application/json") in [
        (name.lower(), value) for name, value in seen["headers"]
    ]


def test_an_application_that_raises_is_a_server_error() -> None:
    async def application(_scope: Any, _receive: Any, _send: Any) -> None:
        raise RuntimeError("broken")

    with target_of(application) as target:
        assert target.send("GET", "/").status == 500


def test_an_application_that_says_nothing_is_a_server_error() -> None:
    async def application(_scope: Any, _receive: Any, _send: Any) -> None:
        return

    with target_of(application) as target:
        assert target.send("GET", "/").status == 500


def test_an_answer_may_come_in_parts_and_a_header_twice() -> None:
    async def application(_scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"vary", b"a"), (b"Vary", b"b")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"a"', "more_body": True})
        await send({"type": "http.response.body", "body": b": 1}"})
        assert await body_of(receive) == b""
        assert (await receive())["type"] == "http.disconnect"

    with target_of(application) as target:
        exchange = target.send("GET", "/")
    assert (exchange.body, exchange.answer_headers["vary"]) == ({"a": 1}, "a, b")


def test_an_encoded_answer_is_decoded_once() -> None:
    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        await answer(send, gzip.compress(b'{"a": 1}'), (b"content-encoding", b"gzip"))

    with target_of(application) as target:
        assert target.send("GET", "/").body == {"a": 1}


def test_requests_of_several_threads_run_at_the_same_time() -> None:
    waiting: list[asyncio.Event] = []

    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        waiting.append(asyncio.Event())
        if len(waiting) == 3:  # none is answered before all are there
            for event in waiting:
                event.set()
        await asyncio.wait_for(waiting[-1].wait(), timeout=10)
        await answer(send, b"{}")

    with target_of(application) as target, ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(target.send, "GET", "/") for _ in range(3)]
        assert [each.result().status for each in asked] == [200] * 3


def test_closing_ends_the_thread_that_it_ran_in() -> None:
    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        await answer(send, threading.current_thread().name.encode())

    with target_of(application) as target:
        name = target.send("GET", "/").answer.decode()
        assert name != threading.current_thread().name
        assert name in {thread.name for thread in threading.enumerate()}
    assert name not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("size", [0, 3_000_000])
def test_bodies_of_any_size_pass(size: int) -> None:
    async def application(_scope: Any, receive: Any, send: Any) -> None:
        await answer(send, await body_of(receive))

    with target_of(application) as target:
        assert target.send("POST", "/", content=b"x" * size).answer == b"x" * size


def test_a_run_keeps_nothing_of_an_application_once_its_target_is_closed() -> None:
    class Application:
        """An application whose end can be seen."""

        async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
            await body_of(receive)
            await answer(send, b"{}")

    @explores("tiny.first.must")
    def any_history_is_fine(server: Server) -> type[RuleBasedStateMachine]:
        class History(RuleBasedStateMachine):
            @rule()
            def step(self) -> None:
                assert isinstance(server, TinyDriver)
                server.target.send("GET", "/")

        return History

    application = Application()
    gone = weakref.ref(application)
    with target_of(application) as target:
        any_history_is_fine.run(TinyDriver(target), Conditions(examples=5, seed=1))
        assert target.requests > 5
    del application
    gc.collect()
    assert gone() is None
