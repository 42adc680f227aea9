"""Jobs: list them, and say what becomes of one."""

from collections.abc import Mapping
from typing import Any

from mock_server.admin.asked import REQUEST, fields_of, integer, text
from mock_server.jobs import Job
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World

UNKNOWN = "mock.job"
REASON = "failed by the admin API"


def show(world: World, _call: Call) -> Answer:
    """Lists the jobs of the world, oldest first."""
    return Answer(200, {"jobs": [_view(job) for job in world.jobs]})


def complete(world: World, call: Call) -> Answer:
    """Completes a job, whatever its progress mode; one that has ended stays as it is."""
    fields_of(call)
    job = _job(world, call)
    world.jobs.complete(job)
    return Answer(200, _view(job))


def fail(world: World, call: Call) -> Answer:
    """Fails a job for the `reason` given, with what is left undone; one that has ended stays as it is."""
    reason = text(fields_of(call, "reason"), "reason", REASON)
    job = _job(world, call)
    world.jobs.fail(job, reason)
    return Answer(200, _view(job))


def partial(world: World, call: Call) -> Answer:
    """Completes a job whose last `failed` items fail; one that has ended stays as it is."""
    asked = fields_of(call, "failed", "reason")
    failed, reason = integer(asked, "failed", 1), text(asked, "reason", REASON)
    job = _job(world, call)
    try:
        world.jobs.complete_partly(job, failed, reason)
    except ValueError as error:
        raise Refused(REQUEST, str(error)) from None
    return Answer(200, _view(job))


def stall(world: World, call: Call) -> Answer:
    """Stalls a job: it goes no further until it is completed or failed."""
    fields_of(call)
    job = _job(world, call)
    job.stalled = job.finished_at is None
    return Answer(200, _view(job))


def _job(world: World, call: Call) -> Job:
    job_id = call.parameters["job_id"]
    try:
        return world.jobs[job_id]
    except KeyError:
        raise Refused(UNKNOWN, f"no job {job_id!r} here") from None


def _view(job: Job) -> Mapping[str, Any]:
    return {
        "job_id": job.id,
        "kind": job.work.kind,
        "status": job.status,
        "stalled": job.stalled,
        "total": job.total,
        "processed": job.processed,
        "failed": job.failed,
        "last_error": job.last_error,
    }
