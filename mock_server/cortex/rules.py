"""The rules of Cortex requests: tables from a clause to the predicate that says what breaks it.

Where the service's own words are documented, they are what a predicate yields.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mock_server.cortex import shapes
from mock_server.cortex.expressions import condition
from mock_server.cortex.shapes import Candidate
from mock_server.cortex.store import Tenant
from mock_server.cortex.subtenant import SubTenant
from mock_server.numbers import not_finite
from mock_server.payload import kind, shown
from mock_server.rules import Document, Rule

MAX_CHUNKS = 200
MAX_FOUND, MAX_FILTERED = 1_000, 10_000
BEARER = "bearer "
TYPES: Mapping[str, type] = {
    "a string": str,
    "an integer": int,
    "true or false": bool,
    "an array": list,
    "an object": dict,
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """The Authorization header of a call, and the one key that is taken, or None for any."""

    header: str
    api_key: str | None


@dataclass(frozen=True, slots=True)
class Fit:
    """The length of vectors beside their tenant's dimension, None while that takes any."""

    length: int
    dimension: int | None


@dataclass(frozen=True, slots=True)
class Insertion:
    """The ids of chunks that are new by their sender's word, and where they are to be stored."""

    ids: Sequence[str]
    sub_tenant: SubTenant


def key_is_missing(credentials: Credentials) -> Iterator[str]:
    """Finds a call without a bearer key, or with another than the one that is taken."""
    scheme, key = credentials.header[: len(BEARER)].lower(), credentials.header[len(BEARER) :].strip()
    if scheme != BEARER or not key:
        yield "Missing API key. Send it as 'Authorization: Bearer <key>'."
    elif credentials.api_key not in (None, key):
        yield "Invalid API key."


def fields_are(**words: str) -> Rule[Document]:
    """Makes the rule that finds a field, neither absent nor null, that is not what its word says."""

    def rule(body: Document) -> Iterator[str]:
        for name, word in words.items():
            if body.get(name) is not None and type(body[name]) is not TYPES[word]:
                yield f"{name}: expected {word}, got {shown(body[name])}"

    return rule


sub_tenant_is_no_string = fields_are(sub_tenant_id="a string")


def tenant_is_not_named(asked: Document) -> Iterator[str]:
    """Finds a tenant_id that is absent, empty or no string, and a sub_tenant_id that is no string."""
    if not isinstance(asked.get("tenant_id"), str) or not asked["tenant_id"]:
        found = shown(asked["tenant_id"]) if "tenant_id" in asked else "nothing"
        yield f"tenant_id: expected a string of at least one character, got {found}"
    yield from sub_tenant_is_no_string(asked)


def tenant_exists(tenant: Tenant | None) -> Iterator[str]:
    """Finds a tenant of the wanted id."""
    if tenant is not None:
        yield f"Tenant {tenant.id!r} already exists"


def creation_is_faulty(body: Document) -> Iterator[str]:
    """Finds fields of the wrong type, and a dimension below 1."""
    yield from fields_are(is_embeddings_tenant="true or false", embeddings_dimension="an integer")(body)
    dimension = body.get("embeddings_dimension")
    if type(dimension) is int and dimension < 1:
        yield f"embeddings_dimension: expected 1 or more, got {shown(dimension)}"


def takes_no_embeddings(tenant: Tenant) -> Iterator[str]:
    """Finds a tenant made for documents alone."""
    if not tenant.takes_embeddings:
        yield f"Tenant {tenant.id!r} is no embeddings tenant: create it with is_embeddings_tenant true"


def length_is_not_the_dimension(fit: Fit) -> Iterator[str]:
    """Finds vectors of another length than the tenant's; without values they are another's fault."""
    if fit.length and fit.dimension is not None and fit.length != fit.dimension:
        yield f"Embedding vectors have {fit.length} values, the tenant has dimension {fit.dimension}"


def chunk_ids_are_missing(body: Document) -> Iterator[str]:
    """Finds chunk ids that are no array or none at all, and one that is no string or empty."""
    chunk_ids = body.get("chunk_ids")
    if not isinstance(chunk_ids, list) or not chunk_ids:
        yield "chunk_ids list cannot be empty"
    elif not all(isinstance(chunk_id, str) and chunk_id for chunk_id in chunk_ids):
        yield "All chunk_ids must be non-empty strings"


def query_is_empty(body: Document) -> Iterator[str]:
    """Finds a query that is absent, null or without numbers."""
    if body.get("embeddings") is None or body["embeddings"] == []:
        yield "embeddings vector cannot be empty"


def query_is_no_vector(body: Document) -> Iterator[str]:
    """Finds a query that is there, but no array of finite numbers."""
    yield from _faults_of_vector("embeddings", body.get("embeddings"))


def query_embedding_is_no_vector(body: Document) -> Iterator[str]:
    """Finds a query of the documents form that is absent, or no array of finite numbers, or of none."""
    query = body.get("query_embedding")
    if query is None or query == []:
        yield f"query_embedding: expected an array of at least one number, got {shown(query)}"
    yield from _faults_of_vector("query_embedding", query)


def max_chunks_is_out_of_range(body: Document) -> Iterator[str]:
    """Finds a max_chunks below 1 or above 200, or one that is no integer."""
    asked = body.get("max_chunks")
    if asked is not None and type(asked) is not int:
        yield f"max_chunks must be an integer, got {shown(asked)}"
    elif asked is not None and asked < 1:
        yield "max_chunks must be greater than 0"
    elif asked is not None and asked > MAX_CHUNKS:
        yield f"max_chunks cannot exceed {MAX_CHUNKS}"


def no_file_is_named(query: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Finds a question about the processing of no file."""
    if not any(file_id for name in ("file_id", "file_ids") for file_id in query.get(name, ())):
        yield "Provide file_id or file_ids"


def limit_is_out_of_range(most: int) -> Rule[Document]:
    """Makes the rule that finds a limit below 1 or above the given one, or one that is no integer."""

    def rule(body: Document) -> Iterator[str]:
        limit = body.get("limit")
        if limit is not None and (type(limit) is not int or not 1 <= limit <= most):
            yield f"limit: expected an integer from 1 to {most}, got {shown(limit)}"

    return rule


def filter_is_faulty(body: Document) -> Iterator[str]:
    """Finds a filter expression that is none."""
    expression = body.get("filter_expr")
    if isinstance(expression, str) and expression.strip():
        try:
            condition(expression)
        except ValueError as error:
            yield f"filter_expr: {error}"


def not_one_of_source_and_chunks(body: Document) -> Iterator[str]:
    """Finds a call that names both a source and chunks, or neither."""
    given = [name for name in ("source_id", "chunk_ids") if body.get(name) not in (None, "", [])]
    if len(given) != 1:
        yield f"Provide exactly one of source_id and chunk_ids, got {' and '.join(given) or 'neither'}"


def choice_is_faulty(body: Document) -> Iterator[str]:
    """Finds a source_id that is no string, and chunk_ids that are no array of strings."""
    yield from fields_are(source_id="a string", chunk_ids="an array", output_fields="an array")(body)
    chunk_ids = body.get("chunk_ids")
    for place, chunk_id in enumerate(chunk_ids if isinstance(chunk_ids, list) else []):
        if not isinstance(chunk_id, str):
            yield f"chunk_ids[{place}]: expected a string, got {shown(chunk_id)}"


def chunk_exists(insertion: Insertion) -> Iterator[str]:
    """Finds a chunk id that is stored, where none is to be replaced."""
    for chunk_id in insertion.ids:
        if chunk_id in insertion.sub_tenant.chunks:
            yield f"chunk {chunk_id!r} already exists; send upsert true to replace it"


def _faults_of_vector(field: str, query: object) -> Iterator[str]:
    if isinstance(query, list):
        for place, value in not_finite(query):
            yield f"{field}[{place}]: expected a finite number, got {shown(value)}"
    elif query is not None:
        yield f"{field}: expected an array of numbers, got {kind(query)}"


KEY: Mapping[str, Rule[Credentials]] = {"cortex.auth.required": key_is_missing}
SCOPE: Mapping[str, Rule[Document]] = {"mock.request": tenant_is_not_named}
CREATION: Mapping[str, Rule[Document]] = {"mock.request": creation_is_faulty}
OCCUPATION: Mapping[str, Rule[Tenant | None]] = {"cortex.tenants.exists": tenant_exists}
RECEIVER: Mapping[str, Rule[Tenant]] = {"mock.no-embeddings-tenant": takes_no_embeddings}
MATRIX: Mapping[str, Rule[Document]] = {
    "cortex.matrix.empty": shapes.embeddings_are_missing,
    "cortex.matrix.two-dimensional": shapes.embeddings_are_no_matrix,
    "cortex.matrix.empty-row": shapes.a_row_is_empty,
    "cortex.matrix.numeric": shapes.a_value_is_no_number,
    "cortex.matrix.finite": shapes.a_value_is_not_finite,
    "cortex.matrix.rectangular": shapes.rows_differ_in_length,
    "cortex.matrix.max-rows": shapes.rows_are_too_many,
    "cortex.matrix.max-columns": shapes.columns_are_too_many,
}
MATRIX_FIELDS: Mapping[str, Rule[Document]] = {
    "mock.request": fields_are(
        file_id="a string", document_metadata="an object", tenant_metadata="an object"
    ),
}
MATRIX_FIT: Mapping[str, Rule[Fit]] = {"cortex.matrix.tenant-dimension": length_is_not_the_dimension}
VERIFICATION: Mapping[str, Rule[Mapping[str, Sequence[str]]]] = {"mock.request": no_file_is_named}
UPDATE: Mapping[str, Rule[Document]] = {
    "cortex.matrix.empty": shapes.embeddings_are_missing,
    "mock.vector": shapes.embeddings_are_no_dictionary,
    "cortex.update.id-format": shapes.a_chunk_id_has_no_index,
    "cortex.update.same-batch": shapes.chunk_ids_are_of_several_batches,
    "cortex.matrix.empty-row": shapes.a_row_is_empty,
    "cortex.matrix.numeric": shapes.a_value_is_no_number,
    "cortex.matrix.finite": shapes.a_value_is_not_finite,
    "cortex.update.dimension": shapes.rows_differ_in_length,
}
UPDATE_FIT: Mapping[str, Rule[Fit]] = {"cortex.update.dimension": length_is_not_the_dimension}
SEARCH: Mapping[str, Rule[Document]] = {
    "cortex.search.empty": query_is_empty,
    "mock.vector": query_is_no_vector,
    "cortex.search.max-chunks": max_chunks_is_out_of_range,
}
SEARCH_FIT: Mapping[str, Rule[Fit]] = {"cortex.search.dimension": length_is_not_the_dimension}
RETRIEVAL: Mapping[str, Rule[Document]] = {"mock.chunk-ids": chunk_ids_are_missing}
DELETION: Mapping[str, Rule[Document]] = {"cortex.delete.empty": chunk_ids_are_missing}
DOCUMENTS_FIELDS: Mapping[str, Rule[Document]] = {"mock.request": fields_are(upsert="true or false")}
DOCUMENT: Mapping[str, Rule[Candidate]] = {
    "cortex.documents.shape-required": shapes.document_lacks_a_field,
    "mock.request": shapes.metadata_is_no_object,
}
CHUNK: Mapping[str, Rule[Candidate]] = {
    "cortex.documents.shape-required": shapes.chunk_lacks_a_field,
    "cortex.documents.numeric": shapes.value_is_no_number,
    "cortex.documents.finite": shapes.value_is_not_finite,
    "cortex.documents.dimension": shapes.vector_is_not_of_the_dimension,
}
INSERTION: Mapping[str, Rule[Insertion]] = {"cortex.documents.no-upsert": chunk_exists}
FIND_FIELDS: Mapping[str, Rule[Document]] = {
    "mock.request": fields_are(filter_expr="a string", output_fields="an array"),
}
FIND: Mapping[str, Rule[Document]] = {
    "mock.request": query_embedding_is_no_vector,
    "cortex.find.limit-bounds": limit_is_out_of_range(MAX_FOUND),
    "cortex.find.filter-faulty": filter_is_faulty,
}
FIND_FIT: Mapping[str, Rule[Fit]] = {"cortex.find.dimension": length_is_not_the_dimension}
FILTER: Mapping[str, Rule[Document]] = {
    "cortex.filter.one-of": not_one_of_source_and_chunks,
    "mock.request": choice_is_faulty,
    "cortex.filter.limit": limit_is_out_of_range(MAX_FILTERED),
}
REMOVAL: Mapping[str, Rule[Document]] = {"cortex.remove.one-of": not_one_of_source_and_chunks}
