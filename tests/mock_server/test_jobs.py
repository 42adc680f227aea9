"""Jobs and their four progress modes."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.clock import Clock
from mock_server.jobs import USUAL_SECONDS, Fate, Job, JobBook, Mode, Work, parse_mode


class Chores(Work):
    """Work that writes down what of it is done."""

    kind = "chores"
    divisible = True

    def __init__(self) -> None:
        self.done: list[int] = []
        self.skipped: list[int] = []
        self.endings = 0
        self.failures: list[str] = []
        self.left: list[str] = []

    def do(self, first: int, stop: int) -> list[str]:
        self.done.extend(range(first, stop))
        return []

    def skip(self, first: int, stop: int) -> None:
        self.skipped.extend(range(first, stop))

    def complete(self) -> None:
        self.endings += 1

    def fail(self, reason: str) -> None:
        self.failures.append(reason)

    def leave(self, job: Job) -> None:
        self.left.append(job.id)


class World:
    """A book of jobs on a frozen clock, and the work of them all."""

    def __init__(self, finished: int = 100) -> None:
        self.clock = Clock(lambda: 1000.0)
        self.book = JobBook(self.clock, Random(0), finished)
        self.work = Chores()

    @property
    def done(self) -> list[int]:
        return self.work.done

    @property
    def endings(self) -> int:
        return self.work.endings

    def start(self, mode: str, total: int) -> Job:
        return self.book.start(parse_mode(mode), total, self.work)


@pytest.mark.parametrize("text", ["instant", "manual", "polls=1", "polls=12", "time", "time=0", "time=1.5"])
def test_a_mode_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_mode(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "instant=1", "manual=2", "polls", "polls=0", "polls=-1", "polls=1.5", "polls=²"),
        *("polls=9999999999", "time=", "time=x", "time=-1", "time=inf", "time=nan"),
    ],
)
def test_anything_else_is_no_mode(text: str) -> None:
    with pytest.raises(ValueError, match="is no progress mode: expected instant"):
        parse_mode(text)


def test_an_instant_job_is_completed_when_it_starts() -> None:
    world = World()
    job = world.start("instant", 3)
    assert (job.status, job.processed, world.done, world.endings) == ("completed", 3, [0, 1, 2], 1)
    assert not world.book.running


@given(total=st.integers(0, 50), polls=st.integers(1, 12))
def test_each_poll_does_its_share_and_the_last_completes(total: int, polls: int) -> None:
    world = World()
    job = world.start(f"polls={polls}", total)
    assert (job.status, job.processed) == ("running", 0)
    for poll in range(1, polls + 1):
        assert job.status == "running"
        world.book.poll(job)
        assert job.processed == total * poll // polls
    assert (job.status, world.done, world.endings) == ("completed", [*range(total)], 1)
    world.book.poll(job)
    assert (world.done, world.endings) == ([*range(total)], 1)


def test_a_timed_job_follows_the_clock() -> None:
    world = World()
    job = world.start("time=10", 4)
    for seconds, processed, updated in [(2.0, 0, 1000.0), (1.0, 1, 1002.5), (6.0, 3, 1007.5)]:
        world.clock.advance(seconds)
        world.book.settle()
        assert (job.status, job.processed, job.updated_at) == ("running", processed, updated)
    world.clock.advance(20)
    world.book.settle()
    assert (job.status, job.processed, job.updated_at, job.finished_at) == ("completed", 4, 1010.0, 1010.0)
    assert not world.book.running


@pytest.mark.parametrize(("mode", "seconds"), [("time", 45), ("time=10", 10)])
def test_without_an_amount_a_timed_job_takes_its_usual_time(mode: str, seconds: float) -> None:
    world = World()
    job = world.book.start(parse_mode(mode), 1, world.work, seconds=45)
    world.clock.advance(seconds - 1)
    world.book.settle()
    assert job.status == "running"
    world.clock.advance(1)
    world.book.settle()
    assert job.status == "completed"


def test_a_kind_of_job_that_names_no_time_takes_a_few_seconds() -> None:
    world = World()
    job = world.start("time", 1)
    world.clock.advance(USUAL_SECONDS)
    world.book.settle()
    assert job.status == "completed"


def test_an_empty_timed_job_takes_its_time_too() -> None:
    world = World()
    job = world.start("time=10", 0)
    world.clock.advance(5)
    world.book.settle()
    assert job.status == "running"
    world.clock.advance(5)
    world.book.settle()
    assert (job.status, world.endings) == ("completed", 1)


def test_polls_do_not_hurry_a_timed_job() -> None:
    world = World()
    job = world.start("time=10", 4)
    for _ in range(20):
        world.book.poll(job)
    assert (job.status, job.processed) == ("running", 0)


def test_a_manual_job_runs_until_it_is_completed() -> None:
    world = World()
    job = world.start("manual", 2)
    world.book.poll(job)
    world.clock.advance(1000)
    world.book.settle()
    assert (job.status, job.processed, [*world.book.running]) == ("running", 0, [job.id])
    world.book.complete(job)
    assert (job.status, world.done, job.finished_at) == ("completed", [0, 1], 2000.0)
    assert not world.book.running
    world.clock.advance(1)
    world.book.complete(job)
    assert (job.finished_at, world.endings) == (2000.0, 1)


def test_a_dropped_job_does_nothing_more() -> None:
    world = World()
    job = world.start("time=10", 2)
    world.book.drop(job)
    world.clock.advance(100)
    world.book.settle()
    assert (world.done, world.endings) == ([], 0)
    with pytest.raises(KeyError):
        world.book[job.id]


def test_a_failed_job_leaves_the_rest_undone_and_ends() -> None:
    world = World()
    job = world.start("polls=2", 4)
    world.book.poll(job)
    world.clock.advance(5)
    world.book.fail(job, "no room")
    for end in (world.book.poll, world.book.complete):
        end(job)
    world.book.fail(job, "again")
    assert (job.status, job.last_error, job.processed, job.finished_at) == ("failed", "no room", 2, 1005.0)
    assert (world.done, world.endings, world.work.failures) == ([0, 1], 0, ["no room"])
    assert not world.book.running


def test_a_completed_job_cannot_fail_any_more() -> None:
    world = World()
    job = world.start("instant", 1)
    world.book.fail(job, "too late")
    assert (job.status, job.last_error) == ("completed", None)


def test_moments_are_in_order_and_the_last_is_null_while_it_runs() -> None:
    world = World()
    job = world.start("polls=2", 2)
    world.clock.advance(1)
    world.book.poll(job)
    assert job.moments() == {
        "started_at": "1970-01-01T00:16:40.000Z",
        "updated_at": "1970-01-01T00:16:41.000Z",
        "finished_at": None,
    }
    world.book.poll(job)
    assert job.moments()["finished_at"] == "1970-01-01T00:16:41.000Z"


def test_job_ids_are_distinct_and_repeat_with_the_seed() -> None:
    first, second = World(), World()
    ids = [first.start("instant", 1).id for _ in range(5)]
    assert len({*ids}) == 5
    assert ids == [second.start("instant", 1).id for _ in range(5)]


def test_a_mode_is_a_value() -> None:
    assert parse_mode("polls=2") == Mode("polls", 2)


def test_a_stalled_job_goes_no_further_until_it_is_told() -> None:
    world = World()
    world.book.fate = Fate("stall", 0, "")
    job = world.start("polls=1", 2)
    world.book.fate = None
    for _ in range(5):
        world.book.poll(job)
    assert (job.status, job.processed) == ("running", 0)
    world.book.complete(job)
    assert (job.status, job.stalled, world.done) == ("completed", False, [0, 1])


def test_a_doomed_job_fails_where_it_would_complete() -> None:
    world = World()
    world.book.fate = Fate("fail", 0, "no luck")
    job = world.start("polls=2", 4)
    world.book.poll(job)
    assert (job.status, world.done) == ("running", [0, 1])
    world.book.poll(job)
    assert (job.status, job.last_error, job.processed, world.done) == ("failed", "no luck", 2, [0, 1])
    assert (world.work.failures, world.endings) == (["no luck"], 0)


@pytest.mark.parametrize("mode", ["instant", "polls=1", "polls=3", "polls=7"])
def test_of_a_partial_job_the_last_items_fail(mode: str) -> None:
    world = World()
    world.book.fate = Fate("partial", 2, "no luck")
    job = world.start(mode, 5)
    for _ in range(7):
        world.book.poll(job)
    assert (job.status, job.processed, job.failed, job.successful) == ("completed", 5, 2, 3)
    assert (world.done, world.work.skipped, job.last_error) == ([0, 1, 2], [3, 4], "no luck")


def test_more_items_than_there_are_all_fail() -> None:
    world = World()
    world.book.fate = Fate("partial", 9, "no luck")
    job = world.start("instant", 2)
    assert (job.status, job.failed, world.done) == ("completed", 2, [])


def test_work_that_cannot_fail_in_part_fails_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Chores, "divisible", False)
    world = World()
    world.book.fate = Fate("partial", 1, "no luck")
    assert world.start("instant", 2).status == "failed"
    world.book.fate = None
    with pytest.raises(ValueError, match="of a job of kind chores do not fail one by one"):
        world.book.complete_partly(world.start("manual", 2), 1, "")


def test_a_job_is_completed_in_part() -> None:
    world = World()
    job = world.start("polls=2", 4)
    world.book.poll(job)
    with pytest.raises(ValueError, match="failed: 3 items cannot fail, 2 of 4 are not processed yet"):
        world.book.complete_partly(job, 3, "")
    world.book.complete_partly(job, 1, "no luck")
    assert (job.status, job.failed, job.last_error, world.done) == ("completed", 1, "no luck", [0, 1, 2])
    world.book.complete_partly(job, 0, "again")
    assert (job.failed, world.endings) == (1, 1)
    whole = world.start("manual", 4)
    world.book.complete_partly(whole, 0, "no luck")
    assert (whole.status, whole.failed, whole.last_error) == ("completed", 0, None)


def test_what_was_to_become_of_a_job_is_undone_when_it_is_completed() -> None:
    world = World()
    world.book.fate = Fate("fail", 0, "no luck")
    job = world.start("manual", 1)
    world.book.complete(job)
    assert (job.status, job.last_error) == ("completed", None)


@pytest.mark.parametrize(("mode", "done"), [("manual", []), ("instant", [0])])
def test_a_job_that_vanishes_is_gone_when_somebody_looks(mode: str, done: list[int]) -> None:
    world = World()
    world.book.fate = Fate("vanish", 0, "")
    job = world.start(mode, 1)
    world.book.settle()
    with pytest.raises(KeyError):
        world.book[job.id]
    assert (world.work.left, world.done, [*world.book], world.book.running) == ([job.id], done, [], {})


def test_the_oldest_that_has_ended_is_forgotten() -> None:
    world = World(finished=2)
    running = world.start("manual", 1)
    ended = [world.start("instant", 1) for _ in range(3)]
    assert [job.id for job in world.book] == [running.id, ended[1].id, ended[2].id]
    assert world.work.left == [ended[0].id]
