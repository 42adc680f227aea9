"""The clauses of the contract that refuse requests: what status and what error code each asks for."""

from collections.abc import Mapping
from functools import cache

from mock_server.refusal import Refusal, read_refusals

USUAL = Refusal(400, "INVALID_PARAMETERS")
BESIDE: Mapping[str, Refusal] = {
    "mock.request": Refusal(422, "VALIDATION_ERROR"),
    "mock.vector": USUAL,
    "mock.chunk-ids": USUAL,
    "mock.no-embeddings-tenant": USUAL,
    "mock.default-sub-tenant": Refusal(400, "CANNOT_DELETE_DEFAULT_SUB_TENANT"),
    "mock.sub-tenant": Refusal(404, "TENANT_NOT_FOUND"),
    "mock.file": Refusal(404, "FILE_NOT_FOUND"),
    "mock.chunk": Refusal(404, "EMBEDDINGS_NOT_FOUND"),
}
"""Refusals that are the mock's choice: the contract has no clause for them."""
FAILURES: Mapping[int, str] = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "CONTENT_TOO_LARGE"}
"""The codes of what no endpoint takes, by status."""


@cache
def refusals() -> Mapping[str, Refusal]:
    """Reads the refusal of every clause, by full id; a clause that names none is refused with 400."""
    return {**read_refusals("cortex", USUAL), **BESIDE}
