"""What carries a request to a server and its answer back: sockets, an application in this process, or httpx.

Errors have httpx's names.
"""

import contextlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

import httpx

WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


@dataclass(slots=True)
class Reply:
    """What came back: the status, the headers by lower-case name, and the body decoded from its encodings."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Transport(Protocol):
    """Carries requests to one server; threads may share it."""

    def exchange(self, method: str, target: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        """Sends one request and answers what comes back; `target` is path and query, percent-encoded."""

    def close(self) -> None:
        """Lets go of what it holds."""


class HttpxTransport:
    """Carries requests by a transport of httpx, such as one that a test has made.

    Args:
        inner: The transport.
        origin: Scheme, host and port of the addresses that it is asked for.
    """

    def __init__(self, inner: httpx.BaseTransport, origin: str) -> None:
        self._inner = inner
        self._origin = origin

    def exchange(self, method: str, target: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        """Sends one request and answers what comes back."""
        request = httpx.Request(method, self._origin + target, headers=dict(headers), content=content)
        with contextlib.closing(self._inner.handle_request(request)) as response:
            return Reply(response.status_code, dict(response.headers), response.read())

    def close(self) -> None:
        """Closes the transport."""
        self._inner.close()


def pause_asked_for(retry_after: str) -> float | None:
    """The seconds that a Retry-After header asks to wait, as such or by a date; None if it asks for none."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds())


def decoded(body: bytes, encodings: str, largest: int) -> bytes:
    """Undoes what a content-encoding names, the last first; what is unknown stays as it is.

    Raises:
        httpx.DecodingError: The body is in no such encoding.
        httpx.ReadError: It comes to more than `largest` bytes.
    """
    for encoding in reversed(encodings.lower().split(",")):
        if body and encoding.strip() in WINDOW_BITS:
            body = _decoded(body, encoding.strip(), largest)
    return body


def _decoded(body: bytes, encoding: str, largest: int) -> bytes:
    # What is called deflate comes with a zlib header or, from some servers, without one.
    for bits in (WINDOW_BITS[encoding], *([-15] if encoding == "deflate" else ())):
        decoder = zlib.decompressobj(bits)
        try:
            whole = decoder.decompress(body, largest + 1)
        except zlib.error:
            continue
        if len(whole) > largest:
            raise httpx.ReadError(f"the decoded answer is longer than {largest // 2**20} MiB")
        if decoder.eof:
            return whole
    raise httpx.DecodingError(f"the answer is no {encoding}, or not all of it")
