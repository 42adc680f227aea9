"""HTTP over sockets as uvicorn speaks it, with the connection within reach of the application."""

import asyncio
import contextlib
import os
import socket
import struct
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mock_server.connection import EXTENSION

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
