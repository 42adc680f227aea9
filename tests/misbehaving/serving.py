"""A server of raw sockets: what it says to a request is up to a function."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from threading import Thread

Behaviour = Callable[[socket.socket, bytes], None]
"""Says what it likes to a request, on the connection that it came by."""


@contextlib.contextmanager
def misbehaving(behave: Behaviour, *, requests: int | None = None) -> Iterator[str]:
    """Serves a behaviour on a free port of 127.0.0.1 and gives its base URL.

    After so many requests the server is gone: its port takes no connection any more.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections: list[socket.socket] = []
        thread = Thread(target=_serve, args=(listener, connections, behave, requests))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            _shut(listener)
            for connection in connections:
                _shut(connection)
            thread.join()


def request_on(connection: socket.socket) -> bytes:
    """Reads one request with its body; empty when the client has gone."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        request += piece
    head, _, body = request.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        body += piece
    return head + b"\r\n\r\n" + body


def _serve(
    listener: socket.socket, connections: list[socket.socket], behave: Behaviour, requests: int | None
) -> None:
    threads: list[Thread] = []
    left = [requests]

    def talk(connection: socket.socket) -> None:
        # A client that gives up resets the connection in the middle of a word.
        with connection, contextlib.suppress(OSError):
            while request := request_on(connection):
                if left[0] == 0:
                    _shut(listener)
                    return
                if left[0] is not None:
                    left[0] -= 1
                behave(connection, request)

    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            connections.append(connection)
            threads.append(Thread(target=talk, args=(connection,)))
            threads[-1].start()
    listener.close()
    for thread in threads:
        thread.join()


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
