"""What the contract data of each service is expected to hold, said a second time for the tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def respelled(path: str) -> str:
    """The other spelling of a path: with _ in its last segment for -, or with - for _."""
    first, _, last = path.rpartition("/")
    return f"{first}/{last.replace('_', '-') if '_' in last else last.replace('-', '_')}"


MOORCHEH_STATUSES: Mapping[str, set[int | str]] = {
    "GET /health": {200},
    "POST /namespaces": {200, 201, 400, 409},
    "GET /namespaces": {200},
    "DELETE /namespaces/{namespace_name}": {202, 404},
    "GET /namespaces/{namespace_name}/delete-jobs/{job_id}": {200, 404},
    "POST /namespaces/{namespace_name}/documents": {202, 400, 404, 409},
    "POST /namespaces/{namespace_name}/vectors": {202, 400, 404, 409},
    "GET /namespaces/{namespace_name}/upload-jobs/{job_id}": {200, 404},
    "POST /namespaces/{namespace_name}/items/get": {200, 400, 404},
    "POST /namespaces/{namespace_name}/items/delete": {200, 400, 404},
    "GET /namespaces/{namespace_name}/documents/fetch-text-data": {200, 400, 404},
    "POST /search": {200, 400},
    "POST /answer": {200, 400},
    "POST /namespaces/{namespace_name}/files": {202, 400, 404, 409},
    "GET /namespaces/{namespace_name}/files": {200, 404},
    "GET /namespaces/{namespace_name}/files/{file_id}": {200, 404},
    "POST /namespaces/{namespace_name}/files/delete": {202, 400, 404},
    "GET /namespaces/{namespace_name}/file-jobs/{job_id}": {200, 404},
}
# "default" is any other refusal, which every endpoint of Cortex may give.
USUAL: set[int | str] = {200, 400, 401, 404, 422, "default"}
CREATING: set[int | str] = {200, 400, 401, 409, 422, "default"}
CORTEX_TABLES: Mapping[str, set[int | str]] = {
    "POST /upload/upload_embeddings": USUAL,
    "PATCH /upload/update_embeddings": USUAL,
    "POST /upload/verify_processing": USUAL,
    "POST /embeddings/search": USUAL,
    "POST /embeddings/retrieve_by_ids": USUAL,
    "POST /embeddings/by-chunk-ids": USUAL,
    "DELETE /embeddings/delete": USUAL,
    "POST /embeddings/create_tenant": CREATING,
    "POST /embeddings/create_embeddings_tenant": CREATING,
    "GET /tenant/stats": USUAL,
    "GET /tenant/sub_tenant_ids": USUAL,
    "DELETE /tenant/delete_sub_tenant": USUAL,
    "POST /embeddings/insert-raw-embeddings": USUAL | {409},
    "POST /embeddings/search-raw-embeddings": USUAL,
    "POST /embeddings/filter-raw-embeddings": USUAL,
    "DELETE /embeddings/delete-raw-embeddings": USUAL,
    "POST /tenants/create": CREATING,
    "GET /tenants/infra/status": USUAL,
    "GET /tenants/monitor": USUAL,
    "GET /tenants/stats": USUAL,
    "GET /tenants/sub_tenant_ids": USUAL,
    "GET /tenants/tenant_ids": {200, 401, "default"},
    "DELETE /tenants/delete": USUAL,
    "POST /ingestion/verify-processing": USUAL,
}
CORTEX_BODIES = {
    "POST /upload/upload_embeddings",
    "PATCH /upload/update_embeddings",
    "POST /embeddings/search",
    "POST /embeddings/retrieve_by_ids",
    "POST /embeddings/by-chunk-ids",
    "DELETE /embeddings/delete",
    "POST /embeddings/insert-raw-embeddings",
    "POST /embeddings/search-raw-embeddings",
    "POST /embeddings/filter-raw-embeddings",
    "POST /tenants/create",
}
CORTEX_STATUSES = {
    spelling: statuses
    for endpoint, statuses in CORTEX_TABLES.items()
    for spelling in (endpoint, respelled(endpoint))
}


@dataclass(frozen=True)
class Expected:
    """What one service's contract data is expected to hold.

    Attributes:
        statuses: The statuses of every endpoint of the contract, in every spelling.
        with_body: The endpoints whose requests have a body.
        documented: A pattern for the source of a documented clause.
        title_token: A pattern for a title that begins with a token in place of a capital.
        numbers_in_titles: The clauses whose titles name their limit.
        codes: The codes a refusal may have, by its status.
        code_at: Where the code stands in an error body.
        beyond_schemas: Clauses whose refused requests may be well-formed: what makes them wrong is what the
            server holds, or what no schema can say.
        shown_both_ways: Refusing clauses that an accepted exchange may show too.
        changing: Where an answer may differ from run to run.
        exact: Texts that the contract gives to the letter, though they stand where answers may differ.
    """

    statuses: Mapping[str, set[int | str]]
    with_body: set[str]
    documented: str
    title_token: str
    numbers_in_titles: Mapping[str, int]
    codes: Mapping[int, set[str]]
    code_at: str
    beyond_schemas: set[str]
    changing: set[str]
    shown_both_ways: set[str] = field(default_factory=set)
    exact: set[str] = field(default_factory=set)


MOORCHEH = Expected(
    statuses=MOORCHEH_STATUSES,
    with_body={endpoint for endpoint in MOORCHEH_STATUSES if endpoint.startswith("POST ")},
    documented=r"on-prem/api-references\b",
    title_token=r"#|/|items/(get|delete)\b|fetch-text-data\b",
    numbers_in_titles={
        "moorcheh.items.ids-100": 100,
        "moorcheh.search.top-k-clamped": 100,
        "moorcheh.search.top-k-default": 10,
        "moorcheh.vectors.batch-1000": 1_000,
        "moorcheh.vectors.id-any-string": 200,
        "moorcheh.vectors.id-extreme": 1_000,
        "moorcheh.fetch.limit-bounds": 100,
    },
    codes={400: {"failure", "error"}, 404: {"failure"}, 409: {"failure"}},
    code_at="status",
    beyond_schemas={
        "moorcheh.documents.wrong-namespace-type",
        "moorcheh.search.dimension",
        "moorcheh.search.query-type",
        "moorcheh.search.unknown-namespace",
        "moorcheh.vectors.all-or-nothing",
        "moorcheh.vectors.dimension",
        "moorcheh.vectors.wrong-namespace-type",
    },
    changing={"message", "job_id", "started_at", "updated_at", "execution_time"},
)
CORTEX = Expected(
    statuses=CORTEX_STATUSES,
    with_body={spelling for endpoint in CORTEX_BODIES for spelling in (endpoint, respelled(endpoint))},
    documented=r"(endpoint/[a-z]+(-[a-z]+)*|error-responses|introduction)(, \S|$)",
    title_token=r"(filter_expr|indexing_status)\b",
    numbers_in_titles={
        "cortex.matrix.max-rows": 2_000,
        "cortex.matrix.max-columns": 3_024,
        "cortex.search.max-chunks": 200,
        "cortex.find.limit": 1_000,
    },
    codes={
        400: {"INVALID_PARAMETERS"},
        401: {"UNAUTHORIZED"},
        404: {"TENANT_NOT_FOUND"},
        409: {"TENANT_ALREADY_EXISTS", "CONFLICT"},
        422: {"VALIDATION_ERROR"},
    },
    code_at="detail.error_code",
    beyond_schemas={
        "cortex.documents.dimension",
        "cortex.find.dimension",
        "cortex.find.filter-faulty",
        "cortex.matrix.rectangular",
        "cortex.matrix.tenant-dimension",
        "cortex.search.dimension",
        "cortex.update.dimension",
        "cortex.update.same-batch",
    },
    shown_both_ways={"cortex.tenants.delete"},
    changing={"message", "statuses.*.message", "detail.message"},
    exact={
        "'embeddings' field is required and cannot be empty",
        "embeddings must be a 2D array of decimals",
        "All embedding values must be numeric",
        "embedding vectors cannot be empty",
        "All embedding vectors must have the same dimension",
        "Embeddings dimensions exceed limits. Max rows: 2000, Max cols: 3024. Got: 2001x1",
        "Embeddings dimensions exceed limits. Max rows: 2000, Max cols: 3024. Got: 1x3025",
        "Invalid chunk ID format (must be: batch_id_index)",
        "All chunk IDs must belong to the same batch. Found sources: ['compass', 'winds']",
        "embeddings vector cannot be empty",
        "max_chunks must be greater than 0",
        "max_chunks cannot exceed 200",
        "chunk_ids list cannot be empty",
        "All chunk_ids must be non-empty strings",
    },
)
EXPECTED: Mapping[str, Expected] = {"cortex": CORTEX, "moorcheh": MOORCHEH}
