"""Reads bodies exactly, and judges them.

`quick_upload` (see `reading`) and `quick_update` accept only bodies that hold nothing unusual; what they do
not accept is read again number by number and judged by the rules, which say which clause is broken. Where the
rules find no fault, the exact reading is what is stored; both readings of one body give the same vectors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from mock_server.arrays import np
from mock_server.cortex import rules
from mock_server.cortex.shapes import Candidate, batch_of, rows_of
from mock_server.cortex.subtenant import Batch, Floats
from mock_server.numbers import END_OF_FLOAT32, NUMBERS, as_block, fits_float32
from mock_server.payload import MAX_DEPTH, as_object, decode, exact, flaws, plain
from mock_server.refusal import Refused
from mock_server.rules import Document, judge

if TYPE_CHECKING:
    from numpy.typing import NDArray

MALFORMED = "cortex.errors.malformed-json"


@dataclass(slots=True)  # made for every upload: to freeze it takes longer than the rest of making it
class Matrix:
    """An upload of rows: the body's other fields, and vectors (n, dimension)."""

    fields: Document
    vectors: Floats


@dataclass(slots=True)  # made for every upload: to freeze it takes longer than the rest of making it
class Documents:
    """An insert of documents: the body's other fields, and the chunks of all documents."""

    fields: Document
    batch: Batch


@dataclass(frozen=True, slots=True)
class Update:
    """New vectors of n stored chunks: their ids, and the vectors (n, dimension)."""

    ids: Sequence[str]
    vectors: Floats


def read_object(body: bytes) -> Document:
    """Reads a body that has to be a JSON object; `Refused` if it is none."""
    try:
        return as_object(decode(body))
    except ValueError as error:
        raise Refused(MALFORMED, str(error)) from None


def read_exactly(body: bytes) -> Document:
    """Reads an upload exactly; in its vectors, and only there, numbers may be infinite or NaN."""
    try:
        document = as_object(exact(body))
        for flaw in flaws(without_vectors(document)):
            raise ValueError(flaw)
    except ValueError as error:
        raise Refused(MALFORMED, str(error)) from None
    return document


def quick_update(body: bytes) -> Update | None:
    """Reads an update that is surely valid for the dimension its vectors share, or answers None."""
    try:
        document = orjson.loads(body)
    except ValueError:
        return None
    if type(document) is not dict:
        return None
    vectors = document.pop("embeddings", None)
    if type(vectors) is not dict or not plain(document, MAX_DEPTH) or len(set(map(batch_of, vectors))) != 1:
        return None
    block = as_block([*vectors.values()]) if all(map(batch_of, vectors)) else None
    return None if block is None or not _fits(block) else Update([*vectors], block.astype(np.float32))


def holds_documents(document: Document) -> bool:
    """Tells by the first element whether an upload is in the form of documents."""
    elements = document.get("embeddings")
    return isinstance(elements, list) and bool(elements) and isinstance(elements[0], dict)


def read_matrix(document: Document) -> Matrix:
    """Judges an upload of rows that was read exactly, and takes its vectors."""
    judge(rules.MATRIX, document)
    return Matrix(document, as_floats(rows_of(document)))


def read_update(document: Document) -> Update:
    """Judges an update that was read exactly, and takes its chunk ids and their vectors."""
    judge(rules.UPDATE, document)
    vectors = _object(document.get("embeddings"))
    return Update([*vectors], as_floats([_array(vector) for vector in vectors.values()]))


def read_documents(document: Document, dimension: int | None) -> Documents:
    """Judges an insert of documents that was read exactly, and makes its batch.

    Without a dimension the first chunk gives it.
    """
    ids: list[str] = []
    sources: list[str] = []
    vectors: list[Sequence[Any]] = []
    metadata: dict[str, Mapping[str, Any]] = {}
    for place, element in enumerate(_array(document.get("embeddings"))):
        where = judge_document(place, element)
        item = _object(element)
        source_id = _text(item.get("source_id"))
        for row, part in enumerate(_array(item.get("embeddings"))):
            dimension = judge_chunk(where, row, part, dimension)
            chunk = _object(part)
            ids.append(_text(chunk.get("chunk_id")))
            sources.append(source_id)
            vectors.append(_array(chunk.get("embedding")))
        if isinstance(item.get("metadata"), dict):
            metadata[source_id] = item["metadata"]
    return Documents(document, Batch(ids, sources, as_floats(vectors, dimension), metadata))


def judge_document(place: int, element: Any) -> str:
    """Judges the document at a place of an insert, not its chunks; answers how messages name it."""
    where = f"embeddings[{place}]{_named(element, 'source_id')}"
    judge(rules.DOCUMENT, Candidate(element), f"{where}: ")
    return where


def judge_chunk(where: str, row: int, part: Any, dimension: int | None) -> int | None:
    """Judges the chunk at a row of a document; answers the dimension: its own, if none is given."""
    judge(rules.CHUNK, Candidate(part, dimension), f"{where}.embeddings[{row}]{_named(part, 'chunk_id')}: ")
    return len(_array(_object(part).get("embedding"))) if dimension is None else dimension


def without_vectors(document: Document) -> Document:
    """Answers an upload without its vectors, whose numbers may be what JSON has no numbers for."""
    elements = document.get("embeddings")
    if isinstance(elements, dict):
        return {**document, "embeddings": dict.fromkeys(elements)}
    if not isinstance(elements, list):
        return document
    return {**document, "embeddings": [_without_vector(element) for element in elements]}


def as_floats(rows: Sequence[Sequence[Any]], dimension: int | None = None) -> Floats:
    """Makes vectors (n, dimension) of n rows, as long as the first unless a dimension is given.

    Nothing is refused here: whatever the rules let pass becomes vectors, so that no table of rules, however
    short, can make the server fail.
    """
    if dimension is None:
        dimension = len(rows[0]) if rows else 0
    vectors = np.zeros((len(rows), dimension), np.float32)
    for row, values in zip(vectors, rows, strict=True):
        numbers = [_storable(value) for value in values[:dimension]]
        row[: len(numbers)] = numbers
    return vectors


def fitted(vectors: Floats, dimension: int | None) -> Floats:
    """Answers vectors of the tenant's dimension: those whose length no rule has refused are cut or filled."""
    return vectors if dimension in (None, vectors.shape[1]) else as_floats(vectors.tolist(), dimension)


def _fits(block: NDArray[np.float64]) -> bool:
    return bool(max(block.max(), -block.min()) < END_OF_FLOAT32)


def _without_vector(element: Any) -> Any:
    """Answers a document without its chunks' vectors; None for anything else, such as a row."""
    if not isinstance(element, dict):
        return None
    chunks = element.get("embeddings")
    if not isinstance(chunks, list):
        return element
    bare = [
        {key: value for key, value in chunk.items() if key != "embedding"}
        if isinstance(chunk, dict)
        else None
        for chunk in chunks
    ]
    return {**element, "embeddings": bare}


def _named(element: Any, key: str) -> str:
    name = element.get(key) if isinstance(element, dict) else None
    return f" ({key} {json.dumps(name, ensure_ascii=False)})" if isinstance(name, str) else ""


def _array(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _object(value: object) -> Document:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _storable(value: Any) -> float:
    return float(value) if type(value) in NUMBERS and fits_float32(value) else 0.0
