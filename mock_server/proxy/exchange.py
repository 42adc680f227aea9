"""An exchange as it went through the proxy: the octets of the request and of its answer."""

import gzip
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

Headers = Sequence[tuple[bytes, bytes]]

MOST_KEPT = 64 * 1024 * 1024
"""Bytes of a body that are kept for judging and recording; what is longer passes all the same."""
DECODERS = {"gzip": 31, "x-gzip": 31, "deflate": 47}
MOST_DECODED = 4 * MOST_KEPT


@dataclass(slots=True)
class Body:
    """A body as far as it was seen and kept: it is `whole` once its end came and nothing was left out."""

    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    ended: bool = False

    def add(self, chunk: bytes) -> None:
        """Counts a piece, and keeps it if there is room."""
        self.size += len(chunk)
        if self.size <= MOST_KEPT:
            self.chunks.append(chunk)
        else:
            self.chunks.clear()

    @property
    def whole(self) -> bool:
        """Whether all of it is kept."""
        return self.ended and self.size <= MOST_KEPT

    @property
    def octets(self) -> bytes:
        """What is kept of it."""
        return b"".join(self.chunks)


@dataclass(slots=True)
class Exchange:
    """One request, and its answer if there is one.

    `target` is the path and query as the client sent them. `failure` says in one line why no whole answer
    came; where the proxy answered in the server's place, `status` is the proxy's.
    """

    number: int
    method: str
    target: str
    headers: Headers
    sent: Body = field(default_factory=Body)
    status: int | None = None
    answer_headers: Headers = ()
    answered: Body = field(default_factory=Body)
    failure: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    _started: float = field(default_factory=time.monotonic)

    def end(self) -> None:
        """Stops the clock."""
        self.seconds = time.monotonic() - self._started


def decoded(body: bytes, headers: Headers) -> bytes | None:
    """Takes the content encodings off a body; None if one is not known or does not fit."""
    encodings = [
        word.strip().lower()
        for name, value in headers
        if name.lower() == b"content-encoding"
        for word in value.decode("latin-1").split(",")
    ]
    for encoding in reversed(encodings):
        if encoding in ("", "identity"):
            continue
        if encoding not in DECODERS:
            return None
        try:
            body = _inflated(body, DECODERS[encoding])
        except (zlib.error, gzip.BadGzipFile, ValueError):
            return None
    return body


def _inflated(body: bytes, window: int) -> bytes:
    """Decompresses a body; ValueError if it is cut short, or far larger than what it came as."""
    if not body:
        return body
    try:
        inflater = zlib.decompressobj(window)
        plain = inflater.decompress(body, MOST_DECODED)
    except zlib.error:
        # What is called deflate comes without its wrapping, too.
        inflater = zlib.decompressobj(-15)
        plain = inflater.decompress(body, MOST_DECODED)
    if not inflater.eof:
        raise ValueError("cut short, or too large")
    return plain
