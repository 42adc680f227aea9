"""MoorchehApiError: a refusal carries the status, the body, and whether it was a conflict or the limit."""

from collections.abc import Callable, Mapping

import pytest
from moorcheh import MoorchehClient

from tests.official_client.calling import EAST, TEXTS, VECTORS, WEST, names, refusal, store, tell

NOWHERE = "job-" + 32 * "0"

Call = Callable[[MoorchehClient], object]

BAD_REQUESTS: Mapping[str, Call] = {
    "vectors-none": lambda c: c.vectors.upload(VECTORS, vectors=[]),
    "vectors-dimension": lambda c: c.vectors.upload(VECTORS, vectors=[{"id": "a", "vector": [1, 2, 3]}]),
    "vectors-word": lambda c: c.vectors.upload(VECTORS, vectors=[{"id": "a", "vector": [1, "2"]}]),
    "vectors-no-id": lambda c: c.vectors.upload(VECTORS, vectors=[{"vector": EAST}]),
    "vectors-to-text": lambda c: c.vectors.upload(TEXTS, vectors=[{"id": "a", "vector": EAST}]),
    "documents-to-vectors": lambda c: c.documents.upload(VECTORS, documents=[{"id": "a", "text": "b"}]),
    "name-with-blank": lambda c: c.namespaces.create("a b", type="text"),
    "type-unknown": lambda c: c.namespaces.create("new", type="image"),
    "dimension-missing": lambda c: c.namespaces.create("new", type="vector"),
    "dimension-zero": lambda c: c.namespaces.create("new", type="vector", vector_dimension=0),
    "get-none": lambda c: c.documents.get(VECTORS, ids=[]),
    "get-101": lambda c: c.documents.get(VECTORS, ids=[str(number) for number in range(101)]),
    "delete-empty-id": lambda c: c.vectors.delete(VECTORS, ids=[""]),
}

BAD_SEARCHES: Mapping[str, Call] = {
    "dimension": lambda c: c.similarity_search.query(namespaces=[VECTORS], query=[1.0]),
    "text-for-vectors": lambda c: c.similarity_search.query(namespaces=[VECTORS], query="east"),
    "vector-for-text": lambda c: c.similarity_search.query(namespaces=[TEXTS], query=EAST),
    "unknown-namespace": lambda c: c.similarity_search.query(namespaces=["unknown"], query=EAST),
    "no-namespace": lambda c: c.similarity_search.query(namespaces=[], query=EAST),
}

UNKNOWN: Mapping[str, Call] = {
    "upload": lambda c: c.vectors.upload("unknown", vectors=[{"id": "a", "vector": EAST}]),
    "documents": lambda c: c.documents.upload("unknown", documents=[{"id": "a", "text": "b"}]),
    "get": lambda c: c.documents.get("unknown", ids=["a"]),
    "delete": lambda c: c.vectors.delete("unknown", ids=["a"]),
    "namespace": lambda c: c.namespaces.delete("unknown"),
    "upload-job": lambda c: c.vectors.upload_job_status(VECTORS, NOWHERE),
    "documents-job": lambda c: c.documents.upload_job_status(TEXTS, NOWHERE),
    "delete-job": lambda c: c.namespaces.delete_job_status(VECTORS, NOWHERE),
}

REFUSED = [
    *(pytest.param(call, 400, "failure", id=name) for name, call in BAD_REQUESTS.items()),
    *(pytest.param(call, 400, "error", id=f"search-{name}") for name, call in BAD_SEARCHES.items()),
    *(pytest.param(call, 404, "failure", id=f"unknown-{name}") for name, call in UNKNOWN.items()),
]


@pytest.mark.parametrize(("call", "status", "word"), REFUSED)
def test_a_refusal_is_an_error_with_status_and_body(
    client: MoorchehClient, call: Call, status: int, word: str
) -> None:
    error = refusal(lambda: call(client))
    assert (error.status_code, error.body["status"]) == (status, word)
    assert error.body["message"]
    assert str(error) == error.body["message"]
    assert not error.is_conflict
    assert not error.is_item_limit_exceeded
    assert names(client) == [VECTORS, TEXTS]
    assert client.health()["items"] == 0


def test_an_upload_job_of_another_namespace_is_unknown(client: MoorchehClient) -> None:
    job_id = client.vectors.upload(VECTORS, vectors=[{"id": "a", "vector": EAST}])["job_id"]
    assert refusal(lambda: client.vectors.upload_job_status(TEXTS, job_id)).status_code == 404


OVER_CAP: Mapping[str, Call] = {
    "vectors": lambda c: c.vectors.upload(
        VECTORS, vectors=[{"id": item_id, "vector": EAST} for item_id in "abcd"]
    ),
    "documents": lambda c: c.documents.upload(
        TEXTS, documents=[{"id": item_id, "text": "word"} for item_id in "cd"]
    ),
}


@pytest.mark.parametrize("call", OVER_CAP.values(), ids=OVER_CAP)
def test_an_upload_over_the_cap_says_how_full_the_server_is(client: MoorchehClient, call: Call) -> None:
    store(client, {"a": EAST, "b": WEST})
    tell(client, max_items=3)
    error = refusal(lambda: call(client))
    assert (error.status_code, error.is_conflict, error.is_item_limit_exceeded) == (409, True, True)
    facts = {"status": "failure", "items": 2, "max_items": 3, "requested_new": 2}
    assert error.body == facts | {"message": str(error)}
    assert (client.health()["items"], client.health()["remaining"]) == (2, 1)


def test_an_existing_name_is_a_conflict_that_speaks_of_no_limit(client: MoorchehClient) -> None:
    error = refusal(lambda: client.namespaces.create(VECTORS, type="vector", vector_dimension=9))
    assert (error.status_code, error.is_conflict, error.body["status"]) == (409, True, "failure")
    assert "already exists" in str(error)
    # The client takes every 409 with a body for the limit; callers tell them apart by this field.
    assert "max_items" not in error.body
