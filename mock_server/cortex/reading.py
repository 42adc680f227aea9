"""The fast reading of uploads: what is surely valid becomes vectors, a large body bit by bit.

Nor is a body slow to refuse in whose segments something is not sure: only these segments are read exactly and
judged by the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from mock_server.arrays import np
from mock_server.cortex import rules
from mock_server.cortex.bodies import Documents, Matrix, judge_chunk, judge_document, without_vectors
from mock_server.cortex.decoder import FIELD, Chunks, Rows, read
from mock_server.cortex.shapes import MAX_COLUMNS, MAX_ROWS
from mock_server.cortex.subtenant import Batch
from mock_server.payload import MAX_DEPTH, NONE, exact, flaws, plain
from mock_server.rules import Document, judge
from mock_server.segments import LARGE, SEGMENT, Segment, Segments, pieces
from mock_server.service import Call

if TYPE_CHECKING:
    from mock_server.cortex.subtenant import Floats


@dataclass(slots=True)  # made for every upload: to freeze it takes longer than the rest of making it
class Sure:
    """Chunks in a row that are surely valid for the dimension they share: n ids, and that dimension."""

    ids: Sequence[str]
    length: int


@dataclass(frozen=True, slots=True)
class DoubtfulMatrix:
    """A matrix, JSON for sure, of which only some rows are surely valid: `parts` holds all, in order.

    A part is vectors, or the elements of a segment as the exact reading gives them.
    """

    fields: Document
    parts: Sequence[Floats | list[Any]]

    def judge(self) -> None:
        """Raises `Refused` for the first rule that finds a fault."""
        lengths = [each.shape[1] if isinstance(each, np.ndarray) else _longest(each) for each in self.parts]
        is_large = sum(map(len, self.parts)) > MAX_ROWS or max(lengths) > MAX_COLUMNS
        rows: list[Any] = []
        for part in self.parts:
            if isinstance(part, list):
                rows.extend(part)
            else:
                # Of valid rows of one length one says as much as all, unless it matters how many there are.
                rows.extend([[0.0] * part.shape[1]] * (len(part) if is_large else 1))
        judge(rules.MATRIX, {**self.fields, FIELD: rows})


@dataclass(frozen=True, slots=True)
class DoubtfulDocuments:
    """An insert of documents, JSON for sure, of which only some are surely valid.

    `elements` holds all, in order, as the exact reading gives them but for chunks that are sure.
    """

    fields: Document
    elements: Sequence[Any]

    def judge(self, dimension: int | None) -> None:
        """Raises `Refused` for the first document or chunk with a fault."""
        for place, element in enumerate(self.elements):
            where = judge_document(place, element)
            row = 0
            for part in _chunks_of(element):
                if not isinstance(part, Sure):
                    dimension = judge_chunk(where, row, part, dimension)
                    row += 1
                    continue
                if part.length != dimension:
                    # The one fault they can have is their length, and it is the fault of the first of them.
                    chunk = {"chunk_id": part.ids[0], "embedding": [0.0] * part.length}
                    dimension = judge_chunk(where, row, chunk, dimension)
                row += len(part.ids)


Quick: TypeAlias = Matrix | Documents
Doubtful: TypeAlias = DoubtfulMatrix | DoubtfulDocuments


@dataclass(frozen=True, slots=True)
class Exact:
    """A segment that is not surely valid, read exactly: elements, and what the body has after them."""

    fields: Document
    elements: Sequence[Any]


Part: TypeAlias = Rows | Chunks | Exact
WHOLE = Segment(b"", is_last=True)
"""Stands for a body that was not cut."""


@dataclass(frozen=True, slots=True)
class EmbeddingsReading:
    """A body that was read in segments: its fields before them, and what was found in each that is sure."""

    fields: Document
    parts: Sequence[tuple[Segment, Rows | Chunks | None]]

    def result(self) -> Quick | Doubtful | None:
        """Answers what the segments come to; None if that is not even surely JSON."""
        if not self.parts or not plain(self.fields, MAX_DEPTH):
            return None
        parts: list[tuple[Segment, Part]] = []
        for segment, found in self.parts:
            part = found or _exactly(segment)
            if part is None:
                return None
            parts.append((segment, part))
        return _come_to({**self.fields, **parts[-1][1].fields}, parts)


class EmbeddingsReader:
    """Reads an upload of either form while it arrives, in segments of about `size` bytes."""

    def __init__(self, size: int = SEGMENT) -> None:
        self._segments = Segments(FIELD, FIELD, size)
        self._parts: list[tuple[Segment, Rows | Chunks | None]] = []

    def feed(self, octets: bytes) -> None:
        """Reads the segments that have become whole."""
        for segment in self._segments.feed(octets):
            self._take(segment)

    def close(self) -> EmbeddingsReading:
        """Reads the last segment; a body that cannot be cut comes to nothing."""
        last = self._segments.close()
        if last is None:
            return EmbeddingsReading(NONE, ())
        self._take(last)
        return EmbeddingsReading(self._segments.fields, self._parts)

    def _take(self, segment: Segment) -> None:
        found = read(segment.text, FIELD if segment.is_last else "")
        # Of what is sure no text is needed any more.
        self._parts.append((segment._replace(text=b"") if found else segment, found))


def quick_upload(call: Call) -> Quick | Doubtful | None:
    """Reads a matrix or documents as far as they are surely valid, or answers None."""
    reading = call.reading
    if isinstance(reading, EmbeddingsReading):
        found = reading.result()
    elif len(call.content) > LARGE:
        found = _read_in_segments(call.body).result()
    else:
        found = None
    return _read_whole(call.body) if found is None else found


def but_for_their_length(documents: Documents) -> DoubtfulDocuments:
    """Answers documents of another dimension than asked; which chunk is at fault, the first says for all."""
    batch = documents.batch
    element = {"source_id": batch.sources[0], FIELD: [Sure(batch.ids, batch.dimension)]}
    return DoubtfulDocuments(documents.fields, [element])


def _read_whole(body: bytes) -> Quick | Doubtful | None:
    found = read(body, FIELD)
    if isinstance(found, Chunks):
        batch = _batch(found.documents, found.ids, found.vectors)
        if batch is not None:
            return Documents(found.fields, batch)
    return None if found is None else _come_to(found.fields, [(WHOLE, found)])


def _read_in_segments(body: bytes) -> EmbeddingsReading:
    reader = EmbeddingsReader()
    for piece in pieces(body):
        reader.feed(piece)
    return reader.close()


def _exactly(segment: Segment) -> Exact | None:
    """Reads a segment exactly; None if it is no JSON but for its vectors, or a key of it comes twice."""
    try:
        found: Any = exact(segment.text, distinct=True)
    except ValueError:
        return None
    document = found if segment.is_last else {FIELD: found}
    if any(flaws(without_vectors(document))):
        return None
    return Exact({key: value for key, value in document.items() if key != FIELD}, document[FIELD])


def _come_to(fields: Document, parts: Sequence[tuple[Segment, Part]]) -> Quick | Doubtful | None:
    """Answers what a body's parts are together, a matrix or documents; None where that is not sure."""
    # Segments begin alike: the parts that are sure are all of rows, or all of documents.
    first = parts[0][1]
    rows = isinstance(first, Rows) or (isinstance(first, Exact) and isinstance(first.elements[0], list))
    return _matrix(fields, parts) if rows else _documents(fields, parts)


def _matrix(fields: Document, parts: Sequence[tuple[Segment, Part]]) -> Matrix | DoubtfulMatrix:
    sure = [part.vectors for _, part in parts if isinstance(part, Rows)]
    alike = len(sure) == len(parts) and len({vectors.shape[1] for vectors in sure}) == 1
    if alike and sure[0].shape[1] <= MAX_COLUMNS and sum(map(len, sure)) <= MAX_ROWS:
        return Matrix(fields, _together(sure))
    return DoubtfulMatrix(
        fields, [part.vectors if isinstance(part, Rows) else _elements(part) for _, part in parts]
    )


def _documents(
    fields: Document, parts: Sequence[tuple[Segment, Part]]
) -> Documents | DoubtfulDocuments | None:
    elements: list[Any] = []
    for segment, part in parts:
        assert not isinstance(part, Rows)
        found = _elements(part)
        if segment.goes_on:
            rest = found.pop(0)
            elements[-1][FIELD].extend(rest.pop(FIELD))
            elements[-1].update(rest)
        elements.extend(found)
        if segment.breaks_off and not _is_open(elements[-1]):
            return None
    sure = [part for _, part in parts if isinstance(part, Chunks)]
    alike = len(sure) == len(parts) and len({part.vectors.shape[1] for part in sure}) == 1
    if alike:
        counted = [(element, sum(len(chunks.ids) for chunks in element[FIELD])) for element in elements]
        ids = [chunk_id for part in sure for chunk_id in part.ids]
        batch = _batch(counted, ids, _together([part.vectors for part in sure]))
        if batch is not None:
            return Documents(fields, batch)
    return DoubtfulDocuments(fields, elements)


def _elements(part: Chunks | Exact) -> list[Any]:
    """Lists what a part has, as the exact reading gives it but for chunks that are sure."""
    if isinstance(part, Exact):
        return [*part.elements]
    found = []
    first = 0
    for others, count in part.documents:
        chunks = [Sure(part.ids[first : first + count], part.vectors.shape[1])] if count else []
        found.append({**others, FIELD: chunks})
        first += count
    return found


def _is_open(element: Any) -> bool:
    """Tells whether what is cut of a document are its chunks: it is some array, and there is no other one."""
    arrays = [key for key, value in element.items() if isinstance(value, list)]
    return arrays == [FIELD]


def _batch(documents: Sequence[tuple[Document, int]], ids: Sequence[str], vectors: Floats) -> Batch | None:
    """Makes the batch of chunks that are sure, so many of each document; None if a document is not."""
    sources: list[str] = []
    metadata: dict[str, Mapping[str, Any]] = {}
    for document, count in documents:
        source_id, found = document.get("source_id"), document.get("metadata")
        if type(source_id) is not str or not source_id or not count:
            return None
        sources += [source_id] * count
        if type(found) is dict:
            metadata[source_id] = found
        elif found is not None:
            return None
    return Batch(ids, sources, vectors, metadata)


def _chunks_of(element: Any) -> Sequence[Any]:
    chunks = element.get(FIELD) if isinstance(element, dict) else None
    return chunks if isinstance(chunks, list) else ()


def _longest(rows: Sequence[Any]) -> int:
    return max((len(row) for row in rows if isinstance(row, list)), default=0)


def _together(vectors: Sequence[Floats]) -> Floats:
    return vectors[0] if len(vectors) == 1 else np.concatenate(vectors)
