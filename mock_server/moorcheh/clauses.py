"""The clauses of the contract that refuse requests: what status and what body code each asks for."""

from collections.abc import Mapping
from functools import cache

from mock_server.refusal import Refusal, read_refusals

USUAL = Refusal(400, "failure")


@cache
def refusals() -> Mapping[str, Refusal]:
    """Reads the refusal of every clause, by full id; a clause that names none is refused with 400."""
    return read_refusals("moorcheh", USUAL)
