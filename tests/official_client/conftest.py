"""Fixtures: both faces of the official client, by resource and flat, on a world of the test's own.

The world holds an empty namespace of vectors and an empty one of text; its jobs complete at the second poll.
"""

from collections.abc import Iterator

import pytest
from moorcheh import MoorchehApiClient, MoorchehClient

from tests.official_client.calling import TEXTS, VECTORS


@pytest.fixture
def client(world_url: str) -> Iterator[MoorchehClient]:
    """The client by resource, its two namespaces created."""
    with MoorchehClient(world_url) as client:
        client.namespaces.create(VECTORS, type="vector", vector_dimension=2)
        client.namespaces.create(TEXTS, type="text")
        yield client


@pytest.fixture
def flat(client: MoorchehClient) -> MoorchehApiClient:
    """The flat client, on the world of the other."""
    return MoorchehApiClient(client.base_url)
