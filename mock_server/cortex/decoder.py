"""Embeddings straight out of JSON: rows, or the chunks of documents, become one block of 32-bit floats.

Only what is surely valid is read; all else is left to the exact reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mock_server.arrays import np
from mock_server.numbers import END_OF_FLOAT32
from mock_server.parsers import Parser, has_other_arrays, surely
from mock_server.payload import MAX_DEPTH, NONE, plain

if TYPE_CHECKING:
    from mock_server.cortex.subtenant import Floats

FIELD = "embeddings"
"""What holds the rows or the documents of an upload, and the chunks of a document."""
DOCUMENT_DEPTH = 2  # a document lies in an array that lies in the body
CHUNK_DEPTH = 4  # and a chunk in an array that lies in a document


@dataclass(slots=True)  # made for every upload: to freeze it takes longer than the rest of making it
class Rows:
    """Rows of a matrix: vectors (n, length), and what else the object has that they are in."""

    fields: Mapping[str, Any]
    vectors: Floats


@dataclass(slots=True)  # made for every upload: to freeze it takes longer than the rest of making it
class Chunks:
    """The chunks of documents, in order: n ids, and vectors (n, length).

    `documents` holds of each document what else it has, and how many of the chunks; `fields` what else the
    object has that they are in.
    """

    fields: Mapping[str, Any]
    documents: Sequence[tuple[Mapping[str, Any], int]]
    ids: Sequence[str]
    vectors: Floats


def read(text: bytes, field: str = "") -> Rows | Chunks | None:
    """Reads an array of rows or of documents, or an object that has it under a field, if it is surely valid.

    All vectors have one length, of at least 1. What documents have beside chunks may still be anything.
    """
    return surely(lambda parser: _read(parser, text, field))


def _read(parser: Parser, text: bytes, field: str) -> Rows | Chunks | None:
    elements = parser.parse(text)
    fields: Mapping[str, Any] = NONE
    if field:
        if len(elements) > 1:
            fields = parser.others(elements, field)
        elements = elements[field]
    if type(elements) is not parser.array or not len(elements) or not plain(fields, MAX_DEPTH):
        return None
    if type(elements[0]) is parser.array:
        return _rows(parser, text, fields, elements)
    return _chunks(parser, text, fields, elements)


def _rows(parser: Parser, text: bytes, fields: Mapping[str, Any], elements: Any) -> Rows | None:
    rows = [*elements]
    vectors = _vectors(parser, rows)
    if vectors is None or has_other_arrays(text, 1 + len(rows), ([fields],)):
        return None
    return Rows(fields, vectors)


def _chunks(parser: Parser, text: bytes, fields: Mapping[str, Any], elements: Any) -> Chunks | None:
    ids: list[str] = []
    arrays: list[Any] = []
    documents: list[tuple[Mapping[str, Any], int]] = []
    unheeded: list[Mapping[str, Any]] = []
    for document in elements:
        chunks = document[FIELD]
        if type(chunks) is not parser.array:
            return None
        for chunk in chunks:
            chunk_id = chunk["chunk_id"]
            if type(chunk_id) is not str or not chunk_id:
                return None
            ids.append(chunk_id)
            arrays.append(chunk["embedding"])
            if len(chunk) > 2:
                # Nobody asks for what else a chunk has, but it has to be JSON that the exact reading takes.
                unheeded.append(parser.others(chunk, "chunk_id", "embedding"))
                if not plain(unheeded[-1], MAX_DEPTH - CHUNK_DEPTH):
                    return None
        others = parser.others(document, FIELD)
        if not plain(others, MAX_DEPTH - DOCUMENT_DEPTH):
            return None
        documents.append((others, len(chunks)))
    vectors = _vectors(parser, arrays)
    rest = ([fields], ids, [others for others, _ in documents], unheeded)
    if vectors is None or has_other_arrays(text, 1 + len(documents) + len(ids), rest):
        return None
    return Chunks(fields, documents, ids, vectors)


def _vectors(parser: Parser, arrays: Sequence[Any]) -> Floats | None:
    """Makes vectors of arrays of numbers; None if one would be infinite as a 32-bit float."""
    numbers = parser.block(arrays)
    if numbers is None or np.absolute(numbers).max() >= END_OF_FLOAT32:
        return None
    return numbers.astype(np.float32)
