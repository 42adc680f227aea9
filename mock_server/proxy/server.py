"""Listens for clients, and gives each of their connections a forwarder."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

import h11

from mock_server.proxy.forwarding import Forwarder, Watcher
from mock_server.proxy.peer import READ, Address, Peer

BACKLOG = 1_024


class Proxy:
    """The server that clients speak to in place of the real one.

    Args:
        address: Where the real one is.
        watcher: Is told of every exchange.
        timeout: Seconds for which either end may be silent within an exchange.
    """

    def __init__(self, address: Address, watcher: Watcher, timeout: float) -> None:
        self._address = address
        self._watcher = watcher
        self._timeout = timeout
        self._under_way: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(
        self, listener: socket.socket, announce: Callable[[], object], stop: asyncio.Event
    ) -> None:
        """Serves until told to stop, then ends every connection."""
        server = await asyncio.start_server(self._connected, sock=listener, limit=READ, backlog=BACKLOG)
        announce()
        async with server:
            await stop.wait()
        under_way = dict(self._under_way)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        for writer in under_way.values():
            # One whose task had not begun has closed nothing.
            writer.transport.abort()
        await asyncio.sleep(0)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Peer(reader, writer, h11.SERVER, self._timeout)
        task = asyncio.create_task(Forwarder(client, self._address, self._watcher, self._timeout).run())
        self._under_way[task] = writer
        task.add_done_callback(self._under_way.pop)


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[asyncio.Event]:
    """Gives an event that Ctrl-C and SIGTERM set; needs a running loop."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        # Not add_signal_handler: Windows has none.
        signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(stop.set))
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
