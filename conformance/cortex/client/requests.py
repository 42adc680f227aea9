"""Checks of the area requests: where a client's requests go, and what they look like."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.client.asking import one_by_one
from conformance.client.driver import Client
from conformance.client.expectation import (
    expect,
    expect_body_fits,
    expect_endpoint,
    expect_json_type,
    expect_sent,
    sent,
)
from conformance.client.heard import Heard
from conformance.cortex.client.scene import (
    FILE,
    OPERATIONS,
    ROWS,
    SOURCES,
    TENANT,
    store_documents,
    store_matrix,
    tenant,
)
from conformance.cortex.payload import document

names = st.text(
    st.characters(categories=("L", "N", "P", "S", "Zs"), include_characters="/?#%+& "),
    min_size=1,
    max_size=20,
).filter(str.strip)
ABSENT = "absent"


def arguments_of(client: Client) -> dict[str, dict[str, Any]]:
    """Arguments for every operation, for a world that holds what they ask for."""
    mine = {"tenant_id": tenant(client)}
    chunk_ids = store_matrix(client, ROWS)
    store_documents(client, SOURCES)
    tenant(client, name="leaving")
    client.world.send(
        "POST", f"/upload/upload_embeddings?tenant_id={TENANT}&sub_tenant_id=old", {"embeddings": ROWS}
    )
    return {
        "createEmbeddingsTenant": {"tenant_id": "bare"},
        "createTenant": {"tenant_id": "new", "is_embeddings_tenant": True, "embeddings_dimension": 3},
        "infraStatus": mine,
        "listTenantIds": {},
        "listSubTenantIds": mine,
        "listSubTenants": mine,
        "tenantStats": mine,
        "monitorTenant": mine,
        "uploadEmbeddings": {**mine, "embeddings": ROWS, "file_id": "another"},
        "updateEmbeddings": {**mine, "embeddings": {chunk_ids[0]: [0.25, 0.75]}},
        "verifyUpload": {**mine, "file_id": FILE},
        "searchEmbeddings": {**mine, "embeddings": [1.0, 0.25], "max_chunks": 2},
        "retrieveEmbeddings": {**mine, "chunk_ids": [chunk_ids[1], "missing_0"]},
        "deleteEmbeddings": {**mine, "chunk_ids": [chunk_ids[1], "missing_0"]},
        "insertRawEmbeddings": {**mine, "embeddings": [document("s2", 2, 2, 9)], "upsert": False},
        "searchRawEmbeddings": {**mine, "query_embedding": [1.0, 0.25], "limit": 2},
        "filterRawEmbeddings": {**mine, "source_id": "s0", "output_fields": ["embedding"]},
        "deleteRawEmbeddings": {**mine, "source_id": "s1"},
        "verifyProcessing": {**mine, "file_id": FILE},
        "deleteSubTenant": {**mine, "sub_tenant_id": "old"},
        "deleteTenant": {"tenant_id": "leaving"},
    }


def scope_of(heard: Heard, field: str) -> Any:
    """What a request says in a field of its body, or of its query; `ABSENT` where it says nothing."""
    if isinstance(heard.value, dict) and field in heard.value:
        return heard.value[field]
    return dict(heard.fields).get(field, ABSENT)


@proves("cortex.client.requests.endpoints")
def every_operation_goes_to_its_endpoint(client: Client) -> None:
    """Or to another spelling or earlier name of it."""
    for name, reply in one_by_one(client, arguments_of(client).items()):
        expect_endpoint(reply, OPERATIONS[name])


@proves("cortex.client.requests.schema")
def every_body_fits_its_schema(client: Client) -> None:
    """A body that is no JSON fits none."""
    for name, reply in one_by_one(client, arguments_of(client).items()):
        expect_body_fits(reply, OPERATIONS[name], "cortex")


@proves("cortex.client.requests.content-type")
def a_body_says_that_it_is_json(client: Client) -> None:
    """With or without a charset."""
    for name, reply in one_by_one(client, arguments_of(client).items()):
        expect_json_type(reply, OPERATIONS[name])


@proves("cortex.client.requests.bearer")
def every_request_carries_the_key(client: Client) -> None:
    """The word Bearer in whatever case."""
    for _, reply in one_by_one(client, arguments_of(client).items()):
        for heard in reply.heard:
            scheme, _, key = heard.headers.get("authorization", "").partition(" ")
            right = scheme.lower() == "bearer" and key.strip() == client.api_key
            expect(
                right,
                "authorization: Bearer and the key",
                reply,
                f"{heard.outcome()} with {scheme or 'none'}",
            )


@proves("cortex.client.requests.query")
@given(name=names, sub_name=names)
def names_in_a_query_arrive_unchanged(client: Client, name: str, sub_name: str) -> None:
    """Whatever characters they have."""
    asked: list[tuple[str, dict[str, Any]]] = [
        ("tenantStats", {"tenant_id": name, "sub_tenant_id": sub_name}),
        ("verifyUpload", {"tenant_id": name, "sub_tenant_id": sub_name, "file_id": sub_name}),
        ("deleteRawEmbeddings", {"tenant_id": name, "sub_tenant_id": sub_name, "source_id": sub_name}),
    ]
    for operation, reply in one_by_one(client, asked):
        heard = expect_sent(reply, OPERATIONS[operation])[0]
        expect(
            dict(heard.fields) == reply.arguments, f"{reply.arguments} in the query", reply, heard.outcome()
        )


@proves("cortex.client.requests.chunk-ids")
@given(ids=st.lists(names, min_size=1, max_size=4, unique=True))
def chunk_ids_are_a_repeated_key(client: Client, ids: list[str]) -> None:
    """An id may hold a comma."""
    reply = client.ask("deleteRawEmbeddings", {"tenant_id": tenant(client), "chunk_ids": ids})
    heard = expect_sent(reply, OPERATIONS["deleteRawEmbeddings"])[0]
    came = [text for name, text in heard.fields if name == "chunk_ids"]
    expect(sorted(came) == sorted(ids), f"chunk_ids {ids} as a repeated key", reply, heard.outcome())


@proves("cortex.client.requests.sub-tenant")
@given(given_=st.sampled_from(({}, {"sub_tenant_id": None}, {"sub_tenant_id": ""})))
def no_sub_tenant_is_none_on_the_wire(client: Client, given_: dict[str, Any]) -> None:
    """And no word for none, such as "None" or "null"."""
    mine = {"tenant_id": tenant(client), **given_}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("uploadEmbeddings", {**mine, "embeddings": ROWS}),
        ("tenantStats", mine),
        ("searchEmbeddings", {**mine, "embeddings": [1.0, 0.25]}),
        ("insertRawEmbeddings", {**mine, "embeddings": [SOURCES[0]]}),
        ("searchRawEmbeddings", {**mine, "query_embedding": [1.0, 0.25]}),
        ("deleteRawEmbeddings", {**mine, "source_id": "s0"}),
    ]
    for operation, reply in one_by_one(client, asked):
        heard = sent(reply, OPERATIONS[operation])[0]
        said = scope_of(heard, "sub_tenant_id")
        expect(said in (ABSENT, None, ""), "no sub_tenant_id, null or an empty one", reply, heard.outcome())


@proves("cortex.client.requests.defaults")
def what_the_caller_leaves_out_stays_out(client: Client) -> None:
    """Or stands there as null, or as the documentation has it; a file_id may be of the client's making."""
    mine = {"tenant_id": tenant(client)}
    usual = {"max_chunks": 10, "limit": 10, "upsert": False}
    own = {"file_id"}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("uploadEmbeddings", {**mine, "embeddings": ROWS}),
        ("searchEmbeddings", {**mine, "embeddings": [1.0, 0.25]}),
        ("insertRawEmbeddings", {**mine, "embeddings": [SOURCES[0]]}),
        ("searchRawEmbeddings", {**mine, "query_embedding": [1.0, 0.25]}),
    ]
    for operation, reply in one_by_one(client, asked):
        heard = sent(reply, OPERATIONS[operation])[0]
        body = heard.value if isinstance(heard.value, dict) else {}
        wrong = {
            key: value
            for key, value in body.items()
            if key not in {*reply.arguments, *own} and value not in (None, "") and value != usual.get(key)
        }
        expect(not wrong, f"nothing more than {usual}", reply, f"{wrong} in {heard.outcome()}")
