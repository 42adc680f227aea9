"""The processing of an upload: a record that says how far its indexing has come."""

from collections.abc import Sequence
from dataclasses import dataclass

from mock_server.jobs import Job

STAGES: Sequence[str] = ("queued", "processing", "completed")
STEPS = len(STAGES) - 1
"""What a job of indexing counts as its total: the way from each stage to the next."""
FAILED = "PROCESSING_FAILED"


@dataclass(frozen=True, slots=True)
class Record:
    """The processing of one upload of a file: its job, and the dimension of its rows."""

    file_id: str
    dimension: int
    job: Job

    @property
    def runs(self) -> bool:
        """Whether the rows are still to come."""
        return self.job.status == "running"

    @property
    def status(self) -> str:
        """The state's name as `indexing_status`."""
        return "errored" if self.job.status == "failed" else STAGES[self.job.processed]
