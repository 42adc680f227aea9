"""Polices schemas/client/: valid, named after their files, and at one with each service's openapi.json."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.client.lines import KINDS
from tests.schemas import ground
from tests.schemas.protocol import FOLDER, SCHEMAS_BY_ID, validator

WAITING = {
    "moorcheh": {
        "uploadVectorsAndWait": "uploadVectors",
        "uploadDocumentsAndWait": "uploadDocuments",
        "deleteNamespaceAndWait": "deleteNamespace",
    },
    "cortex": {"uploadEmbeddingsAndWait": "uploadEmbeddings"},
}
OPERATIONS = {
    service: {
        operation.spec["operationId"]: operation
        for operation in ground.operations(service)
        if "x-same-as" not in operation.spec
    }
    for service in ground.SERVICES
}
NAMES = [
    (service, name) for service, operations in OPERATIONS.items() for name in (*operations, *WAITING[service])
]
every_name = pytest.mark.parametrize(("service", "name"), NAMES)
every_schema = pytest.mark.parametrize(("where", "schema"), SCHEMAS_BY_ID.items(), ids=SCHEMAS_BY_ID)
# The same body is sent by clients of both forms; theirs is the form of 2026.
DOCUMENTS = "documents.request.schema.json"
# What today's clients never send.
EARLIER = {"search": {"metadata"}}


@every_schema
def test_a_schema_is_valid_and_says_what_it_is(where: str, schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == where
    assert schema["title"]
    assert schema["description"].endswith(".")


def test_every_operation_has_its_two_schemas_and_nothing_else_has() -> None:
    expected = {f"{FOLDER}/{name}.schema.json" for name in ("request", "answer", "error")}
    for service, name in NAMES:
        expected |= {f"{FOLDER}/{service}/{name}.{kind}.schema.json" for kind in ("request", "response")}
    assert SCHEMAS_BY_ID.keys() == expected


@every_name
def test_the_arguments_are_the_parameters_and_the_fields_of_the_body(service: str, name: str) -> None:
    operation = OPERATIONS[service][WAITING[service].get(name, name)]
    names = {parameter["name"] for parameter in operation.spec["parameters"]}
    if operation.request_schema is not None:
        body = DOCUMENTS if name == "insertRawEmbeddings" else operation.request_schema
        names |= ground.schemas(service)[body]["properties"].keys() - EARLIER.get(name, set())
    assert SCHEMAS_BY_ID[f"{FOLDER}/{service}/{name}.request.schema.json"]["properties"].keys() == names


@every_name
def test_a_line_of_each_operation_goes_by_its_schema(service: str, name: str) -> None:
    schema = SCHEMAS_BY_ID[f"{FOLDER}/{service}/{name}.request.schema.json"]
    samples = {"string": "a", "array": [], "object": {}, "integer": 1, "number": 0.5, "boolean": True}
    kinds = {key: schema["properties"][key].get("type") for key in schema.get("required", ())}
    arguments = {
        key: samples[kind if isinstance(kind, str) else kind[0]] if kind else "a"
        for key, kind in kinds.items()
    }
    line = {
        "id": 1,
        "service": service,
        "operation": name,
        "base_url": "http://127.0.0.1:1",
        "arguments": arguments,
        "limits": {"answer": 1, "operation": 2.5},
    }
    assert validator("request.schema.json").is_valid(line)
    assert not validator("request.schema.json").is_valid({**line, "arguments": {**arguments, "else": 1}})
    other = "cortex" if service == "moorcheh" else "moorcheh"
    assert not validator("request.schema.json").is_valid({**line, "service": other})


@every_name
def test_a_result_goes_by_the_answer_of_its_operation(service: str, name: str) -> None:
    check = validator(f"{service}/{name}.response.schema.json")
    examples = [each for each in ground.examples(service) if each.operation.spec["operationId"] == name]
    answers = [
        each.content["response"]["body"] for each in examples if each.content["response"]["status"] < 300
    ]
    assert not [str(error) for answer in answers for error in check.iter_errors(answer)]
    assert not check.is_valid("done")


def test_a_client_may_split_an_upload() -> None:
    assert validator("moorcheh/uploadVectors.response.schema.json").is_valid({"job_ids": ["job-1", "job-2"]})
    assert not validator("moorcheh/uploadVectors.response.schema.json").is_valid({"job_ids": []})


def test_the_suite_knows_the_kinds_of_errors() -> None:
    assert tuple(SCHEMAS_BY_ID[f"{FOLDER}/error.schema.json"]["properties"]["kind"]["enum"]) == KINDS
