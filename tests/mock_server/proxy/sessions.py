"""A day of a well-behaved client of each service, and of a careless one."""

from typing import Any

from tests.mock_server.proxy.traffic import Traffic

V, T = "/namespaces/vectors-1", "/namespaces/texts-1"
CREATION = {"namespace_name": "vectors-1", "type": "vector", "vector_dimension": 2}
ITEMS: list[dict[str, Any]] = [
    {"id": "a", "vector": [1, 0], "team": "ai", "n": 1},
    {"id": "b", "vector": [0.9, 0.1], "team": "ops"},
    {"id": "c", "vector": [0.5, 0.5]},
]
NOTES: list[dict[str, Any]] = [
    {"id": "t1", "text": "Turtles swim in the sea.", "team": "ai"},
    {"id": "t2", "text": "Swifts fly over the sea.", "team": "ops"},
]


def moorcheh_day(traffic: Traffic) -> None:
    """Creates, uploads, polls, reads, searches, updates, deletes; breaks nothing."""
    call = traffic.call
    call("GET", "/health")
    call("POST", "/namespaces", CREATION)
    call("POST", "/namespaces", {"namespace_name": "texts-1", "type": "text"})
    call("GET", "/namespaces")
    call("GET", "/health")
    upload(traffic, V, "vectors", ITEMS)
    upload(traffic, T, "documents", NOTES)
    call("GET", "/namespaces")
    call("POST", f"{V}/items/get", {"ids": ["a", "b", "nobody"]})
    call("POST", f"{T}/items/get", {"ids": ["t1"]})
    call("POST", "/search", {"query": [1, 0], "namespaces": ["vectors-1"], "top_k": 2})
    call("POST", "/search", {"query": [1, 0], "namespaces": ["vectors-1"]})
    kiosk = {"kiosk_mode": True, "threshold": 0.5}
    call("POST", "/search", {"query": [1, 0], "namespaces": ["vectors-1"], **kiosk})
    call("POST", "/search", {"query": [1, 0], "namespaces": ["vectors-1"], "threshold": None, "top_k": 0})
    call("POST", "/search", {"query": "sea #team:ai", "namespaces": ["texts-1"]})
    call("POST", "/search", {"query": "sea #swifts", "namespaces": ["texts-1"]})
    call("GET", f"{T}/documents/fetch-text-data?limit=1")
    call("POST", "/answer", {"query": "Who swims?", "namespace": ""})
    upload(traffic, V, "vectors", [{"id": "a", "vector": [0, 1], "team": "new"}])
    call("POST", f"{V}/items/get", {"ids": ["a"]})
    call("POST", f"{V}/items/delete", {"ids": ["b", "nobody"]})
    call("POST", f"{V}/items/get", {"ids": ["a", "b"]})
    call("POST", f"{V}/items/delete", {"ids": ["b"]})
    call("POST", "/search", {"query": [1, 0], "namespaces": ["vectors-1"]})
    call("GET", "/namespaces")
    call("GET", "/health")
    job = call("DELETE", V).body["job_id"]
    for _ in range(3):
        call("GET", f"{V}/delete-jobs/{job}")
    call("GET", "/namespaces")
    call("POST", "/namespaces", CREATION)
    call("GET", "/health")


def upload(traffic: Traffic, place: str, field: str, items: list[dict[str, Any]]) -> None:
    """Uploads a batch, and asks for its job until it is completed."""
    reply = traffic.call("POST", f"{place}/{field}", {field: items})
    for _ in range(4):
        traffic.call("GET", f"{place}/upload-jobs/{reply.body.get('job_id')}")


def cortex_day(traffic: Traffic) -> None:
    """Creates tenants of both forms, uploads, polls, reads, searches, removes; breaks nothing."""
    call = traffic.call
    call("POST", "/embeddings/create_tenant?tenant_id=m")
    rows = [[1, 0], [0.6, 0.8], [0, 1]]
    for body in ({"embeddings": rows, "file_id": "f"}, {"embeddings": rows}, {"embeddings": rows}):
        reply = call("POST", "/upload/upload_embeddings?tenant_id=m", body)
        file_id = reply.body.get("file_id")
        for _ in range(3):
            call("POST", f"/upload/verify_processing?tenant_id=m&file_id={file_id}")
    call("POST", "/embeddings/retrieve_by_ids", {"tenant_id": "m", "chunk_ids": ["f_0", "f_2", "f_9"]})
    call("POST", "/embeddings/search", {"tenant_id": "m", "embeddings": [1, 0], "max_chunks": 2})
    call("POST", "/embeddings/search", {"tenant_id": "m", "embeddings": [1, 0]})
    call("PATCH", "/upload/update_embeddings?tenant_id=m", {"embeddings": {"f_0": [0, 1]}})
    call("GET", "/tenant/stats?tenant_id=m")
    call("DELETE", "/embeddings/delete", {"tenant_id": "m", "chunk_ids": ["f_1", "f_9"]})
    creation = {"tenant_id": "d", "is_embeddings_tenant": True, "embeddings_dimension": 2}
    call("POST", "/tenants/create", creation)
    call("GET", "/tenants/infra/status?tenant_id=d")
    chunks = [{"chunk_id": f"s-{n}", "embedding": row} for n, row in enumerate(rows)]
    documents = [{"source_id": "s", "metadata": {"team": "ai"}, "embeddings": chunks}]
    call("POST", "/embeddings/insert_raw_embeddings", {"tenant_id": "d", "embeddings": documents})
    find = {"tenant_id": "d", "query_embedding": [1, 0]}
    call("POST", "/embeddings/search_raw_embeddings", {**find, "limit": 2, "output_fields": ["embedding"]})
    call("POST", "/embeddings/search_raw_embeddings", find)
    call("POST", "/embeddings/filter_raw_embeddings", {"tenant_id": "d", "source_id": "s", "limit": 2})
    call("POST", "/embeddings/filter_raw_embeddings", {"tenant_id": "d", "chunk_ids": ["s-0", "x"]})
    call("DELETE", "/embeddings/delete_raw_embeddings?tenant_id=d&chunk_ids=s-0&chunk_ids=x")
    call("DELETE", "/embeddings/delete_raw_embeddings?tenant_id=d&source_id=s")
    call("DELETE", "/tenants/delete?tenant_id=d")
    call("GET", "/tenants/tenant_ids")
