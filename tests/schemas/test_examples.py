"""Polices the examples: complete, well-formed, and in agreement with clauses, schemas and openapi.json."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.schemas.expected import EXPECTED
from tests.schemas.ground import (
    SCHEMAS,
    SERVICES,
    Example,
    Operation,
    clauses,
    examples,
    openapi,
    operation_for,
    operations,
    validator,
    values_at,
)

CLAUSES = {clause_id: clause for service in SERVICES for clause_id, clause in clauses(service).items()}
EXAMPLES = [example for service in SERVICES for example in examples(service)]
OPERATIONS = [operation for service in SERVICES for operation in operations(service)]
REQUIRED = {"title", "clause", "given", "request", "response"}
OPTIONAL = {"settings", "files", "varies"}
REFUSING = [clause_id for clause_id, clause in CLAUSES.items() if "refusal" in clause]
BEYOND_SCHEMAS = {clause_id: each for each, x in EXPECTED.items() for clause_id in sorted(x.beyond_schemas)}

every_service = pytest.mark.parametrize("service", SERVICES)
every_example = pytest.mark.parametrize("example", EXAMPLES, ids=str)


@every_example
def test_an_example_has_the_known_keys(example: Example) -> None:
    assert example.content.keys() >= REQUIRED
    assert example.content.keys() <= REQUIRED | OPTIONAL
    assert example.content["response"].keys() == {"status", "body"}
    assert example.content.get("settings", {}).keys() <= {"max_items"}
    for given in example.content["given"]:
        assert {"request"} <= given.keys() <= {"request", "keep"}
    for request in requests_of(example):
        assert {"method", "path"} <= request.keys() <= {"method", "path", "body", "raw", "anonymous"}
        assert not {"body", "raw"} <= request.keys()


@every_example
def test_only_a_service_with_keys_has_requests_without(example: Example) -> None:
    for request in requests_of(example):
        if "anonymous" in request:
            assert request["anonymous"] is True
            assert "security" in openapi(example.service)


def test_the_readme_shows_the_keys_of_an_example() -> None:
    page = (SCHEMAS / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert shown is not None
    assert json.loads(shown[1]).keys() == REQUIRED | OPTIONAL


@every_example
def test_an_example_is_named_after_its_clause(example: Example) -> None:
    clause_id = example.content["clause"]
    assert clause_id in CLAUSES
    assert re.fullmatch(rf"{re.escape(clause_id)}(\.[a-z]+)?", f"{example.service}.{example.name}")


def test_no_two_examples_have_the_same_title_and_clause() -> None:
    named = [(example.content["clause"], example.content["title"]) for example in EXAMPLES]
    assert len(set(named)) == len(named)


@every_example
def test_a_title_is_a_line(example: Example) -> None:
    title = example.content["title"]
    assert 0 < len(title) <= 100
    assert "\n" not in title
    assert not title.endswith(".")


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_an_operation_has_an_example_and_names_all(operation: Operation) -> None:
    shown = [each for each in EXAMPLES if each.service == operation.service and each.operation == operation]
    named = operation.spec.get("x-examples", [])
    assert named == [f"examples/{each.name}.json" for each in shown]
    assert all((SCHEMAS / operation.service / file).is_file() for file in named)
    accepted = any(each.content["response"]["status"] < 400 for each in shown)
    assert accepted or "x-same-as" in operation.spec


@pytest.mark.parametrize("clause_id", REFUSING)
def test_a_refusal_has_an_example(clause_id: str) -> None:
    refusal = CLAUSES[clause_id]["refusal"]
    expected = EXPECTED[clause_id.partition(".")[0]]
    shown = [each.content["response"] for each in EXAMPLES if each.content["clause"] == clause_id]
    if clause_id in expected.shown_both_ways:
        shown = [response for response in shown if response["status"] >= 400]
    assert shown
    for response in shown:
        assert response["status"] == refusal["status"]
        assert [*values_at(response["body"], expected.code_at)] == [refusal["code"]]


@every_example
def test_only_a_refusing_clause_is_shown_by_a_refusal(example: Example) -> None:
    clause_id = example.content["clause"]
    refused = example.content["response"]["status"] >= 400
    both_ways = clause_id in EXPECTED[example.service].shown_both_ways
    assert refused == (clause_id in REFUSING) or both_ways


@every_service
def test_what_is_shown_both_ways_is(service: str) -> None:
    for clause_id in EXPECTED[service].shown_both_ways:
        shown = [
            each.content["response"]["status"] for each in EXAMPLES if each.content["clause"] == clause_id
        ]
        assert {status >= 400 for status in shown} == {True, False}, clause_id


@every_example
def test_an_answer_is_as_openapi_says(example: Example) -> None:
    response = example.content["response"]
    schema = example.operation.response_schema(response["status"])
    validator(example.service, schema).validate(response["body"])


@every_example
def test_an_accepted_body_is_as_openapi_says(example: Example) -> None:
    accepted = [each["request"] for each in example.content["given"]]
    if example.content["response"]["status"] < 400:
        accepted.append(example.content["request"])
    for request in accepted:
        schema = operation_for(example.service, request).request_schema
        if schema is None:
            assert not {"body", "raw"} & request.keys()
        else:
            validator(example.service, schema).validate(body_of(request))


@every_example
def test_a_query_is_as_openapi_says(example: Example) -> None:
    for request in requests_of(example):
        parameters = operation_for(example.service, request).spec["parameters"]
        declared = {each["name"]: each for each in parameters if each["in"] == "query"}
        sent = parse_qsl(request["path"].partition("?")[2], keep_blank_values=True, strict_parsing=False)
        assert {name for name, _ in sent} <= declared.keys()
        assert {name for name, each in declared.items() if each.get("required")} <= {name for name, _ in sent}


@every_example
def test_a_refused_body_is_invalid_unless_no_schema_could_say_so(example: Example) -> None:
    request, response = example.content["request"], example.content["response"]
    if response["status"] not in (400, 422) or "body" not in request:
        return
    schema = example.operation.request_schema
    assert schema is not None
    if validator(example.service, schema).is_valid(request["body"]):
        assert example.content["clause"] in BEYOND_SCHEMAS


@pytest.mark.parametrize(("clause_id", "service"), BEYOND_SCHEMAS.items())
def test_a_body_refused_for_what_no_schema_says_is_valid(clause_id: str, service: str) -> None:
    shown = [each for each in EXAMPLES if each.content["clause"] == clause_id]
    assert any(
        validator(service, each.operation.request_schema or "").is_valid(each.content["request"]["body"])
        for each in shown
    )


@every_example
def test_a_raw_body_says_what_json_would_not(example: Example) -> None:
    for request in requests_of(example):
        if "raw" not in request:
            continue
        try:
            value = json.loads(request["raw"], parse_constant=refuse_constant)
        except ValueError:
            continue
        assert json.dumps(value) != request["raw"]


@every_example
def test_what_varies_is_there(example: Example) -> None:
    body = example.content["response"]["body"]
    varies = example.content.get("varies", [])
    assert len(set(varies)) == len(varies)
    for path in varies:
        assert list(values_at(body, path)), path


@every_example
def test_what_differs_from_run_to_run_varies(example: Example) -> None:
    body = example.content["response"]["body"]
    expected = EXPECTED[example.service]
    for path in expected.changing - set(example.content.get("varies", [])):
        assert {*values_at(body, path)} <= expected.exact


@every_service
def test_an_exact_text_is_shown_and_never_varies(service: str) -> None:
    expected = EXPECTED[service]
    texts = [
        (text, path in example.content.get("varies", []))
        for example in examples(service)
        for path in expected.changing
        for text in values_at(example.content["response"]["body"], path)
    ]
    assert {text for text, varies in texts if not varies} == expected.exact
    assert not [text for text, varies in texts if varies and text in expected.exact]


@every_example
def test_a_name_in_a_path_was_kept_before(example: Example) -> None:
    kept: set[str] = set()
    for given in example.content["given"]:
        assert names_in(given["request"]) <= kept
        kept |= given.get("keep", {}).keys()
    assert names_in(example.content["request"]) <= kept


def requests_of(example: Example) -> list[dict[str, Any]]:
    """Every request of an example, its own last."""
    return [*(given["request"] for given in example.content["given"]), example.content["request"]]


def body_of(request: dict[str, Any]) -> Any:
    """The JSON value a request carries."""
    return json.loads(request["raw"], parse_constant=refuse_constant) if "raw" in request else request["body"]


def names_in(request: dict[str, Any]) -> set[str]:
    """The names a path takes from earlier answers."""
    return set(re.findall(r"\{(\w+)\}", request["path"]))


def refuse_constant(name: str) -> None:
    """Raises ValueError for NaN and Infinity, which are no JSON."""
    raise ValueError(f"{name} is no JSON")
