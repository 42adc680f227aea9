"""Polices what only the contract data of Moorcheh holds: two error words, item limits, two generations."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.schemas import ground

CLAUSES = ground.clauses("moorcheh")
OPERATIONS = ground.operations("moorcheh")


def validator(name: str) -> Draft202012Validator:
    """A validator for one of Moorcheh's schema files."""
    return ground.validator("moorcheh", name)


@pytest.mark.parametrize(("clause_id", "clause"), CLAUSES.items(), ids=CLAUSES)
def test_a_refusal_has_the_word_of_its_path(clause_id: str, clause: dict[str, Any]) -> None:
    if "refusal" in clause:
        word = "error" if clause_id.startswith("moorcheh.search.") else "failure"
        assert clause["refusal"].keys() == {"status", "code"}
        assert clause["refusal"]["code"] == word


def test_the_default_cap_is_the_same_on_both_sides() -> None:
    sides = [CLAUSES[f"moorcheh.quota.{fact}"]["limit"] for fact in ("exact-fill", "over-cap")]
    assert sides == [100_000, 100_000]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_refusal_is_described_by_its_own_schema(operation: ground.Operation) -> None:
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


def test_the_page_limit_is_that_of_its_clause() -> None:
    fetch = next(each for each in OPERATIONS if each.spec["operationId"] == "fetchTextData")
    limit = next(each["schema"] for each in fetch.spec["parameters"] if each["name"] == "limit")
    assert limit["maximum"] == limit["default"] == CLAUSES["moorcheh.fetch.limit-bounds"]["limit"]


@pytest.mark.parametrize("field", ["embedding_provider", "model", "llm_provider", "llm_model"])
def test_the_first_generation_names_no_models(field: str) -> None:
    health = {"status": "ok", "items": 1, "max_items": 2, "remaining": 1}
    assert validator("health.response.schema.json").is_valid(health)
    assert not validator("health.response.schema.json").is_valid(health | {field: 7})


def test_the_first_generation_does_not_name_the_namespace_of_a_hit() -> None:
    hit = {"id": "north", "score": 0.5, "label": "High Relevance", "metadata": {}, "text": ""}
    hits = validator("search.response.schema.json")
    assert hits.is_valid({"results": [hit], "execution_time": 0.1})
    assert not hits.is_valid({"results": [hit | {"namespace": 7}], "execution_time": 0.1})


@pytest.mark.parametrize("name", ["demo\n", "\ndemo", "de mo", "démo", "demo/", ""])
def test_a_name_with_another_character_is_invalid(name: str) -> None:
    request = {"namespace_name": name, "type": "text"}
    assert not validator("create-namespace.request.schema.json").is_valid(request)


def test_a_null_dimension_is_valid_for_texts_alone() -> None:
    request = {"namespace_name": "demo", "vector_dimension": None}
    create = validator("create-namespace.request.schema.json")
    assert create.is_valid(request | {"type": "text"})
    assert not create.is_valid(request | {"type": "vector"})


def test_an_item_takes_any_further_key() -> None:
    item = {"id": "north", "vector": [0, 1], "metadata": {"of": [None, True]}, "": 1, "text": 7}
    assert validator("upload-vectors.request.schema.json").is_valid({"vectors": [item]})


@pytest.mark.parametrize(("count", "valid"), [(0, False), (1, True), (100, True), (101, False)])
def test_one_to_a_hundred_ids_are_valid(count: int, valid: bool) -> None:
    assert validator("items.request.schema.json").is_valid({"ids": ["north"] * count}) is valid


def test_a_running_job_is_not_finished() -> None:
    job: dict[str, Any] = {"job_id": "job-1", "namespace_name": "demo", "last_error": None}
    job |= dict.fromkeys(("total", "processed", "successful", "failed"), 0)
    job |= dict.fromkeys(("started_at", "updated_at", "finished_at"), "2026-11-02T09:00:00Z")
    upload_job = validator("upload-job.response.schema.json")
    assert upload_job.is_valid(job | {"status": "completed"})
    assert not upload_job.is_valid(job | {"status": "running"})
    assert upload_job.is_valid(job | {"status": "running", "finished_at": None})
    assert not upload_job.is_valid(job | {"status": "completed", "finished_at": None})
