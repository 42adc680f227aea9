"""The rules of Moorcheh requests: tables from a clause to the predicate that says what breaks it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mock_server.moorcheh.store import Namespace
from mock_server.numbers import NUMBERS, is_finite, not_finite
from mock_server.payload import kind, shown
from mock_server.rules import Document, Rule

NAME = re.compile(r"[A-Za-z0-9_-]+")
DIGITS = re.compile(r"[0-9]+")
MOST_IDS = 100


@dataclass(frozen=True, slots=True)
class Candidate:
    """One element of an upload, whatever it may be, and the namespace's dimension (None for text)."""

    item: Any
    dimension: int | None

    def has(self, key: str) -> bool:
        """Tells whether the element is an object with this key."""
        return isinstance(self.item, dict) and key in self.item


@dataclass(slots=True)  # made for every upload: to freeze it would take as long as the rest of it
class Admission:
    """A batch before the quota: what the instance has taken on, what it may hold, how many ids are new."""

    committed: int
    max_items: int
    new: int


@dataclass(frozen=True, slots=True)
class Question:
    """A search query beside one of the namespaces it is asked of."""

    query: Any
    namespace: Namespace


def asked_name(body: Document) -> Any:
    """Answers the name in a creation's body, under either of its keys."""
    return body["namespace_name"] if "namespace_name" in body else body.get("name")


def name_is_missing(body: Document) -> Iterator[str]:
    """Finds a name that is absent, empty or no string."""
    name = asked_name(body)
    if not isinstance(name, str):
        yield f"namespace_name: expected a string, got {kind(name)}"
    elif not name:
        yield "namespace_name: expected at least one character"


def name_has_other_characters(body: Document) -> Iterator[str]:
    """Finds a name with a character outside A-Z, a-z, 0-9, - and _."""
    name = asked_name(body)
    if isinstance(name, str) and name and not NAME.fullmatch(name):
        yield f"namespace_name: only letters A-Z and a-z, digits, - and _ are allowed, got {shown(name)}"


def type_is_unknown(body: Document) -> Iterator[str]:
    """Finds a type that is neither text nor vector."""
    if body.get("type") not in ("text", "vector"):
        yield f'type: expected "text" or "vector", got {shown(body.get("type"))}'


def dimension_is_missing(body: Document) -> Iterator[str]:
    """Finds a vector namespace without a dimension."""
    if body.get("type") == "vector" and body.get("vector_dimension") is None:
        yield "vector_dimension: required for a vector namespace"


def dimension_is_no_integer(body: Document) -> Iterator[str]:
    """Finds a dimension that is no JSON integer; 4.0 and true are none."""
    dimension = body.get("vector_dimension")
    if body.get("type") == "vector" and dimension is not None and type(dimension) is not int:
        yield f"vector_dimension: expected an integer, got {shown(dimension)}"


def dimension_is_not_positive(body: Document) -> Iterator[str]:
    """Finds a dimension of 0 or less."""
    dimension = body.get("vector_dimension")
    if body.get("type") == "vector" and type(dimension) is int and dimension <= 0:
        yield f"vector_dimension: expected 1 or more, got {shown(dimension)}"


def text_has_a_dimension(body: Document) -> Iterator[str]:
    """Finds a dimension sent for a text namespace."""
    if body.get("type") == "text" and body.get("vector_dimension") is not None:
        yield "vector_dimension: not to be sent for a text namespace"


def is_being_deleted(existing: Namespace | None) -> Iterator[str]:
    """Finds a namespace of the wanted name whose deletion runs."""
    if existing is not None and existing.deletion is not None:
        yield "a namespace of this name already exists; its deletion is still running"


def already_exists(existing: Namespace | None) -> Iterator[str]:
    """Finds a namespace of the wanted name."""
    # The name stays out of the message: clients tell this 409 from the quota's by words a name may contain.
    if existing is not None and existing.deletion is None:
        yield "a namespace of this name already exists"


def is_text(namespace: Namespace) -> Iterator[str]:
    """Finds a text namespace where vectors are uploaded."""
    if namespace.type != "vector":
        yield f"namespace {namespace.name!r} is of type text: it takes documents, no vectors"


def is_vector(namespace: Namespace) -> Iterator[str]:
    """Finds a vector namespace where documents are uploaded."""
    if namespace.type != "text":
        yield f"namespace {namespace.name!r} is of type vector: it takes vectors, no documents"


def is_no_filled_array(field: str) -> Rule[Document]:
    """Makes the rule that finds a field that is no array, or an empty one."""

    def rule(body: Document) -> Iterator[str]:
        if not isinstance(body.get(field), list):
            yield f"{field}: expected an array, got {kind(body.get(field)) if field in body else 'nothing'}"
        elif not body[field]:
            yield f"{field}: expected at least one element"

    return rule


def id_is_missing(candidate: Candidate) -> Iterator[str]:
    """Finds an element that is no object, or has no id."""
    if not isinstance(candidate.item, dict):
        yield f"expected an object, got {kind(candidate.item)}"
    elif "id" not in candidate.item:
        yield "id: missing"


def id_is_no_string(candidate: Candidate) -> Iterator[str]:
    """Finds an id that is no string, or an empty one."""
    if candidate.has("id") and (not isinstance(candidate.item["id"], str) or not candidate.item["id"]):
        yield f"id: expected a string of at least one character, got {shown(candidate.item['id'])}"


def vector_is_missing(candidate: Candidate) -> Iterator[str]:
    """Finds an element without a vector."""
    if isinstance(candidate.item, dict) and "vector" not in candidate.item:
        yield "vector: missing"


def value_is_no_number(candidate: Candidate) -> Iterator[str]:
    """Finds a vector that is no array, or a value in it that is no number."""
    if candidate.has("vector"):
        vector = candidate.item["vector"]
        if not isinstance(vector, list):
            yield f"vector: expected an array of numbers, got {kind(vector)}"
        elif not NUMBERS.issuperset(map(type, vector)):
            place = next(place for place, value in enumerate(vector) if type(value) not in NUMBERS)
            yield f"value {place} is {kind(vector[place])}, not a number"


def value_is_not_finite(candidate: Candidate) -> Iterator[str]:
    """Finds a number that is NaN, infinite, or beyond a 64-bit float."""
    for place, value in enumerate(_vector_of(candidate)):
        if type(value) in NUMBERS and not is_finite(value):
            yield f"value {place} is not finite"


def length_is_not_the_dimension(candidate: Candidate) -> Iterator[str]:
    """Finds a vector shorter or longer than the namespace's dimension."""
    if candidate.dimension is not None and candidate.has("vector"):
        vector = candidate.item["vector"]
        if isinstance(vector, list) and len(vector) != candidate.dimension:
            yield f"the vector has {len(vector)} values, the namespace has dimension {candidate.dimension}"


def text_is_missing(candidate: Candidate) -> Iterator[str]:
    """Finds a document without text, or with blank text."""
    if isinstance(candidate.item, dict):
        text = candidate.item.get("text")
        if not isinstance(text, str):
            yield f"text: expected a string, got {kind(text) if 'text' in candidate.item else 'nothing'}"
        elif not text.strip():
            yield "text: expected more than blanks"


def exceeds_the_cap(admission: Admission) -> Iterator[str]:
    """Finds a batch whose new ids do not fit under the cap."""
    room = max(0, admission.max_items - admission.committed)
    if admission.new > room:
        yield f"item limit reached: {admission.new} new items, room for {room} of {admission.max_items}"


def more_than_100_ids(body: Document) -> Iterator[str]:
    """Finds more ids than one request may name."""
    if isinstance(body.get("ids"), list) and len(body["ids"]) > MOST_IDS:
        yield f"ids: expected at most {MOST_IDS}, got {len(body['ids'])}"


def an_id_is_empty(body: Document) -> Iterator[str]:
    """Finds an id that is no string, or an empty one."""
    if isinstance(body.get("ids"), list):
        for place, item_id in enumerate(body["ids"]):
            if not isinstance(item_id, str) or not item_id:
                yield f"ids[{place}]: expected a string of at least one character, got {shown(item_id)}"


def query_or_namespaces_are_empty(body: Document) -> Iterator[str]:
    """Finds a query that is missing, blank or without numbers, and namespaces that are missing or none."""
    query = body.get("query")
    if query is None or query == [] or (isinstance(query, str) and not query.strip()):
        yield "query: expected text, or a vector of at least one number"
    yield from is_no_filled_array("namespaces")(body)


def query_is_neither_text_nor_vector(body: Document) -> Iterator[str]:
    """Finds a query that is no string and no array of finite numbers."""
    query = body.get("query")
    if isinstance(query, list):
        for place, value in not_finite(query):
            yield f"query[{place}]: expected a finite number, got {shown(value)}"
    elif query is not None and not isinstance(query, str):
        yield f"query: expected text or an array of numbers, got {kind(query)}"


def query_is_of_the_other_type(question: Question) -> Iterator[str]:
    """Finds text asked of a vector namespace, and a vector asked of a text one."""
    name, kept = question.namespace.name, question.namespace.type
    if isinstance(question.query, str) and kept != "text":
        yield f"query: text asked of namespace {name!r} of type {kept}"
    if isinstance(question.query, list) and kept != "vector":
        yield f"query: a vector asked of namespace {name!r} of type {kept}"


def query_is_of_another_length(question: Question) -> Iterator[str]:
    """Finds a query vector whose length is not the namespace's dimension."""
    name, dimension = question.namespace.name, question.namespace.dimension
    if isinstance(question.query, list) and dimension is not None and len(question.query) != dimension:
        yield f"query: {len(question.query)} values, namespace {name!r} has dimension {dimension}"


def top_k_is_no_integer(body: Document) -> Iterator[str]:
    """Finds a top_k that is no integer; any integer will do."""
    if type(body.get("top_k", 10)) is not int:
        yield f"top_k: expected an integer, got {shown(body['top_k'])}"


def threshold_is_out_of_range(body: Document) -> Iterator[str]:
    """Finds a threshold that is neither null nor a number from 0 to 1."""
    threshold = body.get("threshold")
    if threshold is not None and (type(threshold) not in NUMBERS or not 0 <= threshold <= 1):
        yield f"threshold: expected null or a number from 0 to 1, got {shown(threshold)}"


def kiosk_mode_is_no_boolean(body: Document) -> Iterator[str]:
    """Finds a kiosk_mode that is neither true nor false."""
    if type(body.get("kiosk_mode", False)) is not bool:
        yield f"kiosk_mode: expected true or false, got {shown(body['kiosk_mode'])}"


def kiosk_mode_lacks_a_threshold(body: Document) -> Iterator[str]:
    """Finds kiosk_mode without the threshold it needs."""
    if body.get("kiosk_mode") is True and body.get("threshold") is None:
        yield "threshold: required with kiosk_mode"


def metadata_is_no_object(body: Document) -> Iterator[str]:
    """Finds a metadata filter, as the first generation of the service takes it, that is no object."""
    if not isinstance(body.get("metadata", {}), dict):
        yield f"metadata: expected an object, got {kind(body['metadata'])}"


def limit_is_no_positive_integer(query: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Finds a limit that is no number of items, or none of them."""
    for limit in query.get("limit", ())[-1:]:
        if not DIGITS.fullmatch(limit) or not limit.strip("0"):
            yield f"limit: expected an integer from 1, got {shown(limit)}"


def _vector_of(candidate: Candidate) -> Sequence[Any]:
    vector = candidate.item.get("vector") if isinstance(candidate.item, dict) else None
    return vector if isinstance(vector, list) else ()


CREATION: Mapping[str, Rule[Document]] = {
    "moorcheh.namespaces.name-required": name_is_missing,
    "moorcheh.namespaces.name-charset": name_has_other_characters,
    "moorcheh.namespaces.type-known": type_is_unknown,
    "moorcheh.namespaces.dimension-required": dimension_is_missing,
    "moorcheh.namespaces.dimension-integer": dimension_is_no_integer,
    "moorcheh.namespaces.dimension-positive": dimension_is_not_positive,
    "moorcheh.namespaces.dimension-not-for-text": text_has_a_dimension,
}
OCCUPATION: Mapping[str, Rule[Namespace | None]] = {
    "moorcheh.namespaces.delete-holds-name": is_being_deleted,
    "moorcheh.namespaces.exists": already_exists,
}
VECTORS_TARGET: Mapping[str, Rule[Namespace]] = {"moorcheh.vectors.wrong-namespace-type": is_text}
VECTORS: Mapping[str, Rule[Document]] = {"moorcheh.vectors.empty": is_no_filled_array("vectors")}
VECTOR: Mapping[str, Rule[Candidate]] = {
    "moorcheh.vectors.id-required": id_is_missing,
    "moorcheh.vectors.id-string": id_is_no_string,
    "moorcheh.vectors.vector-required": vector_is_missing,
    "moorcheh.vectors.non-numeric": value_is_no_number,
    "moorcheh.vectors.non-finite": value_is_not_finite,
    "moorcheh.vectors.dimension": length_is_not_the_dimension,
}
DOCUMENTS_TARGET: Mapping[str, Rule[Namespace]] = {"moorcheh.documents.wrong-namespace-type": is_vector}
DOCUMENTS: Mapping[str, Rule[Document]] = {"moorcheh.documents.empty": is_no_filled_array("documents")}
DOCUMENT: Mapping[str, Rule[Candidate]] = {
    "moorcheh.documents.id-required": id_is_missing,
    "moorcheh.documents.id-string": id_is_no_string,
    "moorcheh.documents.text-required": text_is_missing,
}
VECTORS_QUOTA: Mapping[str, Rule[Admission]] = {"moorcheh.quota.over-cap": exceeds_the_cap}
DOCUMENTS_QUOTA: Mapping[str, Rule[Admission]] = {"moorcheh.quota.documents-too": exceeds_the_cap}
IDS: Mapping[str, Rule[Document]] = {
    "moorcheh.items.ids-empty": is_no_filled_array("ids"),
    "moorcheh.items.ids-100": more_than_100_ids,
    "moorcheh.items.id-empty": an_id_is_empty,
}
FETCH_TARGET: Mapping[str, Rule[Namespace]] = {"moorcheh.fetch.vector-namespace": is_vector}
PAGE: Mapping[str, Rule[Mapping[str, Sequence[str]]]] = {
    "moorcheh.fetch.limit-bounds": limit_is_no_positive_integer
}
SEARCH: Mapping[str, Rule[Document]] = {
    "moorcheh.search.empty": query_or_namespaces_are_empty,
    "moorcheh.search.query-type": query_is_neither_text_nor_vector,
    "moorcheh.search.top-k-clamped": top_k_is_no_integer,
    "moorcheh.search.threshold-null": threshold_is_out_of_range,
    "moorcheh.search.kiosk": kiosk_mode_is_no_boolean,
    "moorcheh.search.kiosk-needs-threshold": kiosk_mode_lacks_a_threshold,
}
SEARCH_V1: Mapping[str, Rule[Document]] = {"moorcheh.search.filter-key": metadata_is_no_object}
QUESTION: Mapping[str, Rule[Question]] = {
    "moorcheh.search.query-type": query_is_of_the_other_type,
    "moorcheh.search.dimension": query_is_of_another_length,
}
