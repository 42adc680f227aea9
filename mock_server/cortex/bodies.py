"""Reads bodies: fast for uploads that are surely valid, exactly for all else.

`quick_upload` accepts only bodies that hold nothing unusual; what it does not accept is read again number by
number and judged by the rules, which say which clause is broken. Where the rules find no fault, the exact
reading is what is stored; both readings of one body give the same vectors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from mock_server.arrays import np
from mock_server.cortex import rules
from mock_server.cortex.shapes import MAX_COLUMNS, MAX_ROWS, Candidate, batch_of, rows_of
from mock_server.cortex.subtenant import Batch, Floats
from mock_server.decoder import read_rows
from mock_server.numbers import END_OF_FLOAT32, NUMBERS, as_block, fits_float32
from mock_server.payload import MAX_DEPTH, as_object, decode, exact, flaws, plain
from mock_server.refusal import Refused
from mock_server.rules import Document, judge

if TYPE_CHECKING:
    from numpy.typing import NDArray

MALFORMED = "cortex.errors.malformed-json"
ITEM_DEPTH = 2  # a document lies in an array that lies in the body
HEAD = 4_096  # bytes in which a matrix is recognised: one that is not is read all the same, but not as fast
ROWS = re.compile(rb'"embeddings"\s*:\s*\[\s*\[')
CHUNK_KEYS = {"chunk_id", "embedding"}


@dataclass(frozen=True, slots=True)
class Matrix:
    """An upload of rows: the body's other fields, and vectors (n, dimension)."""

    fields: Document
    vectors: Floats


@dataclass(frozen=True, slots=True)
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
        for flaw in flaws(_without_vectors(document)):
            raise ValueError(flaw)
    except ValueError as error:
        raise Refused(MALFORMED, str(error)) from None
    return document


def quick_upload(body: bytes) -> Matrix | Documents | None:
    """Reads a matrix or documents that are surely valid for the dimension they share, or answers None."""
    if ROWS.search(body[:HEAD]):
        found = read_rows(body, "embeddings")
        if found is not None:
            return _fitting_matrix(*found)
    try:
        document = orjson.loads(body)
    except ValueError:
        return None
    if type(document) is not dict:
        return None
    elements = document.pop("embeddings", None)
    if type(elements) is not list or not elements or not plain(document, MAX_DEPTH):
        return None
    return (
        _quick_matrix(document, elements)
        if type(elements[0]) is list
        else _quick_documents(document, elements)
    )


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
        where = f"embeddings[{place}]{_named(element, 'source_id')}"
        judge(rules.DOCUMENT, Candidate(element), f"{where}: ")
        item = _object(element)
        source_id = _text(item.get("source_id"))
        for row, part in enumerate(_array(item.get("embeddings"))):
            chunk = _object(part)
            vector = _array(chunk.get("embedding"))
            judge(
                rules.CHUNK,
                Candidate(part, dimension),
                f"{where}.embeddings[{row}]{_named(part, 'chunk_id')}: ",
            )
            dimension = len(vector) if dimension is None else dimension
            ids.append(_text(chunk.get("chunk_id")))
            sources.append(source_id)
            vectors.append(vector)
        if isinstance(item.get("metadata"), dict):
            metadata[source_id] = item["metadata"]
    return Documents(document, Batch(ids, sources, as_floats(vectors, dimension), metadata))


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


def _quick_matrix(fields: Document, rows: Sequence[Any]) -> Matrix | None:
    block = as_block(rows)
    return None if block is None else _fitting_matrix(fields, block)


def _fitting_matrix(fields: Document, block: NDArray[np.float64]) -> Matrix | None:
    if block.shape[0] > MAX_ROWS or block.shape[1] > MAX_COLUMNS or not _fits(block):
        return None
    return Matrix(fields, block.astype(np.float32))


def _quick_documents(fields: Document, elements: Sequence[Any]) -> Documents | None:
    ids: list[str] = []
    sources: list[str] = []
    vectors: list[Any] = []
    metadata: dict[str, Mapping[str, Any]] = {}
    for element in elements:
        if type(element) is not dict:
            return None
        source_id, chunks = element.pop("source_id", None), element.pop("embeddings", None)
        if type(source_id) is not str or not source_id or type(chunks) is not list or not chunks:
            return None
        if element and not plain(element, MAX_DEPTH - ITEM_DEPTH):
            return None
        for chunk in chunks:
            if type(chunk) is not dict or chunk.keys() != CHUNK_KEYS:
                return None
            if type(chunk["chunk_id"]) is not str or not chunk["chunk_id"]:
                return None
            ids.append(chunk["chunk_id"])
            sources.append(source_id)
            vectors.append(chunk["embedding"])
        if "metadata" in element:
            if type(element["metadata"]) is not dict:
                return None
            metadata[source_id] = element["metadata"]
    block = as_block(vectors)
    if block is None or not _fits(block):
        return None
    return Documents(fields, Batch(ids, sources, block.astype(np.float32), metadata))


def _fits(block: NDArray[np.float64]) -> bool:
    return bool(max(block.max(), -block.min()) < END_OF_FLOAT32)


def _without_vectors(document: Document) -> Document:
    elements = document.get("embeddings")
    if isinstance(elements, dict):
        return {**document, "embeddings": dict.fromkeys(elements)}
    if not isinstance(elements, list):
        return document
    return {**document, "embeddings": [_without_vector(element) for element in elements]}


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
