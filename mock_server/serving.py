"""A running server: the mock on a socket of this process, for tests in Python."""

import asyncio
import socket
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import uvicorn

from mock_server.app import create_app
from mock_server.fixtures.worlds import CortexWorld, MoorchehWorld
from mock_server.protocol import HttpProtocol
from mock_server.session import DEFAULT, World, Worlds
from mock_server.stopping import PromptServer

R = TypeVar("R")


class Server:
    """The mock on a free port of 127.0.0.1, from the entry into a `with` or `async with` to its exit.

    It runs in a thread of its own: clients of any kind may block the one they are in.
    """

    def __init__(self, **settings: Any) -> None:
        self.app = create_app(**settings)
        self._worlds: Worlds = self.app.state.worlds
        self._listener: socket.socket | None = None
        self._server: _Listening | None = None
        self._thread: Thread | None = None

    @property
    def url(self) -> str:
        """The base URL of the default world, without a slash at its end."""
        if self._listener is None:
            raise RuntimeError("the server does not run: use it in a with statement")
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def start(self) -> None:
        """Listens, and returns once requests are answered."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            self.app,
            http=HttpProtocol,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            log_config=None,
            access_log=False,
        )
        self._server = _Listening(config)
        self._thread = Thread(
            target=self._server.run, kwargs={"sockets": [self._listener]}, name="vecpact-mock", daemon=True
        )
        self._thread.start()
        self._server.listens.wait()

    def stop(self) -> None:
        """Closes every connection and the socket, and returns once that is done."""
        if self._server is not None and self._thread is not None and self._listener is not None:
            self._server.stop()
            self._thread.join()
            self._listener.close()
        self._server = self._thread = self._listener = None

    def moorcheh(self, name: str = "") -> MoorchehWorld:
        """Answers a world by name, to be steered, or a new one, for clients of Moorcheh."""
        name = name or uuid4().hex
        return MoorchehWorld(self._address(name), lambda do: self._do(name, do))

    def cortex(self, name: str = "") -> CortexWorld:
        """Answers a world by name, to be steered, or a new one, for clients of Cortex."""
        name = name or uuid4().hex
        return CortexWorld(self._address(name), lambda do: self._do(name, do))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    def _address(self, name: str) -> str:
        return self.url if name == DEFAULT else f"{self.url}/_session/{name}"

    def _do(self, name: str, do: Callable[[World], R]) -> R:
        """Does something with a world between two requests, in the server's own thread."""
        if self._server is None or self._server.loop is None:
            raise RuntimeError("the server does not run any more: its worlds are gone")
        return asyncio.run_coroutine_threadsafe(_done(do, self._worlds[name]), self._server.loop).result()


class _Listening(PromptServer):
    """A server that tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens, then says so."""
        await super().startup(sockets)
        self.listens.set()


async def _done(do: Callable[[World], R], world: World) -> R:
    return do(world)


def running(**settings: Any) -> Server:
    """Makes a server for a with statement; the settings are those of `create_app`."""
    return Server(**settings)
