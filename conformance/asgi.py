"""An ASGI application as a transport: the suite proves it in the same process, without a socket."""

import asyncio
import threading
from typing import Any

import httpx

Application = Any


class AsgiTransport(httpx.BaseTransport):
    """Answers httpx's synchronous requests by an ASGI application on a private event loop.

    Threads may share it: their requests run concurrently on the loop, as on a real server.

    Args:
        application: An ASGI 3 application; its lifespan is not run.
    """

    def __init__(self, application: Application) -> None:
        self._inner = httpx.ASGITransport(application, raise_app_exceptions=False)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="asgi-transport", daemon=True)
        self._thread.start()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends one request through the application."""
        return asyncio.run_coroutine_threadsafe(self._exchange(request), self._loop).result()

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        asynchronous = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        response = await self._inner.handle_async_request(asynchronous)
        content = await response.aread()
        headers = [pair for pair in response.headers.raw if pair[0].lower() != b"content-encoding"]
        return httpx.Response(response.status_code, headers=headers, content=content)

    def close(self) -> None:
        """Stops the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
