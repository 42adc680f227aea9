"""HTTP over sockets as uvicorn speaks it, with the connection within reach of the application."""

import asyncio
import contextlib
import logging
import os
import socket
import struct
from typing import Any, cast

from starlette.types import Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mock_server.connection import EXTENSION
from mock_server.journal import Headers

NO_MATTER_OF_OURS = (b"connection", b"transfer-encoding")  # headers that uvicorn does more than send
AT_ONCE = struct.pack("ii", 1, 0)  # for SO_LINGER: a close throws away what waits to be sent, and resets


class HttpConnection:
    """The `Connection` of one protocol."""

    def __init__(self, protocol: HttpToolsProtocol) -> None:
        self._protocol = protocol
        self._usual: Headers = ()
        self._spelled = b""

    @property
    def lost(self) -> bool:
        """Whether the connection is gone."""
        return self._protocol.cycle.disconnected

    def answer(self, send: Send, status: int, headers: Headers, body: bytes) -> bool:
        """Sends a whole answer in one write, as uvicorn would in two; False if it sends nothing.

        It leaves to uvicorn what needs more: a full buffer, an access log, headers of the connection.
        """
        cycle = getattr(send, "__self__", None)
        if (
            type(cycle) is not RequestResponseCycle
            or cycle.response_started
            or cycle.disconnected
            or (cycle.access_log and cycle.access_logger.isEnabledFor(logging.INFO))
            or cycle.flow.write_paused
            or any(name in NO_MATTER_OF_OURS for name, _ in headers)
        ):
            return False
        if cycle.default_headers is not self._usual:  # a new list every second
            self._usual = cycle.default_headers
            self._spelled = b"".join(b"%b: %b\r\n" % header for header in self._usual)
        octets = [STATUS_LINE[status], self._spelled, *(b"%b: %b\r\n" % header for header in headers)]
        octets.append(b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
        if cycle.scope["method"] != "HEAD":
            octets.append(body)
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.transport.write(b"".join(octets))
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
        return True

    def write(self, octets: bytes) -> None:
        """Sends octets as they are, whatever was announced."""
        self._protocol.transport.write(octets)

    def close(self) -> None:
        """Ends the connection once all is sent."""
        self._expect_no_more()
        self._protocol.transport.close()

    def reset(self) -> None:
        """Ends the connection at once: the peer is told that it was reset."""
        self._expect_no_more()
        transport = self._protocol.transport
        # uvloop shows a socket that takes no options: a second handle on the same one does.
        with contextlib.suppress(OSError):
            handle = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
            with handle:
                handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        transport.abort()

    def _expect_no_more(self) -> None:
        """Keeps uvicorn from sending what an application leaves out, or complaining of it."""
        self._protocol.cycle.disconnected = True


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol over httptools, with the connection in the scope of each request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Takes up a connection."""
        super().connection_made(transport)
        self._extensions = {EXTENSION: HttpConnection(self)}

    def on_message_begin(self) -> None:
        """Begins the scope of a request."""
        super().on_message_begin()
        cast(dict[str, Any], self.scope)["extensions"] = self._extensions
