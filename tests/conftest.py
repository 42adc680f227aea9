"""What all tests share: the fixtures that the mock gives, hypothesis at an even pace, an option of pytest."""

import pytest
from hypothesis import settings

from mock_server.fixtures.worlds import MoorchehWorld
from mock_server.serving import Server
from tests.plugging import NAMED

# How long an example takes says more of the machine than of the code.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

pytest_plugins = ["pytester", *NAMED]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option that tries the suite on every mutant of the mock, which takes minutes."""
    parser.addoption("--all-mutants", action="store_true", help="try every mutant, not one of each clause")


@pytest.fixture(scope="session")
def server_url(vecpact_server: Server) -> str:
    """The base URL of a mock server on a free port, its settings those it has by default."""
    return vecpact_server.url


@pytest.fixture
def world_url(moorcheh: MoorchehWorld) -> str:
    """The base URL of an empty world that no other test sees."""
    return moorcheh.url
