"""A clause is one fact a server of a service must or should keep; clauses are data, read from schemas/."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

Evidence = Literal["documented", "implied", "assumed"]
Force = Literal["must", "should"]

SCHEMAS = Path(__file__).parents[1] / "schemas"
EVIDENCE_LEVELS: tuple[Evidence, ...] = ("documented", "implied", "assumed")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a contract.

    Attributes:
        id: The permanent name, `<service>.<area>.<fact>`.
        title: The fact in one line.
        source: The page and heading that say so, or what implies it.
        evidence: How sure it is: documented, implied by official clients, or assumed.
        force: Whether a server must or should keep it.
        limit: The number the clause is about, where it has one.
        refusal: The HTTP status of the refusal it demands, where it demands one.
    """

    id: str
    title: str
    source: str
    evidence: Evidence
    force: Force
    limit: int | None = None
    refusal: int | None = None

    @property
    def area(self) -> str:
        """The second part of the id: `vectors` of `moorcheh.vectors.dimension`."""
        return self.id.split(".")[1]

    @classmethod
    def from_table(cls, clause_id: str, table: Mapping[str, Any]) -> Self:
        """Builds a clause from its table in clauses.toml."""
        return cls(
            id=clause_id,
            title=table["title"],
            source=table["source"],
            evidence=table["evidence"],
            force=table["force"],
            limit=table.get("limit"),
            refusal=table.get("refusal", {}).get("status"),
        )


def load_clauses(service: str) -> dict[str, Clause]:
    """Reads the clauses of a service, by id, in the order of the contract."""
    areas = tomllib.loads((SCHEMAS / service / "clauses.toml").read_text(encoding="utf-8"))
    return {
        clause_id: Clause.from_table(clause_id, table)
        for area, facts in areas.items()
        for fact, table in facts.items()
        for clause_id in [f"{service}.{area}.{fact}"]
    }
