"""Answers over a socket: in one write, and as uvicorn words them."""

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mock_server.protocol import HttpConnection
from mock_server.serving import Server, running


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Tells of each answer whether it was sent in one write."""
    told: list[bool] = []
    answer = HttpConnection.answer

    def telling(self: HttpConnection, *arguments: Any) -> bool:
        told.append(answer(self, *arguments))
        return told[-1]

    monkeypatch.setattr(HttpConnection, "answer", telling)
    return told


def test_usual_answers_are_one_write(server: Server, at_once: list[bool]) -> None:
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        got, head = client.get("/health"), client.head("/health")
        refused = client.post("/namespaces", content=b"{")
        wrong = client.put("/health")
        last = client.get("/health", headers={"connection": "close"})
    assert at_once == [True] * 5
    assert [each.status_code for each in (got, head, refused, wrong, last)] == [200, 200, 400, 405, 200]
    assert got.json()["items"] == 0
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]
    assert {"date", "server", "content-length", "content-type"} == set(got.headers)
    assert wrong.headers["allow"] == "GET, HEAD"
    assert last.headers["connection"] == "close"


def test_what_concerns_the_connection_is_left_to_uvicorn(server: Server, at_once: list[bool]) -> None:
    world = server.moorcheh()
    fault = {"effect": "status", "status": 503, "body": {}, "headers": {"connection": "close"}, "times": 1}
    with httpx.Client(trust_env=False) as client:
        client.post(f"{world.url}/_mock/faults", json=fault).raise_for_status()
        answer = client.get(f"{world.url}/health")
        assert (answer.status_code, answer.headers["connection"]) == (503, "close")
        assert client.get(f"{world.url}/health").status_code == 200
    assert at_once == [True, False, True]


def test_requests_that_are_sent_together_are_answered_in_order(server: Server, at_once: list[bool]) -> None:
    host, _, port = server.url.rpartition("//")[2].partition(":")
    request = b"GET /%b HTTP/1.1\r\nhost: x\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request % b"health" + request % b"nothing" + request % b"namespaces")
        received = b""
        while received.count(b"HTTP/1.1") < 3 or not received.endswith(b"}"):
            received += connection.recv(65_536)
    statuses = [part[:4] for part in received.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200 ", b"404 ", b"200 "]
    assert at_once == [True] * 3
