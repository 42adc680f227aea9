"""A sub-tenant: chunks by id, what is known of their sources, and the processing of the files uploaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from mock_server.arrays import np
from mock_server.cortex.records import Record
from mock_server.vectors import Hit, Vectors, directions

if TYPE_CHECKING:
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float32]"
ROWS_AT_ONCE = 64  # what they come to, as 64-bit floats, stays in the processor's cache


@dataclass(slots=True)  # made for every upload: to freeze it takes longer than the rest of making it
class Batch:
    """The chunks of one call, in order: n ids, n source ids, vectors (n, dimension).

    `metadata` holds that of the sources it is sent for. An id that comes twice stands for its last vector.
    """

    ids: Sequence[str]
    sources: Sequence[str]
    vectors: Floats
    metadata: Mapping[str, Mapping[str, Any]]

    @property
    def dimension(self) -> int:
        """The length of the vectors."""
        return int(self.vectors.shape[1])


@dataclass(slots=True)  # made for every vector: to freeze it takes longer than the rest of making it
class Chunk:
    """One stored vector (dimension,) and the source it belongs to."""

    source_id: str
    vector: Floats


@dataclass(slots=True)
class Source:
    """A file or document: its metadata, and the ids of its chunks in the order of their arrival."""

    metadata: Mapping[str, Any] = field(default_factory=dict)
    chunk_ids: dict[str, None] = field(default_factory=dict)


class SubTenant:
    """The chunks under one name; `ages` numbers them in the order of their arrival."""

    def __init__(self, ages: Iterator[int]) -> None:
        self.chunks: dict[str, Chunk] = {}
        self.sources: dict[str, Source] = {}
        self.records: dict[str, Record] = {}
        self._ages = ages
        self._directions = Vectors(0, ages)

    @property
    def running(self) -> Iterator[Record]:
        """The uploads whose rows are still to come."""
        return (record for record in self.records.values() if record.runs)

    @property
    def dimensions(self) -> Iterator[int]:
        """The dimension of what is stored and of what is still to come."""
        if self.chunks:
            yield self._directions.dimension
        for record in self.running:
            yield record.dimension

    def put(self, batch: Batch) -> None:
        """Stores every chunk of a batch; a known id has its vector and its source replaced."""
        if not self.chunks:
            self._directions = Vectors(batch.dimension, self._ages)
        last = dict(zip(batch.ids, range(len(batch.ids)), strict=True))
        vectors = batch.vectors if len(last) == len(batch.ids) else batch.vectors[[*last.values()]]
        self._directions.put([*last], _directions(vectors))
        chunks, sources = self.chunks, self.sources
        for (chunk_id, row), vector in zip(last.items(), vectors, strict=True):
            source_id = batch.sources[row]
            known = chunks.get(chunk_id)
            if known is not None and known.source_id != source_id:
                self._leave(known.source_id, chunk_id)
            chunks[chunk_id] = Chunk(source_id, vector)
            if source_id not in sources:
                sources[source_id] = Source()
            sources[source_id].chunk_ids[chunk_id] = None
        for source_id, metadata in batch.metadata.items():
            if source_id in self.sources:
                self.sources[source_id].metadata = metadata

    def replace(self, file_id: str, batch: Batch) -> None:
        """Stores a batch in place of all that the file has held."""
        self.remove(self.of_source(file_id))
        self.put(batch)

    def remove(self, ids: Iterable[str]) -> list[str]:
        """Removes chunks and lists those of the ids, each once, that were stored."""
        found = [chunk_id for chunk_id in dict.fromkeys(ids) if chunk_id in self.chunks]
        for chunk_id in found:
            self._leave(self.chunks.pop(chunk_id).source_id, chunk_id)
        self._directions.remove(found)
        return found

    def of_source(self, source_id: str) -> Sequence[str]:
        """Lists the ids of a source's chunks; an unknown source has none."""
        source = self.sources.get(source_id)
        return [*source.chunk_ids] if source else []

    def nearest(self, direction: Floats, most: int, among: Sequence[str] | None = None) -> Sequence[Hit]:
        """Finds the chunks whose cosine to `direction` is highest; none if its length is another.

        Other chunks than those of `among` are left out, where it is given.
        """
        if len(direction) != self._directions.dimension:
            return []
        return self._directions.nearest(direction, most, among=among)

    def _leave(self, source_id: str, chunk_id: str) -> None:
        source = self.sources[source_id]
        del source.chunk_ids[chunk_id]
        if not source.chunk_ids:
            del self.sources[source_id]


def _directions(vectors: Floats) -> Floats:
    """Scales the rows of `vectors` (n, dimension) to length 1, some at a time."""
    if len(vectors) <= ROWS_AT_ONCE:
        return directions(vectors.astype(np.float64))
    scaled = np.empty_like(vectors)
    for first in range(0, len(vectors), ROWS_AT_ONCE):
        some = slice(first, first + ROWS_AT_ONCE)
        scaled[some] = directions(vectors[some].astype(np.float64))
    return scaled
