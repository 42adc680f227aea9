"""Fixtures for tests over a real socket: a mock server for the whole run, and a world on it for each test."""

import socket
from collections.abc import Iterator
from threading import Thread
from uuid import uuid4

import pytest
import uvicorn
from hypothesis import settings

from mock_server import create_app

# How long an example takes says more of the machine than of the code.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The base URL of a mock server on a free port, its settings those it has by default."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(create_app(), lifespan="off", ws="none", log_config=None))
        # The socket listens already, so a request made before the server runs only waits for it.
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def world_url(server_url: str) -> str:
    """The base URL of an empty world that no other test sees."""
    return f"{server_url}/_session/{uuid4().hex}"
