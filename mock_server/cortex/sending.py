"""What uploads send, read for the ledger where no operation reads them: as far as it can be."""

from typing import Any

import orjson

from mock_server.cortex.scope import in_either
from mock_server.ledger import Sent
from mock_server.service import Call


def chunks_sent(call: Call) -> Sent | None:
    """Reads the chunks of a matrix or of documents; rows whose file id the server picks have no ids yet."""
    try:
        document = orjson.loads(call.body)
    except ValueError:
        return None
    embeddings = document.get("embeddings") if isinstance(document, dict) else None
    if not isinstance(embeddings, list):
        return None
    asked = in_either(call, document)
    scope = scope_name(str(asked.get("tenant_id")), asked.get("sub_tenant_id"))
    if embeddings and isinstance(embeddings[0], dict):
        chunks = [chunk for each in embeddings for chunk in _chunks(each)]
        ids = [chunk.get("chunk_id") for chunk in chunks if isinstance(chunk, dict)]
        return Sent(scope, [each for each in ids if isinstance(each, str)], len(chunks))
    metadata = document.get("document_metadata")
    file_id = document.get("file_id") or (metadata.get("file_id") if isinstance(metadata, dict) else None)
    rows = len(embeddings)
    named = isinstance(file_id, str) and file_id
    return Sent(scope, [f"{file_id}_{row}" for row in range(rows)] if named else [], rows)


def scope_name(tenant_id: str, sub_tenant_id: object) -> str:
    """Names a tenant and a sub-tenant; the default sub-tenant is the one with the tenant's id."""
    return f"{tenant_id}/{sub_tenant_id if isinstance(sub_tenant_id, str) and sub_tenant_id else tenant_id}"


def _chunks(document: Any) -> list[Any]:
    chunks = document.get("embeddings") if isinstance(document, dict) else None
    return chunks if isinstance(chunks, list) else []
