"""What misbehaving servers say, each wrong in one way."""

import contextlib
import gzip
import socket
import struct

from tests.misbehaving.serving import Behaviour

OBJECT = b"content-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
DRIP_SECONDS = 0.01


def saying(answer: bytes, *, close: bool = False) -> Behaviour:
    """Says the same to each request, and may close the connection then."""

    def say(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(answer)
        if close:
            connection.shutdown(socket.SHUT_RDWR)

    return say


def for_ever(beginning: bytes, piece: bytes) -> Behaviour:
    """Begins an answer and goes on with the same piece until the client has gone."""

    def flood(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(beginning)
        while True:
            connection.sendall(piece)

    return flood


def dripping(beginning: bytes, piece: bytes) -> Behaviour:
    """Begins an answer and adds a piece now and then until the client has gone."""

    def drip(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(beginning)
        connection.settimeout(DRIP_SECONDS)
        try:
            while True:
                # To wait for the client's end of the connection is to wait for nothing, for a while.
                with contextlib.suppress(TimeoutError):
                    if not connection.recv(1):
                        return
                connection.sendall(piece)
        finally:
            connection.settimeout(None)

    return drip


def hanging(connection: socket.socket, _request: bytes) -> None:
    """Says nothing until the client has gone."""
    connection.recv(1)


def resetting(connection: socket.socket, _request: bytes) -> None:
    """Resets the connection in place of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def with_body(content: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """An answer in order with this body."""
    lines = [b"HTTP/1.1 " + status, b"content-length: %d" % len(content), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + content


FAILING: dict[str, tuple[Behaviour, str]] = {
    "hangs": (hanging, "ReadTimeout: no whole answer within 0.2 s"),
    "drips headers": (
        dripping(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"),
        "ReadTimeout: no whole answer within 0.2 s",
    ),
    "drips a body": (
        dripping(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", b" "),
        "ReadTimeout: no whole answer within 0.2 s",
    ),
    "drips 1xx": (
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        "ReadTimeout: no whole answer within 0.2 s",
    ),
    "closes": (
        saying(b"", close=True),
        "RemoteProtocolError: the server closed the connection without an answer",
    ),
    "resets": (resetting, "RemoteProtocolError: the connection broke before an answer"),
    "garbage": (saying(b"\x00\xff\xfe garbage\r\n\r\n", close=True), "RemoteProtocolError: "),
    "an old protocol": (saying(b"<html>it works</html>", close=True), "RemoteProtocolError: "),
    "no status": (saying(b"HTTP/1.1 OK\r\n\r\n", close=True), "RemoteProtocolError: "),
    "a flood of headers": (
        for_ever(b"HTTP/1.1 200 OK\r\n", b"a: " + b"b" * 1_000 + b"\r\n"),
        "RemoteProtocolError: the headers of the answer are longer than 256 KiB",
    ),
    "an endless header": (
        for_ever(b"HTTP/1.1 200 OK\r\na: ", b"b" * 10_000),
        "RemoteProtocolError: the headers of the answer are longer than 256 KiB",
    ),
    "a flood of 1xx": (
        for_ever(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 100),
        "RemoteProtocolError: the headers of the answer are longer than 256 KiB",
    ),
    "an answer too short": (
        saying(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}", close=True),
        "RemoteProtocolError: the server closed the connection in the middle of the answer, after 2 of 100 ",
    ),
    "a length that is none": (
        saying(b"HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n{}", close=True),
        "RemoteProtocolError: ",
    ),
    "two lengths": (
        saying(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}", close=True),
        "RemoteProtocolError: ",
    ),
    "chunks that are none": (
        saying(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", close=True),
        "RemoteProtocolError: ",
    ),
    "chunks without an end": (
        saying(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n", close=True),
        "RemoteProtocolError: ",
    ),
    "gzip that is none": (saying(with_body(b"{}", b"content-encoding: gzip")), "DecodingError: "),
}
LARGE: dict[str, Behaviour] = {
    "100 MB": for_ever(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n", b" " * 1_000_000),
    "without end": for_ever(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 1_000_000),
    "100 MB in gzip": saying(
        with_body(gzip.compress(b" " * 100_000_000, compresslevel=1), b"content-encoding: gzip")
    ),
}
ANSWERED: dict[str, tuple[Behaviour, str]] = {
    "a redirect to itself": (
        saying(with_body(b"", b"location: /health", status=b"302 Found")),
        "302 to /health",
    ),
    "another charset": (
        saying(with_body(b'{"a": "\xe4"}', b"content-type: application/json; charset=latin-1")),
        '200 {"a": "\\xe4"}',
    ),
    "a name twice": (
        saying(with_body(b'{"a": 1, "b": {"c": 1, "c": 2}}')),
        '200 {"a": 1, "b": {"c": 1, "c": 2}} (the name \'c\' stands there twice)',
    ),
    "no JSON": (saying(with_body(b"<html>", b"content-type: application/json")), "200 <html>"),
    "a hint before": (
        saying(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n" + OBJECT),
        "200 {}",
    ),
    "a status nobody knows": (saying(b"HTTP/1.1 299 \r\n" + OBJECT), "299 {}"),
    "more than it said": (
        saying(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{} and more", close=True),
        "200 {}",
    ),
}
