"""Polices the JSON Schema files: valid, named after their files, reached, open where servers may differ."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing.jsonschema import DRAFT202012

from tests.schemas.ground import MOORCHEH, SCHEMA_SUFFIX, SCHEMAS, schemas, validator

FILES = schemas()

every_schema = pytest.mark.parametrize(("name", "schema"), FILES.items(), ids=FILES)


@every_schema
def test_a_schema_satisfies_its_metaschema(name: str, schema: dict[str, Any]) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema", name
    Draft202012Validator.check_schema(schema)


@every_schema
def test_a_schema_is_identified_by_its_file_name(name: str, schema: dict[str, Any]) -> None:
    assert schema["$id"] == name
    assert DRAFT202012.create_resource(schema).id() == name


@every_schema
def test_a_schema_says_what_it_describes(name: str, schema: dict[str, Any]) -> None:
    assert schema["title"], name
    assert schema["description"].endswith(".")


@every_schema
def test_a_schema_uses_only_words_of_the_dialect(name: str, schema: dict[str, Any]) -> None:
    dialect = {"$schema", "$id", "$ref", "title", "description", "default", "format"}
    dialect |= {"type", "enum", "const", "not", "if", "then", "else", "allOf", "anyOf", "oneOf"}
    dialect |= {"properties", "required", "additionalProperties", "items", "minItems", "maxItems"}
    dialect |= {"minLength", "pattern", "minimum", "maximum"}
    assert {word for subschema in subschemas(schema) for word in subschema} <= dialect, name


@every_schema
def test_every_required_key_is_described(name: str, schema: dict[str, Any]) -> None:
    for subschema in subschemas(schema):
        # A condition narrows what the schema around it describes, so only an object's own schema is asked.
        if subschema.get("type") == "object":
            assert set(subschema.get("required", ())) <= subschema.get("properties", {}).keys(), name


@every_schema
def test_no_schema_forbids_further_keys(name: str, schema: dict[str, Any]) -> None:
    assert not [each for each in subschemas(schema) if each.get("additionalProperties") is False], name


@every_schema
def test_every_schema_is_reached_from_openapi(name: str, schema: dict[str, Any]) -> None:
    reached = references_in(MOORCHEH.joinpath("openapi.json").read_text(encoding="utf-8"))
    for _ in FILES:
        reached |= {file for known in reached for file in references_in(json.dumps(FILES[known]))}
    assert name in reached, schema["title"]


def test_every_reference_is_to_a_file_that_exists() -> None:
    for path in MOORCHEH.glob("*.json"):
        assert references_in(path.read_text(encoding="utf-8")) <= FILES.keys(), path.name


def test_the_ground_holds_data_only() -> None:
    kinds = {path.suffix for path in SCHEMAS.rglob("*") if path.is_file()}
    assert kinds == {".json", ".toml", ".md"}


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


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and all schemas within it."""
    if isinstance(schema, dict):
        yield schema
        for subresource in DRAFT202012.create_resource(schema).subresources():
            yield from subschemas(subresource.contents)


def references_in(text: str) -> set[str]:
    """The schema files a document refers to."""
    return set(re.findall(rf'"\$ref": "([^"#]+{re.escape(SCHEMA_SUFFIX)})"', text))
