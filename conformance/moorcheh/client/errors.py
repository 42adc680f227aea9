"""Checks of the area errors: what the service refuses, or fails at, and what of it reaches the caller."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.client.asking import turned_down
from conformance.client.driver import Client, Limits
from conformance.client.expectation import (
    expect,
    expect_arrived,
    expect_error,
    expect_status,
    expect_tells,
    refused,
)
from conformance.client.heard import Heard
from conformance.client.reply import Reply
from conformance.moorcheh.client.scene import OPERATIONS, UPLOADS, VECTORS, store, stored, vector_namespace

HASTE = Limits(answer=3.0, operation=6.0)
WRONG = {"id": "wrong", "vector": [1.0, 2.0, 3.0]}
UNAVAILABLE = {"status": "failure", "message": "The embedding model is not loaded."}


def refusals(client: Client) -> Iterator[tuple[Heard, Reply]]:
    """Asks for what is turned down with 400, 404 and 409."""
    name = vector_namespace(client)
    store(client, name, vectors=VECTORS)
    asked: list[tuple[str, dict[str, Any]]] = [
        ("uploadVectors", {"namespace_name": name, "vectors": [WRONG]}),
        ("uploadVectors", {"namespace_name": "nobody", "vectors": [VECTORS[0]]}),
        ("getItems", {"namespace_name": name, "ids": [f"v{n}" for n in range(101)]}),
        ("getUploadJob", {"namespace_name": name, "job_id": f"job-{'0' * 32}"}),
        ("deleteNamespace", {"namespace_name": "nobody"}),
        ("createNamespace", {"namespace_name": name, "type": "vector", "vector_dimension": 2}),
    ]
    return turned_down(client, asked, OPERATIONS)


@proves("moorcheh.client.errors.status")
def a_refusal_reaches_the_caller_with_its_status(client: Client) -> None:
    """Whatever was asked for."""
    for heard, reply in refusals(client):
        expect_status(reply, heard.status)


@proves("moorcheh.client.errors.body")
def a_refusal_reaches_the_caller_with_its_body(client: Client) -> None:
    """As JSON, or as its text."""
    for heard, reply in refusals(client):
        expect_error(reply)
        expect_arrived(heard.answered, reply.body, reply, more=True)


@proves("moorcheh.client.errors.message")
def a_refusal_reaches_the_caller_with_its_message(client: Client) -> None:
    """Callers read it, and match on it."""
    for heard, reply in refusals(client):
        expect_tells(reply, heard.answered["message"])


@proves("moorcheh.client.errors.search")
def a_search_turned_down_is_an_error(client: Client) -> None:
    """Though its status is another word."""
    name = vector_namespace(client)
    for arguments in (
        {"namespaces": [name], "query": [1.0]},
        {"namespaces": ["nobody"], "query": [1.0, 0.5]},
    ):
        reply = client.ask("search", arguments)
        expect_status(reply, 400)
        expect_tells(reply, refused(reply, OPERATIONS["search"])["message"])


@proves("moorcheh.client.errors.server")
@given(status=st.sampled_from((500, 503)))
def a_failing_server_reaches_the_caller(client: Client, status: int) -> None:
    """With the status of the last try."""
    client.world.fault("status", "POST", UPLOADS, status=status, body=UNAVAILABLE)
    expect_status(_hasty_upload(client), status)


@proves("moorcheh.client.errors.not-json")
@given(status=st.sampled_from((404, 502, 504)))
def an_error_page_reaches_the_caller(client: Client, status: int) -> None:
    """Though it is HTML."""
    client.world.fault("html", "POST", UPLOADS, status=status)
    expect_status(_hasty_upload(client), status)


@proves("moorcheh.client.errors.empty")
@given(status=st.sampled_from((404, 413, 500)))
def an_empty_error_reaches_the_caller(client: Client, status: int) -> None:
    """Though nobody says why."""
    client.world.fault("empty", "POST", UPLOADS, status=status)
    expect_status(_hasty_upload(client), status)


@proves("moorcheh.client.errors.garbled")
def a_garbled_success_is_an_error(client: Client) -> None:
    """As is the page of a proxy."""
    client.world.fault("malformed", "POST", UPLOADS)
    expect_error(_hasty_upload(client))
    client.begin_example()
    client.world.fault("html", "POST", UPLOADS, status=200)
    expect_error(_hasty_upload(client))


@proves("moorcheh.client.errors.cut-off")
def a_success_that_is_cut_off_is_an_error(client: Client) -> None:
    """Whether or not its length says so."""
    client.world.fault("truncate", "POST", UPLOADS, bytes=20)
    expect_error(_hasty_upload(client))
    client.begin_example()
    client.world.fault("content-length", "POST", UPLOADS, by=20)
    expect_error(_hasty_upload(client))


@proves("moorcheh.client.errors.failure-within")
def a_failure_within_a_success_is_visible(client: Client) -> None:
    """As an error, or by the word."""
    client.world.fault("failure", "POST", UPLOADS)
    reply = _hasty_upload(client)
    expect(reply.error or reply.fields.get("status") == "failure", 'an error, or status "failure"', reply)


@proves("moorcheh.client.errors.connection")
def a_connection_that_ends_is_an_error(client: Client) -> None:
    """Unless a later try succeeds."""
    client.world.fault("reset", "POST", UPLOADS, when="before")
    expect_error(_hasty_upload(client))
    client.begin_example()
    client.world.fault("reset", "POST", UPLOADS, when="before", times=1)
    reply = _hasty_upload(client)
    is_there = bool(stored(client, "vectors", [str(VECTORS[0]["id"])]))
    expect(reply.error or is_there, "an error, or the vector stored", reply)


def _hasty_upload(client: Client) -> Reply:
    vector_namespace(client)
    arguments = {"namespace_name": "vectors", "vectors": [VECTORS[0]]}
    return client.ask("uploadVectors", arguments, HASTE)
