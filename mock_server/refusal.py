"""A refusal: what every service raises when a request breaks a clause."""

from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """Carries the clause a request breaks, what is wrong with it, and facts that the error body has to hold.

    It knows no status code: the service's clause table does, and the answer is made in one place.
    """

    def __init__(self, clause: str, detail: str, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{detail} [{clause}]")
        self.clause = clause
        self.detail = detail
        self.facts = facts or {}
