"""Which requests to Moorcheh are so plainly valid that no documented refusal fits them.

What the documentation leaves open makes a request doubtful: large batches, long or strange ids, vectors of
nothing but zeros, unknown fields, namespaces that were not seen.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mock_server.moorcheh.witness.asked import Asked
from mock_server.moorcheh.witness.memory import Known, Namespaces
from mock_server.numbers import NUMBERS
from mock_server.witness import Passage

MOST_ITEMS = 200
LONGEST_ID = 200
LONGEST_NAME = 64
LARGEST_DIMENSION = 4_096
LARGEST_TOP_K = 1_000
QUESTION_FIELDS = frozenset({"query", "namespaces", "top_k", "threshold", "kiosk_mode"})
CREATION_FIELDS = frozenset({"namespace_name", "type", "vector_dimension"})


def clause_of(asked: Asked, namespaces: Namespaces, passage: Passage) -> str:
    """Names the clause that a refusal breaks whose request is plainly valid; empty if it may be right."""
    judge = JUDGES.get(asked.operation)
    if judge is None or not _is_plain_json(asked):
        return ""
    return judge(asked, namespaces, passage)


def _health(_asked: Asked, _namespaces: Namespaces, _passage: Passage) -> str:
    return "moorcheh.health.answers"


def _listing(_asked: Asked, _namespaces: Namespaces, _passage: Passage) -> str:
    return "moorcheh.namespaces.listed"


def _creation(asked: Asked, namespaces: Namespaces, passage: Passage) -> str:
    body = asked.document
    dimension = body.get("vector_dimension", 1)
    if not body.keys() <= CREATION_FIELDS or len(asked.namespace) > LONGEST_NAME:
        return ""
    if dimension is None or dimension > LARGEST_DIMENSION:
        return ""
    if passage.status == 409:
        absent = namespaces.is_absent(asked.namespace, passage)
        return "moorcheh.namespaces.delete-frees-name" if absent else ""
    return f"moorcheh.namespaces.create-{body['type']}" if passage.status == 400 else ""


def _vectors(asked: Asked, namespaces: Namespaces, passage: Passage) -> str:
    known = namespaces.find(asked.namespace, passage)
    plain = asked.quick is not None and _are_plain(asked.ids) and passage.status in (400, 404)
    return "moorcheh.vectors.accepted" if plain and known is not None and known.type == "vector" else ""


def _documents(asked: Asked, namespaces: Namespaces, passage: Passage) -> str:
    known = namespaces.find(asked.namespace, passage)
    plain = _are_plain(asked.ids) and passage.status in (400, 404)
    return "moorcheh.documents.accepted" if plain and known is not None and known.type == "text" else ""


def _items(clause: str) -> Callable[[Asked, Namespaces, Passage], str]:
    def judge(asked: Asked, namespaces: Namespaces, passage: Passage) -> str:
        known = namespaces.find(asked.namespace, passage)
        return clause if known is not None and _are_plain(asked.ids) else ""

    return judge


def _search(asked: Asked, namespaces: Namespaces, passage: Passage) -> str:
    body, query = asked.document, asked.document.get("query")
    names = body.get("namespaces")
    if not body.keys() <= QUESTION_FIELDS or not isinstance(query, list) or not any(query):
        return ""
    if not isinstance(names, list) or not all(
        isinstance(name, str) and _is_vector(namespaces.find(name, passage)) for name in names
    ):
        return ""
    top_k = body.get("top_k", 10)
    if not 0 <= top_k <= LARGEST_TOP_K:
        return ""
    if body.get("threshold", 0) is None:
        return "moorcheh.search.threshold-null"
    return "moorcheh.search.shape" if 1 <= top_k <= 100 else "moorcheh.search.top-k-clamped"


def _is_vector(known: Known | None) -> bool:
    return known is not None and known.type == "vector"


def _are_plain(ids: Sequence[str]) -> bool:
    """Tells whether ids are few, distinct, and such as are documented to be accepted."""
    plain = all(len(each) <= LONGEST_ID and each.isprintable() and each.strip() for each in ids)
    return plain and len(set(ids)) == len(ids) <= MOST_ITEMS


def _is_plain_json(asked: Asked) -> bool:
    """Tells whether a body is sent as JSON, as it is, and in nothing but numbers that every reader keeps."""
    headers: Mapping[str, Any] = asked.call.headers
    if not asked.call.body:
        return True
    said = headers.get("content-type", "").partition(";")[0].strip().lower()
    query = asked.document.get("query")
    sound = not isinstance(query, list) or NUMBERS.issuperset(map(type, query))
    return sound and said == "application/json" and "content-encoding" not in headers


JUDGES: Mapping[str, Callable[[Asked, Namespaces, Passage], str]] = {
    "health": _health,
    "listNamespaces": _listing,
    "createNamespace": _creation,
    "uploadVectors": _vectors,
    "uploadDocuments": _documents,
    "getItems": _items("moorcheh.items.get"),
    "deleteItems": _items("moorcheh.items.delete"),
    "search": _search,
}
