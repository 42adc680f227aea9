"""The connection a request came by: what a fault does to it that no ASGI message can.

The server that this package starts puts a `Connection` into the scope of each request, as the extension
`vecpact.connection`. Under another server, or in process, there is none: then a lost answer is raised.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from starlette.types import Send

    from mock_server.acts import Reply

EXTENSION = "vecpact.connection"


class Connection(Protocol):
    """What can be done to a connection while its request is served."""

    @property
    def lost(self) -> bool:
        """Whether the connection is gone."""

    def answer(self, send: Send, reply: Reply) -> bool:
        """Sends a whole answer in place of `send`; False, and nothing sent, if it cannot."""

    def write(self, octets: bytes) -> None:
        """Sends octets as they are, whatever was announced."""

    def close(self) -> None:
        """Ends the connection once all is sent."""

    def reset(self) -> None:
        """Ends the connection at once: the peer is told that it was reset."""


def lost(message: str) -> Exception:
    """Makes the error that stands for a lost connection where there is none to lose.

    It is a ConnectionResetError, and where httpx is in use an httpx.ReadError as well: then clients in the
    same process see what they would see over a socket.
    """
    httpx = sys.modules.get("httpx")
    bases = (ConnectionResetError,) if httpx is None else (httpx.ReadError, ConnectionResetError)
    kind = type("LostConnectionError", bases, {"__doc__": "Says that the answer was lost on purpose."})
    return cast(Exception, kind(message))
