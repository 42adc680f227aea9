"""The command of a failure really runs: a real shell and a real curl send what the suite has sent."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from conformance.target import Target
from tests.misbehaving.behaviours import with_body
from tests.misbehaving.serving import misbehaving

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
SECRET = 'Bearer it\'s a "$ecret"'
# What the two clients say of themselves, and of how they want the answer.
OWN = (b"host", b"user-agent", b"accept", b"accept-encoding")


@dataclass
class Listening:
    """A server that writes down what it is sent."""

    url: str
    heard: list[bytes] = field(default_factory=list)

    def essence(self) -> list[tuple[bytes, frozenset[bytes], bytes]]:
        """The request lines, the headers beside the client's own, and the bodies."""
        return [_essence(request) for request in self.heard]


def _essence(request: bytes) -> tuple[bytes, frozenset[bytes], bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    line, *headers = head.split(b"\r\n")
    named = {header.partition(b":")[0].lower() + b":" + header.partition(b":")[2] for header in headers}
    return line, frozenset(each for each in named if each.partition(b":")[0] not in OWN), body


@pytest.fixture
def listening() -> Iterator[Listening]:
    """The server."""
    listening = Listening("")

    def hear(connection: socket.socket, request: bytes) -> None:
        listening.heard.append(request)
        connection.sendall(with_body(b"heard"))

    with misbehaving(hear) as url:
        listening.url = url
        yield listening


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("GET", "/health", None),
        ("DELETE", "/spaces/a%2Fb%20c?d=%22e%22&f=$HOME", None),
        ("POST", "/odd/[1-3]/{a,b}/../x", b"{}"),
        ("POST", "/", b""),
        ("POST", "/", b"@not-a-file"),
        ("POST", "/", b'{"id":"it\'s \\"so\\" $HOME `x` !x \\n"}\n'),
        ("PUT", "/", '{"id":"ä → 漢"}'.encode()),
        ("PATCH", "/", b"\xff\x00\x01%s%%\\n'\"\n{}"),
    ],
)
def test_curl_sends_the_same_request(
    method: str, path: str, content: bytes | None, listening: Listening
) -> None:
    with Target(listening.url, headers={"Authorization": SECRET, "X-Trace": "it's 1"}) as target:
        exchange = target.send(method, path, content=content)
    done = subprocess.run(
        ["sh", "-c", exchange.curl()],
        env={"PATH": "/usr/bin:/bin", "AUTHORIZATION": SECRET},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "heard", "")
    first, second = listening.essence()
    assert first == second


def test_a_body_in_a_file_is_sent_whole(listening: Listening, tmp_path: object) -> None:
    path = f"{tmp_path}/a body.json"
    content = b"[" + b"1," * 50_000 + b"1]\n"
    with open(path, "wb") as file:
        file.write(content)
    with Target(listening.url) as target:
        exchange = target.send("POST", "/", content=content)
    subprocess.run(["sh", "-c", f"{exchange.curl(path)} -H expect:"], capture_output=True, check=True)
    first, second = listening.essence()
    assert first == second
