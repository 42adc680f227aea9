"""Verification: whether the journal holds a request as expected, and if not how the nearest differs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from mock_server.journal import Exchange, by_name, matches
from mock_server.payload import decode, shown

ABSENT = object()


@dataclass(frozen=True, slots=True)
class Expected:
    """A request that is expected: what is None may be anything.

    `path` and `clause` are globs. Of `body` an exchange may hold more than is expected: objects may have
    other fields too, arrays not. `query` and `headers` are by name, those too with others beside them.
    """

    method: str | None = None
    path: str | None = None
    status: int | None = None
    clause: str | None = None
    body: Any = ABSENT
    query: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None

    def __str__(self) -> str:
        said = [self.method.upper() if self.method else "requests", self.path or ""]
        more = ("status", "clause", "query", "headers", "body")
        with_ = [name for name in more if getattr(self, name) not in (None, ABSENT)]
        return " ".join(part for part in said if part) + (
            f" with {', '.join(with_)} as asked" if with_ else ""
        )

    def differences(self, exchange: Exchange) -> Iterator[str]:
        """Says in what an exchange is another than the one expected."""
        if self.method is not None and exchange.method != self.method.upper():
            yield f"method: expected {self.method.upper()}, got {exchange.method}"
        if self.path is not None and not matches(self.path, exchange.path):
            yield f"path: expected {self.path}, got {exchange.path}"
        if self.status is not None and exchange.status != self.status:
            yield f"status: expected {self.status}, got {exchange.status or 'no answer'}"
        if self.clause is not None and not matches(self.clause, exchange.clause or ""):
            yield f"clause: expected {self.clause}, got {exchange.clause or 'no refusal'}"
        if self.query is not None:
            pairs = dict(parse_qsl(exchange.query.decode("latin-1"), keep_blank_values=True))
            yield from unlike(self.query, pairs, "query")
        if self.headers is not None:
            wanted = {name.lower(): value for name, value in self.headers.items()}
            yield from unlike(wanted, by_name(exchange.headers), "headers")
        if self.body is not ABSENT:
            yield from self._of_body(exchange)

    def _of_body(self, exchange: Exchange) -> Iterator[str]:
        if len(exchange.body) < exchange.body_bytes:
            yield f"body: the journal holds {len(exchange.body)} of its {exchange.body_bytes} bytes"
            return
        try:
            document = decode(exchange.body)
        except ValueError as error:
            yield f"body: {error}"
        else:
            yield from unlike(self.body, document, "body")


@dataclass(frozen=True, slots=True)
class Often:
    """How often a request is expected: exactly, at least, at most; at least once where nothing is said."""

    times: int | None = None
    at_least: int | None = None
    at_most: int | None = None

    def holds(self, count: int) -> bool:
        """Tells whether a number of requests is as expected."""
        if self.times is not None:
            return count == self.times
        return self.least <= count and (self.at_most is None or count <= self.at_most)

    @property
    def least(self) -> int:
        """The fewest requests that are enough."""
        usual = 1 if self.at_most is None else 0
        return usual if self.at_least is None else self.at_least

    def __str__(self) -> str:
        if self.times is not None:
            return f"exactly {self.times}"
        most = "" if self.at_most is None else f"at most {self.at_most}"
        if most and self.at_least is None:
            return most
        return f"at least {self.least}" + (f" and {most}" if most else "")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether requests came as expected: how many did, and otherwise what is wrong, in one line.

    Where too few did, `nearest` is the one among the others with the fewest `differences`.
    """

    holds: bool
    matched: int
    message: str = ""
    nearest: Exchange | None = None
    differences: Sequence[str] = ()


def verify(expected: Expected, often: Often, exchanges: Sequence[Exchange]) -> Verdict:
    """Judges whether exchanges are as expected, as often as expected."""
    others = [each for each in exchanges if any(True for _ in expected.differences(each))]
    matched = len(exchanges) - len(others)
    if often.holds(matched):
        return Verdict(True, matched)
    message = f"expected {often} of {expected}, got {matched} among {len(exchanges)} requests"
    near = nearest(expected, others)
    return Verdict(False, matched, message) if near is None else Verdict(False, matched, message, *near)


def nearest(expected: Expected, exchanges: Sequence[Exchange]) -> tuple[Exchange, Sequence[str]] | None:
    """Finds the exchange with the fewest differences, of several the newest, and says what they are.

    A body or a status that differs is nearer than another path or method.
    """
    told = [(each, [*expected.differences(each)]) for each in reversed(exchanges)]
    far = ("path:", "method:")
    return min(
        told,
        key=lambda pair: (sum(said.startswith(far) for said in pair[1]), len(pair[1])),
        default=None,
    )


def unlike(wanted: Any, got: Any, where: str) -> Iterator[str]:
    """Says where a JSON value differs from the one wanted; objects may have more fields than wanted."""
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        for key, value in wanted.items():
            if key in got:
                yield from unlike(value, got[key], f"{where}.{key}")
            else:
                yield f"{where}.{key}: expected {_said(value)}, got nothing"
    elif _is_array(wanted) and _is_array(got):
        if len(wanted) != len(got):
            yield f"{where}: expected {len(wanted)} elements, got {len(got)}"
        for place, (one, other) in enumerate(zip(wanted, got, strict=False)):
            yield from unlike(one, other, f"{where}[{place}]")
    elif isinstance(wanted, bool) is not isinstance(got, bool) or wanted != got:
        yield f"{where}: expected {_said(wanted)}, got {_said(got)}"


def _is_array(value: object) -> bool:
    return isinstance(value, list | tuple)


def _said(value: object) -> str:
    return "an object" if isinstance(value, Mapping) else shown(value)
