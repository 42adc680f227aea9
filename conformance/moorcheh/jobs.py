"""Checks of the area jobs: what an upload job tells, from acceptance to completion."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.exchange import Exchange
from conformance.expectation import expect, expect_fields, expect_status, expect_values, require
from conformance.moorcheh.basis import Namespace, vector_namespace
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.payload import plain_batch

STATES = ("running", "completed")
AFTERWARDS = 3
sizes = st.one_of(st.integers(1, 5), st.integers(1, 200))


@proves("moorcheh.jobs.id-new")
@given(sizes=st.lists(st.integers(1, 3), min_size=2, max_size=5))
def every_upload_has_a_job_of_its_own(server: Moorcheh, sizes: list[int]) -> None:
    """Also when the same batch is uploaded again, and in another namespace."""
    spaces = [vector_namespace(server), vector_namespace(server)]
    seen: set[str] = set()
    for size in sizes:
        for space in spaces:
            exchange = space.upload(plain_batch(size, 2))
            require(exchange.succeeded, f"a valid upload is not accepted: {exchange.outcome()}")
            expect_fields(exchange, job_id=str)
            job_id = exchange.body["job_id"]
            expect(bool(job_id) and job_id not in seen, "a job_id not given before", exchange)
            seen.add(job_id)


@proves("moorcheh.jobs.shape")
@given(size=sizes)
def a_job_has_the_documented_fields(server: Moorcheh, size: int) -> None:
    """At every poll, from the first to the one after its end."""
    space, job_id, polls = _polled(server, size)
    for exchange in polls:
        expect_status(exchange, 200)
        expect_values(exchange, job_id=job_id, namespace_name=space.name)
        expect_fields(exchange, status=str, total=int, processed=int, successful=int, failed=int)
        expect_fields(exchange, started_at=str, updated_at=str)
        expect_fields(exchange, last_error=(str, type(None)), finished_at=(str, type(None)))


@proves("moorcheh.jobs.states")
@given(size=sizes)
def a_job_is_running_or_completed(server: Moorcheh, size: int) -> None:
    """There is no third state."""
    for exchange in _answered(_polled(server, size)[2]):
        expect(exchange.body.get("status") in STATES, "status running or completed", exchange)


@proves("moorcheh.jobs.completes")
@given(size=sizes, again=st.booleans())
def a_job_completes(server: Moorcheh, size: int, again: bool) -> None:
    """Within the time the user grants, for new ids and for known ones."""
    server.be_patient()
    space = vector_namespace(server)
    for _ in range(1 + again):
        last = server.polls_until_end(space.name, space.upload_needed(plain_batch(size, 2)))[-1]
        in_time = f"completed within {server.terms.job_timeout:g} s"
        expect(last.body.get("status") == "completed", in_time, last)


@proves("moorcheh.jobs.totals")
@given(size=sizes, again=st.booleans())
def a_completed_job_adds_up(server: Moorcheh, size: int, again: bool) -> None:
    """Total is the size of the batch, new ids and known ones alike; the other counts add up to it."""
    space = vector_namespace(server)
    if again:
        space.store(plain_batch(max(1, size // 2), 2))
    job_id = space.upload_needed(plain_batch(size, 2))
    for exchange in _answered(server.polls_until_end(space.name, job_id)):
        expect_values(exchange, total=size)
    last = server.upload_job(space.name, job_id)
    require(last.body.get("status") == "completed", f"an upload job does not complete: {last.outcome()}")
    expect_values(last, total=size, processed=size)
    expect_fields(last, successful=int, failed=int)
    expect(last.body["successful"] + last.body["failed"] == size, f"successful + failed = {size}", last)


@proves("moorcheh.jobs.monotonic")
@given(size=sizes)
def a_job_never_goes_back(server: Moorcheh, size: int) -> None:
    """Its three counts never fall and completed is final."""
    polls = _answered(_polled(server, size)[2])
    for earlier, later in pairwise(polls):
        for field in ("processed", "successful", "failed"):
            before, after = earlier.body.get(field), later.body.get(field)
            if isinstance(before, int) and isinstance(after, int):
                expect(after >= before, f"{field} not below {before}", later)
        was_completed = earlier.body.get("status") == "completed"
        expect(not was_completed or later.body.get("status") == "completed", "completed for good", later)


@proves("moorcheh.jobs.finished-at")
@given(size=sizes)
def a_job_is_dated(server: Moorcheh, size: int) -> None:
    """Finished when completed and not before, and the three times are in order."""
    for exchange in _answered(_polled(server, size)[2]):
        body = exchange.body
        completed = body.get("status") == "completed"
        expect(
            (body.get("finished_at") is not None) == completed,
            "finished_at once completed, else null",
            exchange,
        )
        names = ("started_at", "updated_at", "finished_at")[: 3 if completed else 2]
        times = [_time(body.get(name)) for name in names]
        expect(None not in times, "ISO 8601 timestamps in UTC", exchange)
        expect(
            times == sorted(time for time in times if time),
            "started_at <= updated_at <= finished_at",
            exchange,
        )


@proves("moorcheh.jobs.unknown")
@given(digits=st.text("0123456789abcdef", min_size=32, max_size=32))
def an_unknown_job_is_refused(server: Moorcheh, digits: str) -> None:
    """Though it looks like one, and also one that exists in a namespace that does not."""
    space = vector_namespace(server)
    job_id = space.upload_needed(plain_batch(1, 2))
    for unknown in (f"job-{digits}", f"{job_id[:-1]}{'0' if job_id[-1] != '0' else '1'}"):
        expect_status(server.upload_job(space.name, unknown), 404)
    expect_status(server.upload_job(server.new_name(), job_id), 404)
    _require_readable(server.upload_job(space.name, job_id))


@proves("moorcheh.jobs.other-namespace")
@given(completed=st.booleans())
def a_job_belongs_to_its_namespace(server: Moorcheh, completed: bool) -> None:
    """Running or completed, it is unknown elsewhere, also where there are jobs."""
    space, other = vector_namespace(server), vector_namespace(server)
    other.upload_needed(plain_batch(1, 2))
    job_id = space.upload_needed(plain_batch(1, 2))
    if completed:
        space.await_job(job_id)
    expect_status(server.upload_job(other.name, job_id), 404)
    _require_readable(server.upload_job(space.name, job_id))


def _polled(server: Moorcheh, size: int) -> tuple[Namespace, str, Sequence[Exchange]]:
    """A job with every answer to a poll of it, until its end and a few times afterwards."""
    space = vector_namespace(server)
    job_id = space.upload_needed(plain_batch(size, 2))
    polls = [*server.polls_until_end(space.name, job_id)]
    polls += [server.upload_job(space.name, job_id) for _ in range(AFTERWARDS)]
    return space, job_id, polls


def _answered(polls: Sequence[Exchange]) -> Sequence[Exchange]:
    """The polls, all of which must have been answered."""
    for exchange in polls:
        _require_readable(exchange)
    return polls


def _require_readable(exchange: Exchange) -> None:
    require(exchange.status == 200, f"an upload job cannot be read: {exchange.outcome()}")


def _time(value: object) -> datetime | None:
    """A timestamp with an offset of zero; None if it is none."""
    try:
        time = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    offset = time.utcoffset()
    return time if offset is not None and not offset else None
