"""Scenes: what a check arranges on the mock before it asks the client, and what it looks for afterwards."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from conformance.client.asking import first_offered
from conformance.client.contract import Operation, operations
from conformance.client.driver import Client, Limits
from conformance.client.process import Misbehaved
from conformance.client.reply import Reply
from conformance.cortex.payload import Document, Matrix, document
from conformance.target import Unreachable
from conformance.verdict import Unproven

OPERATIONS = operations("cortex")
MATRIX, DOCUMENTS = OPERATIONS["uploadEmbeddings"], OPERATIONS["insertRawEmbeddings"]
TENANT = "acme"
FILE = "handbook"
ROWS: Matrix = [[1.0, 0.5], [0.5, 1.0]]
SOURCES = (document("s0", 2, 2, 1, team="ai"), document("s1", 1, 2, 5, team="ops"))
UPLOADS = {
    "uploadEmbeddings": "/upload/upload*embeddings",
    "insertRawEmbeddings": "/embeddings/insert*raw*embeddings",
}
"""Globs over the paths of the two ways to upload, in every spelling."""


def tenant(client: Client, dimension: int = 2, name: str = TENANT) -> str:
    """Makes a tenant that takes both forms, at once provisioned; answers its id."""
    client.world.set(jobs="instant")
    body = {"tenant_id": name, "is_embeddings_tenant": True, "embeddings_dimension": dimension}
    client.world.send("POST", "/tenants/create", body)
    return name


def store_matrix(client: Client, rows: Matrix, file_id: str = FILE) -> Sequence[str]:
    """Stores a matrix past the client; answers its chunk ids."""
    path = f"/upload/upload_embeddings?{urlencode({'tenant_id': TENANT})}"
    answered = client.world.send("POST", path, {"embeddings": rows, "file_id": file_id})
    ids: Sequence[str] = answered["chunk_ids"]
    return ids


def store_documents(client: Client, documents: Sequence[Document]) -> None:
    """Stores documents past the client."""
    body = {"tenant_id": TENANT, "embeddings": list(documents)}
    client.world.send("POST", "/embeddings/insert-raw-embeddings", body)


def count(client: Client) -> int:
    """How many chunks the mock has of the tenant."""
    stats = client.world.send("GET", f"/tenant/stats?{urlencode({'tenant_id': TENANT})}")
    return int(stats["object_count"])


def upload_operation(reply: Reply) -> Operation:
    """Which of the two ways to upload a client was asked to go."""
    return OPERATIONS[reply.operation]


def upload(client: Client, limits: Limits | None = None, **more: Any) -> Reply:
    """Asks the client to upload two rows: as a matrix or, where it has no such form, as documents."""
    asked: Sequence[tuple[str, Mapping[str, Any]]] = (
        ("uploadEmbeddings", {"tenant_id": TENANT, "embeddings": ROWS, **more}),
        ("insertRawEmbeddings", {"tenant_id": TENANT, "embeddings": [SOURCES[0]]}),
    )
    return first_offered(client, asked, limits)


def fault(client: Client, effect: str, **fields: Any) -> None:
    """Has uploads of either form met by a fault."""
    for operation, path in UPLOADS.items():
        client.world.fault(effect, OPERATIONS[operation].method, path, **fields)


def baseline_of(client: Client) -> str:
    """Says why the client can prove nothing: it brings no vector to the server, or tells of none.

    Raises:
        Unreachable: The client speaks the protocol not at all.
    """
    tenant(client)
    try:
        reply = upload(client)
    except Unproven as reason:
        return str(reason)
    except Misbehaved as reason:
        raise Unreachable(str(reason)) from reason
    if reply.failure:
        raise Unreachable(reply.failure)
    if not reply.succeeded:
        return f"the client does not upload a vector: {reply.outcome()}"
    if not count(client):
        return f"the client tells of success, and no vector is stored: {reply.on_the_wire()}"
    return ""
