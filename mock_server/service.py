"""What a service is to the server: operations on a world, and the words in which it refuses."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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


class Pieces:
    """A body in the pieces in which it came; they are joined when somebody asks for all of it."""

    __slots__ = ("_pieces",)

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    def __len__(self) -> int:
        return sum(map(len, self._pieces))

    def first(self, most: int) -> bytes:
        """Answers at most so many bytes of it, the first ones."""
        found, rest = [], most
        for piece in self._pieces:
            found.append(piece[:rest])
            rest -= len(piece)
            if rest <= 0:
                break
        return b"".join(found)

    def whole(self) -> bytes:
        """Answers all of it."""
        if len(self._pieces) > 1:
            self._pieces = [b"".join(self._pieces)]
        return self._pieces[0]


@dataclass(slots=True)  # made for every request: to freeze it would take as long as the rest of it
class Call:
    """One request, read whole; `path` lacks the session's prefix, `parameters` are its variable parts.

    `content` is its body, a large one perhaps in pieces. `query` holds every value of each name, blank ones
    too; `headers` are by lower-case name. `reading` is what the operation's own reader made of the body while
    it arrived, if it has one and the body is large.
    """

    method: str
    path: str
    parameters: Mapping[str, str]
    content: bytes | Pieces
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    reading: object = None

    @property
    def body(self) -> bytes:
        """The body in one piece."""
        return self.content if isinstance(self.content, bytes) else self.content.whole()

    def saying(self, body: bytes) -> "Call":
        """Answers the same call with another body, which nobody has read."""
        return replace(self, content=body, reading=None)


class Reader(Protocol):
    """Reads a large body while it arrives, so that no other request waits for the whole of it to be read."""

    def feed(self, octets: bytes, /) -> None:
        """Reads on."""

    def close(self) -> object:
        """Ends, and answers what was made of the body."""


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
