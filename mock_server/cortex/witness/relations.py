"""What has to hold between a request to Cortex and its answer, whatever the server's state."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from mock_server.cortex.rules import MAX_FILTERED, MAX_FOUND
from mock_server.cortex.search import USUAL_HITS
from mock_server.cortex.witness.asked import Asked
from mock_server.cortex.witness.tenants import RANKS
from mock_server.witness import Breach, Passage

Relation = Callable[[Asked, Any], Iterator[tuple[str, str]]]
TOLERANCE = 1e-4  # of score + distance = 1
USUAL_FILTERED = 100


def relation_breaches(asked: Asked, passage: Passage) -> Iterator[Breach]:
    """Says what does not hold in a success of the documented shape."""
    relation = RELATIONS.get(passage.operation)
    if relation is not None:
        for clause, detail in relation(asked, passage.answer):
            yield Breach("server", f"cortex.{clause}", detail)


def _inserted(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if asked.form == "matrix":
        yield from _uploaded(asked, body)
    elif body.get("success") is True:
        ids = [*asked.chunk_ids]
        if len(set(ids)) == len(ids) and (body["insert_count"], body["ids"]) != (len(ids), ids):
            yield (
                "documents.accepted",
                f"insert_count {body['insert_count']} and {len(body['ids'])} ids of {len(ids)} chunks"
                if len(body["ids"]) != len(ids) or body["insert_count"] != len(ids)
                else "ids are not the chunk ids in order",
            )


def _uploaded(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if asked.file_id and body["file_id"] != asked.file_id:
        yield "matrix.file-id-kept", f"file_id {body['file_id']!r} for {asked.file_id!r}"
    batch = body.get("batch_id", body["file_id"])
    if batch != body["file_id"]:
        yield "matrix.batch-is-file", f"batch_id {batch!r} of file_id {body['file_id']!r}"
    if "chunk_ids" in body:
        wanted = [f"{batch}_{row}" for row in range(asked.rows)]
        if body["chunk_ids"] != wanted:
            yield (
                "matrix.chunk-ids",
                f"{len(body['chunk_ids'])} chunk_ids of {asked.rows} rows"
                if len(body["chunk_ids"]) != asked.rows
                else "chunk_ids are not the batch's id and the row's number in order",
            )


def _updated(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    ids = asked.chunk_ids
    if body.get("updated_count", len(ids)) != len(ids):
        yield "update.replaces", f"updated_count {body['updated_count']} of {len(ids)} chunks"
    if sorted(body.get("chunk_ids", ids)) != sorted(ids):
        yield "update.replaces", "chunk_ids are not those of the request"


def _verified(_asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    # Where the states stand under statuses, the schema lets the one at the top be anything.
    state = body.get("indexing_status", "queued")
    if state not in RANKS:
        yield "processing.states", f"indexing_status {state!r}"


def _searched(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    ids, scores = body["chunk_ids"], body["scores"]
    if len(ids) != len(scores):
        yield "search.shape", f"{len(ids)} chunk_ids beside {len(scores)} scores"
    for one, other in pairwise(scores):
        if one < other:
            yield "search.shape", f"score {one} comes before {other}"
            break
    most = asked.document.get("max_chunks")
    most = USUAL_HITS if most is None else most
    if len(ids) > most:
        yield "search.max-chunks", f"{len(ids)} chunks where at most {most} are wanted"


def _retrieved(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    found, missing, ids = set(body["embeddings"]), set(body["not_found_chunk_ids"]), set(asked.chunk_ids)
    for chunk_id in sorted((found | missing) - ids)[:1]:
        clause = "retrieve.not-found" if chunk_id in missing else "retrieve.vectors"
        yield clause, f"chunk {chunk_id!r} was not asked for"
    for chunk_id in sorted(found & missing)[:1]:
        yield "retrieve.not-found", f"chunk {chunk_id!r} is found, and among not_found_chunk_ids"
    for chunk_id in sorted(ids - found - missing)[:1]:
        yield "retrieve.not-found", f"chunk {chunk_id!r} is neither found nor among not_found_chunk_ids"


def _deleted(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    done = [chunk_id for chunk_id, gone in body["status"].items() if gone]
    if body["total_deleted"] != len(done):
        yield "delete.truthful", f"total_deleted {body['total_deleted']} with {len(done)} true in status"
    for chunk_id in [each for each in body["status"] if each not in set(asked.chunk_ids)][:1]:
        yield "delete.truthful", f"chunk {chunk_id!r} was not to be deleted"


def _created(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if body["tenant_id"] != asked.tenant:
        yield "tenants.create", f"tenant_id {body['tenant_id']!r}, not {asked.tenant!r}"
    if (
        asked.operation == "createEmbeddingsTenant"
        and body.get("sub_tenant_id", asked.tenant) != asked.tenant
    ):
        yield (
            "subtenants.default-is-tenant-id",
            f"sub_tenant_id {body['sub_tenant_id']!r} of {asked.tenant!r}",
        )


def _counted(_asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if (body["object_count"] == 0) is not (body["vector_dimension"] is None):
        yield (
            "stats.count",
            f"vector_dimension {body['vector_dimension']} with object_count {body['object_count']}",
        )


def _found(asked: Asked, hits: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for one, other in pairwise(hits):
        if one["score"] < other["score"]:
            yield "find.shape", f"score {one['score']} comes before {other['score']}"
            break
    for hit in hits:
        if abs(hit["score"] + hit["distance"] - 1) > TOLERANCE:
            yield "find.shape", f"score {hit['score']} and distance {hit['distance']}"
            break
    yield from _within_limit(asked, hits, "find.limit", USUAL_HITS, MAX_FOUND)
    yield from _with_vectors(asked, hits)


def _chosen(asked: Asked, hits: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    source_id, ids = asked.document.get("source_id"), asked.chunk_ids
    named = [hit["embedding"]["chunk_id"] for hit in hits if isinstance(hit.get("embedding"), dict)]
    for hit in hits:
        if source_id and hit["source_id"] != source_id:
            yield "filter.by-source", f"a chunk of source {hit['source_id']!r} for {source_id!r}"
            break
    for chunk_id in named:
        if not source_id and chunk_id not in ids:
            yield "filter.by-ids", f"chunk {chunk_id!r} was not asked for"
            break
    if not source_id and len(set(named)) != len(named) and len(set(ids)) == len(ids):
        yield "filter.by-ids", "a chunk comes twice"
    yield from _within_limit(asked, hits, "filter.limit", USUAL_FILTERED, MAX_FILTERED)


def _within_limit(
    asked: Asked, hits: Sequence[Any], clause: str, usual: int, most: int
) -> Iterator[tuple[str, str]]:
    limit = asked.document.get("limit")
    wanted = usual if limit is None else min(limit, most)
    if len(hits) > wanted:
        yield clause, f"{len(hits)} hits where at most {wanted} are wanted"


def _with_vectors(asked: Asked, hits: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    fields = asked.document.get("output_fields")
    wanted = isinstance(fields, list) and "embedding" in fields
    for hit in hits:
        embedding = hit.get("embedding")
        vector = embedding.get("embedding") if isinstance(embedding, dict) else None
        if vector is not None and bool(vector) is not wanted:
            what = "without its vector, which output_fields ask" if wanted else "with a vector nobody asked"
            yield "find.output-fields", f"a hit {what} for"
            break


def _removed(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    ids = set(asked.chunk_ids)
    if ids and body["delete_count"] > len(ids):
        yield "remove.by-ids", f"delete_count {body['delete_count']} of {len(ids)} chunks"


def _tenant_deleted(asked: Asked, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if body["tenant_id"] != asked.tenant:
        yield "tenants.delete", f"tenant_id {body['tenant_id']!r}, not {asked.tenant!r}"


RELATIONS: Mapping[str, Relation] = {
    "uploadEmbeddings": _uploaded,
    "insertRawEmbeddings": _inserted,
    "updateEmbeddings": _updated,
    "verifyUpload": _verified,
    "verifyProcessing": _verified,
    "searchEmbeddings": _searched,
    "retrieveEmbeddings": _retrieved,
    "deleteEmbeddings": _deleted,
    "createEmbeddingsTenant": _created,
    "createTenant": _created,
    "tenantStats": _counted,
    "searchRawEmbeddings": _found,
    "filterRawEmbeddings": _chosen,
    "deleteRawEmbeddings": _removed,
    "deleteTenant": _tenant_deleted,
}
