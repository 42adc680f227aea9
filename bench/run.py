"""One run of the benchmark: how long it measures, the servers it has started, the bodies it sends."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import uploads
from bench.figures import Result
from bench.server import Served, mock, serving

STORED = 100_000
ROOM = ("--jobs", "instant", "--max-items", "1000000")
"""Options of the mock: an upload is stored before it is answered, and there is room for all of them."""


Spell = Callable[..., bytes]
"""Spells an upload: told the number of its first vector, how many there are, and `short`."""


class SkippedError(Exception):
    """Says what is missing for a row to be measured."""


@dataclass(slots=True)
class Full:
    """A mock with 100,000 vectors, and the memory in MB that its process held before, after and at most.

    `started` is before any request, `idle` after the first upload, with everything imported.
    """

    server: Served
    started: float
    idle: float
    filled: float
    most: float


@dataclass(slots=True)
class Run:
    """How many rounds a row takes, and for how many seconds each contender is driven in one."""

    rounds: int
    seconds: int
    say: Callable[[str], None] = print
    full: Full | None = None
    _stack: ExitStack = field(default_factory=ExitStack)
    _files: dict[tuple[str, int, int, bool], Path] = field(default_factory=dict)
    folder: Path = Path()

    def __enter__(self) -> "Run":
        """Begins: makes the folder for the bodies."""
        self.folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="bench-")))
        return self

    def __exit__(self, *_error: object) -> None:
        """Ends the servers that are left, and forgets the bodies."""
        self._stack.close()

    def body(self, first: int, size: int, *, short: bool = False, spell: Spell = uploads.body) -> Path:
        """Answers the file of an upload."""
        key = (spell.__name__, first, size, short)
        if key not in self._files:
            self._files[key] = self.folder / f"{spell.__name__}-{first}-{size}-{short}.json"
            self._files[key].write_bytes(spell(first, size, short=short))
        return self._files[key]

    def bodies(
        self, count: int, size: int, *, short: bool = False, spell: Spell = uploads.body
    ) -> Sequence[Path]:
        """Answers the files of several uploads."""
        return [self.body(place * size, size, short=short, spell=spell) for place in range(count)]

    def queries(self, count: int) -> Sequence[Path]:
        """Answers the files of several searches."""
        paths = [self.folder / f"query-{place}.json" for place in range(count)]
        for place, path in enumerate(paths):
            path.write_bytes(uploads.query(place))
        return paths

    def keep(self, name: str, command: Sequence[str]) -> Served:
        """Starts a server that runs until the run ends."""
        return self._stack.enter_context(serving(name, command))


def create(server: Served) -> None:
    """Creates the namespace that is uploaded to."""
    connection = server.connect()
    asked = {"namespace_name": uploads.NAMESPACE, "type": "vector", "vector_dimension": uploads.DIMENSION}
    connection.say("POST", "/namespaces", asked)
    connection.close()


def create_tenant(server: Served) -> None:
    """Creates the tenant of Cortex that is uploaded to."""
    connection = server.connect()
    asked = {"tenant_id": uploads.NAMESPACE, "is_embeddings_tenant": True}
    connection.say("POST", "/tenants/create", asked | {"embeddings_dimension": uploads.DIMENSION})
    connection.close()


@contextmanager
def contenders(
    prepare: Callable[[Served], None] = create, /, **commands: Sequence[str]
) -> Iterator[dict[str, Served]]:
    """Starts the servers of a row, and prepares the mocks among them for what is uploaded."""
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(name, command)) for name, command in commands.items()}
        for name, server in servers.items():
            if name.startswith(("mock", "fallback")):
                prepare(server)
        yield servers


def roomy_mock() -> list[str]:
    """Makes the command of a mock whose uploads are stored at once, without a cap that could be reached."""
    return mock(*ROOM)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: its name, what is measured, and the function that measures it."""

    name: str
    what: str
    measure: Callable[[Run], Result]


ROWS: dict[str, Row] = {}
"""Every row by name, in the order of the table."""


def row(name: str, what: str) -> Callable[[Callable[[Run], Result]], Callable[[Run], Result]]:
    """Registers a function as a row."""

    def register(measure: Callable[[Run], Result]) -> Callable[[Run], Result]:
        ROWS[name] = Row(name, what, measure)
        return measure

    return register


def put_in_order(modules: Sequence[str]) -> None:
    """Puts the rows in the order of the modules that measure them."""
    ordered = sorted(ROWS.values(), key=lambda each: modules.index(each.measure.__module__))
    ROWS.clear()
    ROWS.update((each.name, each) for each in ordered)
