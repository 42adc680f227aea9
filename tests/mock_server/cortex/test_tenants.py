"""Tenants and sub-tenants."""

from typing import Any

import pytest

from tests.mock_server.cortex.calling import Cortex, document, refusal
from tests.mock_server.cortex.conftest import ServeCortex

READY = {"scheduler_status": True, "graph_status": True, "vectorstore_status": [True, True]}


def test_a_new_tenant_has_a_default_sub_tenant_of_its_own_name(cortex: Cortex) -> None:
    reply = cortex.beside(None, "other").asks("POST", "/embeddings/create_tenant")
    assert reply.status == 200
    assert reply.body == {
        "tenant_id": "other",
        "sub_tenant_id": "other",
        "success": True,
        "status": "success",
        "message": "Embeddings tenant created successfully",
    }
    assert cortex.asks("GET", "/tenants/tenant_ids").body == {
        "tenant_ids": ["demo", "other"],
        "failed_tenant_ids": [],
        "message": "Tenant IDs retrieved successfully",
    }


def test_a_tenant_that_exists_is_409_by_either_way(cortex: Cortex) -> None:
    cortex.upload([[1, 2]], "a")
    assert refusal(cortex.asks("POST", "/embeddings/create_tenant"))[:2] == (409, "TENANT_ALREADY_EXISTS")
    assert refusal(cortex.posts("/tenants/create"))[:2] == (409, "TENANT_ALREADY_EXISTS")
    assert cortex.count() == 1


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"tenant_id": None}, "tenant_id: expected a string of at least one character, got null"),
        ({"tenant_id": ""}, "tenant_id: expected a string of at least one character, got ''"),
        ({"tenant_id": 7}, "tenant_id: expected a string of at least one character, got 7"),
        ({"sub_tenant_id": ["a"]}, "sub_tenant_id: expected a string, got an array"),
        ({"embeddings_dimension": 0}, "embeddings_dimension: expected 1 or more, got 0"),
        ({"embeddings_dimension": 2.0}, "embeddings_dimension: expected an integer, got 2.0"),
        ({"embeddings_dimension": True}, "embeddings_dimension: expected an integer, got true"),
        ({"is_embeddings_tenant": 1}, "is_embeddings_tenant: expected true or false, got 1"),
    ],
)
def test_a_faulty_creation_is_422(cortex: Cortex, fields: dict[str, Any], named: str) -> None:
    reply = cortex.beside(None, "new").posts("/tenants/create", **fields)
    assert refusal(reply) == (422, "VALIDATION_ERROR", named)
    assert cortex.asks("GET", "/tenants/tenant_ids").body["tenant_ids"] == ["demo"]


def test_a_call_that_names_no_tenant_is_422(cortex: Cortex) -> None:
    reply = cortex.client.call("GET", "/tenant/stats", headers={"authorization": "Bearer k"})
    assert refusal(reply)[2] == "tenant_id: expected a string of at least one character, got nothing"


def test_a_tenant_is_of_dimension_1536_unless_it_says_otherwise(cortex: Cortex) -> None:
    new = cortex.beside(None, "new")
    assert new.posts("/tenants/create", is_embeddings_tenant=True, embeddings_dimension=None).status == 200
    assert new.asks("GET", "/tenants/monitor").body == {
        "tenant_id": "new",
        "normal_collection": {"row_count": 0, "dimensions": 1536},
        "memory_collection": {"row_count": 0, "dimensions": 1536},
        "message": "Tenant statistics retrieved successfully",
    }


def test_provisioning_takes_its_time(serve_cortex: ServeCortex) -> None:
    cortex = serve_cortex(jobs="time")
    cortex.client.post("/_mock/clock", {"freeze": True})
    new = cortex.beside(None, "new")
    created = new.posts("/tenants/create", is_embeddings_tenant=True).body
    assert (created["status"], created["tenant_id"]) == ("accepted", "new")
    assert created["infra"] == {
        "scheduler_status": False,
        "graph_status": False,
        "vectorstore_status": [False, False],
    }
    seen = []
    for _ in range(4):
        cortex.client.post("/_mock/clock", {"advance": 22.5})
        infra = new.asks("GET", "/tenants/infra/status").body["infra"]
        seen.append([infra["scheduler_status"], infra["graph_status"], *infra["vectorstore_status"]])
    assert seen == [[True] * ready + [False] * (4 - ready) for ready in range(1, 5)]


def test_provisioning_moves_with_each_look(serve_cortex: ServeCortex) -> None:
    new = serve_cortex(jobs="polls=2").beside(None, "new")
    new.create(2)
    first, second = (new.asks("GET", "/tenants/infra/status").body for _ in range(2))
    assert first["infra"] == READY | {"vectorstore_status": [False, False]}
    assert second == {
        "tenant_id": "new",
        "org_id": "vecpact",
        "infra": READY,
        "message": "Infra status retrieved successfully",
    }


def test_a_tenant_for_rows_alone_needs_no_provisioning(serve_cortex: ServeCortex) -> None:
    cortex = serve_cortex(jobs="manual")
    assert cortex.asks("GET", "/tenants/infra/status").body["infra"] == READY


def test_a_tenant_that_is_no_embeddings_tenant_takes_no_embeddings(cortex: Cortex) -> None:
    new = cortex.beside(None, "new")
    assert new.posts("/tenants/create").status == 200
    for reply in (new.upload([[1, 2]]), new.insert(document("s", a=[1, 2]))):
        assert refusal(reply)[:2] == (400, "INVALID_PARAMETERS")
    assert new.count() == 0


def test_stats_without_a_sub_tenant_are_the_whole_tenants(cortex: Cortex) -> None:
    assert cortex.asks("GET", "/tenant/stats").body == {
        "object_count": 0,
        "tenant_id": "demo",
        "vector_dimension": None,
        "success": True,
        "message": "Tenant statistics retrieved successfully",
    }
    cortex.upload([[1, 2]], "a")
    cortex.beside("b").upload([[1, 2], [3, 4]], "b")
    counts = {name: cortex.beside(name).count() for name in (None, "", "demo", "b", "nope")}
    assert counts == {None: 3, "": 3, "demo": 1, "b": 2, "nope": 0}
    assert cortex.asks("GET", "/tenant/stats").body["vector_dimension"] == 2
    assert cortex.beside("nope").asks("GET", "/tenant/stats").body["vector_dimension"] is None


def test_sub_tenants_come_into_being_when_written(cortex: Cortex) -> None:
    cortex.beside("read").search(1, 2)
    cortex.beside("written").upload([[1, 2]], "a")
    cortex.beside("default").insert(document("s", a=[1, 2]))
    assert cortex.asks("GET", "/tenants/sub_tenant_ids").body == {
        "sub_tenant_ids": ["demo", "written", "default"],
        "message": "Sub-tenant IDs retrieved successfully",
    }
    assert cortex.asks("GET", "/tenant/sub_tenant_ids").body == {
        "tenant_id": "demo",
        "sub_tenant_ids": ["demo", "written", "default"],
        "count": 3,
        "message": "Sub-tenant IDs retrieved successfully",
    }


@pytest.mark.parametrize("name", [None, "", "demo"])
def test_the_default_sub_tenant_has_three_names(cortex: Cortex, name: str | None) -> None:
    cortex.upload([[1, 2]], "a")
    assert cortex.beside(name).stored("a_0") == {"a_0": [1, 2]}
    assert cortex.posts("/embeddings/search", embeddings=[1, 2], sub_tenant_id=None).body["chunk_ids"]
    assert refusal(cortex.beside(name).asks("DELETE", "/tenant/delete_sub_tenant"))[:2] == (
        400,
        "CANNOT_DELETE_DEFAULT_SUB_TENANT",
    )


def test_a_deleted_sub_tenant_is_gone_with_its_uploads(serve_cortex: ServeCortex) -> None:
    cortex = serve_cortex(jobs="manual")
    other = cortex.beside("other")
    other.upload([[1, 2]], "a")
    assert other.asks("DELETE", "/tenant/delete_sub_tenant").body == {
        "status": "success",
        "tenant_id": "demo",
        "sub_tenant_id": "other",
        "message": "Sub-tenant deleted successfully",
    }
    assert refusal(other.asks("DELETE", "/tenant/delete_sub_tenant"))[:2] == (404, "TENANT_NOT_FOUND")
    assert cortex.asks("GET", "/tenants/sub_tenant_ids").body["sub_tenant_ids"] == ["demo"]
    assert cortex.client.get("/_mock/state").body["running_jobs"] == []


def test_a_deleted_tenant_is_unknown_and_its_name_is_free(serve_cortex: ServeCortex) -> None:
    cortex = serve_cortex(jobs="manual")
    new = cortex.beside(None, "new")
    new.create(2)
    new.upload([[1, 2]], "a")
    assert new.asks("DELETE", "/tenants/delete").body == {
        "tenant_id": "new",
        "status": "deletion_scheduled",
        "message": "Tenant deletion scheduled",
    }
    assert cortex.client.get("/_mock/state").body["running_jobs"] == []
    assert refusal(new.asks("DELETE", "/tenants/delete"))[:2] == (404, "TENANT_NOT_FOUND")
    new.create()
    assert new.upload([[1, 2, 3]], "a").body["message"] == "Embeddings uploaded successfully."
    assert cortex.asks("DELETE", "/tenants/delete").status == 200


def test_an_unknown_tenant_is_404_everywhere(cortex: Cortex) -> None:
    nope = cortex.beside(None, "nope")
    replies = [
        nope.upload([[1, 2]]),
        nope.sends("PATCH", "/upload/update_embeddings", {"embeddings": {"a_0": [1]}}),
        nope.insert(document("s", a=[1, 2])),
        nope.posts("/embeddings/search", embeddings=[1, 2]),
        nope.posts("/embeddings/search_raw_embeddings", query_embedding=[1, 2]),
        nope.posts("/embeddings/retrieve_by_ids", chunk_ids=["a"]),
        nope.posts("/embeddings/filter_raw_embeddings", chunk_ids=["a"]),
        nope.client.call(
            "DELETE", "/embeddings/delete", {"chunk_ids": ["a"], **nope.scope}, {"authorization": "Bearer k"}
        ),
        nope.asks("DELETE", "/embeddings/delete_raw_embeddings", source_id="s"),
        nope.asks("POST", "/upload/verify_processing", file_id="a"),
        *(
            nope.asks("GET", path)
            for path in (
                "/tenant/stats",
                "/tenants/monitor",
                "/tenants/infra/status",
                "/tenant/sub_tenant_ids",
            )
        ),
    ]
    assert {refusal(reply) for reply in replies} == {(404, "TENANT_NOT_FOUND", "Tenant 'nope' not found")}
