"""A session: one isolated world with its own clock, settings, jobs, faults, journal and services."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Any, Protocol, Self, TypeVar

from mock_server.clock import Clock, Source
from mock_server.equipment import Equipment
from mock_server.faults import Faults
from mock_server.jobs import JobBook, Mode
from mock_server.journal import Journal
from mock_server.ledger import Ledger

DEFAULT = "default"

Seed = Callable[["World", Mapping[str, Any]], None]
"""Fills a world with what an object asks for."""
NO_SEEDS: Mapping[str, Seed] = {}


@dataclass(slots=True)
class Settings:
    """What a session is told: the most items it stores, how the jobs it starts progress, and the API key.

    Without an API key any will do.
    """

    max_items: int
    jobs: Mode
    api_key: str | None = None


class Part(Protocol):
    """The state that one service keeps in a world."""

    @classmethod
    def of(cls, world: "World", /) -> Self:
        """Makes the part of a new world."""

    @property
    def service(self) -> str:
        """The name of the service."""

    @property
    def items(self) -> int:
        """The number of items stored."""

    def held(self, scope: str) -> Container[str]:
        """The ids stored in a scope of the ledger: none, if there is no such scope."""

    def summary(self) -> Mapping[str, Any]:
        """Tells what the part holds, as JSON, for the admin API."""


P = TypeVar("P", bound=Part)


class World:
    """One session's state: nothing in it is shared with another world.

    `worlds` are those it is one of, `kinds` the parts that services keep in it. `source` and `seed` make its
    time and its job ids repeatable; without them both are real.
    """

    def __init__(
        self,
        name: str,
        worlds: "Worlds",
        kinds: Sequence[type[Part]],
        settings: Settings,
        equipment: Equipment,
        source: Source | None = None,
        seed: int | None = None,
    ) -> None:
        self.name = name
        self.worlds = worlds
        self.equipment = equipment
        self._kinds = kinds
        self._settings = settings
        self._source = source
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Begins again as on the first day: empty, with the settings and the time the server started with."""
        self.settings = replace(self._settings)
        self.clock = Clock(self._source)
        self.random = Random() if self._seed is None else Random(f"{self._seed}/{self.name}")
        self.jobs = JobBook(self.clock, self.random)
        self.faults = Faults()
        self.journal = Journal(self.clock.now)
        self.ledger = Ledger()
        self.parts: Mapping[type[Part], Part] = {kind: kind.of(self) for kind in self._kinds}

    def become(self, other: "World") -> None:
        """Takes over everything that another world holds and was told."""
        name = self.name
        vars(self).update(vars(other))
        self.name = name

    def part(self, kind: type[P]) -> P:
        """Answers the state that a service keeps here."""
        part = self.parts[kind]
        assert isinstance(part, kind)
        return part


class Worlds:
    """The worlds of one server by name, each made on first use.

    `seeds` are by the service whose part of a world they fill.
    """

    def __init__(
        self,
        kinds: Sequence[type[Part]],
        settings: Settings,
        equipment: Equipment,
        source: Source | None = None,
        seed: int | None = None,
        seeds: Mapping[str, Seed] = NO_SEEDS,
    ) -> None:
        self.seeds = seeds
        self.make = partial(
            World, worlds=self, kinds=kinds, settings=settings, equipment=equipment, source=source, seed=seed
        )
        self._worlds: dict[str, World] = {}

    def __getitem__(self, name: str) -> World:
        world = self._worlds.get(name)
        if world is None:
            world = self._worlds[name] = self.make(name)
        return world

    def __iter__(self) -> Iterator[str]:
        return iter([*self._worlds])

    def drop(self, name: str) -> None:
        """Forgets a world, if there is one of that name: whoever comes to it again finds a new one."""
        self._worlds.pop(name, None)
