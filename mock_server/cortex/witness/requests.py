"""What is wrong with a request to Cortex, by the rules that the mock itself refuses by.

Where the mock goes further than the documentation, a fault has no clause.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mock_server.cortex import rules
from mock_server.cortex.bodies import MALFORMED, Documents, Matrix
from mock_server.cortex.rules import Credentials
from mock_server.cortex.shapes import Candidate, rows_of
from mock_server.cortex.witness.asked import Asked
from mock_server.cortex.witness.tenants import Tenants
from mock_server.numbers import NUMBERS
from mock_server.rules import Document, faults
from mock_server.witness import Fault, Passage

MOST_SHOWN = 3  # of the faults that chunks of one insert have
KNOWN_TENANT = frozenset(
    ("uploadEmbeddings", "insertRawEmbeddings", "searchEmbeddings", "searchRawEmbeddings")
) | frozenset(("retrieveEmbeddings", "filterRawEmbeddings", "deleteEmbeddings", "deleteRawEmbeddings"))


def faults_of(asked: Asked, tenants: Tenants, passage: Passage) -> Sequence[Fault]:
    """Lists what is wrong with a request, as far as it is certain."""
    return [*_faults(asked, tenants, passage)]


def _faults(asked: Asked, tenants: Tenants, passage: Passage) -> Iterator[Fault]:
    header = asked.call.headers.get("authorization", "")
    yield from _said(faults(rules.KEY, Credentials(header, None)))
    if asked.malformed:
        yield Fault(MALFORMED, asked.malformed)
        return
    yield from _of_tenant(asked, tenants, passage)
    judge = JUDGES.get(asked.operation)
    if judge is not None:
        yield from judge(asked, tenants.dimension(asked.tenant, passage))


def _of_tenant(asked: Asked, tenants: Tenants, passage: Passage) -> Iterator[Fault]:
    if asked.operation == "createTenant":
        yield from _said(faults(rules.CREATION, asked.document))
    if asked.operation not in ("listTenantIds",):
        yield from _said(faults(rules.SCOPE, asked.fields))
    if tenants.is_absent(asked.tenant, passage):
        detail = f"there is no tenant {asked.tenant!r}"
        if asked.operation == "deleteTenant":
            yield Fault("cortex.tenants.delete", detail)
        elif asked.operation in KNOWN_TENANT:
            yield Fault("cortex.tenants.unknown", detail)
        elif not asked.operation.startswith("create"):
            yield Fault("", detail)


def _upload(asked: Asked, dimension: int | None) -> Iterator[Fault]:
    if asked.form == "documents":
        yield from _documents(asked, dimension)
        return
    yield from _said(faults(rules.MATRIX_FIELDS, asked.document))
    if isinstance(asked.quick, Matrix):
        return
    hybrid = asked.operation == "insertRawEmbeddings" and asked.form != "matrix"
    for fault in _said(faults(rules.MATRIX, asked.document), asked.document):
        yield Fault("", fault.detail) if hybrid else fault


def _documents(asked: Asked, dimension: int | None) -> Iterator[Fault]:
    yield from _said(faults(rules.DOCUMENTS_FIELDS, asked.document))
    if isinstance(asked.quick, Documents):
        length = asked.quick.batch.dimension
        if dimension is not None and length != dimension:
            detail = f"the vectors have {length} values, the tenant has dimension {dimension}"
            yield Fault("cortex.documents.dimension", detail)
        return
    shown: dict[str, int] = {}
    for fault in _of_chunks(asked, dimension):
        shown[fault.clause] = shown.get(fault.clause, 0) + 1
        if shown[fault.clause] <= MOST_SHOWN:
            yield fault


def _of_chunks(asked: Asked, dimension: int | None) -> Iterator[Fault]:
    for place, element in enumerate(asked.document["embeddings"]):
        where = f"embeddings[{place}]"
        found = faults(rules.DOCUMENT, Candidate(element), f"{where}: ")
        yield from _in_full(found, element, ("source_id", "embeddings"))
        chunks = element.get("embeddings") if isinstance(element, dict) else None
        for row, chunk in enumerate(chunks if isinstance(chunks, list) else ()):
            found = faults(rules.CHUNK, Candidate(chunk, dimension), f"{where}.embeddings[{row}]: ")
            yield from _in_full(found, chunk, ("chunk_id", "embedding"))


def _update(asked: Asked, _dimension: int | None) -> Iterator[Fault]:
    yield from _said(faults(rules.UPDATE, asked.document), asked.document)


def _search(asked: Asked, _dimension: int | None) -> Iterator[Fault]:
    yield from _said(faults(rules.SEARCH, asked.document), asked.document)


def _retrieval(asked: Asked, _dimension: int | None) -> Iterator[Fault]:
    yield from _said(faults(rules.RETRIEVAL, asked.document))


def _deletion(asked: Asked, _dimension: int | None) -> Iterator[Fault]:
    yield from _said(faults(rules.DELETION, asked.document))


def _find(asked: Asked, dimension: int | None) -> Iterator[Fault]:
    body = asked.document
    yield from _said(faults(rules.FIND_FIELDS, body))
    yield from _said(faults(rules.FIND, body), body)
    query = body.get("query_embedding")
    if isinstance(query, list) and query and dimension is not None and len(query) != dimension:
        detail = f"the query has {len(query)} values, the tenant has dimension {dimension}"
        yield Fault("cortex.find.dimension", detail)


def _filter(asked: Asked, _dimension: int | None) -> Iterator[Fault]:
    yield from _said(faults(rules.FILTER, asked.document), asked.document)


def _removal(asked: Asked, _dimension: int | None) -> Iterator[Fault]:
    body = {**asked.fields, "chunk_ids": [*asked.chunk_ids]} if asked.chunk_ids else asked.fields
    yield from _said(faults(rules.REMOVAL, body), body)


def _verification(asked: Asked, _dimension: int | None) -> Iterator[Fault]:
    yield from _said(faults(rules.VERIFICATION, asked.call.query))


def _said(found: Iterator[tuple[str, str]], subject: Any = None) -> Iterator[Fault]:
    """Makes faults of what rules find, without a clause where the mock goes beyond it or has none."""
    for clause, detail in found:
        reach = REACH.get(clause)
        said = clause.startswith("cortex.") and (reach is None or reach(subject))
        yield Fault(clause if said else "", detail)


def _in_full(found: Iterator[tuple[str, str]], item: Any, required: Sequence[str]) -> Iterator[Fault]:
    """Makes faults of what rules find in a document or chunk: that a field is absent is documented alone."""
    for fault in _said(found):
        lacks = isinstance(item, dict) and any(name not in item for name in required)
        shaped = fault.clause == "cortex.documents.shape-required"
        yield Fault("", fault.detail) if shaped and not lacks else fault


def _is_infinite(value: Any) -> bool:
    try:
        return not math.isfinite(value)
    except OverflowError:
        return True


def _holds_no_finite(body: Document) -> bool:
    return any(type(value) in NUMBERS and _is_infinite(value) for row in rows_of(body) for value in row)


def _holds_no_number(body: Document) -> bool:
    return any(
        type(value) not in NUMBERS and not isinstance(value, list) for row in rows_of(body) for value in row
    )


def _is_out_of(field: str, most: int) -> Callable[[Document], bool]:
    return lambda body: type(body.get(field)) is int and not 1 <= body[field] <= most


def _names_both_or_neither(body: Document) -> bool:
    given = [name for name in ("source_id", "chunk_ids") if name in body]
    return not given or all(body.get(name) for name in ("source_id", "chunk_ids"))


REACH: Mapping[str, Callable[[Any], bool]] = {
    "cortex.matrix.numeric": _holds_no_number,
    "cortex.matrix.finite": _holds_no_finite,
    "cortex.search.empty": lambda body: body.get("embeddings") == [],
    "cortex.search.max-chunks": _is_out_of("max_chunks", rules.MAX_CHUNKS),
    "cortex.find.limit-bounds": _is_out_of("limit", rules.MAX_FOUND),
    "cortex.filter.one-of": _names_both_or_neither,
    "cortex.filter.limit": _is_out_of("limit", rules.MAX_FILTERED),
    "cortex.remove.one-of": _names_both_or_neither,
}
"""Of the rules that find more than their clause says is refused: what the clause does say."""
JUDGES: Mapping[str, Callable[[Asked, int | None], Iterator[Fault]]] = {
    "uploadEmbeddings": _upload,
    "insertRawEmbeddings": _upload,
    "updateEmbeddings": _update,
    "searchEmbeddings": _search,
    "retrieveEmbeddings": _retrieval,
    "deleteEmbeddings": _deletion,
    "searchRawEmbeddings": _find,
    "filterRawEmbeddings": _filter,
    "deleteRawEmbeddings": _removal,
    "verifyUpload": _verification,
    "verifyProcessing": _verification,
}
