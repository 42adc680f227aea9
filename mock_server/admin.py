"""The admin API under `/_mock/`: look into a world, empty it, set its limits, its time and its jobs."""

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.clock import timestamp
from mock_server.jobs import Job, parse_mode
from mock_server.payload import decode, kind
from mock_server.refusal import Refused
from mock_server.service import Answer, Call, Operation
from mock_server.session import Part, World

STATUS = {"mock.request": 400, "mock.job": 404}
REASON = "failed by the admin API"


def state(world: World, _call: Call) -> Answer:
    """Tells what the world holds, how it is set, what time it is and which jobs run."""
    parts = {part.service: part.summary() for part in world.parts.values()}
    body = {
        "session": world.name,
        "items": sum(part.items for part in world.parts.values()),
        "max_items": world.settings.max_items,
        "jobs": str(world.settings.jobs),
        "now": timestamp(world.clock.now()),
        "frozen": world.clock.frozen,
        "running_jobs": [
            {"job_id": job.id, "total": job.total, "processed": job.processed}
            for job in world.jobs.running.values()
        ],
    }
    return Answer(200, body | parts)


def reset(world: World, call: Call) -> Answer:
    """Empties the world and undoes what it was told."""
    world.reset()
    return state(world, call)


def settings(world: World, call: Call) -> Answer:
    """Sets `max_items`, `jobs` or both; jobs that run keep the mode they were started with."""
    asked = _fields(call, "max_items", "jobs")
    max_items, mode = world.settings.max_items, world.settings.jobs
    if "max_items" in asked:
        max_items = asked["max_items"]
        if type(max_items) is not int or max_items < 0:
            raise Refused("mock.request", f"max_items: expected an integer from 0, got {kind(max_items)}")
    if "jobs" in asked:
        try:
            mode = parse_mode(str(asked["jobs"]))
        except ValueError as error:
            raise Refused("mock.request", f"jobs: {error}") from None
    world.settings.max_items, world.settings.jobs = max_items, mode
    return state(world, call)


def clock(world: World, call: Call) -> Answer:
    """Freezes the world's time (`freeze`: true or false), moves it forward (`advance`: seconds), or both."""
    asked = _fields(call, "freeze", "advance")
    freeze, seconds = asked.get("freeze"), asked.get("advance", 0)
    if freeze is not None and type(freeze) is not bool:
        raise Refused("mock.request", f"freeze: expected true or false, got {kind(freeze)}")
    if type(seconds) not in (int, float):
        raise Refused("mock.request", f"advance: expected seconds, got {kind(seconds)}")
    try:
        world.clock.advance(float(seconds))
    except (ValueError, OverflowError) as error:
        raise Refused("mock.request", f"advance: {error}") from None
    if freeze is not None:
        (world.clock.freeze if freeze else world.clock.thaw)()
    world.jobs.settle()
    return state(world, call)


def complete(world: World, call: Call) -> Answer:
    """Completes a job, whatever its progress mode; one that has ended stays as it is."""
    job = _job(world, call)
    world.jobs.complete(job)
    return _told(job)


def fail(world: World, call: Call) -> Answer:
    """Fails a job of a kind that can fail, for the `reason` given; one that has ended stays as it is."""
    reason = (_fields(call, "reason") if call.body else {}).get("reason", REASON)
    if not isinstance(reason, str):
        raise Refused("mock.request", f"reason: expected a string, got {kind(reason)}")
    job = _job(world, call)
    if not job.can_fail:
        raise Refused("mock.request", f"job {job.id!r} is of a kind that never fails")
    world.jobs.fail(job, reason)
    return _told(job)


class Admin:
    """The admin API as a service."""

    name = "mock"
    parts: Sequence[type[Part]] = ()
    operations: Sequence[Operation] = (
        Operation("GET", "/_mock/state", state),
        Operation("POST", "/_mock/reset", reset),
        Operation("POST", "/_mock/settings", settings),
        Operation("POST", "/_mock/clock", clock),
        Operation("POST", "/_mock/jobs/{job_id}/complete", complete),
        Operation("POST", "/_mock/jobs/{job_id}/fail", fail),
    )

    def refuse(self, call: Call, refused: Refused) -> Answer:
        """Answers a call that the admin API cannot follow."""
        return self.fail(call.path, STATUS[refused.clause], str(refused))

    def fail(self, _path: str, status: int, message: str) -> Answer:
        """Answers with the error body."""
        return Answer(status, {"status": "failure", "message": message})


ADMIN = Admin()


def _job(world: World, call: Call) -> Job:
    job_id = call.parameters["job_id"]
    try:
        return world.jobs[job_id]
    except KeyError:
        raise Refused("mock.job", f"no job {job_id!r} here") from None


def _told(job: Job) -> Answer:
    return Answer(
        200, {"job_id": job.id, "status": job.status, "total": job.total, "processed": job.processed}
    )


def _fields(call: Call, *known: str) -> Mapping[str, Any]:
    try:
        document = decode(call.body)
    except ValueError as error:
        raise Refused("mock.request", str(error)) from None
    if not isinstance(document, dict):
        raise Refused("mock.request", f"expected an object, got {kind(document)}")
    for name in document:
        if name not in known:
            raise Refused("mock.request", f"no field {name!r} here: expected {' or '.join(known)}")
    return document
