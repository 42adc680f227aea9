"""Checks of the area answers: what the service says on success, and what of it reaches the caller."""

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.client.asking import one_by_one
from conformance.client.driver import Client
from conformance.client.expectation import (
    accepted,
    expect,
    expect_arrived,
    expect_harmless,
    expect_result,
    expect_told,
    sent,
)
from conformance.moorcheh.client.requests import arguments_of
from conformance.moorcheh.client.scene import OPERATIONS, UPLOAD, VECTORS, vector_namespace
from conformance.moorcheh.client.vectors import upload

EXTRA = {"vecpact_extra": {"nested": [1, None, "unknown"]}, "2": "two"}


@proves("moorcheh.client.answers.told")
def an_answer_reaches_the_caller_whole(client: Client) -> None:
    """Every field that the documentation names."""
    for name, reply in one_by_one(client, arguments_of(client).items()):
        expect_told(reply, OPERATIONS[name], "moorcheh")


@proves("moorcheh.client.answers.created")
@given(status=st.sampled_from((200, 201)))
def a_namespace_is_created_with_either_status(client: Client, status: int) -> None:
    """The documentation has both."""
    body = {"namespace_name": "fresh", "type": "vector", "vector_dimension": 2}
    message = {"status": "success", "message": "Namespace 'fresh' created successfully."}
    client.world.fault("status", "POST", "/namespaces", status=status, body={**message, **body})
    reply = client.ask("createNamespace", body)
    expect_result(reply)
    expect_arrived(body, reply.result, reply, more=True)


@proves("moorcheh.client.answers.job-id")
def the_job_id_reaches_the_caller(client: Client) -> None:
    """Or the ids of all jobs, where an upload was split."""
    reply = upload(client, vector_namespace(client), [dict(VECTORS[0])])
    expect_result(reply)
    accepted(reply, UPLOAD)
    job_ids = [heard.answered["job_id"] for heard in sent(reply, UPLOAD) if heard.committed]
    told = reply.fields.get("job_ids", [reply.fields.get("job_id")])
    expect(told == job_ids, f"job_id {job_ids[-1]!r}", reply)


@proves("moorcheh.client.answers.unknown-fields")
def unknown_fields_do_no_harm(client: Client) -> None:
    """In any object of any answer."""
    asked = arguments_of(client)
    client.world.fault("extra", fields=EXTRA)
    for name, reply in one_by_one(client, asked.items()):
        expect_harmless(reply, OPERATIONS[name], EXTRA)
