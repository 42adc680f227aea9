"""Fixtures: an application of its own for every test."""

from collections.abc import Callable

import pytest

from mock_server import create_app
from tests.mock_server.calling import Client

Serve = Callable[..., Client]


@pytest.fixture
def serve() -> Serve:
    """Make applications with the settings asked for."""
    return lambda **settings: Client(create_app(**settings))


@pytest.fixture
def client(serve: Serve) -> Client:
    """An application whose jobs complete at once."""
    return serve(jobs="instant")
