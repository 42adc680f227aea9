"""Namespaces: create, list, delete."""

from typing import Any

import pytest

from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve


def listed(client: Client) -> list[dict[str, Any]]:
    namespaces = client.get("/namespaces").body["namespaces"]
    assert isinstance(namespaces, list)
    return namespaces


def test_a_vector_namespace_is_created_and_listed(client: Client) -> None:
    reply = client.post(
        "/namespaces", {"namespace_name": "My_space-1", "type": "vector", "vector_dimension": 768}
    )
    assert reply.status == 201
    assert reply.body == {
        "status": "success",
        "message": "Namespace 'My_space-1' created successfully.",
        "namespace_name": "My_space-1",
        "type": "vector",
        "vector_dimension": 768,
    }
    (namespace,) = listed(client)
    assert namespace.pop("created_at").endswith("Z")
    assert namespace == {
        "namespace_name": "My_space-1",
        "type": "vector",
        "vector_dimension": 768,
        "item_count": 0,
    }


@pytest.mark.parametrize("extra", [{}, {"vector_dimension": None}])
def test_a_text_namespace_has_no_dimension(client: Client, extra: dict[str, None]) -> None:
    reply = client.post("/namespaces", {"name": "a", "type": "text", **extra})
    assert (reply.status, reply.body["type"], reply.body["vector_dimension"]) == (201, "text", None)


def test_namespace_name_goes_before_its_alias(client: Client) -> None:
    body = {"namespace_name": "a", "name": "b", "type": "text"}
    assert client.post("/namespaces", body).body["namespace_name"] == "a"


VALID = {"namespace_name": "a", "type": "vector", "vector_dimension": 4}


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        ({"namespace_name": None}, "name-required"),
        ({"namespace_name": ""}, "name-required"),
        ({"namespace_name": 7}, "name-required"),
        ({"namespace_name": "a b"}, "name-charset"),
        ({"namespace_name": "é"}, "name-charset"),
        ({"namespace_name": "a\n"}, "name-charset"),
        ({"namespace_name": "x" * 100 + "/"}, "name-charset"),
        ({"type": "Vector"}, "type-known"),
        ({"type": None}, "type-known"),
        ({"type": ["vector"]}, "type-known"),
        ({"type": True}, "type-known"),
        ({"vector_dimension": None}, "dimension-required"),
        ({"vector_dimension": 0}, "dimension-positive"),
        ({"vector_dimension": -(10**30)}, "dimension-positive"),
        ({"vector_dimension": 4.0}, "dimension-integer"),
        ({"vector_dimension": True}, "dimension-integer"),
        ({"vector_dimension": "4"}, "dimension-integer"),
        ({"vector_dimension": {}}, "dimension-integer"),
        ({"type": "text"}, "dimension-not-for-text"),
        ({"type": "text", "vector_dimension": 0}, "dimension-not-for-text"),
        ({"type": "text", "vector_dimension": "x"}, "dimension-not-for-text"),
    ],
)
def test_an_invalid_creation_is_400_and_names_its_clause(
    client: Client, change: dict[str, object], clause: str
) -> None:
    reply = client.post("/namespaces", VALID | change)
    assert (reply.status, reply.body["status"]) == (400, "failure")
    assert reply.message.endswith(f"[moorcheh.namespaces.{clause}]")
    assert listed(client) == []


def test_a_missing_type_and_a_missing_name_are_refused(client: Client) -> None:
    assert "[moorcheh.namespaces.type-known]" in client.post("/namespaces", {"name": "a"}).message
    assert "[moorcheh.namespaces.name-required]" in client.post("/namespaces", {"type": "text"}).message


def test_a_dimension_of_any_size_is_taken(client: Client) -> None:
    client.create("a", 10**30)
    assert listed(client)[0]["vector_dimension"] == 10**30
    assert client.post("/namespaces/a/vectors", {"vectors": [{"id": "x", "vector": [1]}]}).status == 400
    assert client.post("/search", {"query": [1], "namespaces": ["a"]}).status == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"7", b'"a"', b"{", b"\xff"])
def test_a_body_that_is_no_object_is_malformed(client: Client, body: bytes) -> None:
    reply = client.post("/namespaces", body)
    assert reply.status == 400
    assert "[moorcheh.errors.malformed-json]" in reply.message


def test_creating_a_name_that_exists_is_409_and_changes_nothing(client: Client) -> None:
    client.create("quota-limit-tier")
    client.upload("a", "quota-limit-tier")
    reply = client.post("/namespaces", {"name": "quota-limit-tier", "type": "text"})
    assert reply.status == 409
    assert reply.body.keys() == {"status", "message"}
    assert "namespace" in reply.message
    assert "already exists" in reply.message
    assert not any(word in reply.message.lower() for word in ("limit", "tier", "quota"))
    assert (listed(client)[0]["type"], listed(client)[0]["item_count"]) == ("vector", 1)


def test_a_deletion_takes_its_items_away_as_it_proceeds(serve: Serve) -> None:
    client = serve(jobs="instant", max_items=4)
    client.create()
    client.upload("abcd")
    client.post("/_mock/settings", {"jobs": "polls=2"})
    reply = client.call("DELETE", "/namespaces/demo")
    assert reply.status == 202
    assert (reply.body["status"], reply.body["namespace_name"]) == ("success", "demo")
    path = f"/namespaces/demo/delete-jobs/{reply.body['job_id']}"
    first = client.get(path).body
    assert [first[key] for key in ("status", "total_items", "deleted_items", "finished_at")] == [
        "running",
        4,
        2,
        None,
    ]
    assert (client.count(), listed(client)[0]["item_count"], len(client.stored("abcd"))) == (2, 2, 2)
    last = client.get(path).body
    assert (last["status"], last["deleted_items"], last["last_error"]) == ("completed", 4, None)
    assert last["started_at"] <= last["updated_at"] <= last["finished_at"]
    assert last.keys() == {
        *("job_id", "namespace_name", "status", "total_items", "deleted_items", "last_error"),
        *("started_at", "updated_at", "finished_at"),
    }
    assert (client.count(), listed(client)) == (0, [])
    assert client.get(path).body == last


def test_while_a_deletion_runs_the_name_is_held_and_nothing_is_taken(serve: Serve) -> None:
    client = serve(jobs="instant")
    client.create()
    client.upload("ab")
    client.post("/_mock/settings", {"jobs": "polls=2"})
    client.call("DELETE", "/namespaces/demo")
    held = client.post("/namespaces", VALID | {"namespace_name": "demo"})
    assert held.status == 409
    assert "already exists" in held.message
    assert "[moorcheh.namespaces.delete-holds-name]" in held.message
    upload = client.post("/namespaces/demo/vectors", {"vectors": [{"id": "c", "vector": [1, 1]}]})
    assert upload.status == 404
    again = client.call("DELETE", "/namespaces/demo")
    assert again.status == 404
    assert "not found" in again.message
    deleted = client.post("/namespaces/demo/items/delete", {"ids": ["a"]})
    assert deleted.body["deleted"] == 1


def test_an_item_deleted_during_a_deletion_does_not_disturb_it(serve: Serve) -> None:
    client = serve(jobs="instant")
    client.create()
    client.upload("ab")
    client.post("/_mock/settings", {"jobs": "polls=2"})
    job_id = client.call("DELETE", "/namespaces/demo").body["job_id"]
    client.post("/namespaces/demo/items/delete", {"ids": ["b"]})
    path = f"/namespaces/demo/delete-jobs/{job_id}"
    assert [client.get(path).body["deleted_items"] for _ in range(2)] == [1, 2]
    assert client.count() == 0


def test_an_empty_namespace_is_deleted_too(serve: Serve) -> None:
    client = serve(jobs="polls=2")
    client.create()
    path = f"/namespaces/demo/delete-jobs/{client.call('DELETE', '/namespaces/demo').body['job_id']}"
    assert [client.get(path).body["status"] for _ in range(2)] == ["running", "completed"]
    assert listed(client) == []


def test_a_recreated_namespace_is_empty_and_knows_no_old_uploads(client: Client) -> None:
    client.create()
    upload = client.upload("ab")
    deletion = client.call("DELETE", "/namespaces/demo").body["job_id"]
    client.create("demo", 3)
    assert (client.count(), client.stored("ab")) == (0, {})
    assert client.get(f"/namespaces/demo/upload-jobs/{upload}").status == 404
    assert client.get(f"/namespaces/demo/delete-jobs/{deletion}").body["deleted_items"] == 2


def test_a_deletion_ends_running_uploads_and_frees_what_they_reserved(serve: Serve) -> None:
    client = serve(jobs="manual", max_items=3)
    client.create()
    upload = client.upload("abc")
    client.post("/_mock/settings", {"jobs": "instant"})
    client.call("DELETE", "/namespaces/demo")
    assert client.post(f"/_mock/jobs/{upload}/complete").status == 404
    assert client.get(f"/namespaces/demo/upload-jobs/{upload}").status == 404
    client.create()
    client.upload("def")
    assert client.count() == 3


def test_an_unknown_namespace_or_delete_job_is_404(client: Client) -> None:
    client.create()
    job_id = client.upload("a")
    for method, path in [("DELETE", "/namespaces/nope"), ("GET", f"/namespaces/demo/delete-jobs/{job_id}")]:
        reply = client.call(method, path)
        assert (reply.status, reply.body["status"]) == (404, "failure")
        assert "not found" in reply.message


def test_a_delete_job_is_unknown_under_another_name(client: Client) -> None:
    client.create()
    client.create("other")
    job_id = client.call("DELETE", "/namespaces/demo").body["job_id"]
    assert client.get(f"/namespaces/other/delete-jobs/{job_id}").status == 404
