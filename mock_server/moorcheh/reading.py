"""The fast reading of uploads of vectors: what is surely valid becomes directions, a large body bit by bit.

Nor is a body slow to refuse in whose segments something is not sure: only these segments are read exactly and
judged by the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mock_server.arrays import np
from mock_server.decoder import read_items
from mock_server.moorcheh import rules
from mock_server.moorcheh.bodies import judge_item, without_vectors
from mock_server.moorcheh.store import Namespace
from mock_server.payload import exact, flaws
from mock_server.segments import LARGE, SEGMENT, Segment, Segments, pieces
from mock_server.service import Call
from mock_server.vectors import Directions, directions

FIELD = "vectors"


@dataclass(slots=True)
class Quick:
    """Items that are surely valid for the dimension they share: n ids, n metadata, directions (n, length)."""

    ids: Sequence[str]
    metadata: Sequence[Mapping[str, Any]]
    directions: Directions

    @property
    def length(self) -> int:
        """How many numbers each vector has."""
        return int(self.directions.shape[1])


@dataclass(frozen=True, slots=True)
class Doubtful:
    """An upload, JSON for sure, of which only some items are surely valid: `parts` holds all, in order.

    A part is quick, or the elements of a segment as the exact reading gives them.
    """

    parts: Sequence[Quick | Sequence[Any]]

    def judge(self, namespace: Namespace) -> None:
        """Raises `Refused` for the first item with a fault."""
        place = 0
        for part in self.parts:
            for offset, element in self._suspects(part, namespace.dimension):
                judge_item(place + offset, element, FIELD, rules.VECTOR, namespace)
            place += len(part.ids) if isinstance(part, Quick) else len(part)

    def _suspects(self, part: Quick | Sequence[Any], dimension: int | None) -> Iterator[tuple[int, Any]]:
        if not isinstance(part, Quick):
            yield from enumerate(part)
        elif part.length != dimension:
            # The one fault such items can have is their length, and it is the fault of the first of them.
            yield 0, {"id": part.ids[0], "vector": [0.0] * part.length}


@dataclass(frozen=True, slots=True)
class VectorsReading:
    """A body that was read in segments: each is quick, or remains a JSON text that is not surely valid."""

    parts: Sequence[Quick | Segment] = field(default=())

    def result(self) -> Quick | Doubtful | None:
        """Answers what the segments come to; None if that is not even surely JSON."""
        quick = [part for part in self.parts if isinstance(part, Quick)]
        if not self.parts:
            return None
        if len(quick) == len(self.parts) and len({part.length for part in quick}) == 1:
            return _joined(quick)
        parts: list[Quick | Sequence[Any]] = []
        for part in self.parts:
            elements = part if isinstance(part, Quick) else _elements(part)
            if elements is None:
                return None
            parts.append(elements)
        return Doubtful(parts)


class VectorsReader:
    """Reads an upload of vectors while it arrives, in segments of about `size` bytes."""

    def __init__(self, size: int = SEGMENT) -> None:
        self._segments = Segments(FIELD, size=size)
        self._parts: list[Quick | Segment] = []

    def feed(self, octets: bytes) -> None:
        """Reads the segments that have become whole."""
        for segment in self._segments.feed(octets):
            self._take(segment)

    def close(self) -> VectorsReading:
        """Reads the last segment; a body that cannot be cut comes to nothing."""
        last = self._segments.close()
        if last is None or self._segments.fields:
            return VectorsReading()
        self._take(last)
        return VectorsReading(self._parts)

    def _take(self, segment: Segment) -> None:
        items = read_items(segment.text, FIELD if segment.is_last else "")
        if items is None:
            self._parts.append(segment)
        else:
            self._parts.append(Quick(items.ids, items.metadata, directions(items.numbers)))


def quick_vectors(call: Call) -> Quick | Doubtful | None:
    """Reads an upload of vectors as far as it is surely valid, or answers None."""
    reading = call.reading
    if isinstance(reading, VectorsReading):
        found = reading.result()
    elif len(call.content) > LARGE:
        found = _read_in_segments(call.body).result()
    else:
        found = None
    if found is None:
        items = read_items(call.body, FIELD)
        return None if items is None else Quick(items.ids, items.metadata, directions(items.numbers))
    return found


def _read_in_segments(body: bytes) -> VectorsReading:
    reader = VectorsReader()
    for piece in pieces(body):
        reader.feed(piece)
    return reader.close()


def _joined(parts: Sequence[Quick]) -> Quick:
    ids = [item_id for part in parts for item_id in part.ids]
    metadata = [each for part in parts for each in part.metadata]
    return Quick(ids, metadata, np.concatenate([part.directions for part in parts]))


def _elements(segment: Segment) -> Sequence[Any] | None:
    """Reads a segment exactly; None if it has more than items, or they are no JSON but for their numbers."""
    try:
        found: Any = exact(segment.text, distinct=segment.is_last)
    except ValueError:
        return None
    if not segment.is_last:
        found = {FIELD: found}
    return found[FIELD] if found.keys() == {FIELD} and not any(flaws(without_vectors(found))) else None
