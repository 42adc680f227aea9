"""What has to hold between a request to Moorcheh and its answer, whatever the server's state."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from typing import Any

from mock_server.moorcheh.search import LABELS
from mock_server.moorcheh.witness.asked import Asked
from mock_server.numbers import NUMBERS
from mock_server.witness import Breach, Passage

Relation = Callable[[Asked, Mapping[str, Any]], Iterator[tuple[str, str]]]
JOB_ID = re.compile("job-[0-9a-f]{32}")
ROUNDING = 1e-6  # a server may compare a score before it rounds it to six decimals
MOST_HITS, USUAL_HITS = 100, 10
USUAL_PAGE = 100
IRRELEVANT = (0.0, "Irrelevant")
KEY_FILTER = re.compile(r"#([A-Za-z0-9_-]+):([A-Za-z0-9_-]+)")
WORD_FILTER = re.compile(r"#([A-Za-z0-9_]+)")
FRACTION = re.compile(r"\.([0-9]+)")


def relation_breaches(asked: Asked, passage: Passage) -> Iterator[Breach]:
    """Says what does not hold in a success of the documented shape."""
    relation = RELATIONS.get(passage.operation)
    if relation is not None:
        for clause, detail in relation(asked, passage.body):
            yield Breach("server", f"moorcheh.{clause}", detail)


def _health(_asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    left = body["max_items"] - body["items"]
    if body["remaining"] not in (left, max(left, 0)):
        yield (
            "health.remaining",
            f"remaining {body['remaining']} of max_items {body['max_items']} with items {body['items']}",
        )


def _creation(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kept = asked.document.get("type")
    clause = "namespaces.create-text" if kept == "text" else "namespaces.create-vector"
    wanted = {"namespace_name": asked.namespace, "type": kept}
    if kept == "vector":
        wanted["vector_dimension"] = asked.document.get("vector_dimension")
    yield from _echoed(body, clause, wanted)


def _namespace_deletion(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _echoed(body, "namespaces.delete-accepted", {"namespace_name": asked.namespace})


def _vectors(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _accepted(asked, body, "vectors.accepted")


def _documents(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _accepted(asked, body, "documents.accepted")


def _accepted(asked: Asked, body: Mapping[str, Any], clause: str) -> Iterator[tuple[str, str]]:
    yield from _echoed(body, clause, {"namespace_name": asked.namespace, "total": asked.sent})
    if not JOB_ID.fullmatch(body["job_id"]):
        yield "vectors.job-id", f"job_id {body['job_id']!r}"


def _upload_job(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _job_echoed(asked, body, "jobs.shape")
    done, total = body["processed"], body["total"]
    if body["status"] == "completed" and not done == body["successful"] + body["failed"] == total:
        yield (
            "jobs.totals",
            f"completed with processed {done}, successful {body['successful']} and failed {body['failed']}"
            f" of total {total}",
        )
    yield from _moments(body, "jobs.shape", "jobs.finished-at")


def _delete_job(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    clause = "namespaces.delete-job"
    yield from _job_echoed(asked, body, clause)
    if body["status"] == "completed" and body["deleted_items"] != body["total_items"]:
        yield (
            clause,
            f"completed with deleted_items {body['deleted_items']} of total_items {body['total_items']}",
        )
    yield from _moments(body, clause, clause)


def _items_got(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    ids = asked.document["ids"]
    if len(set(ids)) == len(ids) != body["requested_ids"]:
        yield "items.get", f"requested_ids {body['requested_ids']} of {len(ids)} ids"
    found = [item["id"] for item in body["items"]]
    if body["found_items"] != len(found):
        yield "items.get", f"found_items {body['found_items']} with {len(found)} items"
    for item_id in dict.fromkeys(found):
        if item_id not in ids:
            yield "items.get-missing", f"item {item_id!r} was not asked for"
        elif found.count(item_id) > ids.count(item_id):
            yield "items.get", f"item {item_id!r} comes {found.count(item_id)} times"


def _items_deleted(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    ids, missing = asked.document["ids"], body["not_found_ids"]
    yield from _echoed(body, "items.delete", {"namespace_name": asked.namespace})
    if len(set(ids)) == len(ids):
        if body["requested"] != len(ids):
            yield "items.delete", f"requested {body['requested']} of {len(ids)} ids"
        if body["deleted"] + len(missing) != len(ids):
            yield (
                "items.delete",
                f"deleted {body['deleted']} and {len(missing)} not_found_ids of {len(ids)} ids",
            )
    for item_id in missing:
        if item_id not in ids:
            yield "items.delete", f"{item_id!r} of not_found_ids was not asked for"


def _page(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _echoed(body, "fetch.shape", {"namespace": asked.namespace})
    limit = asked.call.query.get("limit", (str(USUAL_PAGE),))[-1]
    most = min(int(limit), USUAL_PAGE) if re.fullmatch("[0-9]{1,9}", limit) else USUAL_PAGE
    if most and len(body["items"]) > most:
        yield "fetch.limit", f"{len(body['items'])} items in a page of at most {most}"


def _search(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    wish, hits = asked.document, body["results"]
    for one, other in pairwise(hits):
        if one["score"] < other["score"]:
            yield "search.sorted", f"score {one['score']} comes before {other['score']}"
            break
    top_k = wish.get("top_k", USUAL_HITS)
    most = min(max(top_k, 1), MOST_HITS) if type(top_k) is int else MOST_HITS
    if len(hits) > most:
        yield (
            "search.top-k-clamped" if "top_k" in wish else "search.top-k-default",
            f"{len(hits)} hits where at most {most} are wanted",
        )
    threshold: Any = wish.get("threshold")
    if wish.get("kiosk_mode") is True and type(threshold) in NUMBERS:
        for hit in hits:
            if hit["score"] < threshold - ROUNDING:
                yield "search.kiosk", f"a hit with score {hit['score']} below threshold {threshold}"
                break
    yield from _hits(wish, hits)


def _hits(wish: Mapping[str, Any], hits: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    named = [hit for hit in hits if "namespace" in hit]
    if named and len(named) < len(hits):
        yield "search.namespace", f"{len(hits) - len(named)} of {len(hits)} hits name no namespace"
    asked, query = wish.get("namespaces"), wish.get("query")
    for hit in named:
        if isinstance(asked, list) and hit["namespace"] not in asked:
            yield "search.only-asked", f"a hit in {hit['namespace']!r}, which was not asked"
    for hit in hits:
        if isinstance(query, list) and hit["text"]:
            yield "search.vector-text", f"the hit {hit['id']!r} of a vector has the text {hit['text'][:40]!r}"
        if hit["label"] not in _labels(hit["score"]):
            yield "search.label", f"label {hit['label']!r} for score {hit['score']}"
    if isinstance(query, str) and len(named) == len(hits):
        # Hits name their namespace from the second generation on, and so do queries know filters.
        yield from _filtered(query, hits)


def _filtered(query: str, hits: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for token in query.split():
        key, word = KEY_FILTER.fullmatch(token), WORD_FILTER.fullmatch(token)
        for hit in hits:
            value = hit["metadata"].get(key[1], "") if key else ""
            if key and isinstance(value, str) and value.casefold() != key[2].casefold():
                yield "search.filter-key", f"{token} lets {hit['id']!r} pass, whose {key[1]} is {value!r}"
            if word and word[1].casefold() not in hit["text"].casefold():
                yield "search.filter-word", f"{token} lets {hit['id']!r} pass, whose text lacks it"


def _labels(score: float) -> set[str]:
    """Lists the labels that fit a score; so close to a bound two of them do."""
    near = (score - ROUNDING, score + ROUNDING)
    return {next(name for least, name in (*LABELS, (-math.inf, IRRELEVANT[1])) if at >= least) for at in near}


def _answered(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if asked.document.get("namespace") == "" and body["context_count"]:
        yield "answer.direct", f"context_count {body['context_count']} without retrieval"


def _files_taken(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    wanted: dict[str, Any] = {"namespace_name": asked.namespace}
    if isinstance(asked.document.get("files"), list):
        wanted["total"] = len(asked.document["files"])
    yield from _echoed(body, "files.accepted", wanted)
    if not body["ingesting"] and body.get("job_id") is not None:
        yield "files.skipped", f"every file is skipped, and there is the job {body['job_id']!r}"
    for skipped in body["skipped"]:
        yield from _file_id(asked.namespace, skipped)


def _files_listed(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if body["count"] != len(body["files"]):
        yield "files.accepted", f"count {body['count']} with {len(body['files'])} files"
    for file in body["files"]:
        yield from _file_id(asked.namespace, file)


def _file_got(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _echoed(body["file"], "files.accepted", {"file_id": asked.call.parameters["file_id"]})
    yield from _file_id(asked.namespace, body["file"])


def _file_deleted(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _echoed(body, "files.delete", {"namespace_name": asked.namespace})
    if isinstance(asked.document.get("file_id"), str):
        yield from _echoed(body, "files.delete", {"file_id": asked.document["file_id"]})
    yield from _file_id(asked.namespace, body)


def _file_job(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _job_echoed(asked, body, "files.accepted")
    yield from _moments(body, "files.accepted", "files.accepted")


def _file_id(namespace: str, file: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    digest = sha256(f"{namespace}\0{file['absolute_path']}".encode()).hexdigest()[:16]
    if file["file_id"] != digest:
        yield "files.file-id", f"file_id {file['file_id']!r} of {file['absolute_path']!r}, not {digest!r}"


def _job_echoed(asked: Asked, body: Mapping[str, Any], clause: str) -> Iterator[tuple[str, str]]:
    wanted = {"job_id": asked.call.parameters["job_id"], "namespace_name": asked.namespace}
    yield from _echoed(body, clause, wanted)


def _echoed(body: Mapping[str, Any], clause: str, wanted: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in wanted.items():
        if body.get(name) != value:
            yield clause, f"{name} {body.get(name)!r}, not {value!r}"


def _moments(body: Mapping[str, Any], clause: str, ending: str) -> Iterator[tuple[str, str]]:
    """Finds timestamps that are none, and those that are not in their order."""
    moments: dict[str, datetime] = {}
    for name in ("started_at", "updated_at", "finished_at"):
        if body[name] is not None:
            try:
                moment = datetime.fromisoformat(body[name])
            except ValueError:
                yield ending if name == "finished_at" else clause, f"{name}: {body[name]!r} is no timestamp"
            else:
                moments[name] = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    for one, other in pairwise(moments):
        digits = min(_digits(body[one]), _digits(body[other]))
        if "finished_at" in moments and _cut(moments[one], digits) > _cut(moments[other], digits):
            yield ending, f"{one} {body[one]} is after {other} {body[other]}"


def _digits(timestamp: str) -> int:
    """Counts the digits of a timestamp's fraction of a second: how many there are is up to the server."""
    found = FRACTION.search(timestamp)
    return min(len(found[1]), 6) if found else 0


def _cut(moment: datetime, digits: int) -> tuple[datetime, int]:
    return moment.replace(microsecond=0), moment.microsecond // 10 ** (6 - digits)


RELATIONS: Mapping[str, Relation] = {
    "health": _health,
    "createNamespace": _creation,
    "deleteNamespace": _namespace_deletion,
    "getDeleteJob": _delete_job,
    "uploadVectors": _vectors,
    "uploadDocuments": _documents,
    "getUploadJob": _upload_job,
    "getItems": _items_got,
    "deleteItems": _items_deleted,
    "fetchTextData": _page,
    "search": _search,
    "answer": _answered,
    "uploadFiles": _files_taken,
    "listFiles": _files_listed,
    "getFile": _file_got,
    "deleteFile": _file_deleted,
    "getFileJob": _file_job,
}
