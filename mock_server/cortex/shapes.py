"""The shapes of what is uploaded: predicates on matrices, on updates, and on documents and their chunks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mock_server.numbers import NUMBERS, fits_float32
from mock_server.payload import kind, shown
from mock_server.rules import Document

MAX_ROWS, MAX_COLUMNS = 2_000, 3_024
CHUNK_ID = re.compile(r"(?P<batch>.+)_[0-9]+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One document of an insert, or one chunk of a document, whatever it may be."""

    item: Any
    dimension: int | None = None

    def has(self, key: str) -> bool:
        """Tells whether the element is an object with this key, and not null there."""
        return isinstance(self.item, dict) and self.item.get(key) is not None


def embeddings_are_missing(body: Document) -> Iterator[str]:
    """Finds embeddings that are absent, null or empty."""
    embeddings = body.get("embeddings")
    if embeddings is None or embeddings == [] or embeddings == {}:
        yield "'embeddings' field is required and cannot be empty"


def embeddings_are_no_matrix(body: Document) -> Iterator[str]:
    """Finds embeddings that are no array of arrays."""
    embeddings = body.get("embeddings")
    if embeddings is not None and not (
        isinstance(embeddings, list) and all(isinstance(row, list) for row in embeddings)
    ):
        yield "embeddings must be a 2D array of decimals"


def embeddings_are_no_dictionary(body: Document) -> Iterator[str]:
    """Finds embeddings that are no object of arrays."""
    embeddings = body.get("embeddings")
    if embeddings is not None and not (
        isinstance(embeddings, dict) and all(isinstance(row, list) for row in embeddings.values())
    ):
        yield "embeddings must be a dictionary with chunk_id as keys and embedding arrays as values"


def a_row_is_empty(body: Document) -> Iterator[str]:
    """Finds a row without values."""
    if any(not row for row in rows_of(body)):
        yield "embedding vectors cannot be empty"


def a_value_is_no_number(body: Document) -> Iterator[str]:
    """Finds a value that is no number."""
    if any(not NUMBERS.issuperset(map(type, row)) for row in rows_of(body)):
        yield "All embedding values must be numeric"


def a_value_is_not_finite(body: Document) -> Iterator[str]:
    """Finds a number that is NaN, infinite, or beyond the 32-bit float it would be stored as."""
    if any(type(value) in NUMBERS and not fits_float32(value) for row in rows_of(body) for value in row):
        yield "All embedding values must be numeric"


def rows_differ_in_length(body: Document) -> Iterator[str]:
    """Finds rows of different length."""
    if len({len(row) for row in rows_of(body)}) > 1:
        yield "All embedding vectors must have the same dimension"


def rows_are_too_many(body: Document) -> Iterator[str]:
    """Finds more rows than one upload may have."""
    rows = rows_of(body)
    if len(rows) > MAX_ROWS:
        yield _too_large(rows)


def columns_are_too_many(body: Document) -> Iterator[str]:
    """Finds a row longer than a vector may be."""
    rows = rows_of(body)
    if any(len(row) > MAX_COLUMNS for row in rows):
        yield _too_large(rows)


def a_chunk_id_has_no_index(body: Document) -> Iterator[str]:
    """Finds a chunk id that is not its batch's id, an underscore and a number."""
    if any(not batch_of(chunk_id) for chunk_id in _keys(body)):
        yield "Invalid chunk ID format (must be: batch_id_index)"


def chunk_ids_are_of_several_batches(body: Document) -> Iterator[str]:
    """Finds chunk ids of more than one batch."""
    batches = {batch for chunk_id in _keys(body) if (batch := batch_of(chunk_id))}
    if len(batches) > 1:
        yield f"All chunk IDs must belong to the same batch. Found sources: {sorted(batches)}"


def document_lacks_a_field(candidate: Candidate) -> Iterator[str]:
    """Finds a document that is no object, has no source_id, or no chunks."""
    yield from _lacking(candidate, "source_id", "embeddings")


def chunk_lacks_a_field(candidate: Candidate) -> Iterator[str]:
    """Finds a chunk that is no object, has no chunk_id, or no vector."""
    yield from _lacking(candidate, "chunk_id", "embedding")


def metadata_is_no_object(candidate: Candidate) -> Iterator[str]:
    """Finds metadata of a document, neither absent nor null, that is no object."""
    if candidate.has("metadata") and not isinstance(candidate.item["metadata"], dict):
        yield f"metadata: expected an object, got {kind(candidate.item['metadata'])}"


def value_is_no_number(candidate: Candidate) -> Iterator[str]:
    """Finds a value in a chunk's vector that is no number."""
    for place, value in enumerate(_vector_of(candidate)):
        if type(value) not in NUMBERS:
            yield f"value {place} is {kind(value)}, not a number"


def value_is_not_finite(candidate: Candidate) -> Iterator[str]:
    """Finds a number in a chunk's vector that is NaN, infinite, or beyond a 32-bit float."""
    for place, value in enumerate(_vector_of(candidate)):
        if type(value) in NUMBERS and not fits_float32(value):
            yield f"value {place} is not finite as a 32-bit float"


def vector_is_not_of_the_dimension(candidate: Candidate) -> Iterator[str]:
    """Finds a chunk's vector that is shorter or longer than the tenant's dimension."""
    vector = _vector_of(candidate)
    if vector and candidate.dimension is not None and len(vector) != candidate.dimension:
        yield f"the vector has {len(vector)} values, the tenant has dimension {candidate.dimension}"


def batch_of(chunk_id: str) -> str:
    """Answers the batch that a chunk id names; empty if it names none."""
    found = CHUNK_ID.fullmatch(chunk_id)
    return found["batch"] if found else ""


def rows_of(body: Document) -> Sequence[list[Any]]:
    """Lists the rows of a matrix, or the vectors of an update."""
    embeddings = body.get("embeddings")
    if isinstance(embeddings, dict):
        embeddings = [*embeddings.values()]
    return [row for row in embeddings if isinstance(row, list)] if isinstance(embeddings, list) else []


def _keys(body: Document) -> Sequence[str]:
    embeddings = body.get("embeddings")
    return [*embeddings] if isinstance(embeddings, dict) else []


def _too_large(rows: Sequence[Sequence[Any]]) -> str:
    got = f"{len(rows)}x{max(map(len, rows))}"
    return f"Embeddings dimensions exceed limits. Max rows: {MAX_ROWS}, Max cols: {MAX_COLUMNS}. Got: {got}"


def _lacking(candidate: Candidate, name: str, array: str) -> Iterator[str]:
    item = candidate.item
    if not isinstance(item, dict):
        yield f"expected an object, got {kind(item)}"
    else:
        if not isinstance(item.get(name), str) or not item[name]:
            found = shown(item[name]) if name in item else "nothing"
            yield f"{name}: expected a string of at least one character, got {found}"
        if not isinstance(item.get(array), list) or not item[array]:
            found = shown(item[array]) if array in item else "nothing"
            yield f"{array}: expected an array of at least one element, got {found}"


def _vector_of(candidate: Candidate) -> Sequence[Any]:
    vector = candidate.item.get("embedding") if isinstance(candidate.item, dict) else None
    return vector if isinstance(vector, list) else ()
