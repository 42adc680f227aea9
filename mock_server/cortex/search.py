"""Search: the chunks nearest to a vector, in the words of the matrix form and of the documents form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.cortex import rules
from mock_server.cortex.bodies import read_object
from mock_server.cortex.expressions import condition
from mock_server.cortex.filters import Subject
from mock_server.cortex.rules import MAX_CHUNKS, MAX_FOUND, Fit
from mock_server.cortex.scope import find_scope
from mock_server.cortex.subtenant import SubTenant
from mock_server.numbers import as_number, as_row
from mock_server.rules import Document, judge
from mock_server.service import Answer, Call
from mock_server.session import World
from mock_server.vectors import DIGITS, Directions, Hit, directions

USUAL_HITS = 10


def search(world: World, call: Call) -> Answer:
    """Finds the ids and scores of the nearest chunks, highest score first, older first among equals."""
    body = read_object(call.body)
    scope = find_scope(world, body)
    judge(rules.SEARCH, body)
    query = _query(body, "embeddings")
    judge(rules.SEARCH_FIT, Fit(len(query), scope.tenant.dimension))
    hits = scope.sub_tenant.nearest(query, asked_limit(body, "max_chunks", MAX_CHUNKS))
    return Answer(
        200,
        {
            "chunk_ids": [hit.id for hit in hits],
            "scores": [hit.score for hit in hits],
            "success": True,
            "message": "Embeddings search completed successfully",
        },
    )


def find(world: World, call: Call) -> Answer:
    """Finds the nearest chunks that a filter lets pass, with their metadata, in the same order."""
    body = read_object(call.body)
    scope = find_scope(world, body)
    judge(rules.FIND_FIELDS, body)
    judge(rules.FIND, body)
    query = _query(body, "query_embedding")
    judge(rules.FIND_FIT, Fit(len(query), scope.tenant.dimension))
    hits = _filtered(scope.sub_tenant, query, body.get("filter_expr"), asked_limit(body, "limit", MAX_FOUND))
    return Answer(
        200,
        [
            described(scope.sub_tenant, hit.id, body, hit.score, round(1.0 - hit.score, DIGITS))
            for hit in hits
        ],
    )


def described(
    sub_tenant: SubTenant, chunk_id: str, body: Document, score: float = 0.0, distance: float = 0.0
) -> Mapping[str, Any]:
    """Describes a chunk that is found; its vector comes along if the body's output_fields ask for it."""
    chunk = sub_tenant.chunks[chunk_id]
    fields = body.get("output_fields")
    with_vector = isinstance(fields, list) and "embedding" in fields
    return {
        "source_id": chunk.source_id,
        "embedding": {"chunk_id": chunk_id, "embedding": chunk.vector.tolist() if with_vector else []},
        "score": score,
        "distance": distance,
        "metadata": sub_tenant.sources[chunk.source_id].metadata,
    }


def asked_limit(body: Document, field: str, most: int, usual: int = USUAL_HITS) -> int:
    """Answers how many results a body asks for, never more than the most."""
    asked = body.get(field)
    return usual if asked is None else min(max(int(as_number(asked)), 1), most)


def _query(body: Document, field: str) -> Directions:
    values = body.get(field)
    return directions(as_row(values if isinstance(values, list) else [])).reshape(-1)


def _filtered(sub_tenant: SubTenant, query: Directions, expression: Any, most: int) -> Sequence[Hit]:
    if not isinstance(expression, str) or not expression.strip():
        return sub_tenant.nearest(query, most)
    try:
        holds = condition(expression)
    except ValueError:  # what the rules let pass filters nothing
        return sub_tenant.nearest(query, most)
    among = [
        chunk_id
        for chunk_id, chunk in sub_tenant.chunks.items()
        if holds(Subject(chunk_id, chunk.source_id, sub_tenant.sources[chunk.source_id].metadata))
    ]
    return sub_tenant.nearest(query, most, among)
