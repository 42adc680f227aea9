"""Which clause of Moorcheh an answer breaks that is not of its documented shape."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mock_server.description import Described, description
from mock_server.witness import NO_JSON, Breach, Passage

SERVICE = "moorcheh"
ENVELOPE = "moorcheh.errors.envelope"
QUOTA_BODY = "moorcheh.quota.body"
NO_5XX = "moorcheh.errors.no-5xx"
SHAPES: Mapping[str, Sequence[tuple[str, str]]] = {
    "health": (
        ("(embedding_provider|model|llm_provider|llm_model)", "moorcheh.health.providers"),
        ("", "moorcheh.health.answers"),
    ),
    "createNamespace": (("", "moorcheh.namespaces.create-vector"),),
    "listNamespaces": (("", "moorcheh.namespaces.listed"),),
    "deleteNamespace": (("", "moorcheh.namespaces.delete-accepted"),),
    "getDeleteJob": (("", "moorcheh.namespaces.delete-job"),),
    "uploadDocuments": (("", "moorcheh.documents.accepted"),),
    "uploadVectors": (("", "moorcheh.vectors.accepted"),),
    "getUploadJob": (
        ("status", "moorcheh.jobs.states"),
        ("finished_at", "moorcheh.jobs.finished-at"),
        ("", "moorcheh.jobs.shape"),
    ),
    "getItems": (("", "moorcheh.items.get"),),
    "deleteItems": (("", "moorcheh.items.delete"),),
    "fetchTextData": (("", "moorcheh.fetch.shape"),),
    "search": (("", "moorcheh.search.shape"),),
    "answer": (("", "moorcheh.answer.shape"),),
    "uploadFiles": (("", "moorcheh.files.accepted"),),
    "listFiles": (("", "moorcheh.files.accepted"),),
    "getFile": (("", "moorcheh.files.accepted"),),
    "deleteFile": (("", "moorcheh.files.delete"),),
    "getFileJob": (("", "moorcheh.files.accepted"),),
}
"""For each operation where a flaw may lie, as a pattern of its path, and whose clause it then breaks."""
RANGE = {"minimum", "maximum"}
MOST_FLAWS = 3


def clause_of(passage: Passage, path: str = "", rule: str = "") -> str:
    """Names the clause that a success of an operation breaks by a flaw at a path."""
    clause = next(
        clause for pattern, clause in SHAPES[passage.operation] if not pattern or re.fullmatch(pattern, path)
    )
    if passage.operation == "createNamespace" and passage.body.get("type") == "text":
        return "moorcheh.namespaces.create-text"
    if passage.operation == "search" and path.endswith(".score") and rule in RANGE:
        return "moorcheh.search.score-range"
    return "moorcheh.search.top-k-clamped" if (path, rule) == ("results", "maxItems") else clause


def shape_breaches(described: Described, passage: Passage) -> Iterator[Breach]:
    """Says where an answer's status or body is not what is documented of its operation."""
    if passage.succeeded and not described.documents(passage.status):
        documented = [status for status in described.schemas if status.startswith("2")]
        detail = f"status {passage.status}, documented: {' or '.join(documented)}"
        yield Breach("server", clause_of(passage), detail)
    elif passage.succeeded:
        yield from _flaws(described, passage, "")
    elif passage.status >= 500:
        yield Breach("server", NO_5XX, f"status {passage.status}")
    elif described.documents(passage.status):
        yield from _flaws(described, passage, ENVELOPE)


def _flaws(described: Described, passage: Passage, clause: str) -> Iterator[Breach]:
    if passage.answer is NO_JSON:
        yield Breach("server", clause or clause_of(passage), "the body is no JSON")
        return
    found = description(SERVICE).flaws(described, passage.status, passage.answer)
    for _, flaw in zip(range(MOST_FLAWS), found, strict=False):
        detail = f"{flaw.path or 'the body'}: {flaw.detail}"
        refusal = QUOTA_BODY if clause and _is_about_quota(flaw.path, flaw.detail) else clause
        yield Breach("server", refusal or clause_of(passage, flaw.path, flaw.rule), detail)


def _is_about_quota(*texts: Any) -> bool:
    return any(re.search(r"\b(items|max_items|requested_new)\b", text) for text in texts)
