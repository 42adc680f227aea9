"""Polices what only the contract data of Cortex holds: two forms, two spellings, keys, nulls, limits."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.schemas import ground
from tests.schemas.expected import CORTEX_TABLES, respelled

CLAUSES = ground.clauses("cortex")
OPERATIONS = ground.operations("cortex")
EARLIER = {
    "/embeddings/by-chunk-ids": "/embeddings/retrieve_by_ids",
    "/embeddings/create_embeddings_tenant": "/embeddings/create_tenant",
    "/tenants/stats": "/tenants/monitor",
}
OWN_TO_A_SPELLING = {"operationId", "deprecated", "x-same-as", "x-examples"}
MATRIX = {"embeddings": [[0, 1.5], [1, 0]]}
CHUNK = {"chunk_id": "north", "embedding": [0, 1]}
SOURCE: dict[str, Any] = {"source_id": "map", "embeddings": [CHUNK]}

every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


def validator(name: str) -> Draft202012Validator:
    """A validator for one of Cortex's schema files."""
    return ground.validator("cortex", name)


def test_every_endpoint_asks_for_a_bearer_key() -> None:
    document = ground.openapi("cortex")
    assert document["security"] == [{"bearer": []}]
    scheme = document["components"]["securitySchemes"]["bearer"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert not [each for each in OPERATIONS if "security" in each.spec]


@every_operation
def test_success_is_200_and_every_refusal_has_the_same_body(operation: ground.Operation) -> None:
    for status in operation.spec["responses"]:
        schema = operation.response_schema(status)
        assert (schema == "error.response.schema.json") == (status != "200")


@every_operation
def test_another_spelling_is_the_same_operation(operation: ground.Operation) -> None:
    if "x-same-as" not in operation.spec:
        return
    same = next(
        each
        for each in OPERATIONS
        if (each.method, each.template) == (operation.method, operation.spec["x-same-as"])
    )
    assert "x-same-as" not in same.spec
    assert {key: value for key, value in operation.spec.items() if key not in OWN_TO_A_SPELLING} == {
        key: value for key, value in same.spec.items() if key not in OWN_TO_A_SPELLING
    }


@every_operation
def test_only_another_spelling_or_an_earlier_path_is_the_same_as_one(operation: ground.Operation) -> None:
    path = operation.template
    as_the_contract_has_it = f"{operation.method} {path}" in CORTEX_TABLES
    earlier = EARLIER.get(path) or EARLIER.get(respelled(path))
    expected = earlier or (None if as_the_contract_has_it else respelled(path))
    assert operation.spec.get("x-same-as") == expected
    assert ("deprecated" in operation.spec) == (earlier is not None)


def test_the_limits_of_the_schemas_are_those_of_the_clauses() -> None:
    schemas = ground.schemas("cortex")
    matrix = schemas["upload-embeddings.request.schema.json"]["properties"]["embeddings"]
    search = schemas["search-embeddings.request.schema.json"]["properties"]["max_chunks"]
    find = schemas["search-raw-embeddings.request.schema.json"]["properties"]["limit"]
    read = schemas["filter-raw-embeddings.request.schema.json"]["properties"]["limit"]
    assert matrix["maxItems"] == CLAUSES["cortex.matrix.max-rows"]["limit"] == 2_000
    assert matrix["items"]["maxItems"] == CLAUSES["cortex.matrix.max-columns"]["limit"] == 3_024
    assert search["maximum"] == CLAUSES["cortex.search.max-chunks"]["limit"] == 200
    assert find["maximum"] == CLAUSES["cortex.find.limit"]["limit"] == 1_000
    assert find["maximum"] == CLAUSES["cortex.find.limit-bounds"]["limit"]
    assert read["maximum"] == CLAUSES["cortex.filter.limit"]["limit"] == 10_000
    assert (search["default"], find["default"], read["default"]) == (10, 10, 100)


@pytest.mark.parametrize(
    ("name", "request_body"),
    [
        ("upload-embeddings", MATRIX | {"file_id": None, "document_metadata": None, "tenant_metadata": None}),
        (
            "search-embeddings",
            {"embeddings": [1], "tenant_id": "demo", "sub_tenant_id": None, "max_chunks": None},
        ),
        ("chunk-ids", {"chunk_ids": ["north"], "tenant_id": "demo", "sub_tenant_id": None}),
        (
            "insert-raw-embeddings",
            {
                "tenant_id": None,
                "sub_tenant_id": None,
                "embeddings": [SOURCE | {"metadata": None}],
                "upsert": None,
            },
        ),
        (
            "search-raw-embeddings",
            {"tenant_id": "demo", "query_embedding": [1], "sub_tenant_id": None, "limit": None}
            | {"filter_expr": None, "output_fields": None},
        ),
        (
            "filter-raw-embeddings",
            {
                "tenant_id": "demo",
                "source_id": "map",
                "chunk_ids": None,
                "limit": None,
                "output_fields": None,
            },
        ),
        (
            "create-tenant",
            {"tenant_id": "demo", "is_embeddings_tenant": None, "embeddings_dimension": None}
            | {"tenant_metadata_schema": None},
        ),
    ],
)
def test_null_is_valid_for_what_may_be_left_out(name: str, request_body: dict[str, Any]) -> None:
    request = validator(f"{name}.request.schema.json")
    assert request.is_valid(request_body)
    assert request.is_valid({key: value for key, value in request_body.items() if value is not None})


@pytest.mark.parametrize(
    ("embeddings", "valid"),
    [
        ([[0, 1.5]], True),
        ([SOURCE], True),
        ([[0, 1.5], SOURCE], False),
        ([SOURCE, [0, 1.5]], False),
        ([0, 1.5], False),
        ([], False),
        ([SOURCE | {"embeddings": []}], False),
        ([SOURCE | {"embeddings": [CHUNK | {"embedding": []}]}], False),
    ],
)
def test_an_insert_is_of_one_form(embeddings: list[Any], valid: bool) -> None:
    insert = validator("insert-raw-embeddings.request.schema.json")
    assert insert.is_valid({"tenant_id": "demo", "embeddings": embeddings}) is valid


@pytest.mark.parametrize(
    ("told", "valid"), [({"success": True}, True), ({"status": "success"}, True), ({}, False)]
)
def test_an_accepted_matrix_is_told_by_success_or_status(told: dict[str, Any], valid: bool) -> None:
    answer = {"file_id": "compass", "message": "Embeddings uploaded successfully."} | told
    assert validator("upload-embeddings.response.schema.json").is_valid(answer) is valid


@pytest.mark.parametrize("state", ["queued", "processing", "completed", "success", "errored"])
def test_a_state_stands_at_the_top_or_among_several(state: str) -> None:
    one = {"file_id": "compass", "indexing_status": state}
    answers = validator("verify-processing.response.schema.json")
    assert answers.is_valid(one)
    assert answers.is_valid({"statuses": [one]})
    assert not answers.is_valid({"statuses": [one | {"indexing_status": "lost"}]})
    assert not answers.is_valid({"file_id": "compass"})


@pytest.mark.parametrize(
    ("chunk_id", "valid"), [("compass_0", True), ("a_b_12", True), ("compass", False), ("_1", False)]
)
def test_an_updated_chunk_is_named_by_batch_and_index(chunk_id: str, valid: bool) -> None:
    update = validator("update-embeddings.request.schema.json")
    assert update.is_valid({"embeddings": {chunk_id: [0, 1]}}) is valid


def test_an_error_in_a_string_is_no_refusal() -> None:
    detail = {"success": False, "message": "Tenant 'demo' not found.", "error_code": "TENANT_NOT_FOUND"}
    refusal = validator("error.response.schema.json")
    assert refusal.is_valid({"detail": detail})
    assert not refusal.is_valid({"detail": "Tenant 'demo' not found."})
    assert not refusal.is_valid({"detail": detail | {"success": True}})


def test_a_refused_upsert_is_an_insert_without_success() -> None:
    answer = {"insert_count": 0, "ids": [], "success": False, "error": "Chunk 'north' exists."}
    assert validator("insert-raw-embeddings.response.schema.json").is_valid(answer)
