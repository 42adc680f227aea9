"""The clauses of the contract that refuse requests: what status and what body code each asks for."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parents[2] / "schemas" / "moorcheh" / "clauses.toml"
PREFIX = "moorcheh"


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a broken clause is answered: the HTTP status, and the body's `status`."""

    status: int = 400
    code: str = "failure"


@cache
def refusals() -> Mapping[str, Refusal]:
    """Read the refusal of every clause, by full id; a clause that names none is refused with 400."""
    areas = tomllib.loads(TABLE.read_text("utf-8"))
    return {
        f"{PREFIX}.{area}.{name}": Refusal(**clause.get("refusal", {}))
        for area, clauses in areas.items()
        for name, clause in clauses.items()
    }
