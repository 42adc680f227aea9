"""Polices every openapi.json: a valid document of all endpoints of the contract and of nothing else."""

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.schemas.expected import EXPECTED
from tests.schemas.ground import SCHEMAS, SERVICES, Operation, openapi, operations

OPERATIONS = [operation for service in SERVICES for operation in operations(service)]

every_service = pytest.mark.parametrize("service", SERVICES)
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


@every_service
def test_the_document_is_valid_openapi(service: str) -> None:
    document = openapi(service)
    assert document["openapi"].startswith("3.1.")
    base = (SCHEMAS / service / "openapi.json").as_uri()
    errors = OpenAPIV31SpecValidator(document, base_uri=base).iter_errors()
    assert [error.message for error in errors] == []


@every_service
def test_a_reference_to_a_missing_file_would_be_found(service: str) -> None:
    document = openapi(service)
    item = next(iter(document["paths"].values()))
    answer = next(iter(item.values()))["responses"]["200"]["content"]["application/json"]
    answer["schema"]["$ref"] = "missing.schema.json"
    validator = OpenAPIV31SpecValidator(document, base_uri=(SCHEMAS / service / "openapi.json").as_uri())
    with pytest.raises(Exception, match=r"missing\.schema\.json"):
        list(validator.iter_errors())


@every_service
def test_the_operations_and_statuses_are_those_of_the_contract(service: str) -> None:
    described = {
        f"{each.method} {each.template}": {
            int(status) if status.isdigit() else status for status in each.spec["responses"]
        }
        for each in operations(service)
    }
    assert described == EXPECTED[service].statuses


@every_service
def test_every_operation_has_a_name_of_its_own(service: str) -> None:
    names = [operation.spec["operationId"] for operation in operations(service)]
    assert len(set(names)) == len(names)


@every_operation
def test_an_operation_says_what_it_does(operation: Operation) -> None:
    summary = operation.spec["summary"]
    assert summary[0].isupper()
    assert not summary.endswith(".")
    tags = {tag["name"] for tag in openapi(operation.service)["tags"]}
    assert set(operation.spec["tags"]) <= tags


@every_service
def test_a_request_has_a_body_where_the_contract_says_so(service: str) -> None:
    with_body = {
        f"{each.method} {each.template}" for each in operations(service) if each.request_schema is not None
    }
    assert with_body == EXPECTED[service].with_body


@every_operation
def test_the_parameters_of_a_path_are_declared(operation: Operation) -> None:
    declared = [each["name"] for each in operation.spec["parameters"] if each["in"] == "path"]
    assert declared == re.findall(r"\{(\w+)\}", operation.template)
