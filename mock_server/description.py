"""What a service's openapi.json says: its operations, their statuses, and the schemas of the answers.

The mock itself answers by its own code; this is for judging what others answer.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast
from urllib.parse import unquote

from jsonschema import Draft202012Validator, validators
from jsonschema.protocols import Validator
from referencing import Registry, Resource

from mock_server.numbers import NUMBERS
from mock_server.refusal import SCHEMAS

METHODS = ("get", "post", "patch", "delete")
ANY_OTHER = "default"


@dataclass(frozen=True, slots=True)
class Flaw:
    """Where a JSON value is not what its schema says.

    `path` leads to it, joined by dots; `rule` is the keyword of the schema that it breaks.
    """

    path: str
    rule: str
    detail: str


@dataclass(frozen=True, slots=True)
class Described:
    """One method of one path.

    `id` is its operationId, that of the operation it respells if it does; `schemas` are the files of its
    answers by status, "default" among them where any other refusal may come.
    """

    id: str
    method: str
    template: str
    schemas: Mapping[str, str]

    def matches(self, path: str) -> Mapping[str, str] | None:
        """Answers the parameters of a path, still percent-encoded, or None if it is another operation's."""
        names = re.findall(r"\{(\w+)\}", self.template)
        found = re.fullmatch(re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(self.template)), path)
        return None if found is None else dict(zip(names, map(unquote, found.groups()), strict=True))

    def documents(self, status: int) -> bool:
        """Tells whether an answer with this status is documented by name."""
        return str(status) in self.schemas


class Description:
    """The operations of a service, and the validators of its schemas."""

    def __init__(self, service: str) -> None:
        self._folder = SCHEMAS / service
        document = json.loads((self._folder / "openapi.json").read_text("utf-8"))
        self.operations: Sequence[Described] = sorted(
            _operations(document), key=lambda each: each.template.count("{")
        )
        self._registry: Registry[Any] = Registry().with_resources(
            (path.name, Resource.from_contents(json.loads(path.read_text("utf-8"))))
            for path in sorted(self._folder.glob("*.schema.json"))
        )
        self._validators: dict[str, Validator] = {}

    def find(self, method: str, path: str) -> tuple[Described, Mapping[str, str]] | None:
        """Finds the operation of a request by its path as it was sent, with the parameters in it decoded."""
        for operation in self.operations:
            if operation.method == method:
                parameters = operation.matches(path)
                if parameters is not None:
                    return operation, parameters
        return None

    def flaws(self, operation: Described, status: int, document: Any) -> Iterator[Flaw]:
        """Says where an answer is not what the schema for its status says; nothing where there is none."""
        schema = operation.schemas.get(str(status), operation.schemas.get(ANY_OTHER))
        if schema is None:
            return
        if schema not in self._validators:
            self._validators[schema] = QUICK({"$ref": schema}, registry=self._registry)
        for error in self._validators[schema].iter_errors(document):
            yield Flaw(
                ".".join(map(str, error.absolute_path)), str(error.validator), _in_short(error.message)
            )


@cache
def description(service: str) -> Description:
    """Reads the description of a service once."""
    return Description(service)


def _operations(document: Mapping[str, Any]) -> Iterator[Described]:
    paths = document["paths"]
    for template, item in paths.items():
        for method in METHODS:
            if method in item:
                same_as = item[method].get("x-same-as", template)
                yield Described(
                    id=paths[same_as][method]["operationId"],
                    method=method.upper(),
                    template=template,
                    schemas=dict(_schemas(document, item[method]["responses"])),
                )


def _schemas(document: Mapping[str, Any], responses: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for status, response in responses.items():
        if "$ref" in response:
            response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        yield status, response["content"]["application/json"]["schema"]["$ref"]


def _quick_items(validator: Validator, items: Any, instance: Any, schema: Mapping[str, Any]) -> Iterator[Any]:
    """Checks an array of numbers at once: a vector has thousands, and an answer may have many vectors."""
    if items == {"type": "number"} and isinstance(instance, list) and NUMBERS.issuperset(map(type, instance)):
        return
    yield from SLOW_ITEMS(validator, items, instance, schema)


def _in_short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:120]} ... {message[-70:]}"


SLOW_ITEMS = cast(Any, Draft202012Validator.VALIDATORS["items"])
QUICK: type[Validator] = cast(Any, validators).extend(Draft202012Validator, {"items": _quick_items})
