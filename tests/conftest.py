"""Fixtures for tests over a real socket, a server for the run and a world per test; an option of pytest."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from hypothesis import settings

from mock_server import create_app
from tests.serving import serving

# How long an example takes says more of the machine than of the code.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option that tries the suite on every mutant of the mock, which takes minutes."""
    parser.addoption("--all-mutants", action="store_true", help="try every mutant, not one of each clause")


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The base URL of a mock server on a free port, its settings those it has by default."""
    with serving(create_app()) as url:
        yield url


@pytest.fixture
def world_url(server_url: str) -> str:
    """The base URL of an empty world that no other test sees."""
    return f"{server_url}/_session/{uuid4().hex}"
