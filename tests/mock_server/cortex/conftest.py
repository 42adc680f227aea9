"""Fixtures: the Cortex service of an application of its own, with a tenant."""

from collections.abc import Callable

import pytest

from tests.mock_server.conftest import Serve
from tests.mock_server.cortex.calling import Cortex

ServeCortex = Callable[..., Cortex]


@pytest.fixture
def serve_cortex(serve: Serve) -> ServeCortex:
    """Make applications with the settings asked for, and a tenant in each."""

    def make(**settings: object) -> Cortex:
        cortex = Cortex(serve(**settings))
        cortex.create()
        return cortex

    return make


@pytest.fixture
def cortex(serve_cortex: ServeCortex) -> Cortex:
    """An application whose uploads are processed at once."""
    return serve_cortex(jobs="instant")
