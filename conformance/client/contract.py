"""The contract as a client sees it: each operation's method, path and schemas, from openapi.json."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from conformance.clause import SCHEMAS
from conformance.client.heard import Heard

METHODS = ("get", "post", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a service, under its operationId.

    Attributes:
        name: The operationId, which is its name in the protocol too.
        method: The HTTP method, in capitals.
        templates: Its path with parameters in braces, and the other spellings and earlier names of that path.
        body: The file of its body's schema; None where it has no body.
        answer: The file of the schema of its success.
    """

    name: str
    method: str
    templates: Sequence[str]
    body: str | None
    answer: str

    def fits(self, heard: Heard) -> bool:
        """Whether a request is one for this operation, by its method and the shape of its path."""
        return heard.method == self.method and any(
            self._pattern(each).fullmatch(heard.raw_path) for each in self.templates
        )

    def parameters(self, heard: Heard) -> Mapping[str, str]:
        """The parameters in the path of a request, decoded."""
        for template in self.templates:
            found = self._pattern(template).fullmatch(heard.raw_path)
            if found:
                return {name: unquote(text) for name, text in found.groupdict().items()}
        return {}

    @staticmethod
    def _pattern(template: str) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))


@cache
def operations(service: str) -> Mapping[str, Operation]:
    """The operations of a service by name."""
    document = _json(SCHEMAS / service / "openapi.json")
    others: dict[str, list[str]] = {}
    for template, item in document["paths"].items():
        for method in METHODS:
            if method in item and "x-same-as" in item[method]:
                others.setdefault(f"{method} {item[method]['x-same-as']}", []).append(template)
    return {
        item[method]["operationId"]: Operation(
            item[method]["operationId"],
            method.upper(),
            [template, *others.get(f"{method} {template}", ())],
            _file(item[method]["requestBody"]) if "requestBody" in item[method] else None,
            _file(_success(item[method]["responses"])),
        )
        for template, item in document["paths"].items()
        for method in METHODS
        if method in item and "x-same-as" not in item[method]
    }


@cache
def validator(service: str, file: str) -> Draft202012Validator:
    """A validator for one schema file of a service."""
    found = {path.name: _json(path) for path in (SCHEMAS / service).glob("*.schema.json")}
    registry: Registry[Any] = Registry().with_resources(
        (name, Resource.from_contents(schema)) for name, schema in found.items()
    )
    return Draft202012Validator({"$ref": file}, registry=registry)


def wrong_with(service: str, file: str, value: Any) -> str:
    """What makes a value not fit a schema, in one line; empty if it fits."""
    errors = sorted(validator(service, file).iter_errors(value), key=lambda error: error.json_path)
    return "" if not errors else f"{errors[0].json_path}: {errors[0].message[:200]}"


def _success(responses: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(answer for status, answer in responses.items() if status.startswith("2"))
    return found


def _file(message: Mapping[str, Any]) -> str:
    reference: str = message["content"]["application/json"]["schema"]["$ref"]
    return reference


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
