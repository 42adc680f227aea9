"""Calls the Cortex service of an application in process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.mock_server.calling import Client, Reply

KEY = {"authorization": "Bearer key"}


@dataclass(frozen=True)
class Cortex:
    """Calls in the name of one tenant and sub-tenant; a sub-tenant of None is left out."""

    client: Client
    tenant: str = "demo"
    sub_tenant: str | None = None

    @property
    def scope(self) -> dict[str, str]:
        """The fields that name tenant and sub-tenant."""
        named = {} if self.sub_tenant is None else {"sub_tenant_id": self.sub_tenant}
        return {"tenant_id": self.tenant, **named}

    def beside(self, sub_tenant: str | None, tenant: str = "") -> "Cortex":
        """Calls in the name of another sub-tenant, or of another tenant too."""
        return Cortex(self.client, tenant or self.tenant, sub_tenant)

    def asks(self, method: str, path: str, **query: object) -> Reply:
        """Sends a request without a body."""
        return self.sends(method, path, None, **query)

    def sends(self, method: str, path: str, body: object, **query: object) -> Reply:
        """Sends a body, with tenant and sub-tenant in the query."""
        asked = urlencode({**self.scope, **query}, doseq=True)
        return self.client.call(method, f"{path}?{asked}", body, KEY)

    def posts(self, path: str, **fields: object) -> Reply:
        """Posts an object, with tenant and sub-tenant among its fields."""
        return self.client.call("POST", path, {**self.scope, **fields}, KEY)

    def create(self, dimension: int | None = None) -> None:
        """Creates the tenant, of a dimension of its own if one is given."""
        if dimension is None:
            assert self.asks("POST", "/embeddings/create_tenant").status == 200
        else:
            fields = {"is_embeddings_tenant": True, "embeddings_dimension": dimension}
            assert self.posts("/tenants/create", **fields).status == 200

    def upload(self, rows: object, file_id: str | None = None, **fields: object) -> Reply:
        """Uploads a matrix."""
        named = {} if file_id is None else {"file_id": file_id}
        return self.sends("POST", "/upload/upload_embeddings", {"embeddings": rows, **named, **fields})

    def status(self, file_id: str) -> Any:
        """Asks how far the processing of a file has come."""
        return self.asks("POST", "/upload/verify_processing", file_id=file_id).body["indexing_status"]

    def insert(self, *documents: object, **fields: object) -> Reply:
        """Inserts documents."""
        return self.posts("/embeddings/insert_raw_embeddings", embeddings=documents, **fields)

    def stored(self, *ids: str) -> dict[str, list[float]]:
        """Answers the vectors of the chunks that are stored."""
        reply = self.posts("/embeddings/retrieve_by_ids", chunk_ids=ids)
        embeddings = reply.body["embeddings"]
        assert isinstance(embeddings, dict)
        return embeddings

    def search(self, *vector: float, **fields: object) -> list[str]:
        """Answers the ids that a search finds."""
        reply = self.posts("/embeddings/search", embeddings=vector, **fields)
        ids = reply.body["chunk_ids"]
        assert isinstance(ids, list)
        return ids

    def find(self, *vector: float, **fields: object) -> Any:
        """Answers the hits that a search of the documents form finds."""
        return self.posts("/embeddings/search_raw_embeddings", query_embedding=vector, **fields).body

    def count(self) -> Any:
        """Answers the number of chunks stored."""
        return self.asks("GET", "/tenant/stats").body["object_count"]


def document(source_id: str, *, metadata: Mapping[str, Any] | None = None, **chunks: Sequence[object]) -> Any:
    """Makes a document of chunks by id."""
    parts = [{"chunk_id": chunk_id, "embedding": vector} for chunk_id, vector in chunks.items()]
    return {"source_id": source_id, "embeddings": parts} | (
        {} if metadata is None else {"metadata": metadata}
    )


def refusal(reply: Reply) -> tuple[int, str, str]:
    """Answers status, code and message of a refusal."""
    detail = reply.body["detail"]
    assert reply.body == {
        "detail": {"success": False, "message": detail["message"], "error_code": detail["error_code"]}
    }
    return reply.status, detail["error_code"], detail["message"]
