"""An ASGI application as a transport: the suite proves it in the same process, without a socket."""

import asyncio
import contextlib
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from conformance.transport import Reply, decoded

Application = Any
SERVER_ERROR = 500
LARGEST_ANSWER = 2**30


class AsgiTransport:
    """Carries requests to an ASGI application on a private event loop.

    Threads may share it: their requests run concurrently on the loop, as on a real server.

    Args:
        application: An ASGI 3 application; its lifespan is not run.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="asgi-transport", daemon=True)
        self._thread.start()

    def exchange(self, method: str, target: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        """Sends one request through the application."""
        call = _Call(method, target, headers, content or b"")
        asyncio.run_coroutine_threadsafe(call.run(self._application), self._loop).result()
        return call.reply()

    def close(self) -> None:
        """Stops the loop, and lets go of the application: hypothesis keeps some of what it ran for ever."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._application = None


class _Call:
    """One request as an application is told it, and what it answers."""

    def __init__(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> None:
        path, _, query = target.partition("?")
        sent = {"host": "application", **headers}
        if content:
            sent["content-length"] = str(len(content))
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("ascii"),
            "query_string": query.encode("ascii"),
            "root_path": "",
            "headers": [(name.encode("latin-1"), text.encode("latin-1")) for name, text in sent.items()],
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 80),
        }
        self._content: bytes | None = content
        self._over = asyncio.Event()
        self._status = 0
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []

    async def run(self, application: Application) -> None:
        """Lets the application answer; one that ends before it does has failed, as behind a server."""
        with contextlib.suppress(Exception):
            await application(self._scope, self._receive, self._send)
        self._status = self._status or SERVER_ERROR

    def reply(self) -> Reply:
        """What it has answered."""
        encodings = self._headers.pop("content-encoding", "")
        return Reply(self._status, self._headers, decoded(b"".join(self._parts), encodings, LARGEST_ANSWER))

    async def _receive(self) -> dict[str, Any]:
        if self._content is None:
            await self._over.wait()
            return {"type": "http.disconnect"}
        content, self._content = self._content, None
        return {"type": "http.request", "body": content, "more_body": False}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            pairs = (
                (name.decode("latin-1").lower(), value.decode("latin-1"))
                for name, value in message["headers"]
            )
            for name, value in pairs:
                self._headers[name] = f"{self._headers[name]}, {value}" if name in self._headers else value
        else:
            self._parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                self._over.set()
