"""Answers over a socket: most on the spot and in one write, and all of them as uvicorn words them."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import Mock

import httpx
import pytest
import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.server import ServerState

from mock_server import create_app
from mock_server.endpoint import Endpoint
from mock_server.protocol import HttpConnection, HttpProtocol
from mock_server.segments import LARGE
from mock_server.service import Answer, Call
from mock_server.serving import Server, running
from mock_server.session import World

GET = b"GET /%b HTTP/1.1\r\nhost: x\r\n\r\n"
CREATION = b'{"namespace_name": "demo", "type": "vector", "vector_dimension": 2}'
UPLOAD = b'{"vectors": [{"id": "a", "vector": [1, 2]}]}'
VECTORS = b"namespaces/demo/vectors"
PATIENCE = 0.02  # seconds

Ways = list[str]


@pytest.fixture
def server() -> Iterator[Server]:
    with running(max_body=2 * LARGE) as server:
        yield server


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> Ways:
    """Tells how each answer went out: "on the spot", "in one write" or "by uvicorn"."""
    told: Ways = []
    answer, at_once = HttpProtocol._answer, HttpConnection.answer

    def on_the_spot(self: HttpProtocol, *arguments: Any, **named: Any) -> None:
        told.append("on the spot")
        answer(self, *arguments, **named)
        if not self._is_ours:
            told.pop()

    def in_one_write(self: HttpConnection, *arguments: Any) -> bool:
        told.append("in one write" if at_once(self, *arguments) else "by uvicorn")
        return told[-1] == "in one write"

    monkeypatch.setattr(HttpProtocol, "_answer", on_the_spot)
    monkeypatch.setattr(HttpConnection, "answer", in_one_write)
    return told


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets connections idle for a moment only."""
    make = HttpProtocol.__init__

    def made(self: HttpProtocol, *arguments: Any, **named: Any) -> None:
        make(self, *arguments, **named)
        self.timeout_keep_alive = PATIENCE  # type: ignore[assignment]  # whole seconds are too long for a test

    monkeypatch.setattr(HttpProtocol, "__init__", made)


class Wire:
    """A connection on which octets are sent as they are."""

    def __init__(self, server: Server) -> None:
        host, _, port = server.url.rpartition("//")[2].partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=10)
        self._rest = b""

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_error: object) -> None:
        self.socket.close()

    def ask(self, *octets: bytes) -> bytes:
        """Sends octets, each part once the one before has been taken, and answers what one answer is."""
        for part in octets:
            self.socket.sendall(part)
        return self.answer()

    def answer(self, *, bodiless: bool = False) -> bytes:
        """Answers the octets of the next answer, without its date."""
        while b"\r\n\r\n" not in self._rest:
            self._more()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", head)
        length = 0 if bodiless or found is None else int(found[1])
        while len(self._rest) < length:
            self._more()
        body, self._rest = self._rest[:length], self._rest[length:]
        return re.sub(rb"date: [^\r]*\r\n", b"", head) + b"\r\n\r\n" + body

    def is_over(self) -> bool:
        """Tells whether the server has closed the connection, and sent nothing more."""
        return not self._rest and self.socket.recv(1) == b""

    def _more(self) -> None:
        octets = self.socket.recv(65_536)
        assert octets, "the connection ended before the answer was whole"
        self._rest += octets


def post(path: bytes, body: bytes, *headers: bytes) -> bytes:
    """Spells a POST."""
    lines = [b"POST /%b HTTP/1.1" % path, b"host: x", b"content-length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def test_usual_answers_are_sent_on_the_spot(server: Server, ways: Ways) -> None:
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        got, head = client.get("/health"), client.head("/health")
        refused = client.post("/namespaces", content=b"{")
        wrong = client.put("/health")
        last = client.get("/health", headers={"connection": "close"})
    assert ways == ["on the spot"] * 5
    assert [each.status_code for each in (got, head, refused, wrong, last)] == [200, 200, 400, 405, 200]
    assert got.json()["items"] == 0
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]
    assert {"date", "server", "content-length", "content-type"} == set(got.headers)
    assert wrong.headers["allow"] == "GET, HEAD"
    assert last.headers["connection"] == "close"


@pytest.mark.parametrize(
    "octets",
    [
        GET % b"health",
        GET % b"health?a=1&b",
        GET % b"_session/one/health",
        GET % b"namespaces/%C3%A4%2F/upload-jobs/x",
        GET % b"nothing",
        GET % b"_mock/nothing",
        b"GET http://x/health HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /health#part HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /health HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
        b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
        b"PUT /health HTTP/1.1\r\nhost: x\r\n\r\n",
        post(b"namespaces", CREATION),
        post(b"namespaces", b""),
        post(b"namespaces", CREATION, b"content-length: 3")[:-64],
        post(b"namespaces/none/vectors", UPLOAD),
        b"POST /namespaces HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"GET /health HTTP/9.9\r\n\r\n",
        b"no HTTP at all\r\n\r\n",
    ],
)
def test_an_answer_on_the_spot_is_the_one_that_uvicorn_sends(
    server: Server, octets: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Wire(server) as wire:
        on_the_spot = wire.ask(octets)
    server.moorcheh("default").reset()
    monkeypatch.setattr(HttpProtocol, "_expect", lambda _self: None)
    with Wire(server) as wire:
        assert wire.ask(octets) == on_the_spot


def test_what_concerns_the_connection_is_left_to_uvicorn(server: Server, ways: Ways) -> None:
    world = server.moorcheh()
    fault = {"effect": "status", "status": 503, "body": {}, "headers": {"connection": "close"}, "times": 1}
    with httpx.Client(trust_env=False) as client:
        client.post(f"{world.url}/_mock/faults", json=fault).raise_for_status()
        answer = client.get(f"{world.url}/health")
        assert (answer.status_code, answer.headers["connection"]) == (503, "close")
        assert client.get(f"{world.url}/health").status_code == 200
        world.faults.clear()
        assert client.get(f"{world.url}/health").status_code == 200
    assert ways == ["in one write", "by uvicorn", "in one write", "on the spot"]


def test_requests_that_are_sent_together_are_answered_in_order(server: Server, ways: Ways) -> None:
    paths = (b"health", b"_mock/state", b"nothing", b"health", b"namespaces")
    with Wire(server) as wire:
        wire.socket.sendall(b"".join(GET % path for path in paths))
        answers = [wire.answer() for _ in paths]
        assert [answer[9:12] for answer in answers] == [b"200", b"200", b"404", b"200", b"200"]
        assert ways == ["on the spot", *["in one write"] * 4]
        assert wire.ask(GET % b"health") == answers[0]


def test_a_head_that_is_known_is_not_parsed_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    begin = HttpProtocol.on_headers_complete

    def told(self: HttpProtocol) -> None:
        parsed.append(self.url)
        begin(self)

    monkeypatch.setattr(HttpProtocol, "on_headers_complete", told)
    with Wire(server) as wire:
        assert wire.ask(post(b"namespaces", CREATION)).startswith(b"HTTP/1.1 201")
        assert wire.ask(post(b"namespaces", CREATION)).startswith(b"HTTP/1.1 409")
        assert wire.ask(post(VECTORS, UPLOAD)).startswith(b"HTTP/1.1 202")
        assert wire.ask(post(VECTORS, UPLOAD)).startswith(b"HTTP/1.1 202")
        assert wire.ask(post(VECTORS, b" " + UPLOAD)).startswith(b"HTTP/1.1 202")
        assert parsed == [b"/namespaces", b"/" + VECTORS, b"/" + VECTORS]
        first, second = post(VECTORS, UPLOAD)[:-5], post(VECTORS, UPLOAD)[-5:]
        assert wire.ask(first, second).startswith(b"HTTP/1.1 202")
        assert wire.ask(post(VECTORS, b"[" + UPLOAD[1:])).startswith(b"HTTP/1.1 400")
    told_of = [each.path for each in server.moorcheh("default").requests]
    assert told_of == ["/namespaces"] * 2 + ["/" + VECTORS.decode()] * 5


def test_a_known_head_meets_the_faults_of_its_world(server: Server) -> None:
    with Wire(server) as wire:
        assert wire.ask(GET % b"health").startswith(b"HTTP/1.1 200")
        server.moorcheh("default").faults.add("status", status=418)
        assert wire.ask(GET % b"health").startswith(b"HTTP/1.1 418")


def test_a_fault_may_come_between_a_head_and_its_body(server: Server, ways: Ways) -> None:
    world = server.moorcheh("default")
    with Wire(server) as wire:
        octets = post(b"namespaces", CREATION)
        wire.socket.sendall(octets[:-3])
        assert httpx.get(f"{server.url}/health", trust_env=False).status_code == 200
        world.faults.add("status", status=418, path="/namespaces")
        assert wire.ask(octets[-3:]).startswith(b"HTTP/1.1 418")
        world.faults.clear()
        assert wire.ask(octets).startswith(b"HTTP/1.1 201")
    assert ways == ["on the spot", "in one write", "on the spot"]


@pytest.mark.parametrize("faulty", [False, True])
def test_a_body_that_is_announced_too_large_is_refused_before_it_comes(server: Server, faulty: bool) -> None:
    if faulty:
        server.moorcheh("default").faults.add("status", status=418, path="/elsewhere")
    octets = post(VECTORS, b" " * (2 * LARGE + 1))
    with Wire(server) as wire:
        assert wire.ask(octets[: -2 * LARGE]).startswith(b"HTTP/1.1 413")
        wire.socket.sendall(octets[-2 * LARGE :])
        assert wire.ask(GET % b"health").startswith(b"HTTP/1.1 200")


def test_a_body_that_grows_too_large_is_refused_then(server: Server) -> None:
    head = post(VECTORS, b"").replace(b"content-length: 0", b"transfer-encoding: chunked")
    chunk = b"%x\r\n%b\r\n" % (LARGE, b" " * LARGE)
    with Wire(server) as wire:
        assert wire.ask(head, chunk, chunk, chunk).startswith(b"HTTP/1.1 413")
        assert wire.ask(b"0\r\n\r\n" + GET % b"health").startswith(b"HTTP/1.1 200")


def test_a_large_body_is_read_as_it_comes(server: Server, ways: Ways) -> None:
    items = b", ".join(b'{"id": "v%d", "vector": [%d, 1]}' % (number, number) for number in range(30_000))
    body = b'{"vectors": [%b]}' % items
    assert LARGE < len(body) < 2 * LARGE
    with Wire(server) as wire:
        wire.ask(post(b"namespaces", CREATION))
        assert json.loads(wire.ask(post(VECTORS, body)).partition(b"\r\n\r\n")[2])["total"] == 30_000
    assert ways == ["on the spot"] * 2


def test_a_large_body_is_read_a_piece_in_each_turn(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the system has of it, others have their turn in between."""
    told: list[str] = []

    def telling(name: str) -> Callable[[FlowControl], None]:
        usual = getattr(FlowControl, name)

        def tell(flow: FlowControl) -> None:
            told.append(name)
            usual(flow)

        return tell

    for name in ("pause_reading", "resume_reading"):
        monkeypatch.setattr(FlowControl, name, telling(name))
    body = b'{"vectors": [%b]}' % b", ".join(b'{"id": "v%d", "vector": [1, 1]}' % n for n in range(30_000))
    with Wire(server) as wire:
        wire.ask(post(b"namespaces", CREATION))
        told.clear()
        assert wire.ask(post(VECTORS, body)).startswith(b"HTTP/1.1 202")
        assert wire.ask(GET % b"health").startswith(b"HTTP/1.1 200")
    assert told.count("pause_reading") >= 1
    assert told.count("resume_reading") >= told.count("pause_reading")


def test_a_large_body_that_grows_too_large_ends_a_connection_that_is_to_end(server: Server) -> None:
    head = post(VECTORS, b"", b"connection: close")
    head = head.replace(b"content-length: 0", b"transfer-encoding: chunked")
    large = b"%x\r\n%b\r\n" % (2 * LARGE - 1, b" " * (2 * LARGE - 1))
    with Wire(server) as wire:
        assert wire.ask(head, large, b"1\r\n \r\n" * 9).startswith(b"HTTP/1.1 413")
        assert wire.is_over()


def test_a_body_may_be_asked_for(server: Server) -> None:
    octets = post(b"namespaces", CREATION, b"expect: 100-continue")
    with Wire(server) as wire:
        assert wire.ask(octets[: -len(CREATION)]).startswith(b"HTTP/1.1 100")
        assert wire.ask(CREATION).startswith(b"HTTP/1.1 201")


def test_a_client_that_goes_away_in_mid_body_leaves_nothing(server: Server) -> None:
    with Wire(server) as wire:
        wire.socket.sendall(post(b"namespaces", CREATION)[:-3])
    answer = httpx.get(f"{server.url}/namespaces", trust_env=False)
    assert answer.json()["namespaces"] == []
    assert [each.path for each in server.moorcheh("default").requests] == ["/namespaces"]


def test_the_last_answer_of_a_connection_closes_it(server: Server) -> None:
    for octets in (
        b"GET /health HTTP/1.0\r\n\r\n",
        b"GET /health HTTP/1.1\r\nconnection: close\r\n\r\n",
    ):
        with Wire(server) as wire:
            assert b"connection: close" in wire.ask(octets)
            assert wire.is_over()


@pytest.mark.usefixtures("impatient")
def test_a_connection_that_idles_is_closed(server: Server) -> None:
    with Wire(server) as wire:
        assert wire.ask(GET % b"health").startswith(b"HTTP/1.1 200")
        assert wire.is_over()


@pytest.mark.usefixtures("impatient")
def test_a_connection_whose_answer_takes_long_is_not(server: Server, ways: Ways) -> None:
    with Wire(server) as wire:
        assert wire.ask(GET % b"health").startswith(b"HTTP/1.1 200")
        server.moorcheh("default").faults.add("delay", seconds=5 * PATIENCE, path="/nothing")
        assert wire.ask(GET % b"nothing").startswith(b"HTTP/1.1 404")
        assert wire.is_over()
    assert ways == ["on the spot", "in one write"]


@pytest.mark.parametrize(
    ("idle", "is_between", "closing", "waits"),
    [(5.0, True, False, None), (3.0, True, False, 2.0), (9.0, False, False, 5.0), (3.0, True, True, None)],
)
def test_a_connection_is_looked_at_again_when_it_could_have_idled_too_long(
    idle: float, is_between: bool, closing: bool, waits: float | None
) -> None:
    loop, transport = Mock(**{"time.return_value": 100.0}), Mock(**{"is_closing.return_value": closing})
    config = uvicorn.Config(create_app(), timeout_keep_alive=5, log_config=None, ws="none", lifespan="off")
    protocol = HttpProtocol(config=config, server_state=ServerState(), app_state={}, _loop=loop)
    protocol.transport, protocol._is_between, protocol._heard = transport, is_between, 100.0 - idle
    protocol._look()
    assert transport.close.called is (waits is None and not closing)
    assert [call.args[0] for call in loop.call_later.call_args_list] == ([] if waits is None else [waits])


def test_an_operation_that_fails_is_told_and_ends_the_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_self: Endpoint, _world: World, _call: Call, *_rest: object) -> Answer:
        raise ZeroDivisionError("on purpose")

    with Wire(server) as wire:
        with monkeypatch.context() as patch:
            patch.setattr(Endpoint, "work", fail)
            answer = wire.ask(GET % b"health")
        assert answer.startswith(b"HTTP/1.1 500")
        assert answer.endswith(b"Internal Server Error")
        assert wire.is_over()
    assert "ZeroDivisionError: on purpose" in caplog.text
    (request,) = server.moorcheh("default").requests
    assert request.status is None
    assert httpx.get(f"{server.url}/health", trust_env=False).status_code == 200
