"""The admin API."""

import pytest

from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve


def test_state_tells_what_the_world_holds(serve: Serve) -> None:
    client = serve(max_items=9, jobs="polls=2")
    client.create()
    job_id = client.upload("ab")
    client.job(job_id)
    body = client.get("/_mock/state").body
    created_at = body["moorcheh"]["namespaces"][0].pop("created_at")
    assert created_at <= body.pop("now")
    assert body == {
        "session": "default",
        "items": 1,
        "max_items": 9,
        "jobs": "polls=2",
        "journal_entries": 1_000,
        "journal_bytes": 8 * 2**20,
        "journal_body": 2**20,
        "faults": 0,
        "frozen": False,
        "running_jobs": [{"job_id": job_id, "total": 2, "processed": 1}],
        "moorcheh": {
            "namespaces": [
                {
                    "namespace_name": "demo",
                    "type": "vector",
                    "vector_dimension": 2,
                    "item_count": 1,
                    "reserved": 1,
                }
            ],
        },
        "cortex": {"tenants": []},
    }


def test_reset_makes_the_world_as_new(client: Client) -> None:
    client.create()
    client.upload("a")
    client.post("/_mock/settings", {"max_items": 1, "jobs": "manual"})
    client.post("/_mock/clock", {"freeze": True})
    body = client.post("/_mock/reset").body
    assert (body["items"], body["max_items"], body["jobs"], body["frozen"]) == (0, 100_000, "instant", False)
    assert body["moorcheh"] == {"namespaces": []}


def test_settings_hold_for_what_comes_after(client: Client) -> None:
    client.create()
    assert client.post("/_mock/settings", {"max_items": 3}).body["max_items"] == 3
    assert client.post("/_mock/settings", {"jobs": "manual"}).body["jobs"] == "manual"
    client.upload("abc")
    assert client.count() == 0
    assert client.post("/namespaces/demo/vectors", {"vectors": [{"id": "d", "vector": [1, 1]}]}).status == 409


def test_frozen_time_moves_timed_jobs_only_when_advanced(serve: Serve) -> None:
    client = serve(jobs="time=10")
    client.post("/_mock/clock", {"freeze": True})
    client.create()
    job_id = client.upload("abcd")
    assert client.job(job_id)["processed"] == 0
    body = client.post("/_mock/clock", {"advance": 5}).body
    assert (body["items"], body["frozen"]) == (2, True)
    assert client.post("/_mock/clock", {"freeze": False, "advance": 5}).body["running_jobs"] == []


def test_a_manual_job_is_completed_by_id(serve: Serve) -> None:
    client = serve(jobs="manual")
    client.create()
    job_id = client.upload("ab")
    reply = client.post(f"/_mock/jobs/{job_id}/complete")
    assert reply.body == {
        "job_id": job_id,
        "kind": "upload",
        "status": "completed",
        "stalled": False,
        "total": 2,
        "processed": 2,
        "failed": 0,
        "last_error": None,
    }
    assert client.post(f"/_mock/jobs/{job_id}/complete").body == reply.body
    assert client.count() == 2


def test_a_deletion_can_fail_and_its_namespace_lives_on(serve: Serve) -> None:
    client = serve(jobs="polls=2")
    client.create()
    job_id = client.upload("abcd")
    client.post(f"/_mock/jobs/{job_id}/complete")
    deletion = client.call("DELETE", "/namespaces/demo").body["job_id"]
    client.get(f"/namespaces/demo/delete-jobs/{deletion}")
    reply = client.post(f"/_mock/jobs/{deletion}/fail", {"reason": "disk full"})
    assert (reply.body["kind"], reply.body["status"]) == ("delete", "failed")
    assert (reply.body["total"], reply.body["processed"]) == (4, 2)
    job = client.get(f"/namespaces/demo/delete-jobs/{deletion}").body
    assert (job["status"], job["last_error"], job["deleted_items"]) == ("failed", "disk full", 2)
    assert client.count() == 2
    client.post("/_mock/settings", {"jobs": "instant"})
    client.upload("e")
    assert client.call("DELETE", "/namespaces/demo").status == 202
    assert client.get("/namespaces").body == {"namespaces": []}


def test_the_reason_of_a_failure_is_a_string(client: Client) -> None:
    reply = client.post("/_mock/jobs/job-1/fail", {"reason": 7})
    assert (reply.status, reply.message) == (400, "reason: expected a string, got a number [mock.request]")


@pytest.mark.parametrize("ending", ["complete", "fail", "partial", "stall"])
def test_an_unknown_job_cannot_be_ended(client: Client, ending: str) -> None:
    reply = client.post(f"/_mock/jobs/job-1/{ending}")
    assert (reply.status, reply.body["status"]) == (404, "failure")
    assert "no job 'job-1' here" in reply.message


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("settings", b"{", "no JSON"),
        ("settings", [], "expected an object, got an array"),
        ("settings", {"max_item": 1}, "no field 'max_item' here: expected max_items or jobs"),
        ("settings", {"max_items": -1}, "expected an integer from 0"),
        ("settings", {"max_items": True}, "got a boolean"),
        ("settings", {"jobs": "soon"}, "no progress mode"),
        ("settings", {"max_items": 7, "jobs": None}, "no progress mode"),
        ("clock", {"freeze": 1}, "expected true or false"),
        ("clock", {"advance": "1"}, "expected seconds"),
        ("clock", {"advance": -1}, "advances by 0 seconds or more"),
        ("clock", {"advance": 10**400}, "too large"),
        ("clock", {"freeze": True, "advance": 1e300}, "year 9000"),
    ],
)
def test_what_it_cannot_follow_is_400_and_changes_nothing(
    client: Client, path: str, body: object, reason: str
) -> None:
    before = {**client.get("/_mock/state").body, "now": ""}
    reply = client.post(f"/_mock/{path}", body)
    assert reply.status == 400
    assert reason in reply.message
    assert {**client.get("/_mock/state").body, "now": ""} == before
