"""Checks of the area processing: how a client waits, and what it makes of an upload that goes wrong."""

from typing import Any

from conformance.check import proves
from conformance.client.driver import Client, Limits
from conformance.client.expectation import expect, expect_error, expect_result, sent
from conformance.client.repeating import expect_pace
from conformance.client.reply import Reply
from conformance.cortex.client.scene import FILE, OPERATIONS, ROWS, TENANT, UPLOADS, tenant

LOOK = OPERATIONS["verifyUpload"]
POLLS = 4
PACE = 0.05
SUB_TENANT = "research"
SHORT = Limits(answer=1.0, operation=1.5)


@proves("cortex.client.processing.place")
def a_wait_asks_for_its_own_file(client: Client) -> None:
    """Where it was uploaded to."""
    reply = _upload_and_wait(client)
    wanted = {"file_id": FILE, "tenant_id": TENANT, "sub_tenant_id": SUB_TENANT}
    for heard in sent(reply, LOOK):
        expect(dict(heard.fields) == wanted, f"looks at {wanted}", reply, heard.outcome())


@proves("cortex.client.processing.end")
def a_wait_ends_with_the_processing(client: Client) -> None:
    """The caller who hears of the end finds the rows."""
    reply = _upload_and_wait(client)
    expect_result(reply)
    running = client.world.running_jobs()
    expect(not running, "an end once the upload is completed", reply, f"{reply.outcome()} while it runs")


@proves("cortex.client.processing.errored")
def an_upload_that_ends_errored_is_visible(client: Client) -> None:
    """As an error, or by its status."""
    reply = _upload_and_wait(client, outcome="fail", reason="the index is full")
    told = reply.fields.get("indexing_status") == "errored"
    expect(reply.error or told, 'an error, or indexing_status "errored"', reply)


@proves("cortex.client.processing.pace")
def an_upload_is_not_hammered(client: Client) -> None:
    """However long it takes."""
    expect_pace(_upload_and_wait(client), LOOK, PACE)


@proves("cortex.client.processing.patience")
def a_wait_for_an_upload_ends(client: Client) -> None:
    """Within the time limit of the caller."""
    expect_error(_upload_and_wait(client, outcome="stall", limits=SHORT))


def _upload_and_wait(client: Client, limits: Limits | None = None, **job: Any) -> Reply:
    tenant(client)
    client.world.set(jobs=f"polls={POLLS}")
    if job:
        client.world.fault("job", "POST", UPLOADS["uploadEmbeddings"], **job)
    asked = {"tenant_id": TENANT, "sub_tenant_id": SUB_TENANT, "embeddings": ROWS, "file_id": FILE}
    return client.ask("uploadEmbeddingsAndWait", asked, limits)
