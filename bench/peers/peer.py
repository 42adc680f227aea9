"""What a peer is: a program that serves an upload on a port, and whether it looks at what it is sent."""

import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.server import Served

FOLDERS = "BENCH_PEERS"
PATIENCE = 60.0  # seconds that a peer has to start in
PAUSE = 0.05
PLACES = ("", "bin", "node_modules/.bin")


@dataclass(frozen=True, slots=True)
class Peer:
    """One peer.

    `command` makes the words that start it, from an empty folder and a port; None where it is not installed.
    `body` spells the upload of so many vectors to `path`, `prepare` makes the server ready for it, and
    `looks` tells whether it looks at what it is sent.
    """

    name: str
    looks: bool
    install: str
    command: Callable[[Path, int], Sequence[str] | None]
    path: str
    body: Callable[[int], bytes]
    prepare: Callable[[str], None] = lambda _url: None
    headers: Mapping[str, str] = field(default_factory=dict)


def program(name: str) -> str | None:
    """Finds the program of a peer."""
    places = [str(folder / place) for folder in _folders() for place in PLACES]
    return shutil.which(name, path=os.pathsep.join([*places, os.environ.get("PATH", "")]))


def file(pattern: str) -> Path | None:
    """Finds a file of a peer in the folders of peers."""
    return next((found for folder in _folders() for found in sorted(folder.glob(pattern))), None)


def _folders() -> Sequence[Path]:
    return [Path(name) for name in os.environ.get(FOLDERS, "").split(os.pathsep) if name]


@contextmanager
def running(peer: Peer, command: Sequence[str], port: int) -> Iterator[Served]:
    """Runs a peer from when it listens on its port."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
    try:
        _wait(process, port, peer.name)
        served = Served(peer.name, process, f"http://127.0.0.1:{port}")
        peer.prepare(served.url)
        yield served
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """Finds a port that nobody listens on: peers cannot pick one and say which."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[str], port: int, name: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with {process.returncode} before it listened")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            connection.getresponse().read()
        except OSError:
            time.sleep(PAUSE)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError(f"{name} does not answer on port {port} after {PATIENCE:g} seconds")
