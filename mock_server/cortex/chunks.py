"""Stored chunks by id or by source: retrieve, filter, delete."""

from collections.abc import Sequence
from typing import Any

from mock_server.cortex import rules
from mock_server.cortex.bodies import read_object
from mock_server.cortex.rules import MAX_FILTERED
from mock_server.cortex.scope import Scope, find_scope, in_query
from mock_server.cortex.search import asked_limit, described
from mock_server.rules import Document, judge
from mock_server.service import Answer, Call
from mock_server.session import World

USUAL_FILTERED = 100


def retrieve(world: World, call: Call) -> Answer:
    """Answers the vectors of the chunks that are there, and the ids of those that are not."""
    body = read_object(call.body)
    scope = find_scope(world, body)
    judge(rules.RETRIEVAL, body)
    chunks = scope.sub_tenant.chunks
    asked = dict.fromkeys(_chunk_ids(body))
    return Answer(
        200,
        {
            "embeddings": {
                chunk_id: chunks[chunk_id].vector.tolist() for chunk_id in asked if chunk_id in chunks
            },
            "not_found_chunk_ids": [chunk_id for chunk_id in asked if chunk_id not in chunks],
            "success": True,
            "message": "Embeddings retrieved successfully",
        },
    )


def delete(world: World, call: Call) -> Answer:
    """Removes chunks at once, and tells of each id whether it was there."""
    body = read_object(call.body)
    scope = find_scope(world, body)
    judge(rules.DELETION, body)
    asked = _chunk_ids(body)
    deleted = set(scope.sub_tenant.remove(asked))
    return Answer(
        200,
        {
            "status": {chunk_id: chunk_id in deleted for chunk_id in asked},
            "total_deleted": len(deleted),
            "success": True,
            "message": "Embeddings deleted successfully",
        },
    )


def choose(world: World, call: Call) -> Answer:
    """Answers the chunks of a source, or those of the ids that are there, each once."""
    body = read_object(call.body)
    scope = find_scope(world, body)
    judge(rules.FILTER, body)
    found = _chosen(scope, body)[: asked_limit(body, "limit", MAX_FILTERED, USUAL_FILTERED)]
    return Answer(200, [described(scope.sub_tenant, chunk_id, body) for chunk_id in found])


def remove(world: World, call: Call) -> Answer:
    """Removes the chunks of a source, or those of the ids that are there, and counts them."""
    asked = {**in_query(call), "chunk_ids": [*call.query.get("chunk_ids", ())]}
    scope = find_scope(world, asked)
    judge(rules.REMOVAL, asked)
    removed = scope.sub_tenant.remove(_chosen(scope, asked))
    return Answer(200, {"delete_count": len(removed), "success": True, "error": None})


def _chosen(scope: Scope, asked: Document) -> Sequence[str]:
    source_id = asked.get("source_id")
    if isinstance(source_id, str) and source_id:
        return scope.sub_tenant.of_source(source_id)
    chunks = scope.sub_tenant.chunks
    return [chunk_id for chunk_id in dict.fromkeys(_chunk_ids(asked)) if chunk_id in chunks]


def _chunk_ids(body: Document) -> Sequence[str]:
    chunk_ids: Any = body.get("chunk_ids")
    return [each for each in chunk_ids if isinstance(each, str)] if isinstance(chunk_ids, list) else []
