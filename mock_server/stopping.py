"""A server that stops when it is told to: uvicorn looks ten times a second, then waits for its clients."""

import asyncio
import contextlib
import socket
from types import FrameType

import uvicorn

TICK = 0.1  # seconds; uvicorn counts ten ticks to a second, by which answers are dated
GRACE = 0.3  # seconds that requests under way, and answers on their way, have to end in
TURN = 0.001  # seconds between two looks at what is left of them


class PromptServer(uvicorn.Server):
    """A uvicorn server that ends as soon as it is told to, with every connection to it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.loop: asyncio.AbstractEventLoop | None = None
        self._told = asyncio.Event()

    def stop(self) -> None:
        """Tells it to stop, from whatever thread or handler of a signal."""
        self.should_exit = True
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self._told.set)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stops by a signal."""
        super().handle_exit(sig, frame)
        self.stop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens."""
        self.loop = asyncio.get_running_loop()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        """Ticks until it is told to stop."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK):
                    await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Closes every connection, those with half a request too, and ends what does not end by itself."""
        for listener in [*self.servers, *(sockets or ())]:
            listener.close()
        state = self.server_state
        for connection in [*state.connections]:
            connection.transport.close()
        end = asyncio.get_running_loop().time() + GRACE
        while (state.connections or state.tasks) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(TURN)
        for connection in [*state.connections]:
            connection.transport.abort()
        for task in [*state.tasks]:
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
