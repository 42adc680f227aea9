"""The matrix form: uploads of rows under a file id, their processing, and updates of single rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.cortex import rules
from mock_server.cortex.bodies import Matrix, fitted, quick_update, read_exactly, read_matrix, read_update
from mock_server.cortex.processing import start
from mock_server.cortex.reading import DoubtfulMatrix, quick_upload
from mock_server.cortex.rules import Fit
from mock_server.cortex.scope import Scope, find_scope, in_query
from mock_server.cortex.shapes import batch_of
from mock_server.cortex.subtenant import Batch, Floats
from mock_server.refusal import Refused
from mock_server.rules import Document, judge
from mock_server.service import Answer, Call
from mock_server.session import World


def upload(world: World, call: Call) -> Answer:
    """Takes a matrix, whole or not at all; a file id that is known has all its rows replaced."""
    quick = quick_upload(call)
    found = quick if isinstance(quick, Matrix | DoubtfulMatrix) else None
    document = read_exactly(call.body) if found is None else found.fields
    return take(world, call, find_scope(world, in_query(call)), found, document)


def take(
    world: World, call: Call, scope: Scope, found: Matrix | DoubtfulMatrix | None, document: Document
) -> Answer:
    """Takes the matrix that was found, or else, or where there is doubt, the one in the document."""
    judge(rules.RECEIVER, scope.tenant)
    if isinstance(found, DoubtfulMatrix):
        found.judge()
        document = read_exactly(call.body)
    matrix = found if isinstance(found, Matrix) else read_matrix(document)
    judge(rules.MATRIX_FIELDS, matrix.fields)
    judge(rules.MATRIX_FIT, Fit(matrix.vectors.shape[1], scope.tenant.dimension))
    file_id = _asked_file_id(matrix.fields) or f"emb_{world.random.getrandbits(64):016x}"
    batch = _batch(file_id, matrix.fields, fitted(matrix.vectors, scope.tenant.dimension))
    overwritten = start(world, scope, file_id, batch)
    world.ledger.commit("cortex", scope.name, batch.ids, len(batch.ids))
    ending = f" Existing embeddings with file_id '{file_id}' have been overwritten." if overwritten else ""
    return Answer(
        200,
        {
            "success": True,
            "status": "success",
            "message": f"Embeddings uploaded successfully.{ending}",
            "file_id": file_id,
            "batch_id": file_id,
            "chunk_ids": batch.ids,
        },
    )


def update(world: World, call: Call) -> Answer:
    """Replaces the vectors of chunks of one batch, all or none."""
    quick = quick_update(call.body)
    document = read_exactly(call.body) if quick is None else {}
    scope = find_scope(world, in_query(call))
    asked = quick or read_update(document)
    judge(rules.UPDATE_FIT, Fit(asked.vectors.shape[1], scope.tenant.dimension))
    ids, vectors = asked.ids, fitted(asked.vectors, scope.tenant.dimension)
    chunks = scope.sub_tenant.chunks
    for chunk_id in ids:
        if chunk_id not in chunks:
            raise Refused("mock.chunk", f"Chunk {chunk_id!r} not found")
    scope.sub_tenant.put(Batch(ids, [chunks[chunk_id].source_id for chunk_id in ids], vectors, {}))
    batch_id = batch_of(ids[0]) if ids else ""
    return Answer(
        200,
        {
            "success": True,
            "message": "Embeddings updated successfully.",
            "file_id": batch_id,
            "batch_id": batch_id,
            "chunk_ids": ids,
            "updated_count": len(ids),
        },
    )


def _asked_file_id(fields: Document) -> str:
    """Answers the file id sent, at the top or in the document's metadata; empty if there is none."""
    metadata = fields.get("document_metadata")
    nested = metadata.get("file_id") if isinstance(metadata, dict) else None
    asked = fields.get("file_id") or nested
    return asked if isinstance(asked, str) else ""


def _batch(file_id: str, fields: Document, vectors: Floats) -> Batch:
    ids = [f"{file_id}_{row}" for row in range(len(vectors))]
    return Batch(ids, [file_id] * len(ids), vectors, {file_id: _metadata(fields)})


def _metadata(fields: Document) -> Mapping[str, Any]:
    parts: Sequence[Any] = (fields.get("tenant_metadata"), fields.get("document_metadata"))
    return {key: value for part in parts if isinstance(part, dict) for key, value in part.items()}
