"""The journal: what a world was asked and what it answered, newest last, bounded by count and by bytes.

Writing it down costs a few references: bodies stay octets, and headers as they came, until somebody looks.
"""

import base64
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from typing import Any

from mock_server.clock import timestamp

ENTRIES = 1_000
BYTES = 8 * 1024 * 1024
BODY_BYTES = 1024 * 1024
"""The most that a journal keeps unless it is told otherwise: entries, octets, octets of one body."""
SPARE = 512  # octets: about what an entry takes beside its bodies

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(slots=True)
class Exchange:
    """One request, and what became of it.

    `body` and `answer` are cut to what the journal keeps of one, `body_bytes` and `answer_bytes` say how long
    they were. `at` is in seconds since 1970 on the world's clock, `monotonic` in seconds of the machine's,
    `seconds` from the body's end to the end of the answer. `clause` refused it, `fault` met it. `committed`
    tells that the operation ran and was not refused, `answered` that a whole answer was handed to the wire.
    """

    number: int
    at: float
    monotonic: float
    method: str
    path: str
    raw_path: bytes
    query: bytes
    headers: Headers
    body: bytes
    body_bytes: int
    status: int | None = None
    answer: bytes | None = None
    answer_bytes: int = 0
    clause: str | None = None
    fault: str | None = None
    committed: bool = False
    answered: bool = False
    seconds: float = 0.0

    @property
    def truncated(self) -> bool:
        """Whether a body is kept in part only."""
        return len(self.body) < self.body_bytes or len(self.answer or b"") < self.answer_bytes

    def view(self) -> dict[str, Any]:
        """Spells the entry as JSON; a body that is no UTF-8 stands in base64."""
        return {
            "number": self.number,
            "at": timestamp(self.at),
            "monotonic": self.monotonic,
            "method": self.method,
            "path": self.path,
            "raw_path": self.raw_path.decode("latin-1"),
            "query": self.query.decode("latin-1"),
            "headers": by_name(self.headers),
            **_text("body", self.body),
            "body_bytes": self.body_bytes,
            "truncated": self.truncated,
            "status": self.status,
            **_text("answer", self.answer),
            "clause": self.clause,
            "fault": self.fault,
            "committed": self.committed,
            "answered": self.answered,
            "seconds": round(self.seconds, 6),
        }


class Journal:
    """The exchanges of one world, oldest first; `dropped` counts those it no longer holds.

    `now` answers the world's time. At most `entries` are kept, of at most `most_bytes` octets together, and
    of one body at most `body_bytes`.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._exchanges: deque[Exchange] = deque()
        self._size = 0
        self._count = 0
        self.dropped = 0
        self.entries = ENTRIES
        self.most_bytes = BYTES
        self.body_bytes = BODY_BYTES

    def __len__(self) -> int:
        return len(self._exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._exchanges))

    def open(
        self,
        method: str,
        path: str,
        raw_path: bytes,
        query: bytes,
        headers: Headers,
        body: bytes,
        length: int,
    ) -> Exchange:
        """Writes down a request as it comes, with the first bytes of its body and the length of it."""
        self._count += 1
        if length > self.body_bytes:
            body = body[: self.body_bytes]
        exchange = Exchange(
            self._count,
            self._now(),
            time.monotonic(),
            method,
            path,
            raw_path,
            query,
            headers,
            body,
            length,
        )
        self._exchanges.append(exchange)
        self._size += SPARE + len(body)
        self.trim()
        return exchange

    def answer(self, exchange: Exchange, status: int, answer: bytes) -> None:
        """Writes down the answer to a request."""
        exchange.status = status
        exchange.answer_bytes = len(answer)
        exchange.answer = answer if exchange.answer_bytes <= self.body_bytes else answer[: self.body_bytes]
        if self._exchanges and exchange.number >= self._exchanges[0].number:
            self._size += len(exchange.answer)
            if self._size > self.most_bytes:
                self.trim()

    def trim(self) -> None:
        """Drops the oldest exchanges until the rest is within the bounds; the newest one stays."""
        exchanges = self._exchanges
        while len(exchanges) > self.entries or (self._size > self.most_bytes and len(exchanges) > 1):
            oldest = exchanges.popleft()
            self._size -= SPARE + len(oldest.body) + len(oldest.answer or b"")
            self.dropped += 1

    def clear(self) -> None:
        """Forgets every exchange; numbers go on."""
        self._exchanges.clear()
        self._size = self.dropped = 0

    def chosen(
        self,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        clause: str | None = None,
    ) -> list[Exchange]:
        """Lists the exchanges that fit; `path` and `clause` are globs such as /namespaces/*/vectors."""
        return [
            each
            for each in self._exchanges
            if (method is None or each.method == method.upper())
            and (status is None or each.status == status)
            and (path is None or matches(path, each.path))
            and (clause is None or (each.clause is not None and matches(clause, each.clause)))
        ]


@lru_cache(maxsize=512)
def glob(pattern: str) -> Callable[[str], object]:
    """Compiles a glob, whose * stands for any text, slashes too."""
    return re.compile(translate(pattern)).match


def matches(pattern: str, text: str) -> bool:
    """Tells whether a glob fits the whole of a text."""
    return pattern == "*" or glob(pattern)(text) is not None


def by_name(headers: Headers) -> Mapping[str, str]:
    """Spells headers by lower-case name, those that come several times joined by commas."""
    spelled: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        spelled[key] = f"{spelled[key]}, {text}" if key in spelled else text
    return spelled


def _text(name: str, octets: bytes | None) -> Mapping[str, str | None]:
    if octets is None:
        return {name: None}
    try:
        return {name: octets.decode()}
    except UnicodeDecodeError:
        return {name: None, f"{name}_base64": base64.b64encode(octets).decode("ascii")}
