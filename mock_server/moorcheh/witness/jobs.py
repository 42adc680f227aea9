"""What traffic tells of a server's jobs: whose they are, and how far they were seen to come."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mock_server.moorcheh.witness.asked import Asked
from mock_server.witness import Passage

MOST_JOBS = 10_000
MOST_POLLS = 100
COUNTS = ("processed", "successful", "failed")


@dataclass(frozen=True, slots=True)
class Poll:
    """What a job was seen to say, and the moment at which that answer was whole."""

    ended: int
    counts: tuple[int, ...]
    completed: bool


@dataclass(slots=True)
class UploadJob:
    """An accepted upload: its namespace and size, the moments of its request and answer, what polls saw."""

    namespace: str
    total: int
    began: int
    accepted: int
    polls: list[Poll] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Whether it was seen completed."""
        return any(poll.completed for poll in self.polls)


class Jobs:
    """The jobs of uploads and of deletions that were accepted in sight."""

    def __init__(self) -> None:
        self._uploads: dict[str, UploadJob] = {}
        self._deletions: dict[tuple[str, str], bool] = {}

    def find(self, job_id: str) -> UploadJob | None:
        """Answers the upload that a job belongs to, if it was accepted in sight."""
        return self._uploads.get(job_id)

    def accepted(self, asked: Asked, passage: Passage) -> Iterator[tuple[str, str]]:
        """Takes note of an accepted upload; says whether its job is another's."""
        job_id = passage.body["job_id"]
        if job_id in self._uploads:
            yield "jobs.id-new", f"job_id {job_id!r} is that of an earlier upload"
        while len(self._uploads) >= MOST_JOBS:
            del self._uploads[next(iter(self._uploads))]
        self._uploads[job_id] = UploadJob(asked.namespace, asked.sent, passage.began, passage.ended)

    def polled(self, asked: Asked, passage: Passage) -> Iterator[tuple[str, str]]:
        """Says what an answer about an upload's job breaks beside earlier ones, and takes note of it."""
        job = self._uploads.get(asked.call.parameters["job_id"])
        if job is None or passage.began < job.accepted:
            return
        if asked.namespace != job.namespace:
            yield "jobs.other-namespace", f"the job of namespace {job.namespace!r} is found in another"
            return
        body = passage.body
        if body["total"] != job.total:
            yield "jobs.totals", f"total {body['total']} of an upload of {job.total}"
        now = Poll(passage.ended, tuple(body[name] for name in COUNTS), body["status"] == "completed")
        for before in job.polls:
            if before.ended < passage.began:
                yield from _regress(before, now)
                if before.completed and not now.completed:
                    yield "jobs.monotonic", "the job runs after it was completed"
        job.polls = [*job.polls[-MOST_POLLS:], now]

    def missing(self, asked: Asked, passage: Passage) -> Iterator[tuple[str, str]]:
        """Says whether a job that is not found is one that had not been completed."""
        job = self._uploads.get(asked.call.parameters["job_id"])
        if (
            job is not None
            and job.accepted < passage.began
            and job.namespace == asked.namespace
            and not job.is_done
        ):
            yield "jobs.completes", "the job of an accepted upload is not found, and was never completed"

    def deleting(self, name: str, job_id: str) -> None:
        """Takes note of an accepted deletion."""
        self._deletions[name, job_id] = False

    def deletion_polled(self, name: str, job_id: str, completed: bool) -> None:
        """Takes note of how far a deletion has come."""
        if (name, job_id) in self._deletions:
            self._deletions[name, job_id] |= completed

    def deletion_runs(self, name: str, job_id: str) -> bool:
        """Tells whether a deletion was accepted and not seen completed."""
        return self._deletions.get((name, job_id)) is False


def _regress(before: Poll, now: Poll) -> Iterator[tuple[str, str]]:
    for name, earlier, later in zip(COUNTS, before.counts, now.counts, strict=True):
        if later < earlier:
            yield "jobs.monotonic", f"{name} {later} after {earlier}"
