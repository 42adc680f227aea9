"""Checks of the area errors: what the service refuses, or fails at, and what of it reaches the caller."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.client.asking import turned_down
from conformance.client.driver import Client, Limits
from conformance.client.expectation import expect, expect_arrived, expect_error, expect_status, expect_tells
from conformance.client.heard import Heard
from conformance.client.reply import Reply
from conformance.cortex.client.scene import (
    OPERATIONS,
    ROWS,
    SOURCES,
    count,
    fault,
    store_documents,
    tenant,
    upload,
)
from conformance.cortex.payload import document

HASTE = Limits(answer=3.0, operation=6.0)
TEXT = "the tenant is being moved, come back later"
LIST = [{"loc": ["body", "embeddings"], "msg": "field required", "type": "value_error.missing"}]


def refusals(client: Client) -> Iterator[tuple[Heard, Reply]]:
    """Asks for what is turned down with 400, 404, 409 and 422."""
    mine, nobody = {"tenant_id": tenant(client)}, {"tenant_id": "nobody"}
    store_documents(client, SOURCES)
    asked: list[tuple[str, dict[str, Any]]] = [
        ("uploadEmbeddings", {**mine, "embeddings": [[1.0, 2.0], [3.0]]}),
        ("uploadEmbeddings", {**nobody, "embeddings": ROWS}),
        ("createEmbeddingsTenant", mine),
        ("createTenant", {**mine, "is_embeddings_tenant": True, "embeddings_dimension": 2}),
        ("insertRawEmbeddings", {**mine, "embeddings": [document("s9", 1, 3)]}),
        ("insertRawEmbeddings", {**mine, "embeddings": [SOURCES[0]], "upsert": False}),
        ("searchRawEmbeddings", {**mine, "query_embedding": [1.0]}),
        ("tenantStats", nobody),
    ]
    return turned_down(client, asked, OPERATIONS)


@proves("cortex.client.errors.status")
def a_refusal_reaches_the_caller_with_its_status(client: Client) -> None:
    """Whatever was asked for."""
    for heard, reply in refusals(client):
        expect_status(reply, heard.status)


@proves("cortex.client.errors.body")
def a_refusal_reaches_the_caller_with_its_detail(client: Client) -> None:
    """As JSON, or as its text."""
    for heard, reply in refusals(client):
        expect_error(reply)
        expect_arrived(heard.answered, reply.body, reply, more=True)


@proves("cortex.client.errors.message")
def a_refusal_reaches_the_caller_with_its_message(client: Client) -> None:
    """Callers read it."""
    for heard, reply in refusals(client):
        expect_tells(reply, heard.answered["detail"]["message"])


@proves("cortex.client.errors.code")
def a_refusal_reaches_the_caller_with_its_code(client: Client) -> None:
    """Callers go by it."""
    for heard, reply in refusals(client):
        expect_tells(reply, heard.answered["detail"]["error_code"])


@proves("cortex.client.errors.unauthorized")
def a_key_that_is_not_taken_reaches_the_caller(client: Client) -> None:
    """As any other refusal."""
    expect_status(_upload_met_by(client, "status", status=401, body=_detail("UNAUTHORIZED")), 401)


@proves("cortex.client.errors.server")
@given(status=st.sampled_from((500, 503)))
def a_failing_server_reaches_the_caller(client: Client, status: int) -> None:
    """With the status of the last try."""
    code = {500: "INTERNAL_ERROR", 503: "SERVICE_UNAVAILABLE"}[status]
    expect_status(_upload_met_by(client, "status", status=status, body=_detail(code)), status)


@proves("cortex.client.errors.rate-limited")
def a_rate_limit_reaches_the_caller(client: Client) -> None:
    """Once the client has given up."""
    expect_status(_upload_met_by(client, "rate-limit", retry_after=0), 429)


@proves("cortex.client.errors.detail-text")
def a_detail_that_is_a_text_reaches_the_caller(client: Client) -> None:
    """With its status."""
    reply = _upload_met_by(client, "status", status=400, body={"detail": TEXT})
    expect_status(reply, 400)
    expect_tells(reply, TEXT)


@proves("cortex.client.errors.detail-list")
def a_detail_that_is_a_list_reaches_the_caller(client: Client) -> None:
    """With its status."""
    expect_status(_upload_met_by(client, "status", status=422, body={"detail": LIST}), 422)


@proves("cortex.client.errors.not-json")
@given(status=st.sampled_from((404, 502, 504)))
def an_error_page_reaches_the_caller(client: Client, status: int) -> None:
    """Though it is HTML."""
    expect_status(_upload_met_by(client, "html", status=status), status)


@proves("cortex.client.errors.empty")
@given(status=st.sampled_from((404, 413, 500)))
def an_empty_error_reaches_the_caller(client: Client, status: int) -> None:
    """Though nobody says why."""
    expect_status(_upload_met_by(client, "empty", status=status), status)


@proves("cortex.client.errors.garbled")
def a_garbled_success_is_an_error(client: Client) -> None:
    """As is the page of a proxy."""
    expect_error(_upload_met_by(client, "malformed"))
    client.begin_example()
    expect_error(_upload_met_by(client, "html", status=200))


@proves("cortex.client.errors.cut-off")
def a_success_that_is_cut_off_is_an_error(client: Client) -> None:
    """Whether or not its length says so."""
    expect_error(_upload_met_by(client, "truncate", bytes=20))
    client.begin_example()
    expect_error(_upload_met_by(client, "content-length", by=20))


@proves("cortex.client.errors.failure-within")
def a_failure_within_a_success_is_visible(client: Client) -> None:
    """As an error, or by the field."""
    body = {"insert_count": 0, "ids": [], "success": False, "error": "the index is full", "message": "failed"}
    reply = _upload_met_by(client, "status", status=200, body=body)
    expect(reply.error or reply.fields.get("success") is False, "an error, or success false", reply)


@proves("cortex.client.errors.connection")
def a_connection_that_ends_is_an_error(client: Client) -> None:
    """Unless a later try succeeds."""
    expect_error(_upload_met_by(client, "reset", when="before"))
    client.begin_example()
    reply = _upload_met_by(client, "reset", when="before", times=1)
    expect(reply.error or count(client) > 0, "an error, or the rows stored", reply)


def _upload_met_by(client: Client, effect: str, **fields: Any) -> Reply:
    tenant(client)
    fault(client, effect, **fields)
    return upload(client, HASTE)


def _detail(code: str) -> dict[str, Any]:
    return {"detail": {"success": False, "message": "It cannot be done.", "error_code": code}}
