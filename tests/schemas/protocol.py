"""Reads the schemas of the clients' protocol, which refer to those of the services."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.schemas.ground import SCHEMA_SUFFIX, SCHEMAS, read_json

FOLDER = "client"
SCHEMAS_BY_ID: dict[str, Any] = {
    path.relative_to(SCHEMAS).as_posix(): read_json(path)
    for path in sorted((SCHEMAS / FOLDER).rglob(f"*{SCHEMA_SUFFIX}"))
}
"""Every schema of the protocol by its path below schemas/, which is its id."""


@cache
def validator(name: str) -> Draft202012Validator:
    """A validator for a schema of the protocol, named by its path below schemas/client/."""
    everything = ((path.relative_to(SCHEMAS).as_posix(), path) for path in SCHEMAS.rglob(f"*{SCHEMA_SUFFIX}"))
    registry: Registry[Any] = Registry().with_resources(
        (where, Resource.from_contents(read_json(path))) for where, path in everything
    )
    return Draft202012Validator({"$ref": f"{FOLDER}/{name}"}, registry=registry)
