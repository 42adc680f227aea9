"""What the mock heard on the wire: a request of the client, to the letter, and what became of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

from conformance import wire
from conformance.exchange import in_one_line

SHOWN = 300


class Number(str):
    """A number as it is spelled in a document: equal as text, so `1.0` is not `1`."""


@dataclass(frozen=True)
class Heard:
    """One request as the mock journalled it.

    Attributes:
        method: The HTTP method.
        raw_path: The path on the wire, percent-encoded, without the session's prefix.
        query: The query string on the wire.
        headers: The headers by their names in lower case.
        body: The body's text, or None where it is no UTF-8.
        status: The status answered, or None where the request got none.
        answer: The text answered.
        fault: The id of the fault that met it, or None.
        committed: Whether the operation was carried out.
        at: Seconds of a steady clock when it came.
        seconds: How long its answer took.
    """

    method: str
    raw_path: str
    query: str
    headers: Mapping[str, str]
    body: str | None
    status: int | None
    answer: str | None
    fault: str | None
    committed: bool
    at: float
    seconds: float

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "Heard":
        """Reads an entry of the mock's journal."""
        return cls(
            method=entry["method"],
            raw_path=entry["raw_path"],
            query=entry["query"],
            headers=entry["headers"],
            body=entry["body"],
            status=entry["status"],
            answer=entry["answer"],
            fault=entry["fault"],
            committed=entry["committed"],
            at=entry["monotonic"],
            seconds=entry["seconds"],
        )

    @property
    def segments(self) -> Sequence[str]:
        """The segments of the path, each decoded for itself: an encoded slash in a name does not part it."""
        return [unquote(segment) for segment in self.raw_path.split("/")]

    @property
    def fields(self) -> Sequence[tuple[str, str]]:
        """The fields of the query, in order, decoded as forms are."""
        return parse_qsl(self.query, keep_blank_values=True)

    @cached_property
    def value(self) -> Any:
        """The body as a JSON value, or None where it is none."""
        return _decoded(self.body)

    @cached_property
    def spelled(self) -> Any:
        """The body as a JSON value whose numbers are `Number`s; None where it is none."""
        if self.value is None:
            return None
        return json.loads(self.body or "", parse_float=Number, parse_int=Number)

    @cached_property
    def answered(self) -> Any:
        """The answer as a JSON value, or None where it is none."""
        return _decoded(self.answer)

    @property
    def left_at(self) -> float:
        """Seconds of the same clock when it was answered."""
        return self.at + self.seconds

    def outcome(self) -> str:
        """The request in one line, with its status and the beginning of its body."""
        query = f"?{self.query}" if self.query else ""
        body = f" {_cut(self.body)}" if self.body else ""
        return f"{self.method} {self.raw_path}{query}{body} -> {self.status or 'no answer'}"


def _decoded(text: str | None) -> Any:
    try:
        return wire.decode(text or "")
    except ValueError:
        return None


def _cut(text: str) -> str:
    return in_one_line(text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text):,} characters)")
