"""Jobs: work that an upload or a deletion leaves behind, and the four ways in which it progresses.

Nothing runs in the background. How far a job has come is a function of the polls it has seen or of the
session's clock, worked out when somebody looks.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from mock_server.clock import Clock, timestamp

USUAL_SECONDS = 5.0
"""How long a job takes on the clock where neither its mode nor its kind says so."""


FINISHED = 10_000
"""The most jobs that are remembered after they have ended: then the oldest is forgotten."""
UUID_RANDOM = ~(0xF000 << 64 | 0xC000 << 48)
UUID_FIXED = 4 << 76 | 0x8000 << 48
"""The bits of a UUID of version 4 that are random, and those that say that it is one."""


class Work:
    """What a job is to do, as data: every attribute is part of the world's state.

    `kind` is the word for it. Of `divisible` work each item may fail by itself.
    """

    kind: ClassVar[str]
    divisible: ClassVar[bool] = False

    def do(self, first: int, stop: int) -> Sequence[str]:  # noqa: ARG002  # what others do, they do to these
        """Does the items from the first index to before the second, and says of each that fails why.

        It is called with adjoining ranges, each once; those of `skip` go on where these end.
        """
        return ()

    def skip(self, first: int, stop: int) -> None:
        """Lets the items from the first index to before the second fail."""

    def complete(self) -> None:
        """Does what is left to do when all items are done."""

    def fail(self, reason: str) -> None:
        """Gives up whatever is not done yet."""

    def leave(self, job: "Job") -> None:
        """Forgets the job wherever the service holds it."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What is to become of the next job: "stall", "fail", "partial" (`failed` items fail) or "vanish"."""

    outcome: str
    failed: int
    reason: str


@dataclass(frozen=True, slots=True)
class Mode:
    """How jobs progress: by name, with the polls or the seconds to the end as the amount of two of them.

    Without an amount, jobs that follow the clock take the time that is usual for their kind.
    """

    name: str
    amount: float | None = None

    def __str__(self) -> str:
        return self.name if self.amount is None else f"{self.name}={self.amount:g}"


def parse_mode(text: str) -> Mode:
    """Reads `instant`, `polls=N`, `time`, `time=SECONDS` or `manual`; ValueError says what else is right."""
    name, equals, amount = text.partition("=")
    if name in ("instant", "time", "manual") and not equals:
        return Mode(name)
    if name == "polls" and amount.isascii() and amount.isdigit() and 0 < len(amount) < 10 and int(amount) > 0:
        return Mode(name, int(amount))
    if name == "time":
        try:
            seconds = float(amount)
        except ValueError:
            seconds = math.nan
        if 0 <= seconds < math.inf:
            return Mode(name, seconds)
    raise ValueError(
        f"{text!r} is no progress mode: expected instant, polls=N (N from 1), time, time=SECONDS or manual"
    )


class Job:
    """One accepted batch of work: `total` items, of which `processed` are done.

    `status` is "running", "completed" or "failed"; the moments are seconds since 1970, `finished_at` None
    while it runs. `amount` is what the mode's polls or seconds come to for this job. Items from `sound` on
    fail, for the reason `doom`; without such an item the whole job fails for it, where it would complete.
    A `stalled` job goes on only if it is told.
    """

    __slots__ = (
        "amount",
        "doom",
        "failed",
        "finished_at",
        "gave_up",
        "id",
        "last_error",
        "mode",
        "polls",
        "processed",
        "sound",
        "stalled",
        "started_at",
        "total",
        "updated_at",
        "work",
    )

    def __init__(
        self, job_id: str, mode: Mode, amount: float, total: int, started_at: float, work: Work
    ) -> None:
        self.id = job_id
        self.mode = mode
        self.amount = amount
        self.total = total
        self.work = work
        self.sound = total
        self.doom: str | None = None
        self.stalled = False
        self.processed = 0
        self.failed = 0
        self.last_error: str | None = None
        self.started_at = started_at
        self.updated_at = started_at
        self.finished_at: float | None = None
        self.polls = 0
        self.gave_up = False

    @property
    def status(self) -> str:
        """The state's name in a job body."""
        if self.finished_at is None:
            return "running"
        return "failed" if self.gave_up else "completed"

    @property
    def successful(self) -> int:
        """The number of items processed without failure."""
        return self.processed - self.failed

    def moments(self) -> dict[str, str | None]:
        """Spells the three timestamps of a job body."""
        return {
            "started_at": timestamp(self.started_at),
            "updated_at": timestamp(self.updated_at),
            "finished_at": None if self.finished_at is None else timestamp(self.finished_at),
        }

    def reach(self, processed: int, moment: float) -> None:
        """Processes items up to the given number, at the given moment."""
        if self.finished_at is not None or processed <= self.processed:
            return
        stop = max(self.processed, min(processed, self.sound))
        errors = [*self.work.do(self.processed, stop)] if stop > self.processed else []
        if processed > stop:
            self.work.skip(stop, processed)
            errors += [str(self.doom)] * (processed - stop)
        if errors:
            self.failed += len(errors)
            self.last_error = errors[-1]
        self.processed = processed
        self.updated_at = moment

    def finish(self, moment: float) -> None:
        """Processes what is left and completes, at the given moment; a job that has ended stays as it is."""
        if self.finished_at is None:
            if self.doom is not None and self.sound == self.total:
                self.fail(self.doom, moment)
                return
            self.reach(self.total, moment)
            self.updated_at = self.finished_at = moment
            self.work.complete()

    def fail(self, reason: str, moment: float) -> None:
        """Ends for good, with what is left undone; a job that has ended stays as it is."""
        if self.finished_at is None:
            self.updated_at = self.finished_at = moment
            self.gave_up, self.last_error = True, reason
            self.work.fail(reason)

    def spare(self) -> None:
        """Undoes what was to become of it."""
        self.sound, self.doom, self.stalled = self.total, None, False


def new_id(random: Random) -> str:
    """Makes the id of a job: "job-" and the 32 digits of a UUID of version 4."""
    return f"job-{random.getrandbits(128) & UUID_RANDOM | UUID_FIXED:032x}"


def _after_polls(job: Job, now: float) -> None:
    if job.polls >= job.amount:
        job.finish(now)
    else:
        job.reach(job.total * job.polls // int(job.amount), now)


def _after_time(job: Job, now: float) -> None:
    seconds = job.amount
    elapsed = now - job.started_at
    if elapsed >= seconds:
        job.finish(job.started_at + seconds)
    else:
        processed = int(job.total * elapsed / seconds)
        job.reach(processed, job.started_at + seconds * processed / job.total if job.total else now)


def _at_once(job: Job, now: float) -> None:
    job.finish(now)


def _when_told(job: Job, now: float) -> None:
    """Leaves the job to whoever completes it."""


PROGRESS: Mapping[str, Callable[[Job, float], None]] = {
    "instant": _at_once,
    "polls": _after_polls,
    "time": _after_time,
    "manual": _when_told,
}


class JobBook:
    """The jobs of one session by id, the last `finished` that have ended too.

    `running` holds those that have not. `fate`, where it is set, befalls the next job that starts.
    """

    def __init__(self, clock: Clock, random: Random, finished: int = FINISHED) -> None:
        self._clock = clock
        self._random = random
        self._most = finished
        self._jobs: dict[str, Job] = {}
        self._timed: dict[str, Job] = {}
        self._ended: deque[Job] = deque()
        self._vanishing: list[Job] = []
        self.running: dict[str, Job] = {}
        self.fate: Fate | None = None

    def __getitem__(self, job_id: str) -> Job:
        return self._jobs[job_id]

    def __iter__(self) -> Iterator[Job]:
        return iter([*self._jobs.values()])

    def start(self, mode: Mode, total: int, work: Work, seconds: float = USUAL_SECONDS) -> Job:
        """Starts a job of `total` items that usually takes the given seconds."""
        amount = seconds if mode.amount is None else mode.amount
        now = self._clock.now()
        job = Job(new_id(self._random), mode, amount, total, now, work)
        self._jobs[job.id] = job
        if self.fate is not None:
            self._befall(job, self.fate)
        if not job.stalled:
            PROGRESS[mode.name](job, now)
        if job.finished_at is not None:
            self._remember(job)
        else:
            self.running[job.id] = job
            if mode.name == "time":
                self._timed[job.id] = job
        return job

    def poll(self, job: Job) -> None:
        """Counts one look at a job's status, and moves the job on if its progress hangs on that."""
        job.polls += 1
        self._progress(job, self._clock.now())

    def settle(self) -> None:
        """Brings every job that progresses with time to where it is now, and forgets those that vanish."""
        if self._timed:
            now = self._clock.now()
            for job in [*self._timed.values()]:
                self._progress(job, now)
        while self._vanishing:
            self._vanish(self._vanishing.pop())

    def complete(self, job: Job) -> None:
        """Completes a job now, whatever its mode and whatever was to become of it."""
        job.spare()
        job.finish(self._clock.now())
        self._note(job)

    def complete_partly(self, job: Job, failed: int, reason: str) -> None:
        """Completes a job now, with its last `failed` items failing; ValueError if it cannot be so."""
        left = job.total - job.processed
        if not job.work.divisible:
            raise ValueError(f"the items of a job of kind {job.work.kind} do not fail one by one")
        if failed > left:
            raise ValueError(
                f"failed: {failed} items cannot fail, {left} of {job.total} are not processed yet"
            )
        if job.finished_at is None:
            job.spare()
            job.sound, job.doom = job.total - failed, reason if failed else None
            job.finish(self._clock.now())
            self._note(job)

    def fail(self, job: Job, reason: str) -> None:
        """Fails a job now, whatever its mode."""
        job.fail(reason, self._clock.now())
        self._note(job)

    def drop(self, job: Job) -> None:
        """Forgets a job, finished or not: what it has not processed is never done."""
        for book in (self._jobs, self._timed, self.running):
            book.pop(job.id, None)

    def _befall(self, job: Job, fate: Fate) -> None:
        if fate.outcome == "stall":
            job.stalled = True
        elif fate.outcome == "vanish":
            self._vanishing.append(job)
        else:
            job.doom = fate.reason
            if fate.outcome == "partial" and job.work.divisible:
                job.sound = max(0, job.total - fate.failed)

    def _vanish(self, job: Job) -> None:
        job.fail("the job has vanished", self._clock.now())
        job.work.leave(job)
        self.drop(job)

    def _progress(self, job: Job, now: float) -> None:
        if not job.stalled:
            PROGRESS[job.mode.name](job, now)
        self._note(job)

    def _note(self, job: Job) -> None:
        if job.finished_at is not None and self.running.pop(job.id, None) is not None:
            self._timed.pop(job.id, None)
            self._remember(job)

    def _remember(self, job: Job) -> None:
        """Keeps a job that has ended, in the place of the oldest that has if there are too many."""
        self._ended.append(job)
        if len(self._ended) > self._most:
            oldest = self._ended.popleft()
            oldest.work.leave(oldest)
            self._jobs.pop(oldest.id, None)
