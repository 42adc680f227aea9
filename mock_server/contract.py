"""The clauses of a service as data: what each says, how sure and how strict it is, how it is refused."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mock_server.refusal import SCHEMAS

EVIDENCE = ("documented", "implied", "assumed")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause.

    `statuses` are those of the refusal it demands, empty if it demands none; one that a note allows beside
    it is among them.
    """

    id: str
    title: str
    source: str
    evidence: str
    force: str
    statuses: frozenset[int]


@cache
def contract(service: str) -> Mapping[str, Clause]:
    """Reads the clauses of a service, by full id."""
    areas = tomllib.loads((SCHEMAS / service / "clauses.toml").read_text("utf-8"))
    return {
        clause_id: _clause(clause_id, table)
        for area, clauses in areas.items()
        for name, table in clauses.items()
        for clause_id in [f"{service}.{area}.{name}"]
    }


def _clause(clause_id: str, table: Mapping[str, Any]) -> Clause:
    refusal = table.get("refusal", {})
    statuses = frozenset([refusal["status"], *refusal.get("also", ())]) if refusal else frozenset[int]()
    return Clause(clause_id, table["title"], table["source"], table["evidence"], table["force"], statuses)
