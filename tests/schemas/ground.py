"""Reads the contract data of a service as the tests need it: clauses, schemas, operations and examples."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

SCHEMAS = Path(__file__).parents[2] / "schemas"
SERVICES = tuple(sorted(path.parent.name for path in SCHEMAS.glob("*/clauses.toml")))
METHODS = ("get", "post", "patch", "delete")
SCHEMA_SUFFIX = ".schema.json"


@dataclass(frozen=True)
class Operation:
    """One method of one path in a service's openapi.json.

    Attributes:
        service: The folder of schemas/ it is in.
        method: The HTTP method, in capitals.
        template: The path with its parameters in braces.
        spec: The operation object, its references to components resolved, with the parameters of its path.
    """

    service: str
    method: str
    template: str
    spec: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.template}"

    def serves(self, method: str, path: str) -> bool:
        """Whether a request for `path`, its query string left aside, is a request for this operation."""
        pattern = re.sub(r"\{\w+\}", "[^/]+", self.template)
        return method == self.method and re.fullmatch(pattern, path.partition("?")[0]) is not None

    @property
    def request_schema(self) -> str | None:
        """The schema file of the request body, or None where the operation takes none."""
        return schema_file(self.spec["requestBody"]) if "requestBody" in self.spec else None

    def response_schema(self, status: int | str) -> str:
        """The schema file of the answer with this status, or "default"; KeyError where there is none."""
        return schema_file(self.spec["responses"][str(status)])


@dataclass(frozen=True)
class Example:
    """One example file.

    Attributes:
        service: The folder of schemas/ it is in.
        name: The file's name without `.json`.
        content: What the file holds.
    """

    service: str
    name: str
    content: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.service}/{self.name}"

    @property
    def operation(self) -> Operation:
        """The operation the example's request is for."""
        return operation_for(self.service, self.content["request"])


def schema_file(message: Mapping[str, Any]) -> str:
    """The schema file an OpenAPI request body or response names."""
    reference: str = message["content"]["application/json"]["schema"]["$ref"]
    return reference


def clauses(service: str) -> dict[str, dict[str, Any]]:
    """Every clause table of clauses.toml by its full id, in the order of the file."""
    areas = tomllib.loads((SCHEMAS / service / "clauses.toml").read_text(encoding="utf-8"))
    return {
        f"{service}.{area}.{fact}": table for area, facts in areas.items() for fact, table in facts.items()
    }


def schemas(service: str) -> dict[str, Any]:
    """Every schema of a service by the name of its file."""
    return {path.name: read_json(path) for path in sorted((SCHEMAS / service).glob(f"*{SCHEMA_SUFFIX}"))}


@cache
def validator(service: str, name: str) -> Draft202012Validator:
    """A validator for one schema file, which finds the others by the names of their files."""
    registry: Registry[Any] = Registry().with_resources(
        (file, Resource.from_contents(schema)) for file, schema in schemas(service).items()
    )
    return Draft202012Validator({"$ref": name}, registry=registry)


def openapi(service: str) -> dict[str, Any]:
    """The content of a service's openapi.json."""
    document: dict[str, Any] = read_json(SCHEMAS / service / "openapi.json")
    return document


@cache
def operations(service: str) -> list[Operation]:
    """Every operation of openapi.json, those with fewer parameters in the path first, as they serve first."""
    document = openapi(service)
    found = [
        Operation(service, method.upper(), template, _resolved(item, method, document))
        for template, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]
    return sorted(found, key=lambda operation: operation.template.count("{"))


def operation_for(service: str, request: Mapping[str, Any]) -> Operation:
    """The operation an example's request is for; StopIteration where openapi.json has none."""
    return next(each for each in operations(service) if each.serves(request["method"], request["path"]))


def examples(service: str) -> list[Example]:
    """Every example file of a service, by name."""
    folder = SCHEMAS / service / "examples"
    return [Example(service, path.stem, read_json(path)) for path in sorted(folder.iterdir())]


def read_json(path: Path) -> Any:
    """The JSON value in a file; ValueError where an object has the same key twice."""
    return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_object)


def values_at(body: Any, path: str) -> Iterator[Any]:
    """The parts of a JSON value that a path of an example names; `*` stands for any key or position."""
    key, _, rest = path.partition(".")
    for found in _children(body, key):
        yield from values_at(found, rest) if rest else iter([found])


def _children(value: Any, key: str) -> Iterator[Any]:
    members = dict(enumerate(value)) if isinstance(value, list) else value if isinstance(value, dict) else {}
    return (member for name, member in members.items() if key in ("*", str(name)))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError(f"a key is there twice among {[name for name, _ in pairs]}")
    return members


def _resolved(item: Mapping[str, Any], method: str, document: Mapping[str, Any]) -> dict[str, Any]:
    def resolved(kind: str, found: Mapping[str, Any]) -> Any:
        return document["components"][kind][found["$ref"].rpartition("/")[2]] if "$ref" in found else found

    operation = item[method]
    parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
    return {
        **operation,
        "parameters": [resolved("parameters", each) for each in parameters],
        "responses": {
            status: resolved("responses", answer) for status, answer in operation["responses"].items()
        },
    }
