"""Uploads and their jobs."""

import json
from typing import Any

import pytest

from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve

JOB_FIELDS = {
    *("job_id", "namespace_name", "status", "total", "processed", "successful", "failed", "last_error"),
    *("started_at", "updated_at", "finished_at"),
}


def vectors(*ids: str, **metadata: Any) -> dict[str, Any]:
    return {"vectors": [{"id": item_id, "vector": [1, 2], **metadata} for item_id in ids]}


@pytest.fixture
def demo(client: Client) -> Client:
    client.create()
    client.create("notes", None)
    return client


def test_a_valid_upload_is_accepted(demo: Client) -> None:
    reply = demo.post("/namespaces/demo/vectors", vectors("a", "b"))
    assert reply.status == 202
    job_id = reply.body.pop("job_id")
    assert job_id.startswith("job-")
    assert len(bytes.fromhex(job_id.removeprefix("job-"))) == 16
    assert reply.body == {
        "status": "success",
        "message": "Vectors upload started. Poll job status for progress.",
        "namespace_name": "demo",
        "total": 2,
    }


def test_documents_are_accepted_alike(demo: Client) -> None:
    reply = demo.post("/namespaces/notes/documents", {"documents": [{"id": "a", "text": "Hello"}]})
    assert (reply.status, reply.body["total"], reply.body["namespace_name"]) == (202, 1, "notes")
    assert reply.body["message"] == "Documents upload started. Poll job status for progress."
    assert demo.job(reply.body["job_id"], "notes")["status"] == "completed"


def test_a_job_moves_with_each_poll_and_its_items_show(serve: Serve) -> None:
    client = serve(jobs="polls=3")
    client.create()
    job_id = client.upload("abcd")
    assert client.count() == 0
    seen = [client.job(job_id) for _ in range(3)]
    assert [job["processed"] for job in seen] == [1, 2, 4]
    assert [job["status"] for job in seen] == ["running", "running", "completed"]
    assert [job["finished_at"] is None for job in seen] == [True, True, False]
    assert all(job.keys() == JOB_FIELDS for job in seen)
    assert all(job["successful"] == job["processed"] for job in seen)
    last = seen[-1]
    assert (last["total"], last["failed"], last["last_error"]) == (4, 0, None)
    assert last["started_at"] <= last["updated_at"] <= last["finished_at"]
    assert client.job(job_id) == last
    assert client.count() == 4


def test_items_show_as_they_are_processed(serve: Serve) -> None:
    client = serve(jobs="polls=2")
    client.create()
    job_id = client.upload("abcd")
    client.job(job_id)
    assert [*client.stored("abcd")] == ["a", "b"]


METADATA = {
    "null": None,
    "flags": [True, False],
    "nested": {"a": [1, {"b": -1.5e-7}], "": ""},
    "text": "läuft \U0001f600\u0000",
    "big": 2**63 - 1,
    "bigger": 2**64 - 1,
    "huge": 10**40,
    "small": -(2**63),
    "vectors": [],
}


def test_metadata_comes_back_equal(demo: Client) -> None:
    demo.post("/namespaces/demo/vectors", vectors("a", **METADATA))
    assert demo.stored("a")["a"] == METADATA
    reply = demo.post("/search", {"query": [1, 2], "namespaces": ["demo"]})
    assert reply.body["results"][0]["metadata"] == METADATA


@pytest.mark.parametrize(
    "item_id",
    ["a", "A", " a", "a ", "é", "e\u0301", "a/b?c#d%2F", "\u202eabc", "\x00", "\t", "x" * 1000, "1", "null"],
)
def test_any_non_empty_string_is_an_id_of_its_own(demo: Client, item_id: str) -> None:
    others = [other for other in ("a", "A", " a", "a ", "é", "e\u0301") if other != item_id]
    assert demo.post("/namespaces/demo/vectors", vectors(item_id, *others)).status == 202
    assert demo.count() == len(others) + 1
    got = demo.post("/namespaces/demo/items/get", {"ids": [item_id]}).body["items"]
    assert [item["id"] for item in got] == [item_id]


def test_an_update_replaces_vector_and_metadata_whole(demo: Client) -> None:
    demo.post("/namespaces/demo/vectors", vectors("a", old=1))
    demo.post("/namespaces/demo/vectors", {"vectors": [{"id": "a", "vector": [-1, -2], "new": 1}]})
    assert (demo.stored("a"), demo.count()) == ({"a": {"new": 1}}, 1)
    (hit,) = demo.post("/search", {"query": [-1, -2], "namespaces": ["demo"]}).body["results"]
    assert hit["score"] == 1.0


def test_a_repeated_id_counts_twice_in_the_job_and_once_in_store(demo: Client) -> None:
    batch = {"vectors": [{"id": "a", "vector": [1, 1], "n": n} for n in range(3)]}
    job = demo.job(demo.post("/namespaces/demo/vectors", batch).body["job_id"])
    assert (job["total"], job["processed"], job["successful"]) == (3, 3, 3)
    assert (demo.count(), demo.stored("a")) == (1, {"a": {"n": 2}})


def test_the_same_id_in_two_namespaces_is_two_items(demo: Client) -> None:
    demo.create("other")
    demo.upload("a", n=1)
    demo.upload("a", "other", n=2)
    assert (demo.count(), demo.stored("a"), demo.stored("a", "other")) == (
        2,
        {"a": {"n": 1}},
        {"a": {"n": 2}},
    )


def test_an_invalid_item_leaves_nothing_behind(demo: Client) -> None:
    batch = vectors("a", "b")
    batch["vectors"][1]["vector"] = [1, None]
    reply = demo.post("/namespaces/demo/vectors", batch)
    assert (reply.status, reply.body["status"]) == (400, "failure")
    assert reply.message == (
        'vectors[1] (id "b"): value 1 is null, not a number [moorcheh.vectors.non-numeric]'
    )
    assert "job_id" not in reply.body
    assert demo.get("/_mock/state").body["moorcheh"]["namespaces"][0]["reserved"] == 0
    assert demo.count() == 0


@pytest.mark.parametrize(
    ("path", "body", "status", "clause"),
    [
        ("nope/vectors", b"{", 400, "errors.malformed-json"),
        ("nope/vectors", {}, 404, "vectors.unknown-namespace"),
        ("nope/vectors", vectors("a"), 404, "vectors.unknown-namespace"),
        ("notes/vectors", {}, 400, "vectors.wrong-namespace-type"),
        ("notes/vectors", vectors("a"), 400, "vectors.wrong-namespace-type"),
        ("demo/vectors", {"vectors": [{"id": "", "vector": []}] * 200_000}, 400, "vectors.id-string"),
        ("nope/documents", b"{", 400, "errors.malformed-json"),
        ("nope/documents", {}, 404, "documents.unknown-namespace"),
        ("demo/documents", {}, 400, "documents.wrong-namespace-type"),
        ("notes/documents", {}, 400, "documents.empty"),
    ],
)
def test_refusals_come_in_order(demo: Client, path: str, body: Any, status: int, clause: str) -> None:
    reply = demo.post(f"/namespaces/{path}", body)
    assert reply.status == status
    assert reply.message.endswith(f"[moorcheh.{clause}]")


def test_a_batch_of_another_dimension_is_refused_by_its_clause(demo: Client) -> None:
    reply = demo.post("/namespaces/demo/vectors", {"vectors": [{"id": "a", "vector": [1, 2, 3]}]})
    assert reply.status == 400
    assert (
        "the vector has 3 values, the namespace has dimension 2 [moorcheh.vectors.dimension]" in reply.message
    )


def test_a_batch_that_just_fits_is_accepted_and_one_more_refused_whole(serve: Serve) -> None:
    client = serve(jobs="instant", max_items=4)
    client.create()
    client.upload("ab")
    refused = client.post("/namespaces/demo/vectors", vectors("a", "c", "d", "e", "e"))
    assert refused.status == 409
    assert {key: value for key, value in refused.body.items() if key != "message"} == {
        "status": "failure",
        "items": 2,
        "max_items": 4,
        "requested_new": 3,
    }
    assert "limit" in refused.message
    assert client.count() == 2
    client.upload("acd")
    assert client.count() == 4
    client.upload("abcd", updated=True)
    assert client.stored("abcd") == {letter: {"updated": True} for letter in "abcd"}


def test_updates_are_free_even_above_a_lowered_cap(serve: Serve) -> None:
    client = serve(jobs="instant")
    client.create()
    client.upload("abc")
    client.post("/_mock/settings", {"max_items": 1})
    client.upload("abc", updated=True)
    assert client.post("/namespaces/demo/vectors", vectors("d")).status == 409
    assert client.get("/health").body["remaining"] == -2


def test_text_and_vectors_share_the_cap(serve: Serve) -> None:
    client = serve(jobs="instant", max_items=2)
    client.create()
    client.create("notes", None)
    client.upload("a")
    documents = [{"id": "n", "text": "one"}, {"id": "m", "text": "two"}]
    refused = client.post("/namespaces/notes/documents", {"documents": documents})
    assert (refused.status, refused.body["requested_new"], refused.body["max_items"]) == (409, 2, 2)
    assert client.post("/namespaces/notes/documents", {"documents": documents[:1]}).status == 202
    assert client.post("/namespaces/demo/vectors", vectors("b")).status == 409


def documents(**texts: str) -> dict[str, Any]:
    return {"documents": [{"id": item_id, "text": text} for item_id, text in texts.items()]}


def test_a_document_too_long_fails_alone_and_holds_no_room(serve: Serve) -> None:
    client = serve(jobs="polls=2", max_items=2, max_text=5)
    client.create("notes", None)
    job_id = client.post("/namespaces/notes/documents", documents(a="short", b="longer")).body["job_id"]
    assert client.post("/namespaces/notes/documents", documents(c="also")).status == 202
    first, last = client.job(job_id, "notes"), client.job(job_id, "notes")
    assert (first["successful"], first["failed"], first["last_error"]) == (1, 0, None)
    assert (last["status"], last["processed"], last["successful"], last["failed"]) == ("completed", 2, 1, 1)
    assert last["last_error"] == "the text has 6 characters, at most 5 are embedded"
    assert client.stored("ab", "notes") == {"a": {}}


def test_a_document_that_fails_counts_before_it_is_known_to(serve: Serve) -> None:
    client = serve(jobs="instant", max_items=1, max_text=5)
    client.create("notes", None)
    refused = client.post("/namespaces/notes/documents", documents(a="short", b="longer"))
    assert (refused.status, refused.body["requested_new"]) == (409, 2)


def test_an_update_that_fails_leaves_what_is_stored(serve: Serve) -> None:
    client = serve(jobs="instant", max_text=5)
    client.create("notes", None)
    for text in ("short", "longer"):
        client.post("/namespaces/notes/documents", documents(a=text))
    (item,) = client.post("/namespaces/notes/items/get", {"ids": ["a"]}).body["items"]
    assert item["text"] == "short"


def test_a_text_of_32768_characters_is_embedded_and_no_longer_one(client: Client) -> None:
    client.create("notes", None)
    long = documents(a="x " * 16_384, b="x " * 16_384 + "x")
    job_id = client.post("/namespaces/notes/documents", long).body["job_id"]
    assert client.job(job_id, "notes")["failed"] == 1
    assert [*client.stored("ab", "notes")] == ["a"]


def test_running_uploads_hold_their_room(serve: Serve) -> None:
    client = serve(jobs="manual", max_items=3)
    client.create()
    client.upload("ab")
    refused = client.post("/namespaces/demo/vectors", vectors("b", "c", "d"))
    assert (refused.status, refused.body["items"], refused.body["requested_new"]) == (409, 0, 2)
    client.upload("bc")
    assert client.post("/namespaces/demo/vectors", vectors("d")).status == 409


def test_an_unknown_job_and_a_job_of_another_namespace_are_404(demo: Client) -> None:
    demo.create("other")
    job_id = demo.upload("a")
    for path, clause in [
        (f"other/upload-jobs/{job_id}", "other-namespace"),
        ("demo/upload-jobs/job-1", "unknown"),
        (f"nope/upload-jobs/{job_id}", "unknown"),
    ]:
        reply = demo.get(f"/namespaces/{path}")
        assert (reply.status, reply.body["status"]) == (404, "failure")
        assert f"[moorcheh.jobs.{clause}]" in reply.message


def test_a_batch_of_a_thousand_is_accepted(demo: Client) -> None:
    demo.upload("".join(chr(0x4E00 + place) for place in range(1000)))
    assert demo.count() == 1000


@pytest.mark.parametrize("depth", [10, 150, 190, 300, 5000])
def test_no_nesting_is_ever_a_5xx(demo: Client, depth: int) -> None:
    nested = "[" * depth + "]" * depth
    body = f'{{"vectors": [{{"id": "a", "vector": [1, 2], "m": {nested}}}]}}'.encode()
    reply = demo.post("/namespaces/demo/vectors", body)
    assert reply.status == (202 if depth < 200 else 400)
    got = demo.post("/namespaces/demo/items/get", {"ids": ["a"]}).body["items"]
    assert [json.dumps(item["metadata"]["m"]) for item in got] == [nested] * (depth < 200)
