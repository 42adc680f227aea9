"""The upload as peers are told of it: an OpenAPI document, a JSON Schema, an answer."""

import json
import sys
from pathlib import Path
from typing import Any

from bench.floors.bare import ACCEPTED, HEALTH
from bench.uploads import DIMENSION, body

PATH = "/namespaces/bench/vectors"
CONTRACT = Path(__file__).parents[2] / "schemas" / "moorcheh" / "upload-vectors.request.schema.json"


def schema(*, finite: bool) -> dict[str, Any]:
    """Answers the contract's schema with what that leaves to words: the length, and maybe finite numbers."""
    document: dict[str, Any] = json.loads(CONTRACT.read_text("utf-8"))
    for name in ("$schema", "$id"):
        del document[name]
    vector = document["properties"]["vectors"]["items"]["properties"]["vector"]
    vector |= {"minItems": DIMENSION, "maxItems": DIMENSION}
    if finite:
        vector["items"] |= {"minimum": -sys.float_info.max, "maximum": sys.float_info.max}
    return document


def openapi() -> dict[str, Any]:
    """Describes the two operations that are measured."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "upload", "version": "1"},
        "paths": {
            "/health": {"get": {"responses": {"200": _answer("ok", HEALTH)}}},
            "/namespaces/{namespace}/vectors": {
                "post": {
                    "parameters": [
                        {"name": "namespace", "in": "path", "required": True, "schema": {"type": "string"}}
                    ],
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": schema(finite=True)}},
                    },
                    "responses": {"202": _answer("accepted", ACCEPTED)},
                }
            },
        },
    }


def upload(size: int) -> bytes:
    """Spells an upload, as the mock takes it."""
    return body(0, size, short=True)


def _answer(description: str, example: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    return {"description": description, "content": content}
