"""A trivial Cortex: it answers in the right shapes and stores nothing."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from tests.trivial.serving import Trivial, asked_in, listed, trivial_servers

Asked = dict[str, Any]
FILE = "emb_0"
READY = {"scheduler_status": True, "graph_status": True, "vectorstore_status": [True, True]}


def forgetful(_method: str, path: str, body: bytes) -> tuple[int, Any]:
    """A server that accepts everything, answers in the right shape, and stores nothing."""
    path, _, query = path.partition("?")
    asked = {name: values[0] for name, values in parse_qs(query).items()} | asked_in(body)
    name = path.rpartition("/")[2].replace("-", "_")
    answer = ANSWERS.get(name)
    return (404, failure("not found")) if answer is None else (200, answer(asked))


def success(**fields: Any) -> Asked:
    """The body of a success."""
    return {"success": True, "status": "success", "message": "Done.", **fields}


def failure(message: str) -> Asked:
    """The body of a refusal."""
    return {"detail": {"success": False, "message": message, "error_code": "INVALID_PARAMETERS"}}


def tenant(asked: Asked) -> Asked:
    """A tenant as it was asked for."""
    return success(tenant_id=asked.get("tenant_id"), sub_tenant_id=asked.get("tenant_id"), infra=READY)


def upload(asked: Asked) -> Asked:
    """An upload that is accepted."""
    file_id = asked.get("file_id", FILE)
    ids = [f"{file_id}_{row}" for row in range(len(listed(asked, "embeddings")))]
    return success(file_id=file_id, batch_id=file_id, chunk_ids=ids, updated_count=len(ids))


def processed(asked: Asked) -> Asked:
    """An upload that is completed."""
    state = {"file_id": asked.get("file_id"), "indexing_status": "completed", "error_code": ""}
    return {**success(**state), "statuses": [state]}


def search(_asked: Asked) -> Asked:
    """One hit, whatever was asked."""
    return success(chunk_ids=[f"{FILE}_0"], scores=[1.0])


def retrieve(asked: Asked) -> Asked:
    """A vector for every id."""
    return success(
        embeddings={str(each): [1.0] for each in listed(asked, "chunk_ids")}, not_found_chunk_ids=[]
    )


def delete(asked: Asked) -> Asked:
    """A deletion of all that was asked to be deleted."""
    ids = listed(asked, "chunk_ids")
    return success(status={str(each): True for each in ids}, total_deleted=len(ids))


def insert(asked: Asked) -> Asked:
    """Documents that are accepted, or rows."""
    documents = [each for each in listed(asked, "embeddings") if isinstance(each, dict)]
    if not documents:
        return upload(asked)
    chunks = [chunk for each in documents for chunk in listed(each, "embeddings") if isinstance(chunk, dict)]
    return {
        "insert_count": len(chunks),
        "ids": [chunk.get("chunk_id") for chunk in chunks],
        **success(error=None),
    }


def hits(_asked: Asked) -> list[Asked]:
    """One entry, whatever was asked."""
    chunk = {"chunk_id": "first", "embedding": []}
    return [{"source_id": "s", "embedding": chunk, "score": 1.0, "distance": 0.0, "metadata": {}}]


def statistics(asked: Asked) -> Asked:
    """A tenant that is empty whatever it was sent."""
    collection = {"row_count": 0, "dimensions": None}
    counts = {"object_count": 0, "vector_dimension": None, "normal_collection": collection}
    return success(tenant_id=asked.get("tenant_id"), memory_collection=collection, **counts)


ANSWERS: dict[str, Callable[[Asked], Any]] = {
    "upload_embeddings": upload,
    "update_embeddings": upload,
    "verify_processing": processed,
    "search": search,
    "retrieve_by_ids": retrieve,
    "delete": delete,
    "create_tenant": tenant,
    "create": tenant,
    "status": tenant,
    "stats": statistics,
    "monitor": statistics,
    "sub_tenant_ids": lambda _asked: success(sub_tenant_ids=[], count=0),
    "tenant_ids": lambda _asked: success(tenant_ids=[], failed_tenant_ids=[]),
    "delete_sub_tenant": tenant,
    "insert_raw_embeddings": insert,
    "search_raw_embeddings": hits,
    "filter_raw_embeddings": hits,
    "delete_raw_embeddings": lambda _asked: {"delete_count": 1, "success": True, "error": None},
}
SERVERS: dict[str, Trivial] = trivial_servers(success(), failure("no"), forgetful)
