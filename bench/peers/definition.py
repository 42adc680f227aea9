"""The upload as peers are told of it: an OpenAPI document, a JSON Schema, an answer."""

from typing import Any

from bench.floors.bare import ACCEPTED, HEALTH
from bench.uploads import DIMENSION, body

PATH = "/namespaces/bench/vectors"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["vectors"],
    "properties": {
        "vectors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["id", "vector"],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "vector": {
                        "type": "array",
                        "items": {"type": "number"},
                        "minItems": DIMENSION,
                        "maxItems": DIMENSION,
                    },
                },
            },
        }
    },
}


def openapi() -> dict[str, Any]:
    """Describes the two operations that are measured."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "upload", "version": "1"},
        "paths": {
            "/health": {"get": {"responses": {"200": _answer("ok", HEALTH)}}},
            "/namespaces/{namespace}/vectors": {
                "post": {
                    "parameters": [
                        {"name": "namespace", "in": "path", "required": True, "schema": {"type": "string"}}
                    ],
                    "requestBody": {"required": True, "content": {"application/json": {"schema": SCHEMA}}},
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
