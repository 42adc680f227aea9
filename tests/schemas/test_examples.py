"""Polices the examples: complete, well-formed, and in agreement with clauses, schemas and openapi.json."""

import json
import re
from typing import Any

import pytest

from tests.schemas.ground import (
    MOORCHEH,
    SCHEMAS,
    Example,
    Operation,
    clauses,
    examples,
    operation_for,
    operations,
    validator,
    values_at,
)

CLAUSES = clauses()
EXAMPLES = examples()
REQUIRED = {"title", "clause", "given", "request", "response"}
OPTIONAL = {"settings", "files", "varies"}
REFUSING = [clause_id for clause_id, clause in CLAUSES.items() if "refusal" in clause]
# Their requests are well-formed in themselves; only what the server holds makes them wrong.
WRONG_ONLY_BY_STATE = {
    "moorcheh.documents.wrong-namespace-type",
    "moorcheh.search.dimension",
    "moorcheh.search.query-type",
    "moorcheh.search.unknown-namespace",
    "moorcheh.vectors.all-or-nothing",
    "moorcheh.vectors.dimension",
    "moorcheh.vectors.wrong-namespace-type",
}

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
        assert {"method", "path"} <= request.keys() <= {"method", "path", "body", "raw"}
        assert not {"body", "raw"} <= request.keys()


def test_the_readme_shows_the_keys_of_an_example() -> None:
    page = (SCHEMAS / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert shown is not None
    assert json.loads(shown[1]).keys() == REQUIRED | OPTIONAL


@every_example
def test_an_example_is_named_after_its_clause(example: Example) -> None:
    clause_id = example.content["clause"]
    assert clause_id in CLAUSES
    assert re.fullmatch(rf"{re.escape(clause_id)}(\.[a-z]+)?", f"moorcheh.{example.name}")


def test_no_two_examples_have_the_same_title_and_clause() -> None:
    named = [(example.content["clause"], example.content["title"]) for example in EXAMPLES]
    assert len(set(named)) == len(named)


@every_example
def test_a_title_is_a_line(example: Example) -> None:
    title = example.content["title"]
    assert 0 < len(title) <= 100
    assert "\n" not in title
    assert not title.endswith(".")


@pytest.mark.parametrize("operation", operations(), ids=str)
def test_an_operation_has_an_example_and_names_all(operation: Operation) -> None:
    shown = [each for each in EXAMPLES if each.operation == operation]
    assert operation.spec["x-examples"] == [f"examples/{each.name}.json" for each in shown]
    assert any(each.content["response"]["status"] < 400 for each in shown)
    assert all((MOORCHEH / file).is_file() for file in operation.spec["x-examples"])


@pytest.mark.parametrize("clause_id", REFUSING)
def test_a_refusal_has_an_example(clause_id: str) -> None:
    refusal = CLAUSES[clause_id]["refusal"]
    shown = [each.content["response"] for each in EXAMPLES if each.content["clause"] == clause_id]
    assert shown
    for response in shown:
        assert (response["status"], response["body"]["status"]) == (refusal["status"], refusal["code"])


@every_example
def test_only_a_refusing_clause_is_shown_by_a_refusal(example: Example) -> None:
    refused = example.content["response"]["status"] >= 400
    assert refused == (example.content["clause"] in REFUSING)


@every_example
def test_an_answer_is_as_openapi_says(example: Example) -> None:
    response = example.content["response"]
    validator(example.operation.response_schema(response["status"])).validate(response["body"])


@every_example
def test_an_accepted_body_is_as_openapi_says(example: Example) -> None:
    accepted = [each["request"] for each in example.content["given"]]
    if example.content["response"]["status"] < 400:
        accepted.append(example.content["request"])
    for request in accepted:
        schema = operation_for(request).request_schema
        if schema is None:
            assert not {"body", "raw"} & request.keys()
        else:
            validator(schema).validate(body_of(request))


@every_example
def test_a_refused_body_is_invalid_unless_only_the_state_refuses_it(example: Example) -> None:
    request, response = example.content["request"], example.content["response"]
    if response["status"] != 400 or "body" not in request:
        return
    schema = example.operation.request_schema
    assert schema is not None
    if validator(schema).is_valid(request["body"]):
        assert example.content["clause"] in WRONG_ONLY_BY_STATE


@pytest.mark.parametrize("clause_id", sorted(WRONG_ONLY_BY_STATE))
def test_a_body_refused_for_the_state_is_valid(clause_id: str) -> None:
    shown = [each for each in EXAMPLES if each.content["clause"] == clause_id]
    assert any(
        validator(each.operation.request_schema or "").is_valid(each.content["request"]["body"])
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
    varies = set(example.content.get("varies", []))
    changing = {"message", "job_id", "started_at", "updated_at", "execution_time"} & body.keys()
    assert changing <= varies


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
