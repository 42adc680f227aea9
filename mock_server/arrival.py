"""A request on its way in: which endpoint it comes to, and its body as far as it is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from mock_server.segments import LARGE
from mock_server.service import Call, Pieces, Reader, Spelled

if TYPE_CHECKING:
    from mock_server.endpoint import Endpoint
    from mock_server.journal import Headers

NO_QUERY: Mapping[str, list[str]] = {}


class Place:
    """Where a request goes: an endpoint, and the name of the world that it answers from.

    `path` lacks the session's prefix, and so does `raw_path`, the path as on the wire; `parameters` are the
    variable parts of the path.
    """

    __slots__ = ("endpoint", "parameters", "path", "raw_path", "session")

    def __init__(
        self,
        endpoint: Endpoint,
        session: str,
        path: str,
        raw_path: bytes,
        parameters: Mapping[str, str],
    ) -> None:
        self.endpoint = endpoint
        self.session = session
        self.path = path
        self.raw_path = raw_path
        self.parameters = parameters


class Arrival:
    """A request whose body comes in pieces. A large one is read as it comes, if `make` makes a reader.

    `query` and `headers` are as on the wire. Of a body of more than `most` bytes nothing is kept: it is
    `too_large`, as soon as that is announced or seen. `size` counts the bytes that have come.
    """

    __slots__ = (
        "_chunks",
        "_make",
        "_most",
        "_reader",
        "headers",
        "method",
        "place",
        "query",
        "size",
        "too_large",
    )

    def __init__(
        self,
        method: str,
        place: Place,
        query: bytes,
        headers: Headers,
        most: int,
        make: Callable[[], Reader] | None,
    ) -> None:
        self.method = method
        self.place = place
        self.query = query
        self.headers = headers
        self.too_large = False
        self._most = most
        self._make = make
        self._reader: Reader | None = None
        self._chunks: list[bytes] = []
        self.size = 0

    @property
    def is_read(self) -> bool:
        """Whether the body is being read while it comes, which takes a millisecond or two at times."""
        return self._reader is not None

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes of the body."""
        self.size += len(chunk)
        self._chunks.append(chunk)
        if self.size > self._most:
            self.too_large, self._reader = True, None
            self._chunks.clear()
        elif self._reader is not None:
            self._reader.feed(chunk)
        elif self.size > LARGE and self._make is not None:
            self._reader = self._make()
            for each in self._chunks:
                self._reader.feed(each)

    def body(self) -> bytes:
        """Answers the body as far as it is there."""
        return b"".join(self._chunks)

    def like(self, body: bytes = b"") -> Arrival:
        """Answers a request with the same head, and with a body that is whole."""
        other = Arrival(self.method, self.place, self.query, self.headers, self._most, self._make)
        other.feed(body)
        return other

    def call(self) -> Call:
        """Answers the request, whole."""
        place, chunks = self.place, self._chunks
        content: bytes | Pieces
        if len(chunks) == 1:
            content = chunks[0]
        else:
            content = b"".join(chunks) if self._reader is None else Pieces(chunks)
        return Call(
            self.method,
            place.path,
            place.parameters,
            content,
            parse_qs(self.query.decode("latin-1"), keep_blank_values=True) if self.query else NO_QUERY,
            Spelled(self.headers),
            None if self._reader is None else self._reader.close(),
        )
