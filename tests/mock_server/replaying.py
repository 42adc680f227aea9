"""Replays the examples of schemas/ against the mock, and says where an answer differs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.mock_server.calling import Client, Reply

SCHEMAS = Path(__file__).parents[2] / "schemas"
KINDS = {bool: "boolean", int: "number", float: "number", str: "string", type(None): "null", list: "array"}
KEY: Mapping[str, str] = {"authorization": "Bearer example"}


def read_examples(service: str) -> Iterator[Any]:
    """Reads every example of a service."""
    for path in sorted((SCHEMAS / service / "examples").glob("*.json")):
        yield pytest.param(json.loads(path.read_text("utf-8")), id=path.stem)


def replay(client: Client, example: dict[str, Any]) -> None:
    """Sends an example's requests and asserts that the last is answered as it says."""
    kept: dict[str, str] = {}
    for given in example.get("given", []):
        reply = _send(client, given["request"], kept)
        assert reply.status < 300, reply
        for name, path in given.get("keep", {}).items():
            value = reply.body
            for part in path.split("."):
                value = value[int(part)] if isinstance(value, list) else value[part]
            kept[name] = value
    reply = _send(client, example["request"], kept)
    varies = [path.split(".") for path in example.get("varies", [])]
    assert reply.status == example["response"]["status"], reply
    assert [*_differences(example["response"]["body"], reply.body, varies, ())] == []


def _send(client: Client, request: dict[str, Any], kept: dict[str, str]) -> Reply:
    """Sends an example's request, with the values kept from earlier answers in its path."""
    path = request["path"].format_map({name: quote(value, safe="") for name, value in kept.items()})
    body = request["raw"].encode() if "raw" in request else request.get("body")
    return client.call(request["method"], path, body, {} if request.get("anonymous") else KEY)


def _differences(
    expected: Any, got: Any, varies: Sequence[Sequence[str]], path: tuple[str, ...]
) -> Iterator[str]:
    """Says where an answer differs from an example's, beyond the type at the paths that may vary."""
    if any(_matches(pattern, path) for pattern in varies):
        if KINDS.get(type(expected), "object") != KINDS.get(type(got), "object"):
            yield f"{'.'.join(path)}: {expected!r} is of another type than {got!r}"
    elif isinstance(expected, dict) and isinstance(got, dict):
        for key in expected.keys() | got.keys():
            if key not in expected or key not in got:
                yield f"{'.'.join((*path, key))}: only on one side"
            else:
                yield from _differences(expected[key], got[key], varies, (*path, key))
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for place, (left, right) in enumerate(zip(expected, got, strict=True)):
            yield from _differences(left, right, varies, (*path, str(place)))
    elif KINDS.get(type(expected)) != KINDS.get(type(got)) or expected != got:
        yield f"{'.'.join(path)}: {expected!r} is not {got!r}"


def _matches(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Tells whether a path is one that the pattern names."""
    return len(pattern) == len(path) and all(
        want in ("*", part) for want, part in zip(pattern, path, strict=True)
    )
