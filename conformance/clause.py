"""A clause is one fact that a server, or a client, must or should keep; clauses are data in schemas/."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

Evidence = Literal["documented", "implied", "assumed"]
Force = Literal["must", "should"]
Side = Literal["server", "client"]

SCHEMAS = Path(__file__).parents[1] / "schemas"
EVIDENCE_LEVELS: tuple[Evidence, ...] = ("documented", "implied", "assumed")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a contract.

    Attributes:
        id: The permanent name, `<service>.<area>.<fact>`; of a client, `<service>.client.<area>.<fact>`.
        title: The fact in one line.
        source: The page and heading that say so, or what implies it.
        evidence: How sure it is: documented, implied by official clients, or assumed.
        force: Whether one must or should keep it.
        limit: The number the clause is about, where it has one.
        refusal: The HTTP status of the refusal it demands, where it demands one.
        depends_on: The ids of the clauses without which it cannot be proven.
    """

    id: str
    title: str
    source: str
    evidence: Evidence
    force: Force
    limit: int | None = None
    refusal: int | None = None
    depends_on: tuple[str, ...] = ()

    @property
    def area(self) -> str:
        """The part of the id before the fact: `vectors` of `moorcheh.vectors.dimension`."""
        return self.id.split(".")[-2]

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
            depends_on=tuple(
                f"{clause_id.rsplit('.', 2)[0]}.{basis}" for basis in table.get("depends_on", ())
            ),
        )


FILES: Mapping[Side, str] = {"server": "clauses.toml", "client": "client-clauses.toml"}


def prefix_of(service: str, side: Side = "server") -> str:
    """What all ids of one side of a service begin with: `moorcheh`, or `moorcheh.client`."""
    return service if side == "server" else f"{service}.{side}"


def all_clause_ids() -> frozenset[str]:
    """The ids of all clauses, of both sides of every service."""
    return frozenset(
        clause_id
        for side, file in FILES.items()
        for path in SCHEMAS.glob(f"*/{file}")
        for clause_id in load_clauses(path.parent.name, side)
    )


def load_clauses(service: str, side: Side = "server") -> dict[str, Clause]:
    """Reads the clauses of one side of a service, by id, in the order of the contract."""
    prefix = prefix_of(service, side)
    areas = tomllib.loads((SCHEMAS / service / FILES[side]).read_text(encoding="utf-8"))
    return {
        clause_id: Clause.from_table(clause_id, table)
        for area, facts in areas.items()
        for fact, table in facts.items()
        for clause_id in [f"{prefix}.{area}.{fact}"]
    }
