"""A binding: what a user's options make of a service, before anybody has decided how the suite is run."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from conformance.check import Server
from conformance.service import Service
from conformance.target import Target


class Companion(Server, Protocol):
    """A service's driver that can work side by side with others of one run."""

    def join(self, family: str) -> None:
        """Is called before all else where there are others: they all bear the run's name."""

    def forget(self) -> None:
        """Removes what was to stay to the end of the run, and forgets it."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A service, and how its server is spoken to.

    Attributes:
        service: The service.
        connect: Makes the service's driver.
        mock_options: The bundled mock's, where that is the server.
        headers: What the service needs sent with every request.
        options: The service's own options as typed, for the `repeat` line.
    """

    service: Service
    connect: Callable[[Target], Companion]
    mock_options: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()


Bind = Callable[..., AbstractContextManager[Binding]]
