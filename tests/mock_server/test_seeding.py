"""Seeding: many items in one call, the same ones every time."""

from typing import Any

import pytest

from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve
from tests.mock_server.cortex.calling import Cortex


def seed(client: Client, service: str = "moorcheh", **asked: object) -> Any:
    """Seeds a world, and answers the items it holds then."""
    reply = client.post("/_mock/seed", {"service": service, **asked})
    assert reply.status == 200, reply.body
    return reply.body["items"]


def test_a_namespace_is_made_and_filled(client: Client) -> None:
    assert seed(client, namespace="demo", dimension=3, items=20_000) == 20_000
    (namespace,) = client.get("/namespaces").body["namespaces"]
    assert (namespace["vector_dimension"], namespace["item_count"]) == (3, 20_000)
    ids = ["seed-0", "seed-8192", "seed-19999"]
    found = client.post("/namespaces/demo/items/get", {"ids": ids}).body["items"]
    assert [each["metadata"] for each in found] == [{"seed": 0}, {"seed": 8_192}, {"seed": 19_999}]
    assert client.get("/health").body["remaining"] == 80_000


def test_seeds_are_the_same_every_time(serve: Serve) -> None:
    query = {"namespaces": ["demo"], "query": [1, 0, 0], "top_k": 5}

    def hits() -> Any:
        client = serve(jobs="instant")
        seed(client, namespace="demo", dimension=3, items=500)
        return client.post("/search", query).body["results"]

    assert hits() == hits()


def test_a_namespace_that_is_there_is_filled_up_and_its_ids_updated(client: Client) -> None:
    client.create()
    client.upload("a")
    assert seed(client, namespace="demo", items=5, prefix="p") == 6
    assert seed(client, namespace="demo", items=7, prefix="p") == 8
    client.create("notes", None)
    assert seed(client, namespace="notes", type="text", items=150) == 158
    search = {"namespaces": ["notes"], "query": "orchard", "top_k": 1}
    assert "orchard" in client.post("/search", search).body["results"][0]["text"]


def test_a_seed_keeps_to_the_cap_whole_or_not_at_all(serve: Serve) -> None:
    client = serve(max_items=10)
    assert seed(client, namespace="demo", items=10) == 10
    reply = client.post("/_mock/seed", {"service": "moorcheh", "namespace": "more", "items": 1})
    assert (reply.status, "room for 0 new ones, not for 1" in reply.message) == (409, True)
    assert len(client.get("/namespaces").body["namespaces"]) == 1
    assert seed(client, namespace="demo", items=10) == 10


def test_a_tenant_is_made_and_filled(client: Client) -> None:
    cortex = Cortex(client)
    assert seed(client, "cortex", tenant_id="demo", dimension=3, items=9_000) == 9_000
    assert {*cortex.stored("seed_0", "seed_8999")} == {"seed_0", "seed_8999"}
    assert cortex.upload([[1, 2]], "f").status == 400
    assert seed(client, "cortex", tenant_id="demo", items=5) == 5
    assert cortex.asks("GET", "/tenant/stats").body["vector_dimension"] == 3
    assert seed(client, "cortex", tenant_id="demo", sub_tenant_id="sub", file_id="g", items=2) == 7
    assert [*cortex.beside("sub").stored("g_1")] == ["g_1"]


def test_a_seed_takes_the_place_of_what_a_file_is_still_to_hold(serve: Serve) -> None:
    cortex = Cortex(serve(jobs="manual"))
    cortex.create()
    cortex.upload([[1, 2]], "f")
    assert seed(cortex.client, "cortex", tenant_id="demo", file_id="f", items=2) == 2
    assert cortex.client.get("/_mock/jobs").body == {"jobs": []}
    assert cortex.status("f") == "completed"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "service: expected moorcheh or cortex, got nothing such"),
        ({"service": "pinecone"}, "service: expected moorcheh or cortex, got 'pinecone'"),
        ({"service": "moorcheh"}, "namespace: expected a string that is not empty, got nothing"),
        (
            {"service": "moorcheh", "namespace": "a"},
            "items: expected an integer from 1 to 10000000, got nothing",
        ),
        ({"service": "moorcheh", "namespace": "a", "items": 0}, "items: expected an integer from 1"),
        ({"service": "moorcheh", "namespace": "a", "items": []}, "got an array"),
        ({"service": "moorcheh", "namespace": "a b", "items": 1}, "namespace: 'a b' is no name of letters"),
        ({"service": "moorcheh", "namespace": "a", "items": 1, "type": "x"}, "type: expected vector or text"),
        (
            {"service": "moorcheh", "namespace": "a", "items": 1, "size": 1},
            "no field 'size' here: expected service",
        ),
        (
            {"service": "moorcheh", "namespace": "demo", "items": 1, "dimension": 3},
            "'demo' holds vectors of dim",
        ),
        (
            {"service": "moorcheh", "namespace": "demo", "items": 1, "type": "text"},
            "'demo' holds vectors of dim",
        ),
        ({"service": "moorcheh", "namespace": "notes", "items": 1}, "namespace: 'notes' holds texts"),
        ({"service": "moorcheh", "namespace": "going", "items": 1}, "namespace: 'going' is being deleted"),
        ({"service": "cortex", "items": 1}, "tenant_id: expected a string that is not empty, got nothing"),
        (
            {"service": "cortex", "tenant_id": "two", "items": 1, "dimension": 3},
            "'two' holds vectors of dimension 2",
        ),
        ({"service": "cortex", "tenant_id": "plain", "items": 1}, "tenant_id: 'plain' takes no embeddings"),
    ],
)
def test_a_seed_that_makes_no_sense_is_refused(serve: Serve, asked: object, message: str) -> None:
    client = serve(jobs="manual")
    for name, dimension in [("demo", 2), ("notes", None), ("going", 2)]:
        client.create(name, dimension)
    client.call("DELETE", "/namespaces/going")
    cortex = Cortex(client)
    cortex.beside(None, "two").create(2)
    cortex.posts("/tenants/create", tenant_id="plain")
    reply = client.post("/_mock/seed", asked)
    assert (reply.status, message in reply.message) == (400, True), reply.message


def test_a_service_that_is_not_served_is_not_seeded(serve: Serve) -> None:
    reply = serve(services=["cortex"]).post("/_mock/seed", {"service": "moorcheh"})
    assert reply.message.startswith("service: expected cortex, got 'moorcheh'")
