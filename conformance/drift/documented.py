"""Which fields of an answer are documented as always there: those that a schema requires."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from conformance.clause import SCHEMAS


@cache
def required_fields(service: str, operation: str) -> frozenset[str]:
    """The names that any schema of an operation's answers requires, at whatever depth."""
    return frozenset(
        name
        for item in _openapi(service)["paths"].values()
        for spoken in item.values()
        if isinstance(spoken, dict) and spoken.get("operationId") == operation
        for response in spoken["responses"].values()
        for name in _required(service, response)
    )


@cache
def _openapi(service: str) -> Any:
    return json.loads((SCHEMAS / service / "openapi.json").read_text("utf-8"))


@cache
def _schema(service: str, name: str) -> Any:
    return json.loads((SCHEMAS / service / name).read_text("utf-8"))


def _required(service: str, node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _required(service, each)
    elif isinstance(node, dict):
        names = node.get("required", ())
        yield from names if isinstance(names, list) else ()
        reference = node.get("$ref", "")
        if reference.startswith("#/components/responses/"):
            response = _openapi(service)["components"]["responses"][reference.rpartition("/")[2]]
            yield from _required(service, response)
        elif reference.endswith(".schema.json"):
            yield from _required(service, _schema(service, reference))
        for each in node.values():
            yield from _required(service, each)
