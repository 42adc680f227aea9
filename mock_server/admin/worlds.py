"""Worlds: look into one, empty it, set its limits and its time, list them all, drop one."""

from mock_server.admin.asked import REQUEST, fields_of, integer
from mock_server.clock import timestamp
from mock_server.jobs import parse_mode
from mock_server.payload import kind
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World


def state(world: World, _call: Call) -> Answer:
    """Tells what the world holds, how it is set, what time it is and which jobs run."""
    parts = {part.service: part.summary() for part in world.parts.values()}
    body = {
        "session": world.name,
        "items": sum(part.items for part in world.parts.values()),
        "max_items": world.settings.max_items,
        "jobs": str(world.settings.jobs),
        "journal_entries": world.journal.entries,
        "journal_bytes": world.journal.most_bytes,
        "journal_body": world.journal.body_bytes,
        "now": timestamp(world.clock.now()),
        "frozen": world.clock.frozen,
        "running_jobs": [
            {"job_id": job.id, "total": job.total, "processed": job.processed}
            for job in world.jobs.running.values()
        ],
        "faults": len(world.faults),
    }
    return Answer(200, body | parts)


def reset(world: World, call: Call) -> Answer:
    """Empties the world and undoes what it was told."""
    world.reset()
    return state(world, call)


def settings(world: World, call: Call) -> Answer:
    """Sets the limits of the world and of its journal, and how jobs progress that start from now on."""
    asked = fields_of(call, "max_items", "jobs", "journal_entries", "journal_bytes", "journal_body")
    mode, journal = world.settings.jobs, world.journal
    max_items = integer(asked, "max_items", world.settings.max_items)
    entries = integer(asked, "journal_entries", journal.entries)
    most_bytes = integer(asked, "journal_bytes", journal.most_bytes)
    body_bytes = integer(asked, "journal_body", journal.body_bytes)
    if "jobs" in asked:
        try:
            mode = parse_mode(str(asked["jobs"]))
        except ValueError as error:
            raise Refused(REQUEST, f"jobs: {error}") from None
    world.settings.max_items, world.settings.jobs = max_items, mode
    journal.entries, journal.most_bytes, journal.body_bytes = entries, most_bytes, body_bytes
    journal.trim()
    return state(world, call)


def clock(world: World, call: Call) -> Answer:
    """Freezes the world's time (`freeze`: true or false), moves it forward (`advance`: seconds), or both."""
    asked = fields_of(call, "freeze", "advance")
    freeze, seconds = asked.get("freeze"), asked.get("advance", 0)
    if freeze is not None and type(freeze) is not bool:
        raise Refused(REQUEST, f"freeze: expected true or false, got {kind(freeze)}")
    if type(seconds) not in (int, float):
        raise Refused(REQUEST, f"advance: expected seconds, got {kind(seconds)}")
    try:
        world.clock.advance(float(seconds))
    except (ValueError, OverflowError) as error:
        raise Refused(REQUEST, f"advance: {error}") from None
    if freeze is not None:
        (world.clock.freeze if freeze else world.clock.thaw)()
    world.jobs.settle()
    return state(world, call)


def sessions(world: World, _call: Call) -> Answer:
    """Lists the worlds of the server by name."""
    return Answer(200, {"sessions": [*world.worlds]})


def drop(world: World, _call: Call) -> Answer:
    """Drops the world: whoever comes to it again finds a new one."""
    world.worlds.drop(world.name)
    return Answer(200, {"status": "success", "session": world.name})
