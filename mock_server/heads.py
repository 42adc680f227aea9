"""Heads of requests that were seen before: what they say is known, octet for octet, and not parsed again.

Clients that keep a connection send nearly the same octets in front of each body. What a head says hangs on
nothing else, so long as the parser is between two requests and the length of the body is all that frames it.
"""

from typing import NamedTuple

from mock_server.arrival import Arrival

END = b"\r\n\r\n"
KNOWN = 64
LONGEST = 2_048  # bytes
"""How many heads a connection knows, and the longest of them."""
LENGTH = b"content-length"
FRAMING = b"transfer-encoding"


class Head(NamedTuple):
    """What a head says: a request without its body, and the length of that, in bytes."""

    arrival: Arrival
    length: int


class Heads:
    """The heads that one connection knows."""

    def __init__(self) -> None:
        self._known: dict[bytes, Head] = {}

    def find(self, octets: bytes) -> Arrival | None:
        """Answers the request that octets are, if its head is known; None if they are not just that."""
        end = octets.find(END, 0, LONGEST) + len(END)
        head = self._known.get(octets[:end])
        if head is None or head.length != len(octets) - end:
            return None
        return head.arrival.like(octets[end:])

    def learn(self, octets: bytes, arrival: Arrival) -> None:
        """Remembers the head of a request if the octets are it, its body, and nothing else."""
        end = octets.find(END, 0, LONGEST) + len(END)
        lengths = [value for name, value in arrival.headers if name == LENGTH]
        framed = any(name == FRAMING for name, _ in arrival.headers)
        if end < len(END) or framed or len(octets) - end != arrival.size or len(lengths) > 1:
            return
        if len(self._known) >= KNOWN:
            self._known.clear()
        self._known[octets[:end]] = Head(arrival.like(), arrival.size)
