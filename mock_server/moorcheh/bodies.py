"""Reads upload bodies: fast for what is surely valid, exactly for all else.

`quick_vectors` accepts only bodies that hold nothing unusual; what it does not accept is read again number by
number and judged by the rules, which say which clause, which item and which value. Where the rules find no
fault, the exact reading is what is stored; both readings of one body give the same batch.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from mock_server.moorcheh import rules
from mock_server.moorcheh.embedding import embed
from mock_server.moorcheh.rules import Candidate, Document, Rule, judge
from mock_server.moorcheh.store import Batch, Namespace
from mock_server.payload import MAX_DEPTH, decode, exact, flaws, kind, plain
from mock_server.refusal import Refused
from mock_server.vectors import directions

MALFORMED = "moorcheh.errors.malformed-json"
ITEM_DEPTH = 2  # an item lies in an array that lies in the body


@dataclass(frozen=True, slots=True)
class Quick:
    """What the fast reading gives: n ids, n mappings of metadata, finite numbers (n, length)."""

    ids: Sequence[str]
    metadata: Sequence[Mapping[str, Any]]
    numbers: NDArray[np.float64]


def read_object(body: bytes) -> Document:
    """Read a body that has to be a JSON object; `Refused` if it is none."""
    try:
        return _object(decode(body))
    except ValueError as error:
        raise Refused(MALFORMED, str(error)) from None


def read_exactly(body: bytes) -> Document:
    """Read an upload of vectors exactly; in vectors, and only there, numbers may be infinite or NaN."""
    try:
        document = _object(exact(body))
        for flaw in flaws(_without_vectors(document)):
            raise ValueError(flaw)
    except ValueError as error:
        raise Refused(MALFORMED, str(error)) from None
    return document


def quick_vectors(body: bytes) -> Quick | None:
    """Read an upload of vectors that is surely valid for the dimension its vectors share, or answer None."""
    try:
        document = orjson.loads(body)
    except ValueError:
        return None
    if type(document) is not dict or document.keys() != {"vectors"}:
        return None
    items = document["vectors"]
    if type(items) is not list or not items:
        return None
    ids: list[str] = []
    vectors: list[list[float]] = []
    for item in items:
        if type(item) is not dict:
            return None
        item_id, vector = item.pop("id", None), item.pop("vector", None)
        if type(item_id) is not str or not item_id or type(vector) is not list:
            return None
        if not rules.NUMBERS.issuperset(map(type, vector)) or (
            item and not plain(item, MAX_DEPTH - ITEM_DEPTH)
        ):
            return None
        ids.append(item_id)
        vectors.append(vector)
    length = len(vectors[0])
    if not length or any(len(vector) != length for vector in vectors):
        return None
    numbers = np.array(vectors, np.float64)
    return Quick(ids, items, numbers) if np.isfinite(numbers).all() else None


def vectors_batch(document: Document, namespace: Namespace) -> Batch:
    """Judge an upload of vectors that was read exactly, and make its batch."""
    judge(rules.VECTORS, document)
    items = _judged(document, "vectors", rules.VECTOR, namespace)
    numbers = np.zeros((len(items), namespace.vectors.dimension), np.float64)
    for row, item in zip(numbers, items, strict=True):
        values = [as_number(value) for value in _array(item.get("vector"))[: len(row)]]
        row[: len(values)] = values
    return Batch(_ids(items), _metadata(items, "vector"), directions(numbers))


def documents_batch(document: Document, namespace: Namespace) -> Batch:
    """Judge an upload of documents, embed their texts, and make the batch."""
    judge(rules.DOCUMENTS, document)
    items = _judged(document, "documents", rules.DOCUMENT, namespace)
    texts = [text if isinstance(text := item.get("text"), str) else "" for item in items]
    embedded = embed(texts)
    block = np.zeros((len(texts), namespace.vectors.dimension), np.float32)
    block[:, : embedded.shape[1]] = embedded[:, : block.shape[1]]
    return Batch(_ids(items), _metadata(items, "text"), block, texts)


def _object(document: object) -> Document:
    if not isinstance(document, dict):
        raise ValueError(f"the body is {kind(document)}, not an object")
    return document


def _without_vectors(document: Document) -> Document:
    items = document.get("vectors")
    if not isinstance(items, list):
        return document
    bare = [
        {k: v for k, v in item.items() if k != "vector"} if isinstance(item, dict) else item for item in items
    ]
    return {**document, "vectors": bare}


def _judged(
    document: Document, field: str, table: Mapping[str, Rule[Candidate]], namespace: Namespace
) -> Sequence[Document]:
    elements = _array(document.get(field))
    for place, element in enumerate(elements):
        item_id = element.get("id") if isinstance(element, dict) else None
        named = f" (id {json.dumps(item_id, ensure_ascii=False)})" if isinstance(item_id, str) else ""
        judge(table, Candidate(element, namespace.dimension), f"{field}[{place}]{named}: ")
    return [element if isinstance(element, dict) else {} for element in elements]


# From here on nothing refuses: whatever the rules let pass becomes a batch, so that no table of rules,
# however short, can make the server fail.


def _array(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def as_number(value: Any) -> float:
    """Answer a finite number as a float, and 0 for anything else."""
    return float(value) if type(value) in rules.NUMBERS and rules.is_finite(value) else 0.0


def _ids(items: Sequence[Document]) -> list[str]:
    return [item_id if isinstance(item_id := item.get("id"), str) else json.dumps(item_id) for item in items]


def _metadata(items: Sequence[Document], content: str) -> list[Mapping[str, Any]]:
    return [{key: value for key, value in item.items() if key not in ("id", content)} for item in items]
