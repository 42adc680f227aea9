"""A target sends what it is told and answers what comes back, an error in the transport among it."""

import base64
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from conformance.exchange import Exchange
from conformance.target import Target, Unreachable
from conformance.wire import Literal
from tests.conformance.serving import target_of
from tests.misbehaving.behaviours import saying
from tests.misbehaving.serving import misbehaving


def echo(request: httpx.Request) -> httpx.Response:
    """Answers what came in."""
    return httpx.Response(
        207,
        json={
            "method": request.method,
            "url": str(request.url),
            "content": request.content.decode(),
            "type": request.headers.get("content-type"),
            "team": request.headers.get("x-team"),
        },
        headers={"x-answer": "yes"},
    )


def failing(error: Exception) -> Target:
    """A target whose every request ends in an error of the transport."""

    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    return target_of(fail)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that nobody listens on and nobody else is given."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        yield silent.getsockname()[1]


def test_an_exchange_holds_the_request_and_the_answer() -> None:
    exchange = target_of(echo).send("POST", "/a?b=c", json={"ä": [Literal("1E+2"), None]})
    assert (exchange.method, exchange.url, exchange.status) == ("POST", "http://server/a?b=c", 207)
    assert exchange.content == '{"ä":[1E+2,null]}'.encode()
    assert exchange.body["content"] == '{"ä":[1E+2,null]}'
    assert (exchange.body["type"], exchange.headers["content-type"]) == ("application/json",) * 2
    assert exchange.answer_headers["x-answer"] == "yes"


def test_null_is_a_body_and_none_is_not() -> None:
    target = target_of(echo)
    assert target.send("POST", "/", json=None).content == b"null"
    bare = target.send("GET", "/")
    assert (bare.content, bare.body["content"], bare.body["type"]) == (None, "", None)


def test_bytes_are_sent_as_they_are() -> None:
    exchange = target_of(echo).send("PUT", "/", content=b"{not json")
    assert (exchange.body["content"], exchange.body["type"]) == ("{not json", "application/json")


def test_headers_go_with_every_request() -> None:
    with Target("http://server", headers={"X-Team": "ai"}, transport=httpx.MockTransport(echo)) as target:
        for _ in range(2):
            exchange = target.send("GET", "/")
            assert exchange.body["team"] == "ai"
            assert "x-team: ai" in exchange.curl()


def test_the_user_of_an_address_is_sent_and_not_told() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"said": request.headers["authorization"]})

    with Target("http://me:hidden@server/api", transport=httpx.MockTransport(answer)) as target:
        assert target.base_url == "http://server/api"
        exchange = target.send("GET", "/")
    assert exchange.body["said"] == f"Basic {base64.b64encode(b'me:hidden').decode()}"
    assert exchange.curl() == 'curl -sS -X GET http://server/api/ -H "authorization: $AUTHORIZATION"'
    assert exchange.outcome() == '200 {"said":"REDACTED"}'


def test_a_header_that_a_check_makes_up_is_told() -> None:
    headers = {"Authorization": "Bearer hushhush"}
    with Target("http://server", headers=headers, transport=httpx.MockTransport(echo)) as target:
        assert target.send("GET", "/").curl().endswith('-H "authorization: $AUTHORIZATION"')
        assert target.send("GET", "/", headers={"Authorization": "Bearer"}).curl().endswith("Bearer'")
        assert target.send("GET", "/", headers=headers).curl().endswith('-H "authorization: $AUTHORIZATION"')


def test_an_answer_costs_time() -> None:
    target = target_of(echo)
    assert target.seconds == 0
    target.send("GET", "/")
    assert target.seconds > 0


def test_a_user_who_interrupts_is_heeded_before_a_request() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    target = target_of(echo)
    target.heed = interrupt
    with pytest.raises(KeyboardInterrupt):
        target.send("GET", "/")
    assert target.requests == 0


def test_a_server_whose_certificate_is_not_trusted_is_unreachable() -> None:
    with misbehaving(saying(b"no TLS at all\r\n\r\n", close=True)) as url:
        address = url.replace("http:", "https:")
        with Target(address, timeout=5) as target, pytest.raises(Unreachable, match=address):
            target.send("GET", "/")


def test_of_two_spellings_of_a_header_the_later_is_sent() -> None:
    headers = {"X-Team": "ai", "x-team": "ops", "Content-Type": "text/plain"}
    with Target("http://server", headers=headers, transport=httpx.MockTransport(echo)) as target:
        sent = target.send("POST", "/", json={}).body
    assert (sent["team"], sent["type"]) == ("ops", "text/plain")


def test_a_request_can_have_headers_of_its_own() -> None:
    with Target("http://server", headers={"X-Team": "ai"}, transport=httpx.MockTransport(echo)) as target:
        assert target.send("GET", "/", headers={}).body["team"] is None
        assert target.send("GET", "/", headers={"X-Team": "ops"}).body["team"] == "ops"


def test_a_slash_at_the_end_of_the_base_url_is_not_doubled() -> None:
    with Target("http://server/api/", transport=httpx.MockTransport(echo)) as target:
        assert target.base_url == "http://server/api"
        assert target.send("GET", "/health").body["url"] == "http://server/api/health"


def test_an_encoded_path_stays_encoded() -> None:
    assert (
        target_of(echo).send("GET", "/namespaces/a%2Fb%20c").body["url"]
        == "http://server/namespaces/a%2Fb%20c"
    )


def test_a_redirect_is_an_answer() -> None:
    moved = target_of(lambda _request: httpx.Response(307, headers={"location": "http://elsewhere/"}))
    assert moved.send("GET", "/").status == 307


def test_requests_are_counted_those_without_an_answer_too() -> None:
    target = failing(httpx.ReadTimeout("timed out"))
    assert target.requests == 0
    for _ in range(3):
        target.send("GET", "/")
    assert target.requests == 3


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (httpx.ReadTimeout("timed out"), "ReadTimeout: no whole answer within 10 s"),
        (httpx.WriteTimeout(""), "WriteTimeout: no whole answer within 10 s"),
        (httpx.ReadError(""), "ReadError"),
        (httpx.RemoteProtocolError("Server disconnected"), "RemoteProtocolError: Server disconnected"),
        (httpx.DecodingError("bad gzip"), "DecodingError: bad gzip"),
    ],
)
def test_no_answer_is_an_exchange_too(error: Exception, failure: str) -> None:
    exchange = failing(error).send("GET", "/")
    assert (exchange.status, exchange.failure, exchange.succeeded) == (None, failure, False)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("late"),
        httpx.UnsupportedProtocol("ftp"),
        httpx.InvalidURL("no"),
    ],
)
def test_no_connection_is_no_exchange(error: Exception) -> None:
    with pytest.raises(Unreachable, match="http://server takes no connection"):
        failing(error).send("GET", "/")


def test_a_port_that_nobody_listens_on_is_unreachable(closed_port: int) -> None:
    url = f"http://127.0.0.1:{closed_port}"
    with Target(url) as target, pytest.raises(Unreachable, match=url):
        target.send("GET", "/health")


def test_the_proxies_of_the_environment_are_not_used(
    server_url: str, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port}")
    with Target(server_url) as target:
        assert target.send("GET", "/health").status == 200


def test_an_answer_that_takes_too_long_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes connections and never answers
        target = Target(f"http://127.0.0.1:{mute.getsockname()[1]}", timeout=0.01)
        exchange = target.send("GET", "/")
        target.close()
    assert exchange.failure.startswith("ReadTimeout")


def test_threads_may_share_a_target() -> None:
    together = threading.Barrier(4, timeout=10)

    def answer(request: httpx.Request) -> httpx.Response:
        together.wait()
        return httpx.Response(200, content=request.content)

    target = target_of(answer)

    def ask(number: int) -> Exchange:
        return target.send("POST", "/", json=number)

    with ThreadPoolExecutor(4) as pool:
        answers: list[Any] = [exchange.value for exchange in pool.map(ask, range(4))]
    assert answers == [0, 1, 2, 3]
    assert target.requests == 4


class Busy:
    """A server that refuses requests for their rate before it answers one, and the waits for it."""

    def __init__(self, refusals: int, **headers: str) -> None:
        self.left = refusals
        self.headers = headers
        self.waits: list[float] = []

    def __call__(self, _request: httpx.Request) -> httpx.Response:
        self.left -= 1
        if self.left >= 0:
            return httpx.Response(
                429, headers={name.replace("_", "-"): text for name, text in self.headers.items()}
            )
        return httpx.Response(200)


def test_a_server_that_names_the_seconds_to_wait_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = Busy(2, retry_after="7")
    time = SimpleNamespace(monotonic=lambda: 0.0, sleep=busy.waits.append)
    monkeypatch.setattr("conformance.target.time", time)
    target = target_of(busy)
    assert (target.send("GET", "/").status, busy.waits, target.requests) == (200, [7.0, 7.0], 3)


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({}, []),
        ({"retry_after": "soon"}, []),
        ({"retry_after": "61"}, []),
        ({"retry_after": "25"}, [25.0] * 2),
        ({"retry_after": "0"}, [0.0] * 60),
        ({"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}, [0.0] * 60),
    ],
)
def test_waiting_for_a_server_that_is_too_busy_has_an_end(
    headers: dict[str, str], waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Busy(1_000, **headers)
    time = SimpleNamespace(monotonic=lambda: 0.0, sleep=busy.waits.append)
    monkeypatch.setattr("conformance.target.time", time)
    assert target_of(busy).send("GET", "/").status == 429
    assert busy.waits == waits
