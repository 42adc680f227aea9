"""Jobs: work that an upload or a deletion leaves behind, and the four ways in which it progresses.

Nothing runs in the background. How far a job has come is a function of the polls it has seen or of the
session's clock, worked out when somebody looks.
"""

import math
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from mock_server.clock import Clock, timestamp

Step = Callable[[int, int], Sequence[str] | None]
"""Does the items from the first index to before the second, and says of each that fails why.

It is called with adjoining ranges, each once.
"""
Ending = Callable[[], None]
"""Does what is left to do when a job ends."""

USUAL_SECONDS = 5.0
"""How long a job takes on the clock where neither its mode nor its kind says so."""


def nothing() -> None:
    """Does nothing: the ending of a job that needs none."""


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
    while it runs. `amount` is what the mode's polls or seconds come to for this job. `failing` is called if
    the job fails; one without it cannot.
    """

    def __init__(
        self,
        job_id: str,
        mode: Mode,
        amount: float,
        total: int,
        started_at: float,
        step: Step,
        ending: Ending,
        failing: Ending | None,
    ) -> None:
        self.id = job_id
        self.mode = mode
        self.amount = amount
        self.total = total
        self.processed = 0
        self.failed = 0
        self.last_error: str | None = None
        self.started_at = started_at
        self.updated_at = started_at
        self.finished_at: float | None = None
        self.polls = 0
        self.gave_up = False
        self.can_fail = failing is not None
        self._step: Step | None = step
        self._ending = ending
        self._failing = failing or nothing

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
        if self._step is not None and processed > self.processed:
            for error in self._step(self.processed, processed) or ():
                self.failed += 1
                self.last_error = error
            self.processed = processed
            self.updated_at = moment

    def finish(self, moment: float) -> None:
        """Processes what is left and complete, at the given moment; a completed job stays as it is."""
        if self._step is not None:
            self.reach(self.total, moment)
            self.updated_at = self.finished_at = moment
            self._end(self._ending)

    def fail(self, reason: str, moment: float) -> None:
        """Ends for good, with what is left undone; a job that has ended stays as it is."""
        if self._step is not None:
            self.updated_at = self.finished_at = moment
            self.gave_up, self.last_error = True, reason
            self._end(self._failing)

    def _end(self, ending: Ending) -> None:
        ending()
        self._step, self._ending, self._failing = None, nothing, nothing  # lets go of the batch


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
    """The jobs of one session by id, finished ones too; `running` holds those that are not."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random
        self._jobs: dict[str, Job] = {}
        self._timed: dict[str, Job] = {}
        self.running: dict[str, Job] = {}

    def __getitem__(self, job_id: str) -> Job:
        return self._jobs[job_id]

    def start(
        self,
        mode: Mode,
        total: int,
        step: Step,
        ending: Ending = nothing,
        failing: Ending | None = None,
        seconds: float = USUAL_SECONDS,
    ) -> Job:
        """Starts a job of `total` items that usually takes the given seconds.

        `ending` is called once, when the job completes, or `failing` in its place, without which it cannot
        fail.
        """
        number = uuid.UUID(int=self._random.getrandbits(128), version=4)
        amount = seconds if mode.amount is None else mode.amount
        moment = self._clock.now()
        job = Job(f"job-{number.hex}", mode, amount, total, moment, step, ending, failing)
        self._jobs[job.id] = self.running[job.id] = job
        if mode.name == "time":
            self._timed[job.id] = job
        self._progress(job)
        return job

    def poll(self, job: Job) -> None:
        """Counts one look at a job's status, and moves the job on if its progress hangs on that."""
        job.polls += 1
        self._progress(job)

    def settle(self) -> None:
        """Brings every job that progresses with time to where it is now."""
        for job in list(self._timed.values()):
            self._progress(job)

    def complete(self, job: Job) -> None:
        """Completes a job now, whatever its mode."""
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

    def _progress(self, job: Job) -> None:
        PROGRESS[job.mode.name](job, self._clock.now())
        self._note(job)

    def _note(self, job: Job) -> None:
        if job.finished_at is not None:
            self.running.pop(job.id, None)
            self._timed.pop(job.id, None)
