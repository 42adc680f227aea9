"""Acts: what a request comes to, one after the other. An answer is all that most come to.

No act touches a connection: whoever serves the request carries them out, over a socket or in process.
"""

from dataclasses import dataclass

from mock_server.journal import Headers
from mock_server.payload import encode
from mock_server.service import Answer

Fixed = tuple[tuple[bytes, bytes], ...]
JSON = (b"content-type", b"application/json")
OCTETS = (b"content-type", b"application/octet-stream")
BODILESS = (204, 304)  # answers of these statuses have no body, and say no length


@dataclass(slots=True)  # made for every request: to freeze it would take as long as the rest of it
class Reply:
    """A whole answer: status, body and headers; `length` is the content-length, where it is to be wrong."""

    status: int
    payload: bytes
    headers: Fixed = (JSON,)
    length: int | None = None

    def framed(self) -> tuple[Headers, bytes]:
        """Answers the headers, the length among them, and the body that goes with them."""
        if self.status in BODILESS:
            return self.headers, b""
        length = len(self.payload) if self.length is None else self.length
        return [*self.headers, (b"content-length", b"%d" % length)], self.payload


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing happens for some seconds, of real time.

    `over_at_once` tells that it is over as soon as the client is gone: the work is done, nobody waits for it.
    """

    seconds: float
    over_at_once: bool


@dataclass(frozen=True, slots=True)
class Loss:
    """The connection ends without an answer."""


Act = Reply | Pause | Loss


def reply_of(answer: Answer, headers: Fixed = (JSON,)) -> Reply:
    """Writes an answer as it goes over the wire."""
    if isinstance(answer.body, bytes):
        return Reply(answer.status, answer.body, (OCTETS,))
    return Reply(answer.status, encode(answer.body), headers)
