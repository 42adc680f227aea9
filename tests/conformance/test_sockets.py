"""Sockets speak HTTP to whatever comes back: what ends well, what breaks off, and what is used again."""

import gzip
import shutil
import socket
import ssl
import subprocess
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Thread

import httpx
import pytest

from conformance import sockets
from conformance.sockets import Sockets
from conformance.transport import Reply

LARGEST = 1_000_000
SECONDS = 10.0
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"

Script = Sequence[Sequence[bytes]]
Serve = Callable[..., "Scripted"]


class Scripted:
    """A server that answers by a script: for each connection the octets to say after each request.

    Once a connection's answers are said it is closed. `heard` holds the requests, whole.
    """

    def __init__(self, script: Script) -> None:
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = Thread(target=self._serve, args=(script,))
        self._thread.start()

    def _serve(self, script: Script) -> None:
        for answers in script:
            connection, _ = self._listener.accept()
            with connection:
                for answer in answers:
                    request = self._read(connection)
                    if not request:
                        break
                    self.heard.append(request)
                    connection.sendall(answer)

    def _read(self, connection: socket.socket) -> bytes:
        request = b""
        while b"\r\n\r\n" not in request:
            piece = connection.recv(65_536)
            if not piece:
                return b""
            request += piece
        head, _, body = request.partition(b"\r\n\r\n")
        lengths = [
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length")
        ]
        while len(body) < sum(lengths):
            body += connection.recv(65_536)
        return head + b"\r\n\r\n" + body

    def close(self) -> None:
        self._thread.join()
        self._listener.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts scripted servers; they are over when their scripts are."""
    started: list[Scripted] = []

    def start(*script: Sequence[bytes]) -> Scripted:
        started.append(Scripted(script))
        return started[-1]

    yield start
    for each in started:
        each.close()


def pool_of(url: str, *, seconds: float = SECONDS, largest: int = LARGEST) -> Sockets:
    """A pool of connections to a server."""
    return Sockets(url, seconds, largest)


def get(pool: Sockets, target: str = "/") -> Reply:
    """Asks for a path."""
    return pool.exchange("GET", target, {}, None)


def asked_once(server: Scripted, method: str = "GET") -> Reply:
    """The answer to one request."""
    pool = pool_of(server.url)
    try:
        return pool.exchange(method, "/", {}, None)
    finally:
        pool.close()


def head(*lines: str) -> bytes:
    """The head of a 200."""
    return "\r\n".join(("HTTP/1.1 200 OK", *lines, "", "")).encode()


def test_a_request_goes_out_as_it_was_asked_for(serve: Serve) -> None:
    server = serve([OK])
    pool = pool_of(server.url + "/api")
    assert pool.exchange("POST", "/api/a%2Fb?c=d e&f=ä", {"x-team": "ai"}, b"{}") == Reply(
        200, {"content-length": "2"}, b"{}"
    )
    pool.close()
    host = server.url.removeprefix("http://")
    assert server.heard == [
        b"POST /api/a%2Fb?c=d%20e&f=%C3%A4 HTTP/1.1\r\n"
        + f"host: {host}\r\nx-team: ai\r\ncontent-length: 2\r\n\r\n{{}}".encode()
    ]


@pytest.mark.parametrize(
    ("method", "told"), [("GET", False), ("DELETE", False), ("POST", True), ("PUT", True)]
)
def test_a_request_without_a_body_tells_so_where_one_is_usual(serve: Serve, method: str, told: bool) -> None:
    server = serve([OK])
    assert asked_once(server, method).status == 200
    assert (b"content-length: 0\r\n" in server.heard[0]) == told


def test_a_connection_is_used_again(serve: Serve) -> None:
    server = serve([OK, OK, OK])
    pool = pool_of(server.url)
    assert [get(pool).status for _ in range(3)] == [200] * 3
    pool.close()
    assert len(server.heard) == 3


@pytest.mark.parametrize(
    "answer",
    [
        head("connection: close", "content-length: 2") + b"{}",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        head() + b"{}",
        OK,
    ],
    ids=["told", "an old server", "without a length", "not told"],
)
def test_a_connection_that_the_server_closes_is_not_missed(serve: Serve, answer: bytes) -> None:
    server = serve([answer], [answer], [answer])
    pool = pool_of(server.url)
    assert [get(pool).body for _ in range(3)] == [b"{}"] * 3
    pool.close()


def test_a_connection_that_broke_while_idle_is_made_anew(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The end comes in after the look for it, as it may.
    monkeypatch.setattr(sockets._Connection, "is_usable", lambda _self: True)
    server = serve([OK], [OK])
    pool = pool_of(server.url)
    assert [get(pool, path).status for path in ("/1", "/2")] == [200, 200]
    pool.close()
    assert [each.split()[1] for each in server.heard] == [b"/1", b"/2"]


def test_a_connection_that_was_idle_for_long_is_made_anew(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "IDLE_SECONDS", 0.0)
    pool = pool_of(serve([OK, OK], [OK, OK]).url)
    assert [get(pool).status for _ in range(2)] == [200, 200]
    pool.close()


@pytest.mark.parametrize("more", [b"x", OK, b"\0" * 10], ids=["an octet", "an answer", "nonsense"])
def test_what_follows_an_answer_is_none_of_it(serve: Serve, more: bytes) -> None:
    server = serve([OK + more], [OK])
    pool = pool_of(server.url)
    assert [get(pool).body for _ in range(2)] == [b"{}", b"{}"]
    pool.close()


def test_an_answer_may_come_in_chunks(serve: Serve) -> None:
    chunked = head("transfer-encoding: chunked") + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    pool = pool_of(serve([chunked, chunked]).url)
    assert [get(pool).body for _ in range(2)] == [b"{}"] * 2
    pool.close()


def test_an_interim_answer_is_passed_over(serve: Serve) -> None:
    reply = asked_once(serve([b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n" + OK]))
    assert (reply.status, reply.headers) == (200, {"content-length": "2"})


def test_the_answer_to_head_has_no_body(serve: Serve) -> None:
    assert asked_once(serve([head("content-length: 100")]), "HEAD").body == b""


def test_a_header_that_comes_twice_is_one(serve: Serve) -> None:
    reply = asked_once(serve([head("Vary: a", "vary: b", "content-length: 0")]))
    assert reply.headers["vary"] == "a, b"


def _raw_deflate(body: bytes) -> bytes:
    encoder = zlib.compressobj(wbits=-15)
    return encoder.compress(body) + encoder.flush()


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("X-GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", _raw_deflate),
        ("deflate, gzip", lambda body: gzip.compress(zlib.compress(body))),
        ("identity", bytes),
        ("unheard-of", bytes),
    ],
)
def test_an_encoded_answer_is_decoded(serve: Serve, encoding: str, encode: Callable[[bytes], bytes]) -> None:
    body = encode(b'{"a": 1}')
    server = serve([head(f"content-encoding: {encoding}", f"content-length: {len(body)}") + body])
    assert asked_once(server).body == b'{"a": 1}'


def test_an_empty_answer_needs_no_decoding(serve: Serve) -> None:
    server = serve([b"HTTP/1.1 204 No Content\r\ncontent-encoding: gzip\r\n\r\n"])
    assert (reply := asked_once(server)).status == 204
    assert reply.body == b""


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (b"", httpx.RemoteProtocolError, "closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\ncontent-le", httpx.RemoteProtocolError, "in the middle of the answer"),
        (head("content-length: 9") + b"{}", httpx.RemoteProtocolError, "after 2 of 9 bytes"),
        (head("transfer-encoding: chunked") + b"5\r\n{", httpx.RemoteProtocolError, "after 1 bytes"),
        (b"220 smtp.example ready\r\n", httpx.RemoteProtocolError, "no HTTP"),
        (head("content-length: x") + b"{}", httpx.RemoteProtocolError, "no HTTP"),
        (head("content-length: 2", "content-encoding: gzip") + b"{}", httpx.DecodingError, "no gzip"),
        (
            head("content-encoding: gzip") + gzip.compress(b"{}" * 9, mtime=0)[:-9],
            httpx.DecodingError,
            "not all",
        ),
        (head() + b"x" * (LARGEST + 1), httpx.ReadError, "longer than 0 MiB"),
        (
            head("content-encoding: gzip") + gzip.compress(b"x" * (LARGEST + 1)),
            httpx.ReadError,
            "decoded answer is longer",
        ),
    ],
)
def test_an_answer_that_is_none_is_told(
    serve: Serve, answer: bytes, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        asked_once(serve([answer]))


def test_an_answer_before_the_end_of_the_request_counts() -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1_000)
                connection.sendall(refusal)
                connection.shutdown(socket.SHUT_WR)

        thread = Thread(target=refuse)
        thread.start()
        pool = pool_of(f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert pool.exchange("POST", "/", {}, b"x" * 30_000_000).status == 413
        pool.close()
        thread.join()


def test_a_connection_that_is_reset_in_the_middle_of_an_answer_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def reset() -> None:
            connection, _ = listener.accept()
            connection.recv(1_000)
            connection.sendall(head("content-length: 9") + b"{}")
            # An unread octet at the close, and no time to linger, make a reset of it.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()

        thread = Thread(target=reset)
        thread.start()
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError), match="in the middle of the answer"):
            get(pool_of(f"http://127.0.0.1:{listener.getsockname()[1]}"))
        thread.join()


@pytest.mark.parametrize("answer", [b"", head("content-length: 9") + b"{"], ids=["nothing", "a beginning"])
def test_all_waits_of_a_request_share_its_time(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pool = pool_of(f"http://127.0.0.1:{listener.getsockname()[1]}", seconds=0.2)

        def say() -> socket.socket:
            connection, _ = listener.accept()
            connection.sendall(answer)
            return connection

        held: list[socket.socket] = []
        thread = Thread(target=lambda: held.append(say()))
        thread.start()
        with pytest.raises(httpx.ReadTimeout):
            get(pool)
        thread.join()
        held[0].close()


def test_a_request_that_is_not_taken_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        pool = pool_of(f"http://127.0.0.1:{mute.getsockname()[1]}", seconds=0.2)
        with pytest.raises(httpx.WriteTimeout):
            pool.exchange("POST", "/", {}, b"x" * 30_000_000)


def test_a_port_that_nobody_listens_on_takes_no_connection() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(httpx.ConnectError):
            get(pool_of(f"http://127.0.0.1:{silent.getsockname()[1]}"))


def test_no_time_is_no_connection() -> None:
    with pytest.raises(httpx.ConnectTimeout):
        get(pool_of("http://127.0.0.1:9", seconds=0.0))


def test_a_connection_that_takes_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_where: object, **_how: object) -> socket.socket:
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", late)
    with pytest.raises(httpx.ConnectTimeout):
        get(pool_of("http://127.0.0.1:9"))


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("ftp://server", httpx.UnsupportedProtocol),
        ("http://server:port", httpx.InvalidURL),
        ("http://[::1", httpx.InvalidURL),
        (f"http://{'a' * 70}", httpx.InvalidURL),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        pool_of(url)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://server", "server"),
        ("http://server:8080/api", "server:8080"),
        ("http://user:word@server:8080", "server:8080"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("http://bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_the_host_is_named_as_it_has_to_be(url: str, host: str) -> None:
    assert f"\r\nhost: {host}\r\n".encode() in pool_of(url)._written("GET", "/", {}, None)


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_a_server_may_speak_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", "-x509", *kind, *names, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("localhost", 0)) as listener:
        url = f"https://localhost:{listener.getsockname()[1]}"

        def answer() -> None:
            for _ in range(2):
                plain, _ = listener.accept()
                try:
                    with context.wrap_socket(plain, server_side=True) as connection:
                        for _ in range(2):
                            connection.recv(1_000)
                            connection.sendall(OK)
                except OSError:
                    plain.close()

        thread = Thread(target=answer)
        thread.start()
        with pytest.raises(httpx.ConnectError, match="certificate"):
            get(pool_of(url))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        pool = pool_of(url)
        assert [get(pool).body for _ in range(2)] == [b"{}", b"{}"]
        pool.close()
        thread.join()
