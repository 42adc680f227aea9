"""A refusal: what every service raises when a request breaks a clause, and how the clause has it answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parents[1] / "schemas"


class Refused(Exception):
    """Carries the clause a request breaks, what is wrong with it, and facts that the error body has to hold.

    It knows no status code: the service's clause table does, and the answer is made in one place.
    """

    def __init__(self, clause: str, detail: str, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{detail} [{clause}]")
        self.clause = clause
        self.detail = detail
        self.facts = facts or {}


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a broken clause is answered: the HTTP status, and the code that the error body holds."""

    status: int
    code: str


def read_refusals(service: str, usual: Refusal) -> Mapping[str, Refusal]:
    """Reads the refusal of every clause of a service, by full id; what a clause leaves open is as `usual`."""
    # Imported here: a server that has not refused anything yet has no use for it.
    import tomllib

    areas = tomllib.loads((SCHEMAS / service / "clauses.toml").read_text("utf-8"))
    return {
        f"{service}.{area}.{name}": _refusal(clause.get("refusal", {}), usual)
        for area, clauses in areas.items()
        for name, clause in clauses.items()
    }


def _refusal(said: Mapping[str, Any], usual: Refusal) -> Refusal:
    return Refusal(said.get("status", usual.status), said.get("code", usual.code))
