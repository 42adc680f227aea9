"""A choice is what the documentation leaves to a server; choices are data, read from schemas/."""

import tomllib
from dataclasses import dataclass
from typing import Literal

from conformance.clause import SCHEMAS

CHOICE: Literal["choice"] = "choice"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: its id, `<service>.choice.<what>`, what may differ, and what the bundled mock does."""

    id: str
    title: str
    mock: str


def load_choices(service: str) -> dict[str, Choice]:
    """Reads the choices of a service, by id."""
    tables = tomllib.loads((SCHEMAS / service / "choices.toml").read_text("utf-8"))
    found = (Choice(f"{service}.{CHOICE}.{name}", **table) for name, table in tables.items())
    return {choice.id: choice for choice in found}
