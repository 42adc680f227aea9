"""Which clause of Cortex an answer breaks that is not of its documented shape."""

import re
from collections.abc import Iterator, Mapping, Sequence

from mock_server.description import Described, description
from mock_server.witness import NO_JSON, Breach, Passage

SERVICE = "cortex"
ENVELOPE = "cortex.errors.envelope"
NO_5XX = "cortex.errors.no-5xx"
STATE = ("(statuses\\.[0-9]+\\.)?indexing_status", "cortex.processing.states")
SHAPES: Mapping[str, Sequence[tuple[str, str]]] = {
    "uploadEmbeddings": (("", "cortex.matrix.accepted"),),
    "insertRawEmbeddings": (("", "cortex.documents.accepted"),),
    "updateEmbeddings": (("", "cortex.update.replaces"),),
    "verifyUpload": (STATE, ("", "cortex.processing.states")),
    "verifyProcessing": (STATE, ("", "cortex.processing.states")),
    "searchEmbeddings": (("", "cortex.search.shape"),),
    "retrieveEmbeddings": (
        ("not_found_chunk_ids", "cortex.retrieve.not-found"),
        ("", "cortex.retrieve.vectors"),
    ),
    "deleteEmbeddings": (("", "cortex.delete.truthful"),),
    "createEmbeddingsTenant": (("", "cortex.tenants.create"),),
    "createTenant": (("", "cortex.tenants.create"),),
    "tenantStats": (("", "cortex.stats.count"),),
    "searchRawEmbeddings": (("", "cortex.find.shape"),),
    "filterRawEmbeddings": (("", "cortex.filter.by-source"),),
    "deleteRawEmbeddings": (("", "cortex.remove.by-source"),),
    "deleteTenant": (("", "cortex.tenants.delete"),),
    "infraStatus": (("", "cortex.tenants.infra"),),
}
"""For each operation where a flaw may lie, as a pattern of its path, and whose clause it then breaks."""
MOST_FLAWS = 3


def clause_of(passage: Passage, form: str, path: str = "") -> str:
    """Names the clause that a success of an operation breaks by a flaw at a path; empty if none says so."""
    if passage.operation == "insertRawEmbeddings" and form == "matrix":
        return "cortex.matrix.accepted"
    if passage.operation == "filterRawEmbeddings" and passage.call.body.find(b'"chunk_ids"') >= 0:
        return "cortex.filter.by-ids"
    shapes = SHAPES.get(passage.operation, ())
    return next((clause for pattern, clause in shapes if not pattern or re.fullmatch(pattern, path)), "")


def shape_breaches(described: Described, passage: Passage, form: str) -> Iterator[Breach]:
    """Says where an answer's status or body is not what is documented of its operation."""
    if passage.succeeded and passage.status != 200:
        clause = clause_of(passage, form)
        if clause:
            yield Breach("server", clause, f"status {passage.status}, documented: 200")
    elif passage.succeeded:
        yield from _flaws(described, passage, form, "")
    elif passage.status >= 500:
        yield Breach("server", NO_5XX, f"status {passage.status}")
    elif described.documents(passage.status):
        yield from _flaws(described, passage, form, ENVELOPE)


def _flaws(described: Described, passage: Passage, form: str, refusal: str) -> Iterator[Breach]:
    if passage.answer is NO_JSON:
        clause = refusal or clause_of(passage, form)
        if clause:
            yield Breach("server", clause, "the body is no JSON")
        return
    found = description(SERVICE).flaws(described, passage.status, passage.answer)
    for _, flaw in zip(range(MOST_FLAWS), found, strict=False):
        clause = refusal or clause_of(passage, form, flaw.path)
        if clause:
            yield Breach("server", clause, f"{flaw.path or 'the body'}: {flaw.detail}")
