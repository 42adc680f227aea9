"""A proxy on a real socket, in this process, and servers behind it that say octets as they are told."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from mock_server.proxy.exchange import Exchange, Headers
from mock_server.proxy.peer import Address
from mock_server.proxy.server import Proxy

PATIENCE = 10.0  # seconds that a socket of a test waits at most
ENOUGH = 65_536


@dataclass
class Seen:
    """Notes the exchanges that pass by."""

    exchanges: list[Exchange] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    under_way: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)

    def begin(self, method: str, target: str, headers: Headers) -> Exchange:
        """Notes a request's head."""
        exchange = Exchange(len(self.exchanges) + 1, method, target, headers)
        self.exchanges.append(exchange)
        return exchange

    def sent(self, _exchange: Exchange) -> None:
        """Notes that a request is whole."""
        self.events.append("sent")
        self.under_way.set()

    def answered(self, _exchange: Exchange) -> None:
        """Notes that an exchange is over."""
        self.events.append("answered")
        self.over.set()


@contextmanager
def proxying(url: str, seen: Seen, timeout: float = PATIENCE) -> Iterator[tuple[str, int]]:
    """Runs a proxy before a server, and gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        loop = asyncio.new_event_loop()
        stop = asyncio.Event()
        proxy = Proxy(Address.of(url), seen, timeout)
        thread = Thread(target=loop.run_until_complete, args=(proxy.serve(listener, lambda: None, stop),))
        thread.start()
        try:
            yield listener.getsockname()
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()


@contextmanager
def saying(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """Runs a server that does with every connection what a function says, and gives its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threads: list[Thread] = []

        def serve(connection: socket.socket) -> None:
            with closing(connection):
                connection.settimeout(PATIENCE)
                try:
                    answer(connection)
                except OSError:
                    # The proxy, or the test, has closed the connection: there is nobody to tell.
                    return

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threads.append(Thread(target=serve, args=(connection,)))
                threads[-1].start()

        accepting = Thread(target=accept)
        accepting.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def connected(address: tuple[str, int]) -> socket.socket:
    """Opens a connection."""
    return socket.create_connection(address, timeout=PATIENCE)


def read_until(connection: socket.socket, end: bytes) -> bytes:
    """Reads until some octets came, or the connection ended."""
    octets = b""
    while end not in octets and (more := connection.recv(ENOUGH)):
        octets += more
    return octets


def read_exactly(connection: socket.socket, size: int) -> bytes:
    """Reads as many octets."""
    octets = b""
    while len(octets) < size and (more := connection.recv(size - len(octets))):
        octets += more
    return octets


def read_all(connection: socket.socket) -> bytes:
    """Reads until the connection ends."""
    octets = b""
    while more := connection.recv(ENOUGH):
        octets += more
    return octets


def asked(address: tuple[str, int], octets: bytes) -> bytes:
    """Sends octets, and answers all that comes back until the connection ends."""
    with connected(address) as connection:
        connection.sendall(octets)
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection)
