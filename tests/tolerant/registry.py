"""A tolerant variant is the mock with one choice made otherwise: no clause speaks of it, so all are kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

Change = Callable[[pytest.MonkeyPatch], None]
Application = Any
Wrap = Callable[[Application], Application]

SERVICES = ("moorcheh", "cortex")


@dataclass(frozen=True, slots=True)
class Variant:
    """One server that keeps the contract in another way.

    Attributes:
        service: Whose API it serves.
        name: The name of the function that makes it.
        says: What it does otherwise, in one sentence.
        only: Globs over the clauses that its choice could touch; the rest is proven in long runs alone.
        change: Makes it of the mock, for as long as the monkeypatch lasts.
        wraps: Makes it of the mock's application.
        settings: What `create_app` is given.
        terms: What the suite is told of the server.
        clocked: Whether time passes only while the suite waits.
        lacks: Clauses that cannot be proven on it, or should be kept and are not: globs, each with a verdict.
        server: How it is served over a socket, in the words of `tests.tolerant.serving`; None for in process.
    """

    service: str
    name: str
    says: str
    only: Sequence[str]
    change: Change | None = None
    wraps: Wrap | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)
    clocked: bool = False
    lacks: Mapping[str, str] = field(default_factory=dict)
    server: str | None = None

    def __str__(self) -> str:
        return f"{self.service}:{self.name}"


VARIANTS: list[Variant] = []


def tolerant(service: str, says: str, *only: str, **more: Any) -> Callable[[Change], Change]:
    """Registers a function that patches the mock as a variant."""

    def register(change: Change) -> Change:
        chosen = tuple(f"{service}.{glob}" for glob in only) or (f"{service}.*",)
        VARIANTS.append(Variant(service, change.__name__, says, chosen, change=change, **more))
        return change

    return register


def wrapping(
    says: str, *, moorcheh: Sequence[str], cortex: Sequence[str], **more: Any
) -> Callable[[Wrap], Wrap]:
    """Registers a function that wraps the application as a variant of both services."""

    def register(wraps: Wrap) -> Wrap:
        for service, only in (("moorcheh", moorcheh), ("cortex", cortex)):
            chosen = tuple(f"{service}.{glob}" for glob in only)
            VARIANTS.append(Variant(service, wraps.__name__, says, chosen, wraps=wraps, **more))
        return wraps

    return register


def setting(
    service: str, name: str, says: str, *only: str, jobs: str, lacks: Mapping[str, str] | None = None
) -> None:
    """Registers a variant whose jobs progress in another way; it waits for them in no time."""
    chosen = tuple(f"{service}.{glob}" for glob in only)
    VARIANTS.append(
        Variant(service, name, says, chosen, settings={"jobs": jobs}, lacks=lacks or {}, clocked=True)
    )
