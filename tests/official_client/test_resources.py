"""MoorchehClient: health, namespaces, vectors, documents, items, jobs and searches."""

from datetime import UTC, datetime, timedelta

import pytest
from moorcheh import MoorchehClient

from tests.official_client.calling import (
    EAST,
    JOB_ID,
    METADATA,
    NORTH,
    SOON,
    TEXTS,
    VECTORS,
    WEST,
    follow,
    hits,
    names,
    refusal,
    store,
    tell,
)


def test_health_counts_the_items(client: MoorchehClient) -> None:
    before = client.health()
    store(client, {"a": EAST, "b": WEST})
    after = client.health()
    assert (before["status"], before["items"], before["remaining"]) == ("ok", 0, before["max_items"])
    assert (after["items"], after["remaining"]) == (2, before["max_items"] - 2)
    providers = ("embedding_provider", "model", "llm_provider", "llm_model")
    assert all(isinstance(after[provider], str) for provider in providers)


def test_a_created_namespace_is_described(client: MoorchehClient) -> None:
    vector = client.namespaces.create("v-2", type="vector", vector_dimension=3)
    text = client.namespaces.create("t-2", type="text")
    assert vector.items() >= {"status": "success", "namespace_name": "v-2", "type": "vector"}.items()
    assert vector["vector_dimension"] == 3
    assert text.items() >= {"status": "success", "namespace_name": "t-2", "type": "text"}.items()
    assert text["vector_dimension"] is None


def test_namespaces_are_listed_with_their_items(client: MoorchehClient) -> None:
    store(client, {"a": EAST, "b": WEST})
    listed = {each["namespace_name"]: each for each in client.namespaces.list()["namespaces"]}
    ages = [datetime.now(UTC) - datetime.fromisoformat(each.pop("created_at")) for each in listed.values()]
    assert listed == {
        VECTORS: {"namespace_name": VECTORS, "type": "vector", "vector_dimension": 2, "item_count": 2},
        TEXTS: {"namespace_name": TEXTS, "type": "text", "vector_dimension": None, "item_count": 0},
    }
    assert all(abs(age) < timedelta(hours=1) for age in ages)


def test_a_deletion_waited_for_frees_the_name(client: MoorchehClient) -> None:
    store(client, {"a": EAST, "b": WEST})
    deleted = client.namespaces.delete(VECTORS, poll_interval=SOON)
    assert (deleted["status"], deleted["namespace_name"]) == ("success", VECTORS)
    job = deleted["delete_job"]
    assert job["job_id"] == deleted["job_id"]
    assert (job["status"], job["total_items"], job["deleted_items"], job["last_error"]) == (
        "completed",
        2,
        2,
        None,
    )
    assert names(client) == [TEXTS]
    assert client.health()["items"] == 0
    assert client.namespaces.create(VECTORS, type="vector", vector_dimension=5)["vector_dimension"] == 5


def test_a_deletion_not_waited_for_holds_the_name_until_its_job_is_completed(client: MoorchehClient) -> None:
    store(client, {"a": EAST})
    deleted = client.namespaces.delete(VECTORS, wait=False)
    assert "delete_job" not in deleted
    assert JOB_ID.fullmatch(deleted["job_id"])
    assert refusal(lambda: client.namespaces.create(VECTORS, type="text")).is_conflict
    looks = follow(lambda: client.namespaces.delete_job_status(VECTORS, deleted["job_id"]))
    assert [look["status"] for look in looks] == ["running", "completed"]
    assert looks[0]["finished_at"] is None
    assert looks[1]["started_at"] <= looks[1]["finished_at"]
    assert names(client) == [TEXTS]
    assert client.namespaces.delete_job_status(VECTORS, deleted["job_id"]) == looks[1]


def test_a_deletion_that_does_not_end_times_out(client: MoorchehClient) -> None:
    tell(client, jobs="manual")
    error = refusal(lambda: client.namespaces.delete(VECTORS, poll_interval=SOON, timeout=0.1))
    assert error.status_code == 408
    assert error.body["status"] == "running"
    assert VECTORS in names(client)


def test_an_upload_is_accepted_and_its_job_completes(client: MoorchehClient) -> None:
    vectors = [{"id": item_id, "vector": EAST} for item_id in "abcd"]
    accepted = client.vectors.upload(VECTORS, vectors=vectors)
    assert (accepted["status"], accepted["namespace_name"], accepted["total"]) == ("success", VECTORS, 4)
    assert JOB_ID.fullmatch(accepted["job_id"])
    looks = follow(lambda: client.vectors.upload_job_status(VECTORS, accepted["job_id"]))
    assert [look["status"] for look in looks] == ["running", "completed"]
    assert [look["processed"] for look in looks] == [2, 4]
    assert (looks[0]["finished_at"], looks[1]["last_error"]) == (None, None)
    assert (looks[1]["total"], looks[1]["successful"], looks[1]["failed"]) == (4, 4, 0)
    assert looks[1]["started_at"] <= looks[1]["updated_at"] <= looks[1]["finished_at"]


def test_items_come_back_with_their_metadata_alone(client: MoorchehClient) -> None:
    tell(client, jobs="instant")
    client.vectors.upload(VECTORS, vectors=[{"id": "á/1 ", "vector": EAST, **METADATA}])
    got = client.documents.get(VECTORS, ids=["á/1 ", "missing"])
    assert (got["status"], got["requested_ids"], got["found_items"]) == ("success", 2, 1)
    assert got["items"] == [{"id": "á/1 ", "metadata": METADATA}]


def test_an_id_uploaded_again_is_replaced_whole(client: MoorchehClient) -> None:
    tell(client, jobs="instant")
    client.vectors.upload(VECTORS, vectors=[{"id": "a", "vector": EAST, "old": 1}])
    client.vectors.upload(VECTORS, vectors=[{"id": "a", "vector": WEST, "new": 2}])
    assert client.health()["items"] == 1
    assert client.documents.get(VECTORS, ids=["a"])["items"] == [{"id": "a", "metadata": {"new": 2}}]
    assert client.similarity_search.query(namespaces=[VECTORS], query=WEST)["results"][0]["score"] > 0.9


@pytest.mark.parametrize("resource", ["vectors", "documents"])
def test_items_are_deleted_at_once(client: MoorchehClient, resource: str) -> None:
    store(client, {"a": EAST, "b": WEST, "c": NORTH})
    deleted = getattr(client, resource).delete(VECTORS, ids=["a", "missing", "b"])
    assert (deleted["status"], deleted["namespace_name"]) == ("success", VECTORS)
    assert (deleted["requested"], deleted["deleted"], deleted["not_found_ids"]) == (3, 2, ["missing"])
    assert client.health()["items"] == 1
    assert hits(client.similarity_search.query(namespaces=[VECTORS], query=EAST)) == ["c"]


def test_documents_are_stored_found_and_deleted(client: MoorchehClient) -> None:
    documents = [
        {"id": "rain", "text": "Heavy rain floods the harbour", "kind": "weather"},
        {"id": "chess", "text": "A queen gambit opens the tournament", "kind": "sport"},
    ]
    accepted = client.documents.upload(TEXTS, documents=documents)
    assert (accepted["status"], accepted["total"]) == ("success", 2)
    last = follow(lambda: client.documents.upload_job_status(TEXTS, accepted["job_id"]))[-1]
    assert (last["total"], last["processed"], last["successful"], last["failed"]) == (2, 2, 2, 0)
    rain = {"id": "rain", "metadata": {"kind": "weather"}, "text": "Heavy rain floods the harbour"}
    assert client.documents.get(TEXTS, ids=["rain"])["items"] == [rain]
    best = client.similarity_search.query(namespaces=[TEXTS], query="queen gambit tournament")["results"][0]
    assert (best["id"], best["text"]) == ("chess", documents[1]["text"])
    assert client.documents.delete(TEXTS, ids=["rain", "chess"])["deleted"] == 2
    assert client.health()["items"] == 0


def test_a_search_finds_the_nearest_first(client: MoorchehClient) -> None:
    tell(client, jobs="instant")
    client.vectors.upload(VECTORS, vectors=[{"id": "west", "vector": WEST}, {"id": "north", "vector": NORTH}])
    client.vectors.upload(VECTORS, vectors=[{"id": "east", "vector": EAST, **METADATA}])
    answer = client.similarity_search.query(namespaces=[VECTORS], query=[2, 0.1], top_k=3)
    assert hits(answer)[:2] == ["east", "north"]
    best = answer["results"][0]
    assert (best["namespace"], best["label"], best["text"]) == (VECTORS, "Close Match", "")
    assert best["metadata"] == METADATA
    scores = [hit["score"] for hit in answer["results"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert answer["execution_time"] >= 0


def test_a_search_finds_as_many_as_asked_and_five_by_default(client: MoorchehClient) -> None:
    store(client, {f"v{number}": [1.0, number / 100] for number in range(12)})
    search = client.similarity_search.query
    assert hits(search(namespaces=[VECTORS], query=EAST)) == [f"v{number}" for number in range(5)]
    assert len(hits(search(namespaces=[VECTORS], query=EAST, top_k=11))) == 11
    assert hits(search(namespaces=[VECTORS], query=EAST, top_k=0)) == ["v0"]
    assert len(hits(search(namespaces=[VECTORS], query=EAST, top_k=1000))) == 12


def test_a_threshold_drops_hits_in_kiosk_mode_alone(client: MoorchehClient) -> None:
    store(client, {"east": EAST, "north": NORTH})
    search = client.similarity_search.query
    assert set(hits(search(namespaces=[VECTORS], query=EAST, threshold=0.9))) == {"east", "north"}
    assert hits(search(namespaces=[VECTORS], query=EAST, threshold=0.9, kiosk_mode=True)) == ["east"]


def test_a_search_merges_the_namespaces_asked_and_no_other(client: MoorchehClient) -> None:
    for name in ("second", "third"):
        client.namespaces.create(name, type="vector", vector_dimension=2)
    store(client, {"a": EAST, "b": [1.0, 0.2]})
    store(client, {"a": [1.0, 0.1], "b": [1.0, 0.3]}, "second")
    store(client, {"c": EAST}, "third")
    results = client.similarity_search.query(namespaces=[VECTORS, "second"], query=EAST)["results"]
    found = [(hit["namespace"], hit["id"]) for hit in results]
    assert found == [(VECTORS, "a"), ("second", "a"), (VECTORS, "b"), ("second", "b")]
