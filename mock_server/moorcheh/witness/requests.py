"""What is wrong with a request to Moorcheh, by the rules that the mock itself refuses by.

Where the mock goes further than the documentation, a fault has no clause.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mock_server.moorcheh import rules
from mock_server.moorcheh.bodies import MALFORMED
from mock_server.moorcheh.files.rules import DELETION
from mock_server.moorcheh.rules import Candidate
from mock_server.moorcheh.witness.asked import UPLOADS, Asked
from mock_server.moorcheh.witness.memory import Known, Namespaces
from mock_server.rules import Document, faults
from mock_server.witness import Fault, Passage

MOST_SHOWN = 3  # of the faults that items of one batch have


def faults_of(asked: Asked, namespaces: Namespaces, passage: Passage) -> Sequence[Fault]:
    """Lists what is wrong with a request, as far as it is certain."""
    if asked.malformed:
        return [Fault(MALFORMED, asked.malformed)]
    judge = JUDGES.get(asked.operation)
    return [] if judge is None else [*judge(asked, namespaces, passage)]


def _creation(asked: Asked, namespaces: Namespaces, passage: Passage) -> Iterator[Fault]:
    yield from _said(faults(rules.CREATION, asked.document))
    if namespaces.find(asked.namespace, passage) is not None:
        yield Fault("moorcheh.namespaces.exists", f"namespace {asked.namespace!r} exists")


def _removal(asked: Asked, namespaces: Namespaces, passage: Passage) -> Iterator[Fault]:
    yield from _absent(asked, namespaces, passage, "moorcheh.namespaces.delete-missing")


def _vectors(asked: Asked, namespaces: Namespaces, passage: Passage) -> Iterator[Fault]:
    yield from _absent(asked, namespaces, passage, "moorcheh.vectors.unknown-namespace")
    known = namespaces.find(asked.namespace, passage)
    if known is not None and known.type == "text":
        yield Fault("moorcheh.vectors.wrong-namespace-type", f"namespace {asked.namespace!r} is of type text")
    dimension = known.dimension if known is not None else None
    if asked.quick is not None:
        length = asked.quick.numbers.shape[1]
        if dimension is not None and length != dimension:
            detail = f"the vectors have {length} values, the namespace has dimension {dimension}"
            yield Fault("moorcheh.vectors.dimension", detail)
        return
    yield from _said(faults(rules.VECTORS, asked.document))
    yield from _of_items(asked, rules.VECTOR, dimension)


def _documents(asked: Asked, namespaces: Namespaces, passage: Passage) -> Iterator[Fault]:
    yield from _absent(asked, namespaces, passage, "moorcheh.documents.unknown-namespace")
    known = namespaces.find(asked.namespace, passage)
    if known is not None and known.type == "vector":
        yield Fault(
            "moorcheh.documents.wrong-namespace-type", f"namespace {asked.namespace!r} is of type vector"
        )
    yield from _said(faults(rules.DOCUMENTS, asked.document))
    yield from _of_items(asked, rules.DOCUMENT, None)


def _items(asked: Asked, namespaces: Namespaces, passage: Passage) -> Iterator[Fault]:
    yield from _absent(asked, namespaces, passage, "moorcheh.items.unknown-namespace")
    yield from _said(faults(rules.IDS, asked.document), asked.document)


def _search(asked: Asked, namespaces: Namespaces, passage: Passage) -> Iterator[Fault]:
    body = asked.document
    yield from _said(faults(rules.SEARCH, body), body)
    query = body.get("query")
    for name in _names(body):
        if namespaces.is_absent(name, passage):
            yield Fault("moorcheh.search.unknown-namespace", f"there is no namespace {name!r}")
        known = namespaces.find(name, passage)
        if known is not None:
            yield from _question(query, name, known)


def _question(query: Any, name: str, known: Known) -> Iterator[Fault]:
    if isinstance(query, str) and known.type == "vector":
        yield Fault("moorcheh.search.query-type", f"text asked of namespace {name!r} of type vector")
    if isinstance(query, list) and known.type == "text":
        yield Fault("moorcheh.search.query-type", f"a vector asked of namespace {name!r} of type text")
    if isinstance(query, list) and query and known.dimension not in (None, len(query)):
        detail = f"the query has {len(query)} values, namespace {name!r} has dimension {known.dimension}"
        yield Fault("moorcheh.search.dimension", detail)


def _page(asked: Asked, namespaces: Namespaces, passage: Passage) -> Iterator[Fault]:
    yield from _said(faults(rules.PAGE, asked.call.query))
    known = namespaces.find(asked.namespace, passage)
    if known is not None and known.type == "vector":
        yield Fault("moorcheh.fetch.vector-namespace", f"namespace {asked.namespace!r} is of type vector")


def _file_removal(asked: Asked, _namespaces: Namespaces, _passage: Passage) -> Iterator[Fault]:
    yield from _said(faults(DELETION, asked.document), asked.document)


def _absent(asked: Asked, namespaces: Namespaces, passage: Passage, clause: str) -> Iterator[Fault]:
    if namespaces.is_absent(asked.namespace, passage):
        yield Fault(clause, f"there is no namespace {asked.namespace!r}")


def _of_items(asked: Asked, table: Mapping[str, Any], dimension: int | None) -> Iterator[Fault]:
    shown: dict[str, int] = {}
    field = UPLOADS[asked.operation][0]
    for place, element in enumerate(asked.elements):
        for fault in _said(faults(table, Candidate(element, dimension), f"{field}[{place}]: "), element):
            shown[fault.clause] = shown.get(fault.clause, 0) + 1
            if shown[fault.clause] <= MOST_SHOWN:
                yield fault


def _said(found: Iterator[tuple[str, str]], subject: Any = None) -> Iterator[Fault]:
    """Makes faults of what rules find, without a clause where the mock goes beyond it."""
    for clause, detail in found:
        reach = REACH.get(clause)
        yield Fault(clause if reach is None or reach(subject) else "", detail)


def _names(body: Document) -> Sequence[str]:
    names = body.get("namespaces")
    return [each for each in names if isinstance(each, str)] if isinstance(names, list) else []


def _has_empty_id(body: Document) -> bool:
    return "" in body["ids"]


def _is_empty_search(body: Document) -> bool:
    return body.get("query") == [] or not isinstance(body.get("namespaces"), list) or not body["namespaces"]


def _names_both_or_neither(body: Document) -> bool:
    given = [name for name in ("path", "file_id") if name in body]
    return len(given) == 0 or (len(given) == 2 and None not in (body["path"], body["file_id"]))


def _never(_subject: Any) -> bool:
    return False


REACH: Mapping[str, Callable[[Any], bool]] = {
    "moorcheh.vectors.id-required": lambda item: isinstance(item, dict),
    "moorcheh.documents.id-required": lambda item: isinstance(item, dict),
    "moorcheh.documents.text-required": lambda item: "text" not in item,
    "moorcheh.items.id-empty": _has_empty_id,
    "moorcheh.search.empty": _is_empty_search,
    "moorcheh.search.query-type": _never,
    "moorcheh.search.top-k-clamped": _never,
    "moorcheh.search.threshold-null": _never,
    "moorcheh.search.kiosk": _never,
    "moorcheh.files.delete-one-of": _names_both_or_neither,
}
"""Of the rules that find more than their clause says is refused: what the clause does say."""
JUDGES: Mapping[str, Callable[[Asked, Namespaces, Passage], Iterator[Fault]]] = {
    "createNamespace": _creation,
    "deleteNamespace": _removal,
    "uploadVectors": _vectors,
    "uploadDocuments": _documents,
    "getItems": _items,
    "deleteItems": _items,
    "search": _search,
    "fetchTextData": _page,
    "deleteFile": _file_removal,
}
