"""Reads upload bodies exactly, and judges them.

`quick_vectors` (see `reading`) accepts only bodies that hold nothing unusual; what it does not accept is read
again number by number and judged by the rules, which say which clause, which item and which value. Where the
rules find no fault, the exact reading is what is stored; both readings of one body give the same batch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.arrays import np
from mock_server.moorcheh import rules
from mock_server.moorcheh.rules import Candidate
from mock_server.moorcheh.store import Batch, Namespace
from mock_server.numbers import as_number
from mock_server.payload import as_object, decode, exact, flaws
from mock_server.refusal import Refused
from mock_server.rules import Document, Rule, judge
from mock_server.vectors import directions

MALFORMED = "moorcheh.errors.malformed-json"


def read_object(body: bytes) -> Document:
    """Reads a body that has to be a JSON object; `Refused` if it is none."""
    try:
        return as_object(decode(body))
    except ValueError as error:
        raise Refused(MALFORMED, str(error)) from None


def read_exactly(body: bytes) -> Document:
    """Reads an upload of vectors exactly; in vectors, and only there, numbers may be infinite or NaN."""
    try:
        document = as_object(exact(body))
        for flaw in flaws(without_vectors(document)):
            raise ValueError(flaw)
    except ValueError as error:
        raise Refused(MALFORMED, str(error)) from None
    return document


def vectors_batch(document: Document, namespace: Namespace) -> Batch:
    """Judges an upload of vectors that was read exactly, and makes its batch."""
    judge(rules.VECTORS, document)
    items = _judged(document, "vectors", rules.VECTOR, namespace)
    numbers = np.zeros((len(items), namespace.vectors.dimension), np.float64)
    for row, item in zip(numbers, items, strict=True):
        values = [as_number(value) for value in _array(item.get("vector"))[: len(row)]]
        row[: len(values)] = values
    return Batch(_ids(items), _metadata(items, "vector"), directions(numbers))


def documents_batch(document: Document, namespace: Namespace) -> Batch:
    """Judges an upload of documents, embeds their texts, and makes the batch."""
    judge(rules.DOCUMENTS, document)
    items = _judged(document, "documents", rules.DOCUMENT, namespace)
    texts = [text if isinstance(text := item.get("text"), str) else "" for item in items]
    block, faults = namespace.embed(texts)
    return Batch(_ids(items), _metadata(items, "text"), block, texts, faults)


def judge_item(
    place: int, element: Any, field: str, table: Mapping[str, Rule[Candidate]], namespace: Namespace
) -> None:
    """Judges the element at a place of an upload; a refusal names the place, and the id if there is one."""
    item_id = element.get("id") if isinstance(element, dict) else None
    named = f" (id {json.dumps(item_id, ensure_ascii=False)})" if isinstance(item_id, str) else ""
    judge(table, Candidate(element, namespace.dimension), f"{field}[{place}]{named}: ")


def without_vectors(document: Document) -> Document:
    """Answers an upload without its vectors, whose numbers may be what JSON has no numbers for."""
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
        judge_item(place, element, field, table, namespace)
    return [element if isinstance(element, dict) else {} for element in elements]


# From here on nothing refuses: whatever the rules let pass becomes a batch, so that no table of rules,
# however short, can make the server fail.


def _array(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _ids(items: Sequence[Document]) -> list[str]:
    return [item_id if isinstance(item_id := item.get("id"), str) else json.dumps(item_id) for item in items]


def _metadata(items: Sequence[Document], content: str) -> list[Mapping[str, Any]]:
    return [{key: value for key, value in item.items() if key not in ("id", content)} for item in items]
