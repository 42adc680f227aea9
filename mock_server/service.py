"""What a service is to the server: operations on a world, and the words in which it refuses."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from mock_server.journal import Headers
from mock_server.ledger import Sent
from mock_server.refusal import Refused
from mock_server.session import Part, World


class Spelled(Mapping[str, str]):
    """Headers by lower-case name, spelled when somebody looks: most operations never do."""

    __slots__ = ("_raw", "_spelled")

    def __init__(self, raw: Headers) -> None:
        self._raw = raw
        self._spelled: Mapping[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Mapping[str, str]:
        if self._spelled is None:
            self._spelled = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self._raw
            }
        return self._spelled


@dataclass(slots=True)  # made for every request: to freeze it would take as long as the rest of it
class Call:
    """One request, read whole; `path` lacks the session's prefix, `parameters` are its variable parts.

    `query` holds every value of each name, blank ones too; `headers` are by lower-case name. `reading` is
    what the operation's own reader made of the body while it arrived, if it has one and the body is large.
    """

    method: str
    path: str
    parameters: Mapping[str, str]
    body: bytes
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    reading: "Reading | None" = None


class Reading(Protocol):
    """What a reader has made of a body."""

    @property
    def body(self) -> bytes:
        """The body that was read: a call that holds another has not been read."""


class Reader(Protocol):
    """Reads a large body while it arrives, so that no other request waits for the whole of it to be read."""

    def feed(self, octets: bytes, /) -> None:
        """Reads on."""

    def close(self, body: bytes, /) -> Reading:
        """Ends, with all that was read in one piece."""


@dataclass(slots=True)  # made for every request: to freeze it would take as long as the rest of it
class Answer:
    """What is sent back: an HTTP status and a JSON object or array; or octets, for a file."""

    status: int
    body: Mapping[str, Any] | Sequence[Any] | bytes


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, and the function that does it.

    The function is synchronous: between the body's end and the answer no other request can step in, which is
    what keeps a session whole under concurrent requests. It raises `Refused` for what the service does not
    take. `since` is the first generation of the service that has the operation. An upload has `sent`: it
    reads for the ledger what a call brings that was not committed. `reader` makes what reads its large bodies
    while they arrive.
    """

    method: str
    path: str
    handle: Callable[[World, Call], Answer]
    since: int = 1
    sent: Callable[[Call], Sent | None] | None = None
    reader: Callable[[], Reader] | None = None


class Api(Protocol):
    """Operations under the paths of one API, and how it words refusals."""

    @property
    def name(self) -> str:
        """The API's name, as in a clause id."""

    @property
    def operations(self) -> Sequence[Operation]:
        """Everything the API answers to."""

    def refuse(self, call: Call, refused: Refused, /) -> Answer:
        """Answers a call that breaks a clause."""

    def fail(self, path: str, status: int, message: str, /) -> Answer:
        """Answers what no operation takes: an unknown path, a wrong method, too large a body."""


class Service(Api, Protocol):
    """One service: its API, what it keeps in each world, and how it fills one."""

    @property
    def parts(self) -> Sequence[type[Part]]:
        """What the service keeps in each world."""

    def seed(self, world: World, asked: Mapping[str, Any], /) -> None:
        """Fills a world with what is asked for; `Refused` as the admin API refuses."""
