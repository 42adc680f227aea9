"""MoorchehApiClient: the older, flat face of the client does the same."""

from collections.abc import Callable, Mapping

import pytest
from moorcheh import MoorchehApiClient, MoorchehClient

from tests.official_client.calling import (
    EAST,
    METADATA,
    NORTH,
    SOON,
    TEXTS,
    VECTORS,
    follow,
    hits,
    refusal,
    tell,
)

Call = Callable[[MoorchehApiClient], object]


def test_the_flat_client_keeps_its_address_and_timeout(world_url: str) -> None:
    flat = MoorchehApiClient(world_url + "/", timeout=7)
    assert (flat.base_url, flat.timeout) == (world_url, 7)
    assert flat.health()["status"] == "ok"


def test_the_flat_client_creates_lists_and_deletes_namespaces(flat: MoorchehApiClient) -> None:
    body = {"namespace_name": "flat", "type": "vector", "vector_dimension": 2}
    assert flat.create_namespace(body).items() >= body.items()
    assert flat.create_namespace({"namespace_name": "flat-text", "type": "text"})["type"] == "text"
    assert len(flat.list_namespaces()["namespaces"]) == 4
    waited = flat.delete_namespace("flat", poll_interval=SOON)
    assert waited["delete_job"]["status"] == "completed"
    started = flat.delete_namespace("flat-text", wait=False)
    looks = follow(lambda: flat.delete_namespace_job_status("flat-text", started["job_id"]))
    assert [look["status"] for look in looks] == ["running", "completed"]
    listed = flat.list_namespaces()["namespaces"]
    assert [each["namespace_name"] for each in listed] == [VECTORS, TEXTS]


def test_the_flat_client_uploads_gets_searches_and_deletes_vectors(flat: MoorchehApiClient) -> None:
    vectors = [{"id": "east", "vector": EAST, **METADATA}, {"id": "north", "vector": NORTH}]
    accepted = flat.upload_namespace_vectors(VECTORS, {"vectors": vectors})
    last = follow(lambda: flat.upload_job_status(VECTORS, accepted["job_id"]))[-1]
    assert (accepted["total"], last["successful"], flat.health()["items"]) == (2, 2, 2)
    got = flat.get_namespace_items(VECTORS, {"ids": ["east", "missing"]})
    assert (got["found_items"], got["items"]) == (1, [{"id": "east", "metadata": METADATA}])
    question = {"namespaces": [VECTORS], "query": [1, 0.1]}
    assert hits(flat.search(question)) == ["east", "north"]
    assert hits(flat.search(question | {"top_k": 1})) == ["east"]
    assert hits(flat.search(question | {"threshold": 0.9, "kiosk_mode": True})) == ["east"]
    deleted = flat.delete_namespace_items(VECTORS, {"ids": ["east", "missing"]})
    assert (deleted["deleted"], deleted["not_found_ids"]) == (1, ["missing"])
    assert hits(flat.search(question)) == ["north"]


def test_the_flat_client_uploads_documents(flat: MoorchehApiClient) -> None:
    documents = [{"id": "a", "text": "Heavy rain"}]
    job_id = flat.upload_namespace_documents(TEXTS, {"documents": documents})["job_id"]
    looks = follow(lambda: flat.upload_namespace_documents_job_status(TEXTS, job_id))
    assert [look["status"] for look in looks] == ["running", "completed"]
    items = flat.get_namespace_items(TEXTS, {"ids": ["a"]})["items"]
    assert items == [{"id": "a", "metadata": {}, "text": "Heavy rain"}]


REFUSED: Mapping[int, Call] = {
    400: lambda c: c.upload_namespace_vectors(VECTORS, {"vectors": []}),
    404: lambda c: c.get_namespace_items("unknown", {"ids": ["a"]}),
    409: lambda c: c.create_namespace({"namespace_name": TEXTS, "type": "text"}),
}


@pytest.mark.parametrize("status", REFUSED)
def test_the_flat_client_raises_the_same_errors(flat: MoorchehApiClient, status: int) -> None:
    error = refusal(lambda: REFUSED[status](flat))
    assert (error.status_code, error.is_conflict) == (status, status == 409)
    assert error.body == {"status": "failure", "message": str(error)}


def test_the_flat_client_tells_the_limit(client: MoorchehClient, flat: MoorchehApiClient) -> None:
    tell(client, max_items=0)
    vectors = {"vectors": [{"id": "a", "vector": EAST}]}
    error = refusal(lambda: flat.upload_namespace_vectors(VECTORS, vectors))
    assert error.is_item_limit_exceeded
    assert (error.body["items"], error.body["max_items"], error.body["requested_new"]) == (0, 0, 1)
