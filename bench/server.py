"""Server processes: the mock and the floors, each started by a command whose first line ends with its URL."""

import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

NO_HEADERS: Mapping[str, str] = {}
MOCK: Sequence[str] = ("-m", "mock_server")
KEY: Mapping[str, str] = {"authorization": "Bearer bench"}
"""What Cortex asks for; other servers pass it over."""
WITHOUT_FAST_DECODER = (
    "import sys; sys.modules['simdjson'] = None; from mock_server.__main__ import main; main()"
)
"""Runs the mock where the fast decoder cannot be imported, as on a platform that has no wheel of it."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs: its name in the table, its process and where it listens."""

    name: str
    process: subprocess.Popen[str]
    url: str

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self.process.pid

    def connect(self) -> "Connection":
        """Opens a connection that is kept."""
        return Connection(self.url)


class Connection:
    """One connection to a server, kept open: what a client costs is small and the same for all."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = NO_HEADERS
    ) -> tuple[int, bytes]:
        """Sends a request and answers status and body."""
        kind = {"content-type": "application/json"} if body else {}
        self._connection.request(method, path, body, {**KEY, **kind, **headers})
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def say(self, method: str, path: str, document: object = None, expected: int | None = None) -> Any:
        """Sends a JSON document and answers one; the benchmark ends if the status is not as expected."""
        body = None if document is None else json.dumps(document).encode()
        status, answer = self.ask(method, path, body)
        if status != expected and (expected is not None or status >= 300):
            raise RuntimeError(f"{method} {path}: {status} {answer[:300]!r}")
        return json.loads(answer)

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()


def mock(*options: str, service: str = "moorcheh") -> list[str]:
    """Makes the command that runs the mock."""
    return [sys.executable, *MOCK, service, "--port", "0", *options]


def fallback(*options: str, service: str = "moorcheh") -> list[str]:
    """Makes the command that runs the mock without its fast decoder."""
    return [sys.executable, "-c", WITHOUT_FAST_DECODER, service, "--port", "0", *options]


def floor(kind: str) -> list[str]:
    """Makes the command that runs one of the bare Starlette servers."""
    return [sys.executable, "-m", "bench.floors.bare", kind]


def numpy_floor(kind: str, *words: object) -> list[str]:
    """Makes the command that runs one of the floors that are numpy alone."""
    return [sys.executable, "-m", f"bench.floors.{kind}", *map(str, words)]


@contextmanager
def asking(command: Sequence[str]) -> Iterator[Callable[[object], float]]:
    """Runs a program that answers each line it is told with a number, for as long as the context lasts."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def ask(line: object) -> float:
            print(line, file=process.stdin, flush=True)
            assert process.stdout is not None
            return float(process.stdout.readline())

        yield ask
        assert process.stdin is not None
        process.stdin.close()


@contextmanager
def serving(
    name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Runs a server for as long as the context lasts, in this process's environment or another."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{name} did not start: {' '.join(command)}")
        yield Served(name, process, line.split()[-1])
    finally:
        process.terminate()
        process.wait()
