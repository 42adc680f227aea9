"""Jobs: list them, and say what becomes of one."""

from mock_server.admin.asked import REQUEST, fields_of, text
from mock_server.jobs import Job
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World

UNKNOWN = "mock.job"
REASON = "failed by the admin API"


def complete(world: World, call: Call) -> Answer:
    """Completes a job, whatever its progress mode; one that has ended stays as it is."""
    job = _job(world, call)
    world.jobs.complete(job)
    return _told(job)


def fail(world: World, call: Call) -> Answer:
    """Fails a job of a kind that can fail, for the `reason` given; one that has ended stays as it is."""
    reason = text(fields_of(call, "reason"), "reason", REASON)
    job = _job(world, call)
    if not job.can_fail:
        raise Refused(REQUEST, f"job {job.id!r} is of a kind that never fails")
    world.jobs.fail(job, reason)
    return _told(job)


def _job(world: World, call: Call) -> Job:
    job_id = call.parameters["job_id"]
    try:
        return world.jobs[job_id]
    except KeyError:
        raise Refused(UNKNOWN, f"no job {job_id!r} here") from None


def _told(job: Job) -> Answer:
    return Answer(
        200, {"job_id": job.id, "status": job.status, "total": job.total, "processed": job.processed}
    )
