"""HTTP over sockets as uvicorn speaks it, with the connection within reach of the application."""

import asyncio
import contextlib
import os
import socket
import struct
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mock_server.connection import EXTENSION

HEAD = b"HTTP/1.1 "
CONTINUE = b"HTTP/1.1 100 "
AT_ONCE = struct.pack("ii", 1, 0)  # for SO_LINGER: a close throws away what waits to be sent, and resets


class HttpConnection:
    """The `Connection` of one protocol."""

    def __init__(self, protocol: HttpToolsProtocol) -> None:
        self._protocol = protocol

    @property
    def lost(self) -> bool:
        """Whether the connection is gone."""
        return self._protocol.cycle.disconnected

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


class CorkedTransport:
    """A transport that sends the head of an answer together with what follows at once.

    uvicorn writes them one after the other, and two writes cost the system, and the client, twice one.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, octets: bytes) -> None:
        """Sends octets; the head of an answer no later than when the loop next turns."""
        if self._head:
            octets, self._head = self._head + octets, b""
            self._transport.write(octets)
        elif octets.startswith(HEAD) and not octets.startswith(CONTINUE):
            self._head = octets
            self._loop.call_soon(self.flush)
        else:
            self._transport.write(octets)

    def flush(self) -> None:
        """Sends a head that waits."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def close(self) -> None:
        """Ends the connection once all is sent."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        """Does all else as the transport does."""
        value = getattr(self._transport, name)
        setattr(self, name, value)
        return value


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol over httptools, with the connection in the scope of each request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Takes up a connection."""
        super().connection_made(cast(asyncio.Transport, CorkedTransport(transport, self.loop)))
        self._extensions = {EXTENSION: HttpConnection(self)}

    def on_message_begin(self) -> None:
        """Begins the scope of a request."""
        super().on_message_begin()
        cast(dict[str, Any], self.scope)["extensions"] = self._extensions
