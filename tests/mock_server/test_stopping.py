"""Stopping: at once, whatever clients and faults are at."""

import socket
from threading import Thread

import httpx
import pytest
import uvicorn

from mock_server import create_app, stopping
from mock_server.serving import Server, running


def connect(server: Server) -> socket.socket:
    """Opens a connection to a server."""
    host, _, port = server.url.rpartition("//")[2].partition(":")
    return socket.create_connection((host, int(port)), timeout=10)


def test_a_server_ends_the_connections_that_are_idle_or_have_sent_half_a_request() -> None:
    server = running()
    with server:
        idle, half = connect(server), connect(server)
        idle.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        assert idle.recv(65_536).startswith(b"HTTP/1.1 200")
        half.sendall(b"POST /namespaces HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
        assert httpx.get(f"{server.url}/health", trust_env=False).status_code == 200
    with idle, half:
        assert idle.recv(1) == half.recv(1) == b""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_does_not_wait_for_a_fault(when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "GRACE", 0.01)
    raised: list[Exception] = []

    def ask(url: str) -> None:
        try:
            httpx.get(f"{url}/health", trust_env=False, timeout=60)
        except httpx.TransportError as error:
            raised.append(error)

    with running() as server:
        world = server.moorcheh("default")
        world.faults.add("delay", seconds=3_600, when=when)
        asking = Thread(target=ask, args=(server.url,))
        asking.start()
        while not world.requests:
            pass
    asking.join()
    assert len(raised) == 1


def test_a_server_does_not_wait_for_a_client_that_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "GRACE", 0.01)
    with running() as server:
        server.moorcheh("default").faults.add("status", status=418, body="x" * 20_000_000)
        deaf = connect(server)
        deaf.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        assert deaf.recv(1) == b"H"
    deaf.close()


def test_a_server_may_be_told_to_stop_before_it_listens() -> None:
    server = stopping.PromptServer(uvicorn.Config(create_app(), lifespan="off", ws="none", log_config=None))
    server.stop()
    server.run(sockets=[])
    assert not server.servers
