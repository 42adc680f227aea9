"""What the tests of the official client store and ask, and short ways to do it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from moorcheh import MoorchehApiError, MoorchehClient

VECTORS, TEXTS = "my-vectors", "my_texts"
EAST, NORTH, WEST = [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]
JOB_ID = re.compile(r"job-[0-9a-f]{32}")
METADATA = {"team": "ai", "n": 7, "x": -0.5, "ok": True, "none": None, "tags": ["a", ["b"]], "at": {"é": {}}}
SOON = 0.001  # seconds between the polls of a client that waits for a deletion


def store(client: MoorchehClient, vectors: Mapping[str, list[float]], namespace: str = VECTORS) -> None:
    """Upload vectors by id and poll their job until it is completed."""
    items = [{"id": item_id, "vector": vector} for item_id, vector in vectors.items()]
    job_id = client.vectors.upload(namespace, vectors=items)["job_id"]
    follow(lambda: client.vectors.upload_job_status(namespace, job_id))


def follow(poll: Callable[[], dict[str, Any]]) -> list[dict[str, Any]]:
    """Poll a job until it is completed, ten times at most, and list what came."""
    looks: list[dict[str, Any]] = []
    while not looks or looks[-1]["status"] != "completed":
        assert len(looks) < 10, looks
        looks.append(poll())
    return looks


def tell(client: MoorchehClient, **settings: object) -> None:
    """Set the cap or the progress of jobs of the client's world."""
    httpx.post(f"{client.base_url}/_mock/settings", json=settings).raise_for_status()


def names(client: MoorchehClient) -> list[str]:
    """List the names of all namespaces."""
    return [namespace["namespace_name"] for namespace in client.namespaces.list()["namespaces"]]


def hits(answer: Mapping[str, Any]) -> list[str]:
    """List the ids that a search found, best first."""
    return [hit["id"] for hit in answer["results"]]


def refusal(call: Callable[[], object]) -> Any:
    """Make a call that is refused and answer the error."""
    with pytest.raises(MoorchehApiError) as caught:
        call()
    return caught.value
