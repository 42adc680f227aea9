"""Polices the JSON Schema files: valid, named after their files, reached, open where servers may differ."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing.jsonschema import DRAFT202012

from tests.schemas.ground import SCHEMA_SUFFIX, SCHEMAS, SERVICES, schemas

FILES = {service: schemas(service) for service in SERVICES}

every_service = pytest.mark.parametrize("service", SERVICES)
every_schema = pytest.mark.parametrize(
    ("service", "name", "schema"),
    [
        pytest.param(service, name, schema, id=f"{service}/{name}")
        for service, files in FILES.items()
        for name, schema in files.items()
    ],
)


@every_schema
def test_a_schema_satisfies_its_metaschema(service: str, name: str, schema: dict[str, Any]) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema", (service, name)
    Draft202012Validator.check_schema(schema)


@every_schema
def test_a_schema_is_identified_by_its_file_name(service: str, name: str, schema: dict[str, Any]) -> None:
    assert schema["$id"] == name, service
    assert DRAFT202012.create_resource(schema).id() == name


@every_schema
def test_a_schema_says_what_it_describes(service: str, name: str, schema: dict[str, Any]) -> None:
    assert schema["title"], (service, name)
    assert schema["description"].endswith(".")


@every_schema
def test_a_schema_uses_only_words_of_the_dialect(service: str, name: str, schema: dict[str, Any]) -> None:
    dialect = {"$schema", "$id", "$ref", "title", "description", "default", "format"}
    dialect |= {"type", "enum", "const", "not", "if", "then", "else", "allOf", "anyOf", "oneOf"}
    dialect |= {"properties", "required", "additionalProperties", "items", "minItems", "maxItems"}
    dialect |= {"propertyNames", "minProperties", "maxProperties"}
    dialect |= {"minLength", "pattern", "minimum", "maximum"}
    assert {word for subschema in subschemas(schema) for word in subschema} <= dialect, (service, name)


@every_schema
def test_every_required_key_is_described(service: str, name: str, schema: dict[str, Any]) -> None:
    for subschema in subschemas(schema):
        # A condition narrows what the schema around it describes, so only an object's own schema is asked.
        if subschema.get("type") == "object":
            assert set(subschema.get("required", ())) <= subschema.get("properties", {}).keys(), (
                service,
                name,
            )


@every_schema
def test_no_schema_forbids_further_keys(service: str, name: str, schema: dict[str, Any]) -> None:
    forbidding = [each for each in subschemas(schema) if each.get("additionalProperties") is False]
    assert not forbidding, (service, name)


@every_schema
def test_every_schema_is_reached_from_openapi(service: str, name: str, schema: dict[str, Any]) -> None:
    files = FILES[service]
    reached = references_in((SCHEMAS / service / "openapi.json").read_text(encoding="utf-8"))
    for _ in files:
        reached |= {file for known in reached for file in references_in(json.dumps(files[known]))}
    assert name in reached, schema["title"]


@every_service
def test_every_reference_is_to_a_file_that_exists(service: str) -> None:
    for path in (SCHEMAS / service).glob("*.json"):
        assert references_in(path.read_text(encoding="utf-8")) <= FILES[service].keys(), path.name


def test_the_ground_holds_data_only() -> None:
    kinds = {path.suffix for path in SCHEMAS.rglob("*") if path.is_file()}
    assert kinds == {".json", ".toml", ".md"}


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and all schemas within it."""
    if isinstance(schema, dict):
        yield schema
        for subresource in DRAFT202012.create_resource(schema).subresources():
            yield from subschemas(subresource.contents)


def references_in(text: str) -> set[str]:
    """The schema files a document refers to."""
    return set(re.findall(rf'"\$ref": "([^"#]+{re.escape(SCHEMA_SUFFIX)})"', text))
