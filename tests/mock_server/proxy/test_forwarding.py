"""What passes through the proxy comes out as it went in, and what cannot pass is told in one line."""

import contextlib
import gzip
import http.client
import re
import socket
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mock_server.proxy.passing import (
    PATIENCE,
    Seen,
    asked,
    connected,
    proxying,
    read_all,
    read_exactly,
    read_until,
    saying,
)

ENOUGH_FOR_A_LINE = 64
GET = b"GET /health HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
HALF_SENT = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\npart"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

tokens = st.text("abcXYZ-09_", min_size=1, max_size=12).map(lambda text: b"x-" + text.encode())
values = st.binary(max_size=40).map(
    lambda octets: bytes(each for each in octets if each > 32 and each != 127)
)
fields = st.lists(st.tuples(tokens, values), max_size=6)


def once(answer: bytes) -> Callable[[socket.socket], object]:
    """Makes what reads a request's head and says octets."""

    def serve(connection: socket.socket) -> None:
        read_until(connection, b"\r\n\r\n")
        connection.sendall(answer)

    return serve


def spelled(headers: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(b"%s: %s\r\n" % each for each in headers)


@settings(max_examples=60, deadline=None)
@given(
    request=fields,
    answer=fields,
    sent=st.binary(max_size=3_000),
    answered=st.binary(max_size=3_000),
    status=st.sampled_from((200, 201, 202, 299, 400, 404, 409, 422, 500, 503)),
    reason=st.sampled_from((b"OK", b"", b"Very Odd")),
    chunked=st.booleans(),
)
def test_octets_pass_as_they_are(
    request: list[tuple[bytes, bytes]],
    answer: list[tuple[bytes, bytes]],
    sent: bytes,
    answered: bytes,
    status: int,
    reason: bytes,
    chunked: bool,
) -> None:
    heard: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        head, _, rest = read_until(connection, b"\r\n\r\n").partition(b"\r\n\r\n")
        heard.extend((head, rest + read_exactly(connection, len(sent) - len(rest))))
        framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(answered)
        pieces = [answered[:1_000], answered[1_000:]] if chunked else [answered]
        body = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in pieces if each) + b"0\r\n\r\n"
        line = b"HTTP/1.1 %d %s\r\n" % (status, reason)
        connection.sendall(line + spelled(answer) + framing + b"\r\n\r\n" + (body if chunked else answered))

    with (
        saying(serve) as url,
        proxying(url, seen := Seen()) as address,
        connected(address) as connection,
    ):
        length = b"Content-Length: %d\r\n\r\n" % len(sent)
        connection.sendall(b"POST /a%20b?c=d HTTP/1.1\r\nHost: here\r\n" + spelled(request) + length + sent)
        reply = http.client.HTTPResponse(connection)
        line = connection.recv(ENOUGH_FOR_A_LINE, socket.MSG_PEEK)
        reply.begin()
        assert reply.read() == answered
    assert line.startswith(b"HTTP/1.1 %d %s\r\n" % (status, reason))
    host = url.removeprefix("http://").encode()
    wanted = b"POST /a%20b?c=d HTTP/1.1\r\nHost: " + host + b"\r\n" + spelled(request)
    assert heard == [wanted + b"Content-Length: %d" % len(sent), sent]
    kept = [(name.encode(), value.encode("latin-1")) for name, value in raw_headers(reply)]
    framing = (b"Transfer-Encoding", b"chunked") if chunked else (b"Content-Length", b"%d" % len(answered))
    assert [each for each in kept if each != framing] == answer
    (exchange,) = seen.exchanges
    assert (exchange.sent.octets, exchange.answered.octets) == (sent, answered)
    assert (exchange.target, exchange.status, exchange.failure) == ("/a%20b?c=d", status, "")


def raw_headers(reply: http.client.HTTPResponse) -> list[tuple[str, str]]:
    """Lists the headers of an answer, in their order and their spelling."""
    return [*reply.headers.raw_items()]


def test_a_compressed_body_stays_compressed() -> None:
    packed = gzip.compress(b"{}" * 1_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with saying(once(head + packed)) as url, proxying(url, Seen()) as address:
        answer = asked(address, GET)
    assert answer.endswith(b"\r\n\r\n" + packed)
    assert b"Content-Encoding: gzip\r\n" in answer


def test_what_is_said_from_hop_to_hop_ends_at_the_hop() -> None:
    heard: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        heard.append(read_until(connection, b"\r\n\r\n"))
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nConnection: X-Own, close\r\nX-Own: 1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
            b"Keep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n"
        )

    with saying(serve) as url, proxying(url, Seen()) as address:
        hops = b"Connection: close, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nA: b\r\n\r\n"
        answer = asked(address, b"GET / HTTP/1.1\r\nHost: here\r\n" + hops)
    assert re.findall(rb"(?m)^(X-Hop|TE|Connection|A):", heard[0]) == [b"A"]
    assert b"X-Own: 1" not in answer
    assert b"Keep-Alive" not in answer
    assert b"Set-Cookie: a\r\nSet-Cookie: b\r\n" in answer


@pytest.mark.parametrize(
    ("answer", "ending"),
    [
        (b"HTTP/1.0 200 OK\r\nX: y\r\n\r\nto the end", b"\r\n\r\na\r\nto the end\r\n0\r\n\r\n"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"\r\n\r\n"),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", b"\r\n\r\n"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, b"\r\n\r\nok"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Sum: 3\r\n\r\n",
            b"2\r\nab\r\n0\r\nX-Sum: 3\r\n\r\n",
        ),
    ],
)
def test_every_framing_passes(answer: bytes, ending: bytes) -> None:
    with saying(once(answer)) as url, proxying(url, seen := Seen()) as address:
        assert asked(address, GET).endswith(ending)
    assert seen.exchanges[0].failure == ""


def test_the_answer_to_a_head_has_no_body() -> None:
    with (
        saying(once(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")) as url,
        proxying(url, Seen()) as address,
    ):
        answer = asked(address, GET.replace(b"GET", b"HEAD"))
    assert b"Content-Length: 99\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


def test_a_base_path_stands_before_the_target() -> None:
    heard: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        heard.append(read_until(connection, b"\r\n\r\n"))
        connection.sendall(OK)

    with saying(serve) as url, proxying(f"{url}/_session/one/", Seen()) as address:
        asked(address, GET)
    assert heard[0].startswith(b"GET /_session/one/health HTTP/1.1\r\n")


def test_several_exchanges_share_a_connection_even_if_the_server_closes_its_own() -> None:
    connections: list[int] = []

    def serve(connection: socket.socket) -> None:
        connections.append(1)
        read_until(connection, b"\r\n\r\n")
        connection.sendall(OK)

    with saying(serve) as url, proxying(url, seen := Seen()) as address:
        client = http.client.HTTPConnection(*address, timeout=PATIENCE)
        for _ in range(3):
            client.request("GET", "/health")
            assert client.getresponse().read() == b"ok"
        client.close()
    assert len(seen.exchanges) == len(connections) == 3


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("POST", 502)])
def test_a_request_that_a_closing_connection_swallowed_is_sent_again_if_it_may_be(
    method: str, status: int
) -> None:
    heard: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        heard.append(read_until(connection, b"\r\n\r\n"))
        connection.sendall(OK)
        if len(heard) == 1:
            heard.append(read_until(connection, b"\r\n\r\n"))

    with saying(serve) as url, proxying(url, seen := Seen()) as address:
        client = http.client.HTTPConnection(*address, timeout=PATIENCE)
        client.request("GET", "/first")
        assert client.getresponse().read() == b"ok"
        client.request(method, "/second")
        assert client.getresponse().status == status
        client.close()
    assert [each.partition(b" HTTP")[0].decode() for each in heard[:2]] == ["GET /first", f"{method} /second"]
    assert heard[2:] == ([] if status == 502 else heard[1:2])
    assert [each.status for each in seen.exchanges] == [200, status]


def test_exchanges_of_one_client_share_a_connection_to_the_server() -> None:
    connections: list[int] = []

    def serve(connection: socket.socket) -> None:
        connections.append(1)
        while read_until(connection, b"\r\n\r\n"):
            connection.sendall(OK)

    with saying(serve) as url, proxying(url, Seen()) as address:
        client = http.client.HTTPConnection(*address, timeout=PATIENCE)
        for _ in range(3):
            client.request("GET", "/health")
            assert client.getresponse().read() == b"ok"
        client.close()
    assert len(connections) == 1


def test_large_bodies_pass_and_are_not_kept() -> None:
    size = 70 * 1024 * 1024
    heard: list[int] = []

    def serve(connection: socket.socket) -> None:
        _, _, rest = read_until(connection, b"\r\n\r\n").partition(b"\r\n\r\n")
        got = len(rest)
        while got < size:
            got += len(connection.recv(1 << 20))
        heard.append(got)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(70):
            connection.sendall(b"y" * (1 << 20))

    with saying(serve) as url, proxying(url, seen := Seen()) as address:
        client = http.client.HTTPConnection(*address, timeout=PATIENCE)
        client.request("POST", "/", body=b"x" * size)
        assert len(client.getresponse().read()) == size
        client.close()
    (exchange,) = seen.exchanges
    assert (heard, exchange.sent.size, exchange.answered.size) == ([size], size, size)
    assert (exchange.sent.whole, exchange.sent.octets, exchange.answered.chunks) == (False, b"", [])


def test_pieces_of_an_answer_pass_as_they_come() -> None:
    arrived: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        read_until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        # The rest comes only once the client has the first piece.
        arrived.append(connection.recv(1))
        connection.sendall(b"3\r\ntwo\r\n0\r\n\r\n")

    with (
        saying(serve) as url,
        proxying(url, Seen()) as address,
        connected(address) as connection,
    ):
        connection.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n")
        assert read_until(connection, b"one\r\n").endswith(b"3\r\none\r\n")
        connection.sendall(b"!")
        assert read_until(connection, b"0\r\n\r\n").endswith(b"3\r\ntwo\r\n0\r\n\r\n")
    assert arrived == [b"!"]


def test_a_client_that_waits_for_leave_to_send_gets_it() -> None:
    head = b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"

    def serve(connection: socket.socket) -> None:
        assert b"Expect: 100-continue" in read_until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert read_exactly(connection, 4) == b"body"
        connection.sendall(OK)

    with saying(serve) as url, proxying(url, Seen()) as address, connected(address) as connection:
        connection.sendall(head)
        assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"body")
        assert read_until(connection, b"ok").endswith(b"\r\n\r\nok")


def test_an_answer_before_the_request_is_whole_passes_and_ends_the_connection() -> None:
    early = once(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
    with saying(early) as url, proxying(url, seen := Seen()) as address:
        with connected(address) as connection:
            connection.sendall(HALF_SENT)
            answer = read_until(connection, b"big")
            assert answer.startswith(b"HTTP/1.1 413 Too Large\r\n")
            assert b"Connection: close\r\n" in answer
            connection.sendall(b"x" * 5)
            assert read_all(connection) == b""
        assert (seen.events, seen.exchanges[0].failure) == (["answered"], "")


def test_a_server_that_takes_no_connection_is_a_502_of_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with proxying(url, seen := Seen()) as address:
        answer = asked(address, GET)
    assert answer.startswith(b"HTTP/1.1 502 ")
    line = answer.partition(b"\r\n\r\n")[2].decode()
    assert line == f"vecpact proxy: {url} takes no connection: Connection refused\n"
    assert seen.exchanges[0].failure in line


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "ended the connection without an answer"),
        (b"no HTTP at all\r\n\r\n", "speaks no HTTP/1.1"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "speaks no HTTP/1.1"),
    ],
)
def test_a_server_that_gives_no_answer_is_a_502_of_one_line(answer: bytes, reason: str) -> None:
    with saying(once(answer)) as url, proxying(url, seen := Seen()) as address:
        reply = asked(address, GET)
    assert reply.startswith(b"HTTP/1.1 502 ")
    assert reply.partition(b"\r\n\r\n")[2].decode() == f"vecpact proxy: {seen.exchanges[0].failure}\n"
    assert reason in seen.exchanges[0].failure


def test_a_silent_server_is_a_504_of_one_line() -> None:
    with saying(read_all) as url, proxying(url, seen := Seen(), timeout=0.1) as address:
        with connected(address) as connection:
            connection.sendall(GET)
            answer = read_all(connection)
        assert answer.startswith(b"HTTP/1.1 504 ")
        assert answer.endswith(b"gave no answer for 0.1 s\n")
        assert "gave no answer" in seen.exchanges[0].failure


def test_an_answer_that_breaks_off_breaks_off_for_the_client_too() -> None:
    with (
        saying(once(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart")) as url,
        proxying(url, seen := Seen()) as address,
    ):
        client = http.client.HTTPConnection(*address, timeout=PATIENCE)
        client.request("GET", "/health")
        reply = client.getresponse()
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            reply.read()
        client.close()
        assert seen.over.wait(PATIENCE)
    assert seen.exchanges[0].failure != ""


def test_a_client_that_goes_away_is_told_of() -> None:
    with saying(read_all) as url, proxying(url, seen := Seen()) as address:
        with connected(address) as connection:
            connection.sendall(HALF_SENT)
        assert seen.over.wait(PATIENCE)
        assert seen.exchanges[0].failure.startswith("the client ")


def test_a_client_that_falls_silent_within_a_request_is_told_of() -> None:
    with saying(read_all) as url, proxying(url, seen := Seen(), timeout=0.1) as address:
        with connected(address) as connection:
            connection.sendall(HALF_SENT)
            assert seen.over.wait(PATIENCE)
        assert seen.exchanges[0].failure == "the client said nothing for 0.1 s"


def test_what_is_no_http_is_a_400_of_one_line() -> None:
    with saying(once(OK)) as url, proxying(url, seen := Seen()) as address:
        answer = asked(address, b"no HTTP\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.partition(b"\r\n\r\n")[2].startswith(b"vecpact proxy: the request is no HTTP/1.1: ")
    assert seen.exchanges == []


def test_an_exchange_is_over_before_the_client_has_all_of_it() -> None:
    with saying(once(OK)) as url, proxying(url, seen := Seen()) as address:
        asked(address, GET)
    assert seen.events == ["sent", "answered"]


def test_stopping_ends_what_is_under_way() -> None:
    with saying(read_all) as url, contextlib.ExitStack() as running:
        address = running.enter_context(proxying(url, seen := Seen()))
        with connected(address) as connection:
            connection.sendall(GET)
            assert seen.under_way.wait(PATIENCE)
            running.close()
            assert read_all_or_reset(connection) == b""
    assert seen.exchanges[0].failure == "the proxy was stopped"


def read_all_or_reset(connection: socket.socket) -> bytes:
    """Reads until the connection ends, in whichever way."""
    try:
        return read_all(connection)
    except ConnectionResetError:
        return b""
