"""Cortex as a service: keys, spellings and error bodies."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server import create_app
from mock_server.cortex.service import CORTEX, ENDPOINTS, spellings
from mock_server.service import Operation
from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve
from tests.mock_server.cortex.calling import Cortex, document, refusal


def test_each_method_of_a_path_has_one_operation() -> None:
    pairs = [(operation.method, operation.path) for operation in CORTEX.operations]
    assert len(pairs) == len({*pairs})


def test_a_path_is_spelled_with_hyphens_and_with_underscores_in_its_last_segment() -> None:
    assert spellings("/embeddings/by-chunk-ids") == ["/embeddings/by-chunk-ids", "/embeddings/by_chunk_ids"]
    assert spellings("/tenant/stats") == ["/tenant/stats"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/upload/upload_embeddings"),
        ("PATCH", "/upload/update_embeddings"),
        ("POST", "/upload/verify_processing"),
        ("POST", "/embeddings/search"),
        ("POST", "/embeddings/retrieve_by_ids"),
        ("POST", "/embeddings/by-chunk-ids"),
        ("DELETE", "/embeddings/delete"),
        ("POST", "/embeddings/create_tenant"),
        ("POST", "/embeddings/create_embeddings_tenant"),
        ("GET", "/tenant/stats"),
        ("GET", "/tenant/sub_tenant_ids"),
        ("DELETE", "/tenant/delete_sub_tenant"),
        ("POST", "/embeddings/insert-raw-embeddings"),
        ("POST", "/embeddings/insert_raw_embeddings"),
        ("POST", "/embeddings/search-raw-embeddings"),
        ("POST", "/embeddings/search_raw_embeddings"),
        ("POST", "/embeddings/filter-raw-embeddings"),
        ("POST", "/embeddings/filter_raw_embeddings"),
        ("DELETE", "/embeddings/delete-raw-embeddings"),
        ("DELETE", "/embeddings/delete_raw_embeddings"),
        ("POST", "/tenants/create"),
        ("GET", "/tenants/infra/status"),
        ("GET", "/tenants/monitor"),
        ("GET", "/tenants/stats"),
        ("GET", "/tenants/sub_tenant_ids"),
        ("GET", "/tenants/tenant_ids"),
        ("DELETE", "/tenants/delete"),
        ("POST", "/ingestion/verify-processing"),
        ("POST", "/ingestion/verify_processing"),
    ],
)
def test_every_documented_path_is_served_and_asks_for_a_key(client: Client, method: str, path: str) -> None:
    assert refusal(client.call(method, path))[:2] == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer  \t", "Basic a2V5", "key", "Bearerkey"])
def test_without_a_bearer_key_nothing_is_answered(client: Client, header: str) -> None:
    reply = client.call("GET", "/tenants/tenant_ids", headers={"authorization": header})
    assert refusal(reply)[:2] == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("header", ["Bearer a", "bearer a", "BEARER  a b "])
def test_any_key_will_do(client: Client, header: str) -> None:
    assert client.call("GET", "/tenants/tenant_ids", headers={"authorization": header}).status == 200


def test_the_key_the_server_was_started_with_is_the_only_one(serve: Serve) -> None:
    client = serve(api_key="secret")
    assert client.call("GET", "/tenants/tenant_ids", headers={"authorization": "Bearer secret"}).status == 200
    reply = client.call("GET", "/tenants/tenant_ids", headers={"authorization": "Bearer Secret"})
    assert refusal(reply) == (401, "UNAUTHORIZED", "Invalid API key.")
    assert client.get("/health").status == 200


def test_alone_it_answers_unknown_paths_in_its_own_words(serve: Serve) -> None:
    client = serve(services=["cortex"])
    assert refusal(client.get("/health"))[:2] == (404, "NOT_FOUND")
    assert refusal(client.call("PUT", "/embeddings/search"))[:2] == (405, "METHOD_NOT_ALLOWED")
    assert client.get("/_mock/state").body["cortex"] == {"tenants": []}
    assert "moorcheh" not in client.get("/_mock/state").body


def test_beside_another_service_paths_like_its_own_are_answered_in_its_words(client: Client) -> None:
    assert refusal(client.get("/embeddings/nope"))[0] == 404
    assert refusal(client.get("/embeddings/search"))[0] == 405
    assert client.get("/nope").body["status"] == "failure"


def test_other_failures_have_a_code_too() -> None:
    assert CORTEX.fail("/", 431, "no").body == {
        "detail": {"success": False, "message": "no", "error_code": "ERROR"}
    }


def test_too_large_a_body_is_413_in_its_words(serve: Serve) -> None:
    cortex = Cortex(serve(max_body=10))
    assert refusal(cortex.upload([[1]]))[:2] == (413, "CONTENT_TOO_LARGE")


@pytest.mark.parametrize("method_and_path", [endpoint[:2] for endpoint in ENDPOINTS])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'"a"', b'{"a": NaN}', b'{"a": "\\ud800"}'])
def test_a_body_that_is_no_json_object_is_refused_where_one_is_read(
    cortex: Cortex, method_and_path: tuple[str, str], body: bytes
) -> None:
    cortex.upload([[1, 2]], "a")
    before = cortex.client.get("/_mock/state").body["cortex"]
    reply = cortex.sends(*method_and_path, body)
    if reply.status != 200:
        assert reply.status < 500
        assert refusal(reply)[0] in (400, 409, 422)
        assert cortex.client.get("/_mock/state").body["cortex"] == before


FIELDS = [
    *(
        "embeddings",
        "embedding",
        "chunk_id",
        "chunk_ids",
        "source_id",
        "metadata",
        "file_id",
        "upsert",
        "limit",
    ),
    *("document_metadata", "max_chunks", "query_embedding", "filter_expr", "output_fields", "sub_tenant_id"),
    *("is_embeddings_tenant", "embeddings_dimension"),
]
vectors = st.lists(st.integers(-3, 3) | st.floats(), min_size=2, max_size=2)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.sampled_from(["a", "a_0", "s", "embedding", "\ud800", 10**400, 'chunk_id like "a%"', "demo", ""])
    | vectors,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)
documents = st.lists(
    st.builds(lambda chunk, vector: document("s", **{chunk: vector}), st.sampled_from(["a_0", "b"]), vectors),
    max_size=2,
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(FIELDS, anything),
        "embeddings": st.lists(vectors, max_size=3)
        | documents
        | vectors
        | st.dictionaries(st.sampled_from(["a_0", "a_1", "b_0"]), vectors)
        | anything,
        "query_embedding": vectors | anything,
        "chunk_ids": st.lists(st.sampled_from(["a_0", "b", ""])) | anything,
    },
)


@given(
    calls=st.lists(
        st.tuples(
            st.sampled_from(CORTEX.operations),
            st.sampled_from(["demo", "other", "nope"]),
            st.dictionaries(
                st.sampled_from([*FIELDS, "file_ids"]), st.sampled_from(["a", "a_0", "s", "", "é"])
            ),
            st.binary(max_size=4) | st.tuples(bodies, st.sampled_from(["demo", "other", "nope"])) | anything,
        ),
        min_size=5,
        max_size=20,
    )
)
def test_no_sequence_of_calls_is_ever_a_5xx_or_no_json(calls: list[tuple[Operation, str, Any, Any]]) -> None:
    cortex = Cortex(Client(create_app(services=["cortex"], jobs="polls=1")))
    cortex.create()
    for operation, tenant, query, body in calls:
        if isinstance(body, tuple):
            body = {**body[0], "tenant_id": body[1]}
        caller = cortex.beside(None, tenant)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        reply = caller.sends(operation.method, operation.path, content, **query)
        if reply.status != 200:
            assert refusal(reply)[0] < 500
            assert refusal(reply)[2]
    state = cortex.client.get("/_mock/state").body
    assert state["items"] == sum(
        sub["object_count"] for tenant in state["cortex"]["tenants"] for sub in tenant["sub_tenants"]
    )
