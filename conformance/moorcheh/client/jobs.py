"""Checks of the areas jobs and deletions: how a client waits, and what it makes of a job that goes wrong."""

from typing import Any

from conformance.check import proves
from conformance.client.contract import Operation
from conformance.client.driver import Client, Limits
from conformance.client.expectation import expect, expect_error, expect_result, sent
from conformance.client.repeating import expect_pace
from conformance.client.reply import Reply
from conformance.moorcheh.client.scene import OPERATIONS, UPLOAD, UPLOADS, store, vector_namespace
from conformance.moorcheh.payload import plain_batch

UPLOAD_JOB = OPERATIONS["getUploadJob"]
DELETE_JOB = OPERATIONS["getDeleteJob"]
DELETION = OPERATIONS["deleteNamespace"]
POLLS = 4
PACE = 0.05
SHORT = Limits(answer=1.0, operation=1.5)


@proves("moorcheh.client.jobs.place")
def a_wait_asks_for_its_own_job(client: Client) -> None:
    """Other namespaces have jobs too."""
    store(client, vector_namespace(client, name="others"), vectors=plain_batch(1, 2))
    _expect_looks_at_own_jobs(_upload_and_wait(client), UPLOAD, UPLOAD_JOB)


@proves("moorcheh.client.jobs.end")
def a_wait_ends_with_the_job(client: Client) -> None:
    """The caller who hears of the end finds the items."""
    reply = _upload_and_wait(client)
    expect_result(reply)
    _expect_completed(client, reply)


@proves("moorcheh.client.jobs.partial")
def failed_items_are_visible(client: Client) -> None:
    """As an error, or by their number."""
    reply = _upload_and_wait(client, outcome="partial", failed=2)
    expect(reply.error or 2 in _counts_of_failed(reply.result), "an error, or failed = 2", reply)


@proves("moorcheh.client.jobs.vanished")
def a_job_that_is_gone_is_an_error(client: Client) -> None:
    """And no success."""
    expect_error(_upload_and_wait(client, outcome="vanish"))


@proves("moorcheh.client.jobs.pace")
def an_upload_job_is_not_hammered(client: Client) -> None:
    """However long it takes."""
    expect_pace(_upload_and_wait(client), UPLOAD_JOB, PACE)


@proves("moorcheh.client.jobs.patience")
def a_wait_for_an_upload_ends(client: Client) -> None:
    """Within the time limit of the caller."""
    expect_error(_upload_and_wait(client, outcome="stall", limits=SHORT))


@proves("moorcheh.client.deletions.place")
def a_wait_asks_for_its_own_deletion(client: Client) -> None:
    """Though the namespace may be gone by then."""
    _expect_looks_at_own_jobs(_delete_and_wait(client), DELETION, DELETE_JOB)


@proves("moorcheh.client.deletions.end")
def a_wait_ends_with_the_deletion(client: Client) -> None:
    """The caller who hears of the end may use the name again."""
    reply = _delete_and_wait(client)
    expect_result(reply)
    _expect_completed(client, reply)


@proves("moorcheh.client.deletions.failed")
def a_deletion_that_fails_is_visible(client: Client) -> None:
    """As an error, or by its status."""
    reply = _delete_and_wait(client, outcome="fail", reason="the disk is read-only")
    expect(reply.error or '"failed"' in reply.outcome(), 'an error, or status "failed"', reply)


@proves("moorcheh.client.deletions.pace")
def a_delete_job_is_not_hammered(client: Client) -> None:
    """However long it takes."""
    expect_pace(_delete_and_wait(client), DELETE_JOB, PACE)


@proves("moorcheh.client.deletions.patience")
def a_wait_for_a_deletion_ends(client: Client) -> None:
    """Within the time limit of the caller."""
    expect_error(_delete_and_wait(client, outcome="stall", limits=SHORT))


def _upload_and_wait(client: Client, limits: Limits | None = None, **job: Any) -> Reply:
    name = vector_namespace(client)
    client.world.set(jobs=f"polls={POLLS}")
    if job:
        client.world.fault("job", "POST", UPLOADS, **job)
    arguments = {"namespace_name": name, "vectors": plain_batch(5, 2)}
    return client.ask("uploadVectorsAndWait", arguments, limits)


def _delete_and_wait(client: Client, limits: Limits | None = None, **job: Any) -> Reply:
    name = vector_namespace(client)
    store(client, name, vectors=plain_batch(5, 2))
    client.world.set(jobs=f"polls={POLLS}")
    if job:
        client.world.fault("job", "DELETE", "/namespaces/*", **job)
    return client.ask("deleteNamespaceAndWait", {"namespace_name": name}, limits)


def _expect_looks_at_own_jobs(reply: Reply, start: Operation, look: Operation) -> None:
    """An upload may be split, and has several jobs then; each is looked for where it is."""
    jobs = [heard.answered["job_id"] for heard in sent(reply, start) if heard.committed]
    for heard in sent(reply, look):
        asked = look.parameters(heard)
        own = asked["namespace_name"] == "vectors" and asked["job_id"] in jobs
        expect(own, f"looks at {jobs} in 'vectors'", reply, heard.outcome())


def _expect_completed(client: Client, reply: Reply) -> None:
    running = client.world.running_jobs()
    expect(not running, "an end once the job is completed", reply, f"{reply.outcome()} while it runs")


def _counts_of_failed(result: Any) -> list[Any]:
    """The numbers of failed items that a result tells: of its job, or of each of its jobs."""
    jobs = result.get("jobs", [result]) if isinstance(result, dict) else []
    return [job.get("failed") for job in jobs if isinstance(job, dict)]
