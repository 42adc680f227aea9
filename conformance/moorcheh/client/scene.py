"""Scenes: what a check arranges on the mock before it asks the client, and what it looks for afterwards."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from conformance.client.contract import operations
from conformance.client.driver import Client
from conformance.client.process import Misbehaved
from conformance.client.world import segment
from conformance.target import Unreachable
from conformance.verdict import Unproven

OPERATIONS = operations("moorcheh")
UPLOAD = OPERATIONS["uploadVectors"]
UPLOADS = "/namespaces/*/vectors"
MOST_IDS = 100
VECTORS = ({"id": "one", "vector": [1.0, 0.5], "n": 1}, {"id": "two", "vector": [0.5, 1.0], "n": 2})
DOCUMENTS = (
    {"id": "first", "text": "a bird in the hand", "team": "ai"},
    {"id": "second", "text": "two in the bush", "team": "ops"},
)


def vector_namespace(client: Client, dimension: int = 2, name: str = "vectors") -> str:
    """Makes a vector namespace in the world of the example; answers its name."""
    body = {"namespace_name": name, "type": "vector", "vector_dimension": dimension}
    client.world.send("POST", "/namespaces", body)
    return name


def text_namespace(client: Client, name: str = "texts") -> str:
    """Makes a text namespace; answers its name."""
    client.world.send("POST", "/namespaces", {"namespace_name": name, "type": "text"})
    return name


def store(client: Client, name: str, **batch: Sequence[Mapping[str, Any]]) -> str:
    """Stores `vectors` or `documents` past the client; answers the id of the completed job."""
    client.world.set(jobs="instant")
    [(kind, items)] = batch.items()
    accepted = client.world.send("POST", f"/namespaces/{segment(name)}/{kind}", {kind: list(items)})
    return str(accepted["job_id"])


def stored(client: Client, name: str, ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """The items of a namespace that the mock has of these, by id; jobs that run are completed first."""
    world = client.world
    for job_id in world.running_jobs():
        world.steer("POST", f"jobs/{job_id}/complete")
    wanted = list(ids)
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(wanted), MOST_IDS):
        body = {"ids": wanted[start : start + MOST_IDS]}
        answered = world.send("POST", f"/namespaces/{segment(name)}/items/get", body)
        found |= {item["id"]: item for item in answered["items"]}
    return found


def count(client: Client) -> int:
    """How many items the mock has in all namespaces of the example's world."""
    return int(client.world.send("GET", "/health")["items"])


def baseline_of(client: Client) -> str:
    """Says why the client can prove nothing: it brings no vector to the server, or tells of none.

    Raises:
        Unreachable: The client speaks the protocol not at all.
    """
    name = vector_namespace(client)
    try:
        reply = client.ask("uploadVectors", {"namespace_name": name, "vectors": [VECTORS[0]]})
    except Unproven as reason:
        return str(reason)
    except Misbehaved as reason:
        raise Unreachable(str(reason)) from reason
    if reply.failure:
        raise Unreachable(reply.failure)
    if not reply.succeeded:
        return f"the client does not upload a vector: {reply.outcome()}"
    if not stored(client, name, ["one"]):
        return f"the client tells of success, and no vector is stored: {reply.on_the_wire()}"
    return ""
