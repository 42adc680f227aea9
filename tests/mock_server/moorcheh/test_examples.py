"""The examples of schemas/moorcheh hold against the mock."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from mock_server import create_app
from mock_server.moorcheh.service import MOORCHEH
from tests.mock_server.calling import Client, Reply

FOLDER = Path(__file__).parents[3] / "schemas" / "moorcheh" / "examples"
NOT_OFFERED = {"moorcheh.search.filter-key", "moorcheh.search.filter-word"}
"""Shown by examples, but not offered by the mock: filters in text queries."""
KINDS = {bool: "boolean", int: "number", float: "number", str: "string", type(None): "null", list: "array"}


def is_offered(request: dict[str, Any]) -> bool:
    """Tell whether the mock has an operation for a request."""
    parts = request["path"].partition("?")[0].split("/")
    return any(
        operation.method == request["method"]
        and len(template := operation.path.split("/")) == len(parts)
        and all(want == part or want.startswith("{") for want, part in zip(template, parts, strict=True))
        for operation in MOORCHEH.operations
    )


def read_examples() -> Iterator[Any]:
    """Read the examples whose every request the mock has an operation for."""
    for path in sorted(FOLDER.glob("*.json")):
        example = json.loads(path.read_text("utf-8"))
        requests = [given["request"] for given in example.get("given", [])] + [example["request"]]
        if example["clause"] not in NOT_OFFERED and all(map(is_offered, requests)):
            yield pytest.param(example, id=path.stem)


def send(client: Client, request: dict[str, Any], kept: dict[str, str]) -> Reply:
    """Send an example's request, with the values kept from earlier answers in its path."""
    path = request["path"].format_map({name: quote(value, safe="") for name, value in kept.items()})
    body = request["raw"].encode() if "raw" in request else request.get("body")
    return client.call(request["method"], path, body)


def differences(
    expected: Any, got: Any, varies: Sequence[Sequence[str]], path: tuple[str, ...]
) -> Iterator[str]:
    """Say where an answer differs from an example's, beyond the type at the paths that may vary."""
    if any(matches(pattern, path) for pattern in varies):
        if KINDS.get(type(expected), "object") != KINDS.get(type(got), "object"):
            yield f"{'.'.join(path)}: {expected!r} is of another type than {got!r}"
    elif isinstance(expected, dict) and isinstance(got, dict):
        for key in expected.keys() | got.keys():
            if key not in expected or key not in got:
                yield f"{'.'.join((*path, key))}: only on one side"
            else:
                yield from differences(expected[key], got[key], varies, (*path, key))
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for place, (left, right) in enumerate(zip(expected, got, strict=True)):
            yield from differences(left, right, varies, (*path, str(place)))
    elif KINDS.get(type(expected)) != KINDS.get(type(got)) or expected != got:
        yield f"{'.'.join(path)}: {expected!r} is not {got!r}"


def matches(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Tell whether a path is one that the pattern names."""
    return len(pattern) == len(path) and all(
        want in ("*", part) for want, part in zip(pattern, path, strict=True)
    )


@pytest.mark.parametrize("example", [*read_examples()])
def test_the_mock_answers_as_the_example(example: dict[str, Any]) -> None:
    client = Client(create_app(**example.get("settings", {})))
    kept: dict[str, str] = {}
    for given in example.get("given", []):
        reply = send(client, given["request"], kept)
        assert reply.status < 300, reply
        for name, path in given.get("keep", {}).items():
            value = reply.body
            for part in path.split("."):
                value = value[int(part)] if isinstance(value, list) else value[part]
            kept[name] = value
    reply = send(client, example["request"], kept)
    varies = [path.split(".") for path in example.get("varies", [])]
    assert reply.status == example["response"]["status"], reply
    assert [*differences(example["response"]["body"], reply.body, varies, ())] == []


def test_most_examples_are_of_operations_the_mock_has() -> None:
    assert len([*read_examples()]) > 60
