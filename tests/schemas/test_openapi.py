"""Polices openapi.json: a valid document that describes all 18 endpoints of the contract and nothing else."""

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.schemas.ground import MOORCHEH, Operation, clauses, openapi, operations

OPERATIONS = operations()
# The endpoints and statuses of the contract's table; 200 and 201 both create a namespace.
STATUSES = {
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

every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


def test_the_document_is_valid_openapi() -> None:
    document = openapi()
    assert document["openapi"].startswith("3.1.")
    errors = OpenAPIV31SpecValidator(document, base_uri=(MOORCHEH / "openapi.json").as_uri()).iter_errors()
    assert [error.message for error in errors] == []


def test_a_reference_to_a_missing_file_would_be_found() -> None:
    document = openapi()
    health = document["paths"]["/health"]["get"]["responses"]["200"]["content"]["application/json"]
    health["schema"]["$ref"] = "missing.schema.json"
    validator = OpenAPIV31SpecValidator(document, base_uri=(MOORCHEH / "openapi.json").as_uri())
    with pytest.raises(Exception, match=r"missing\.schema\.json"):
        list(validator.iter_errors())


def test_the_operations_and_statuses_are_those_of_the_contract() -> None:
    described = {str(each): {int(status) for status in each.spec["responses"]} for each in OPERATIONS}
    assert described == STATUSES


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation.spec["operationId"] for operation in OPERATIONS]
    assert len(set(names)) == len(names)


@every_operation
def test_an_operation_says_what_it_does(operation: Operation) -> None:
    summary = operation.spec["summary"]
    assert summary[0].isupper()
    assert not summary.endswith(".")
    tags = {tag["name"] for tag in openapi()["tags"]}
    assert set(operation.spec["tags"]) <= tags


@every_operation
def test_a_post_has_a_body_and_nothing_else_has(operation: Operation) -> None:
    assert (operation.request_schema is not None) == (operation.method == "POST")


@every_operation
def test_a_refusal_is_described_by_its_own_schema(operation: Operation) -> None:
    full = {"uploadDocuments", "uploadVectors", "uploadFiles"}
    searches = operation.spec["operationId"] == "search"
    for status in (int(each) for each in operation.spec["responses"]):
        schema = operation.response_schema(status)
        if status == 409 and operation.spec["operationId"] in full:
            assert schema == "quota-error.response.schema.json"
        elif status >= 400:
            assert schema == (
                "search-error.response.schema.json" if searches else "error.response.schema.json"
            )
        else:
            assert "error" not in schema


@every_operation
def test_the_parameters_of_a_path_are_declared(operation: Operation) -> None:
    document = openapi()
    item = document["paths"][operation.template]
    declared = [parameter_name(each, document) for each in item.get("parameters", ())]
    assert [f"{{{name}}}" for name in declared] == [
        part for part in operation.template.split("/") if part.startswith("{")
    ]


def test_the_page_limit_is_that_of_its_clause() -> None:
    fetch = next(each for each in OPERATIONS if each.spec["operationId"] == "fetchTextData")
    limit = next(each["schema"] for each in fetch.spec["parameters"] if each["name"] == "limit")
    assert limit["maximum"] == limit["default"] == clauses()["moorcheh.fetch.limit-bounds"]["limit"]


def parameter_name(parameter: dict[str, Any], document: dict[str, Any]) -> str:
    """The name of a path parameter, which is kept among the components."""
    component: dict[str, Any] = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    assert component["in"] == "path"
    return str(component["name"])
