"""What two Cortex servers are asked alike, and what a difference between their answers is in."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qs

from hypothesis import strategies as st

from conformance.cortex.driver import Cortex, Form
from conformance.cortex.payload import document, matrices, matrix, sizes, written
from conformance.drift.comparing import Vocabulary
from conformance.drift.side import Subject
from conformance.drift.step import Step
from conformance.driver import Driver
from conformance.wire import Literal

WORDS = ("m", "d", "nowhere")
DIMENSION = 3
QUERY = [0.5] * DIMENSION
UPLOAD, UPDATE = "/upload/upload_embeddings?tenant_id=@m", "/upload/update_embeddings?tenant_id=@m"
VERIFY = "/upload/verify_processing?tenant_id=@m&file_id="
SEARCH, RETRIEVE, DELETE = "/embeddings/search", "/embeddings/retrieve_by_ids", "/embeddings/delete"
INSERT, FIND = "/embeddings/insert-raw-embeddings", "/embeddings/search-raw-embeddings"
FILTER, REMOVE = "/embeddings/filter-raw-embeddings", "/embeddings/delete-raw-embeddings?tenant_id=@d"
DONE = {"indexing_status": ("completed", "success", "errored")}

VOCABULARY = Vocabulary(
    service="cortex",
    accepted={
        "uploadEmbeddings": "matrix.accepted",
        "updateEmbeddings": "update.replaces",
        "verifyUpload": "processing.states",
        "searchEmbeddings": "search.shape",
        "retrieveEmbeddings": "retrieve.vectors",
        "deleteEmbeddings": "delete.truthful",
        "createEmbeddingsTenant": "tenants.create",
        "tenantStats": "stats.count",
        "listSubTenants": "subtenants.isolated",
        "deleteSubTenant": "subtenants.isolated",
        "insertRawEmbeddings": "documents.accepted",
        "searchRawEmbeddings": "find.shape",
        "filterRawEmbeddings": "filter.by-ids",
        "deleteRawEmbeddings": "remove.by-ids",
        "createTenant": "tenants.create",
        "infraStatus": "tenants.infra",
        "monitorTenant": "stats.count",
        "listSubTenantIds": "subtenants.isolated",
        "listTenantIds": "tenants.create",
        "deleteTenant": "tenants.delete",
        "verifyProcessing": "processing.states",
    },
    ignored=(r"infra(\..*)?", r"org_id"),
    fields=(
        (r"\w+:(statuses\.\*\.)?message", "choice.message-text"),
        (r"\w+:(success|status)", "choice.success-word"),
        (r"uploadEmbeddings:(file_id|batch_id)", "matrix.file-id-kept"),
        (r"uploadEmbeddings:chunk_ids.*", "matrix.chunk-ids"),
        (r"searchEmbeddings:scores.*", "choice.scores"),
        (r"searchEmbeddings:chunk_ids", "search.max-chunks"),
        (r"searchEmbeddings:chunk_ids\.\*", "choice.scores"),
        (r"retrieveEmbeddings:not_found_chunk_ids", "retrieve.not-found"),
        (r"deleteEmbeddings:status\..*", "choice.status-of-unknown"),
        (r"searchRawEmbeddings:(\*\.)?(score|distance)", "choice.scores"),
        (r"searchRawEmbeddings:\*\.metadata.*", "find.metadata"),
        (r"searchRawEmbeddings:\*\.embedding\.embedding.*", "find.output-fields"),
        (r"searchRawEmbeddings:", "find.limit"),
        (r"infraStatus:infra", "choice.provisioning"),
        (r"createTenant:(infra|status)", "choice.provisioning"),
    ),
    keyed={"not_found_chunk_ids": ""},
    ranked={"": "embedding.chunk_id"},
    falling={"": "find.shape"},
    refusals=(
        (r"\w+:detail\.message", "choice.message-text"),
        (r"\w+:detail\.error_code", "choice.error-code"),
    ),
)


def register(driver: Driver, step: Step, path: str, body: Any) -> None:
    """Takes note of a tenant that a step has made."""
    if isinstance(driver, Cortex) and step.operation == "createTenant":
        driver.adopt(str(body.get("tenant_id")), "documents")
    elif isinstance(driver, Cortex):
        driver.adopt(parse_qs(path.partition("?")[2])["tenant_id"][0], "matrix")


def spelled(driver: Cortex, path: str) -> str:
    """The path by the name that the server has for it, with its query."""
    place, mark, query = path.partition("?")
    return driver.spelled(place) + mark + query


def speaks(driver: Cortex) -> bool:
    """Whether a server speaks this API in either of its forms."""
    forms: tuple[Form, ...] = ("matrix", "documents")
    return any(map(driver.offers, forms))


@st.composite
def stories(draw: st.DrawFn) -> list[Step]:
    """A few chapters in one of the two request forms."""
    chapters = draw(st.sampled_from((MATRIX, DOCUMENTS)))
    beginning = _matrix_tenant() if chapters is MATRIX else _documents_tenant()
    chosen = draw(st.lists(st.sampled_from(chapters), min_size=1, max_size=3, unique=True))
    return [*beginning, *(step for chapter in chosen for step in chapter(draw))]


def _matrix_tenant() -> list[Step]:
    path = "/embeddings/create_tenant?tenant_id=@m"
    return [
        Step("createEmbeddingsTenant", "tenants.create", "POST", path, prelude=True),
        Step("createEmbeddingsTenant", "choice.create-again", "POST", path),
        Step("tenantStats", "stats.count", "GET", "/tenant/stats?tenant_id=@m"),
    ]


def _documents_tenant() -> list[Step]:
    body = {"tenant_id": "@d", "is_embeddings_tenant": True, "embeddings_dimension": DIMENSION}
    return [
        Step("createTenant", "tenants.create", "POST", "/tenants/create", body, prelude=True),
        Step("createTenant", "choice.create-again", "POST", "/tenants/create", body),
    ]


def _stored(rows: Sequence[Sequence[Any]], file_id: str = "f") -> list[Step]:
    body = {"embeddings": [*rows], "file_id": file_id}
    return [
        Step("uploadEmbeddings", "matrix.accepted", "POST", UPLOAD, body),
        Step("verifyUpload", "processing.completes", "POST", VERIFY + file_id, until=DONE),
    ]


def _rows(draw: st.DrawFn) -> list[Step]:
    first, second = draw(matrices(DIMENSION, max_rows=6)), draw(matrices(DIMENSION, max_rows=3))
    ids = [f"f_{row}" for row in range(len(first))]
    asked = {"tenant_id": "@m", "chunk_ids": [*ids, "f_99"]}
    return [
        *_stored(first),
        Step("retrieveEmbeddings", "processing.searchable", "POST", RETRIEVE, asked),
        *_stored(second),
        Step("retrieveEmbeddings", "matrix.overwrite", "POST", RETRIEVE, asked),
        Step("tenantStats", "stats.count", "GET", "/tenant/stats?tenant_id=@m"),
        Step("updateEmbeddings", "update.replaces", "PATCH", UPDATE, {"embeddings": {"f_0": QUERY}}),
        Step("retrieveEmbeddings", "retrieve.vectors", "POST", RETRIEVE, asked),
        Step("deleteEmbeddings", "delete.truthful", "DELETE", DELETE, asked),
        Step("retrieveEmbeddings", "retrieve.not-found", "POST", RETRIEVE, asked),
    ]


def _bad_rows(draw: st.DrawFn) -> list[Step]:
    rows = matrix(2, DIMENSION, draw(st.integers(0, 99)))
    place = draw(st.integers(0, DIMENSION - 1))
    bad: Sequence[tuple[str, Any]] = (
        ("matrix.empty", []),
        ("matrix.empty", None),
        ("matrix.two-dimensional", draw(st.sampled_from((QUERY, "rows", {"a": QUERY})))),
        ("matrix.empty-row", [[]]),
        ("matrix.numeric", [_with(rows[0], place, draw(st.sampled_from(("x", True, None, {}))))]),
        ("matrix.finite", [_with(rows[0], place, Literal(draw(st.sampled_from(("1e999", "NaN")))))]),
        ("matrix.rectangular", [rows[0], rows[1][1:]]),
        ("matrix.max-rows", [[1.0] * DIMENSION] * 2_001),
        ("choice.large-numbers", [_with(rows[0], place, Literal("1e39"))]),
    )
    return [
        *(
            Step("uploadEmbeddings", clause, "POST", UPLOAD, {"embeddings": rows, "file_id": "bad"})
            for clause, rows in bad
        ),
        Step(
            "uploadEmbeddings",
            "tenants.unknown",
            "POST",
            UPLOAD.replace("@m", "@nowhere"),
            {"embeddings": rows},
        ),
        Step("verifyUpload", "choice.unknown-file", "POST", VERIFY + "unknown"),
        Step("updateEmbeddings", "update.id-format", "PATCH", UPDATE, {"embeddings": {"f": QUERY}}),
        Step(
            "updateEmbeddings",
            "update.same-batch",
            "PATCH",
            UPDATE,
            {"embeddings": {"f_0": QUERY, "g_0": QUERY}},
        ),
        Step(
            "updateEmbeddings", "choice.unknown-chunk-update", "PATCH", UPDATE, {"embeddings": {"z_0": QUERY}}
        ),
    ]


def _row_searches(draw: st.DrawFn) -> list[Step]:
    asked: Sequence[tuple[str, dict[str, Any]]] = (
        ("search.shape", {}),
        ("search.max-chunks", {"max_chunks": draw(st.sampled_from((1, 2, 200)))}),
        ("search.max-chunks", {"max_chunks": draw(st.sampled_from((0, 201)))}),
        ("search.empty", {"embeddings": []}),
        ("search.dimension", {"embeddings": [*QUERY, 1.0]}),
        ("tenants.unknown", {"tenant_id": "@nowhere"}),
    )
    usual = {"tenant_id": "@m", "embeddings": QUERY}
    return [
        *_stored(matrix(12, DIMENSION, draw(st.integers(0, 99)))),
        *(Step("searchEmbeddings", clause, "POST", SEARCH, {**usual, **own}) for clause, own in asked),
        Step("deleteEmbeddings", "delete.empty", "DELETE", DELETE, {"tenant_id": "@m", "chunk_ids": []}),
    ]


def _inserted(documents: Sequence[Any], about: str = "documents.accepted", **more: Any) -> Step:
    body = {"tenant_id": "@d", "embeddings": [*documents], **more}
    return Step("insertRawEmbeddings", about, "POST", INSERT, body)


def _inserts(draw: st.DrawFn) -> list[Step]:
    batch = written(draw(sizes), DIMENSION, draw(st.integers(0, 99)))
    bad: Sequence[tuple[str, Any]] = (
        ("documents.shape-required", {"source_id": "x"}),
        ("documents.shape-required", {"source_id": "x", "embeddings": [{"chunk_id": "c"}]}),
        ("documents.numeric", _of("c", _with(QUERY, 0, "x"))),
        ("documents.finite", _of("c", _with(QUERY, 0, Literal("1e999")))),
        ("documents.dimension", _of("c", [*QUERY, 1.0])),
        ("choice.empty-document", {"source_id": "x", "embeddings": []}),
    )
    chosen = {"tenant_id": "@d", "source_id": "s0", "output_fields": ["embedding"]}
    return [
        _inserted(batch),
        _inserted(batch[:1], "documents.no-upsert", upsert=False),
        _inserted([document("s0", 1, DIMENSION, 7, changed=True)], "documents.upsert", upsert=True),
        *(_inserted([each], clause) for clause, each in bad),
        Step("filterRawEmbeddings", "filter.by-source", "POST", FILTER, chosen),
        Step("filterRawEmbeddings", "filter.one-of", "POST", FILTER, {"tenant_id": "@d"}),
        Step("filterRawEmbeddings", "filter.limit", "POST", FILTER, {**chosen, "limit": 0}),
        Step("deleteRawEmbeddings", "remove.by-ids", "DELETE", f"{REMOVE}&chunk_ids=s0-0&chunk_ids=x"),
        Step("deleteRawEmbeddings", "remove.by-source", "DELETE", f"{REMOVE}&source_id=s0"),
        Step("deleteRawEmbeddings", "remove.again", "DELETE", f"{REMOVE}&source_id=s0"),
        Step("deleteRawEmbeddings", "remove.one-of", "DELETE", REMOVE),
    ]


def _finds(draw: st.DrawFn) -> list[Step]:
    asked: Sequence[tuple[str, dict[str, Any]]] = (
        ("find.shape", {}),
        ("find.limit", {"limit": draw(st.sampled_from((1, 2, 1_000)))}),
        ("find.output-fields", {"output_fields": ["embedding"]}),
        ("find.limit-bounds", {"limit": draw(st.sampled_from((0, 1_001)))}),
        ("find.dimension", {"query_embedding": [*QUERY, 1.0]}),
        ("find.filter", {"filter_expr": 'metadata["n"] == 1'}),
        ("find.filter-missing-key", {"filter_expr": 'metadata["absent"] > 1'}),
        ("find.filter-faulty", {"filter_expr": "=="}),
        ("tenants.unknown", {"tenant_id": "@nowhere"}),
    )
    usual = {"tenant_id": "@d", "query_embedding": QUERY}
    return [
        _inserted([document(f"n{n}", 3, DIMENSION, n, n=n) for n in range(3)], upsert=True),
        *(Step("searchRawEmbeddings", clause, "POST", FIND, {**usual, **own}) for clause, own in asked),
    ]


def _tenant_end(_draw: st.DrawFn) -> list[Step]:
    path = "/tenants/delete?tenant_id=@d"
    return [
        Step("infraStatus", "tenants.infra", "GET", "/tenants/infra/status?tenant_id=@d"),
        Step("deleteTenant", "tenants.delete", "DELETE", path),
        Step("deleteTenant", "tenants.delete", "DELETE", path),
        _inserted([document("s", 1, DIMENSION)], "tenants.unknown"),
    ]


Chapter = Callable[[st.DrawFn], list[Step]]
MATRIX: Sequence[Chapter] = (_rows, _bad_rows, _row_searches)
DOCUMENTS: Sequence[Chapter] = (_inserts, _finds, _tenant_end)


def _with(row: Sequence[Any], place: int, value: Any) -> list[Any]:
    return [*row[:place], value, *row[place + 1 :]]


def _of(chunk_id: str, vector: list[Any]) -> dict[str, Any]:
    return {"source_id": "x", "embeddings": [{"chunk_id": chunk_id, "embedding": vector}]}


CORTEX = Subject(
    vocabulary=VOCABULARY,
    words=WORDS,
    stories=stories,
    creations=frozenset({"createTenant", "createEmbeddingsTenant"}),
    register=register,
    speaks=speaks,
    spelled=spelled,
)
"""What is compared of the service."""
