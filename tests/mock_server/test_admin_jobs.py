"""What the admin API and faults make of the jobs of each service."""

from typing import Any

import pytest

from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve
from tests.mock_server.cortex.calling import Cortex

UPLOADS = "/namespaces/*/vectors"


def fated(client: Client, outcome: str, path: str = UPLOADS, **fields: object) -> Client:
    """Lets the next job of a path come to something."""
    fault = {"effect": "job", "outcome": outcome, "path": path, "times": 1, **fields}
    assert client.post("/_mock/faults", fault).status == 200
    return client


@pytest.fixture
def polled(serve: Serve) -> Client:
    """An application with a namespace, whose jobs end at the second look."""
    client = serve(jobs="polls=2", max_items=4)
    client.create()
    return client


def reserved(client: Client) -> Any:
    """Answers for how many items room is reserved."""
    return client.get("/_mock/state").body["moorcheh"]["namespaces"][0]["reserved"]


def test_jobs_are_listed_with_kind_and_progress(polled: Client) -> None:
    job_id = polled.upload("abcd")
    polled.job(job_id)
    deletion = polled.call("DELETE", "/namespaces/demo").body["job_id"]
    assert [each["job_id"] for each in polled.get("/_mock/jobs").body["jobs"]] == [deletion]
    (job,) = polled.get("/_mock/jobs").body["jobs"]
    assert (job["kind"], job["status"], job["total"], job["processed"]) == ("delete", "running", 2, 0)


def test_an_upload_can_be_failed_and_gives_back_its_room(polled: Client) -> None:
    job_id = polled.upload("abcd")
    polled.job(job_id)
    assert polled.post(f"/_mock/jobs/{job_id}/fail", {"reason": "disk full"}).body["failed"] == 0
    job = polled.job(job_id)
    assert (job["status"], job["processed"], job["last_error"]) == ("failed", 2, "disk full")
    assert (polled.count(), reserved(polled)) == (2, 0)
    polled.upload("ef")


def test_an_upload_can_be_completed_in_part(polled: Client) -> None:
    job_id = polled.upload("abcd")
    reply = polled.post(f"/_mock/jobs/{job_id}/partial", {"failed": 3, "reason": "no luck"})
    assert (reply.body["status"], reply.body["failed"]) == ("completed", 3)
    job = polled.job(job_id)
    assert (job["successful"], job["failed"], job["last_error"]) == (1, 3, "no luck")
    assert ([*polled.stored("abcd")], reserved(polled)) == (["a"], 0)


def test_more_items_cannot_fail_than_are_left(polled: Client) -> None:
    job_id = polled.upload("abcd")
    polled.job(job_id)
    reply = polled.post(f"/_mock/jobs/{job_id}/partial", {"failed": 3})
    assert (reply.status, reply.message) == (
        400,
        "failed: 3 items cannot fail, 2 of 4 are not processed yet [mock.request]",
    )
    assert polled.job(job_id)["status"] == "completed"


def test_a_stalled_job_stands_still_until_it_is_completed(polled: Client) -> None:
    job_id = polled.upload("ab")
    assert polled.post(f"/_mock/jobs/{job_id}/stall").body["stalled"] is True
    assert {polled.job(job_id)["processed"] for _ in range(5)} == {0}
    polled.post(f"/_mock/jobs/{job_id}/complete")
    assert polled.job(job_id)["status"] == "completed"
    assert polled.post(f"/_mock/jobs/{job_id}/stall").body["stalled"] is False


@pytest.mark.parametrize(
    ("ending", "body"),
    [("complete", {"x": 1}), ("fail", {"why": 1}), ("partial", {"failed": -1}), ("stall", [])],
)
def test_what_makes_no_sense_ends_no_job(polled: Client, ending: str, body: object) -> None:
    job_id = polled.upload("ab")
    assert polled.post(f"/_mock/jobs/{job_id}/{ending}", body).status == 400
    assert polled.job(job_id)["status"] == "running"


def test_a_job_may_be_made_to_stall(polled: Client) -> None:
    stalled, other = fated(polled, "stall").upload("a"), polled.upload("b")
    for _ in range(3):
        polled.job(stalled)
        polled.job(other)
    assert (polled.job(stalled)["status"], polled.job(other)["status"]) == ("running", "completed")


def test_a_job_may_be_made_to_fail(polled: Client) -> None:
    job_id = fated(polled, "fail", reason="no luck").upload("abcd")
    assert polled.job(job_id)["processed"] == 2
    job = polled.job(job_id)
    assert (job["status"], job["last_error"], polled.count(), reserved(polled)) == ("failed", "no luck", 2, 0)


def test_a_job_may_be_made_to_fail_in_part_an_id_that_repeats_counting_where_it_stands_last(
    polled: Client,
) -> None:
    job_id = fated(polled, "partial", failed=2).upload("abab")
    assert polled.job(job_id)["failed"] == 0
    job = polled.job(job_id)
    assert (job["status"], job["successful"], job["failed"]) == ("completed", 2, 2)
    assert "fault-1" in job["last_error"]
    assert (polled.count(), reserved(polled)) == (0, 0)


def test_a_job_may_be_made_to_vanish(polled: Client) -> None:
    job_id = fated(polled, "vanish").upload("abcd")
    reply = polled.get(f"/namespaces/demo/upload-jobs/{job_id}")
    assert (reply.status, reply.message.endswith("[moorcheh.jobs.unknown]")) == (404, True)
    assert (polled.count(), reserved(polled)) == (0, 0)


def test_a_deletion_that_vanishes_leaves_the_rest(polled: Client) -> None:
    polled.post(f"/_mock/jobs/{polled.upload('ab')}/complete")
    job_id = fated(polled, "vanish", "/namespaces/demo").call("DELETE", "/namespaces/demo").body["job_id"]
    assert polled.get(f"/namespaces/demo/delete-jobs/{job_id}").status == 404
    assert polled.count() == 2
    polled.upload("c")


def test_a_deletion_does_not_fail_in_part(polled: Client) -> None:
    job_id = polled.call("DELETE", "/namespaces/demo").body["job_id"]
    reply = polled.post(f"/_mock/jobs/{job_id}/partial", {"failed": 0})
    assert "the items of a job of kind delete do not fail one by one" in reply.message


@pytest.fixture
def cortex(serve: Serve) -> Cortex:
    """A tenant whose uploads are processed at the second look."""
    cortex = Cortex(serve(jobs="polls=2"))
    cortex.create()
    return cortex


@pytest.mark.parametrize("outcome", ["fail", "partial"])
def test_processing_may_end_errored(cortex: Cortex, outcome: str) -> None:
    fated(cortex.client, outcome, "/upload/*", reason="no luck")
    cortex.upload([[1, 2]], "f")
    assert [cortex.status("f") for _ in range(3)] == ["processing", "errored", "errored"]
    assert cortex.stored("f_0") == {}
    cortex.upload([[1, 2]], "f")
    assert [cortex.status("f") for _ in range(2)] == ["processing", "completed"]


def test_processing_may_stall_and_vanish(cortex: Cortex) -> None:
    fated(cortex.client, "stall", "/upload/*")
    cortex.upload([[1, 2]], "f")
    assert {cortex.status("f") for _ in range(5)} == {"queued"}
    fated(cortex.client, "vanish", "/upload/*")
    cortex.upload([[1, 2]], "g")
    assert cortex.asks("POST", "/upload/verify_processing", file_id="g").status == 404


def test_a_record_that_vanishes_takes_no_newer_one_along(cortex: Cortex) -> None:
    cortex.upload([[1, 2]], "f")
    (first,) = cortex.client.world.jobs
    cortex.client.world.jobs.complete(first)
    cortex.upload([[1, 2]], "f")
    first.work.leave(first)
    assert cortex.status("f") == "processing"


def test_provisioning_may_fail_and_vanish(cortex: Cortex) -> None:
    fated(cortex.client, "fail", "/tenants/create")
    cortex.beside(None, "half").create(2)
    half = [cortex.beside(None, "half").asks("GET", "/tenants/infra/status").body["infra"] for _ in range(3)]
    assert [each["vectorstore_status"] for each in half] == [[False, False]] * 3
    fated(cortex.client, "vanish", "/tenants/create")
    gone = cortex.beside(None, "gone")
    gone.create(2)
    assert gone.asks("GET", "/tenants/infra/status").body["infra"]["vectorstore_status"] == [True, True]
