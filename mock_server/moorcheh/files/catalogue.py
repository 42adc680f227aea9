"""The files of a namespace: what is known of each, and the jobs that index and delete them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from mock_server.clock import timestamp
from mock_server.jobs import Job

DIGITS = 16  # of the digest that is a file's id


def file_id(namespace: str, path: str) -> str:
    """Answers the id of a file: a digest of its namespace and of its absolute path."""
    return hashlib.sha256(f"{namespace}\0{path}".encode()).hexdigest()[:DIGITS]


def item_ids(of: str, chunk_count: int, summary_count: int) -> list[str]:
    """Lists the ids of the items of a file: its chunks, then their summaries."""
    return [
        *(f"{of}_chunk_{place}" for place in range(chunk_count)),
        *(f"{of}_summary_{place}" for place in range(summary_count)),
    ]


@dataclass(slots=True)
class Entry:
    """What is known of a file.

    `path` is as it was asked for, `real` where it lies; `mtime` counts nanoseconds since 1970, `number` is
    that of the upload. While a file is indexed again the counts are those of the last time. `owned` are the
    ids of all items made or to be made of it; `going` tells that it is to be deleted, or is uploaded anew.
    """

    file_id: str
    path: str
    real: Path
    size: int
    mtime: int
    metadata: Mapping[str, Any]
    number: int
    status: str = "processing"
    chunk_count: int = 0
    summary_count: int = 0
    ingested_at: float | None = None
    last_error: str | None = None
    owned: list[str] = field(default_factory=list)
    going: bool = False

    @property
    def extension(self) -> str:
        """The ending of the path, with its dot, in lower case."""
        return PurePosixPath(self.path).suffix.lower()

    @property
    def filename(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path).name

    def covers(self, other: "Entry") -> bool:
        """Tells whether the file is indexed, or being indexed, with the size and time of the other entry."""
        same = (self.size, self.mtime) == (other.size, other.mtime)
        return same and self.status != "failed" and not self.going

    def body(self) -> dict[str, Any]:
        """Spells the entry as JSON."""
        exists = self.real.is_file()
        return {
            "file_id": self.file_id,
            "absolute_path": self.path,
            "filename": self.filename,
            "file_type": self.extension,
            "file_size": self.size,
            "file_mtime": timestamp(self.mtime / 1e9),
            "chunk_count": self.chunk_count,
            "summary_count": self.summary_count,
            "status": "file_missing" if self.status == "indexed" and not exists else self.status,
            "path_exists": exists,
            "ingested_at": None if self.ingested_at is None else timestamp(self.ingested_at),
            "last_error": self.last_error,
            "metadata": self.metadata,
        }


@dataclass(slots=True)
class Tally:
    """What a file job has done so far, and what went wrong."""

    chunks_total: int = 0
    chunks_processed: int = 0
    summaries_created: int = 0
    items_deleted: int = 0
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class FileJob:
    """A job that indexes or deletes files; `entry` is the file's if it is only one."""

    type: str
    job: Job
    entry: Entry | None
    tally: Tally

    def body(self, namespace: str) -> dict[str, Any]:
        """Spells the job as JSON."""
        failed = self.job.status == "completed" and self.tally.last_error is not None
        return {
            "job_id": self.job.id,
            "job_type": self.type,
            "namespace_name": namespace,
            "file_id": None if self.entry is None else self.entry.file_id,
            "absolute_path": None if self.entry is None else self.entry.path,
            "status": "failed" if failed else self.job.status,
            "chunks_total": self.tally.chunks_total,
            "chunks_processed": self.tally.chunks_processed,
            "summaries_created": self.tally.summaries_created,
            "items_deleted": self.tally.items_deleted,
            "last_error": self.job.last_error or self.tally.last_error,
            **self.job.moments(),
        }


@dataclass(slots=True)
class Catalogue:
    """The files of a namespace by their ids, and its file jobs by theirs."""

    entries: dict[str, Entry] = field(default_factory=dict)
    jobs: dict[str, FileJob] = field(default_factory=dict)
