"""Each row of the tables stands for its clause alone: without it, what breaks the clause is taken."""

from collections.abc import Mapping
from typing import Any

import pytest

from mock_server.cortex import rules
from mock_server.cortex.clauses import refusals
from tests.mock_server.conftest import Serve
from tests.mock_server.cortex.calling import KEY, Cortex, document, refusal

UPLOAD = "/upload/upload_embeddings?tenant_id=demo"
UPDATE = "/upload/update_embeddings?tenant_id=demo"
VERIFY = "/ingestion/verify_processing?tenant_id=demo"
INSERT = "/embeddings/insert_raw_embeddings?tenant_id=demo"
SEARCH = "/embeddings/search"
FIND = "/embeddings/search_raw_embeddings"
FILTER = "/embeddings/filter_raw_embeddings"
REMOVE = "/embeddings/delete_raw_embeddings?tenant_id=demo"
RETRIEVE = "/embeddings/retrieve_by_ids"
DELETE = "/embeddings/delete"
CREATE = "/tenants/create"


def demo(**fields: object) -> dict[str, object]:
    return {"tenant_id": "demo", **fields}


def rows(embeddings: object, **fields: object) -> dict[str, object]:
    return {"embeddings": embeddings, **fields}


def chunk(**fields: object) -> dict[str, object]:
    return rows([{"source_id": "s", "embeddings": [{"chunk_id": "c", "embedding": [1, 2], **fields}]}])


BREAKAGES: list[tuple[str, str, str, str, Any]] = [
    ("KEY", "cortex.auth.required", "GET", "/tenants/tenant_ids", None),
    ("CREATION", "mock.request", "POST", CREATE, {"tenant_id": "x", "embeddings_dimension": "2"}),
    ("OCCUPATION", "cortex.tenants.exists", "POST", CREATE, demo()),
    ("RECEIVER", "mock.no-embeddings-tenant", "POST", UPLOAD.replace("demo", "plain"), rows([[1] * 1536])),
    ("MATRIX", "cortex.matrix.empty", "POST", UPLOAD, {}),
    ("MATRIX", "cortex.matrix.two-dimensional", "POST", UPLOAD, rows("ab")),
    ("MATRIX", "cortex.matrix.two-dimensional", "POST", UPLOAD, rows([[1, 2], 3])),
    ("MATRIX", "cortex.matrix.empty-row", "POST", UPLOAD.replace("demo", "new"), rows([[]])),
    ("MATRIX", "cortex.matrix.numeric", "POST", UPLOAD, rows([[1, {}], [None, True]])),
    ("MATRIX", "cortex.matrix.finite", "POST", UPLOAD, b'{"embeddings": [[NaN, 1e999]]}'),
    ("MATRIX", "cortex.matrix.rectangular", "POST", UPLOAD, rows([[1, 2], [1], [1, 2, 3]])),
    ("MATRIX", "cortex.matrix.max-rows", "POST", UPLOAD, rows([[1, 2]] * 2001)),
    ("MATRIX", "cortex.matrix.max-columns", "POST", UPLOAD.replace("demo", "new"), rows([[1] * 3025])),
    ("MATRIX_FIELDS", "mock.request", "POST", UPLOAD, rows([[1, 2]], file_id=7, document_metadata=[1])),
    ("MATRIX_FIT", "cortex.matrix.tenant-dimension", "POST", UPLOAD, rows([[1, 2, 3]])),
    ("VERIFICATION", "mock.request", "POST", VERIFY, None),
    ("UPDATE", "cortex.matrix.empty", "PATCH", UPDATE, rows({})),
    ("UPDATE", "mock.vector", "PATCH", UPDATE, rows({"a_0": "12"})),
    ("UPDATE", "cortex.update.id-format", "PATCH", UPDATE, rows({"x": [1, 2]})),
    ("UPDATE", "cortex.update.same-batch", "PATCH", UPDATE, rows({"a_0": [1, 2], "b_0": [1, 2]})),
    ("UPDATE", "cortex.matrix.empty-row", "PATCH", UPDATE, rows({"a_0": []})),
    ("UPDATE", "cortex.matrix.numeric", "PATCH", UPDATE, rows({"a_0": [1, "2"]})),
    ("UPDATE", "cortex.matrix.finite", "PATCH", UPDATE, b'{"embeddings": {"a_0": [1, NaN]}}'),
    ("UPDATE", "cortex.update.dimension", "PATCH", UPDATE, rows({"a_0": [1, 2], "a_1": [1]})),
    ("UPDATE_FIT", "cortex.update.dimension", "PATCH", UPDATE, rows({"a_0": [1, 2, 3]})),
    ("SEARCH", "cortex.search.empty", "POST", SEARCH, demo(embeddings=[])),
    ("SEARCH", "cortex.search.empty", "POST", SEARCH, demo()),
    ("SEARCH", "mock.vector", "POST", SEARCH, demo(embeddings=[1, "2"])),
    ("SEARCH", "cortex.search.max-chunks", "POST", SEARCH, demo(embeddings=[1, 2], max_chunks=201)),
    ("SEARCH", "cortex.search.max-chunks", "POST", SEARCH, demo(embeddings=[1, 2], max_chunks="many")),
    ("SEARCH_FIT", "cortex.search.dimension", "POST", SEARCH, demo(embeddings=[1, 2, 3])),
    ("RETRIEVAL", "mock.chunk-ids", "POST", RETRIEVE, demo(chunk_ids="a_0")),
    ("DELETION", "cortex.delete.empty", "DELETE", DELETE, demo(chunk_ids=["", 7])),
    ("DOCUMENTS_FIELDS", "mock.request", "POST", INSERT, {**chunk(), "upsert": 1}),
    ("DOCUMENT", "cortex.documents.shape-required", "POST", INSERT, rows([{}, 7])),
    ("DOCUMENT", "mock.request", "POST", INSERT, rows([{**document("s", c=[1, 2]), "metadata": "m"}])),
    ("CHUNK", "cortex.documents.shape-required", "POST", INSERT, chunk(embedding=[], chunk_id=7)),
    (
        "CHUNK",
        "cortex.documents.shape-required",
        "POST",
        INSERT,
        rows([{"source_id": "s", "embeddings": [7]}]),
    ),
    ("CHUNK", "cortex.documents.numeric", "POST", INSERT, chunk(embedding=[1, None])),
    ("CHUNK", "cortex.documents.finite", "POST", INSERT, chunk(embedding=[1, 1e39])),
    ("CHUNK", "cortex.documents.dimension", "POST", INSERT, chunk(embedding=[1, 2, 3])),
    ("INSERTION", "cortex.documents.no-upsert", "POST", INSERT, rows([document("t", a_0=[1, 2])])),
    (
        "FIND_FIELDS",
        "mock.request",
        "POST",
        FIND,
        demo(query_embedding=[1, 2], filter_expr=7, output_fields="e"),
    ),
    ("FIND", "mock.request", "POST", FIND, demo(query_embedding=[1, None])),
    ("FIND", "cortex.find.limit-bounds", "POST", FIND, demo(query_embedding=[1, 2], limit=0)),
    ("FIND", "cortex.find.filter-faulty", "POST", FIND, demo(query_embedding=[1, 2], filter_expr="a = b")),
    ("FIND_FIT", "cortex.find.dimension", "POST", FIND, demo(query_embedding=[1, 2, 3])),
    ("FILTER", "cortex.filter.one-of", "POST", FILTER, demo()),
    ("FILTER", "cortex.filter.one-of", "POST", FILTER, demo(source_id="a", chunk_ids=["a_0"])),
    ("FILTER", "mock.request", "POST", FILTER, demo(chunk_ids=["a", 7], output_fields="embedding")),
    ("FILTER", "cortex.filter.limit", "POST", FILTER, demo(source_id="a", limit=10_001)),
    ("REMOVAL", "cortex.remove.one-of", "DELETE", REMOVE, None),
]
AFTERWARDS: Mapping[tuple[str, str], int] = {
    ("UPDATE", "cortex.update.id-format"): 404,
    ("UPDATE", "cortex.update.same-batch"): 404,
}
"""What is answered by another rule where one is missing, such as 404 for an unknown chunk."""


@pytest.fixture
def filled(serve: Serve) -> Cortex:
    cortex = Cortex(serve(jobs="instant"))
    cortex.create()
    cortex.beside(None, "new").create()
    assert cortex.beside(None, "plain").posts("/tenants/create").status == 200
    cortex.upload([[1, 2], [3, 4]], "a")
    return cortex


@pytest.mark.parametrize(("table", "clause", "method", "path", "body"), BREAKAGES)
def test_a_rule_alone_refuses_what_breaks_it(
    filled: Cortex,
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    clause: str,
    method: str,
    path: str,
    body: Any,
) -> None:
    key = {} if table == "KEY" else KEY
    refused = filled.client.call(method, path, body, key)
    wanted = refusals()[clause]
    assert refusal(refused)[:2] == (wanted.status, wanted.code)
    rows: Mapping[str, object] = getattr(rules, table)
    monkeypatch.setattr(rules, table, {row: rows[row] for row in rows if row != clause})
    taken = filled.client.call(method, path, body, key)
    assert taken.status == (AFTERWARDS.get((table, clause), 200))
    assert taken.body != refused.body
    monkeypatch.undo()
    assert filled.client.get("/_mock/state").status == 200
    assert filled.beside(None, "new").asks("GET", "/tenant/stats").status == 200


def test_every_row_of_every_table_is_broken_once() -> None:
    rows = {
        (name, clause)
        for name, table in vars(rules).items()
        if name.isupper() and isinstance(table, dict) and name != "TYPES"
        for clause in table
    }
    # Nothing is there to find without a tenant: test_tenants tells of it.
    assert rows - {("SCOPE", "mock.request")} == {row[:2] for row in BREAKAGES}
