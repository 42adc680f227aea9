"""Turns files into items: what an accepted upload of files does, step by step.

Texts are read, cut and embedded when the upload is accepted, because the quota is asked before there is a
job; what is stored shows as the job proceeds. A file that cannot be read fails its job, the others of the
same upload are indexed all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mock_server.arrays import np
from mock_server.jobs import Job, Work
from mock_server.moorcheh.files.catalogue import Entry, FileJob, Tally, item_ids
from mock_server.moorcheh.files.chunking import chunks, summaries
from mock_server.moorcheh.files.reading import UnreadableError, read_text
from mock_server.moorcheh.store import Batch, Namespace
from mock_server.session import World
from mock_server.vectors import Directions

OVERTAKEN = "the file was deleted or uploaded anew before it was indexed"


@dataclass(frozen=True, slots=True)
class Cut:
    """A file made into items: n texts and directions, the chunks before the summaries, or an error."""

    entry: Entry
    chunk_count: int
    texts: Sequence[str]
    directions: Directions
    error: str | None = None

    @property
    def ids(self) -> list[str]:
        """The ids of the items."""
        return item_ids(self.entry.file_id, self.chunk_count, len(self.texts) - self.chunk_count)

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The metadata of each item: the file's own, and what it does not say itself."""
        return {"source": self.entry.filename, "file_id": self.entry.file_id, **self.entry.metadata}


def cut(entry: Entry, namespace: Namespace) -> Cut:
    """Reads a file, and cuts and embeds its text; one that cannot be read has no items but an error."""
    nothing = np.empty((0, namespace.vectors.dimension), np.float32)
    try:
        pieces = chunks(read_text(entry.real, entry.extension))
    except UnreadableError as error:
        return Cut(entry, 0, (), nothing, str(error))
    texts = [*pieces, *summaries(pieces)]
    block, faults = namespace.embed(texts)
    for fault in faults.values():
        return Cut(entry, 0, (), nothing, fault)
    return Cut(entry, len(pieces), texts, block)


def joined(files: Sequence[Cut], accepted_at: float) -> Batch:
    """Joins the items of one file or more to a batch."""
    return Batch(
        [item_id for each in files for item_id in each.ids],
        [each.metadata for each in files for _ in each.texts],
        np.concatenate([each.directions for each in files]),
        [text for each in files for text in each.texts],
        summaries=frozenset(item_id for each in files for item_id in each.ids[each.chunk_count :]),
        accepted_at=accepted_at,
    )


class Ingestion(Work):
    """The work of one upload of files: a batch, as the upload of the given number."""

    kind = "file_ingest"

    def __init__(
        self, world: World, namespace: Namespace, files: Sequence[Cut], batch: Batch, number: int
    ) -> None:
        self._world = world
        self._namespace = namespace
        self._files = files
        self._batch = batch
        self._number = number
        self._is_chunk = [item_id not in batch.summaries for item_id in batch.ids]
        self._tally = Tally(chunks_total=sum(self._is_chunk))

    def start(self) -> FileJob:
        """Lists the files, reserves their room and starts the job."""
        self._namespace.promise(self._batch, self._number)
        for each in self._files:
            self._list(each)
        job = self._world.jobs.start(self._world.settings.jobs, len(self._batch.ids), self)
        only = self._files[0].entry if len(self._files) == 1 else None
        file_job = FileJob(self.kind, job, only, self._tally)
        self._namespace.files.jobs[job.id] = file_job
        return file_job

    def _list(self, each: Cut) -> None:
        entry, entries = each.entry, self._namespace.files.entries
        known = entries.get(entry.file_id)
        entry.owned = each.ids
        if known is not None and not known.going:
            entry.chunk_count, entry.summary_count = known.chunk_count, known.summary_count
            entry.ingested_at = known.ingested_at
            entry.owned = [*dict.fromkeys([*known.owned, *each.ids])]
            known.going = True
            self._namespace.forget(known.owned, known.number)
        entries[entry.file_id] = entry

    def do(self, first: int, stop: int) -> Sequence[str]:
        """Stores items."""
        self._namespace.keep(self._batch, self._number, first, stop)
        now_done = sum(self._is_chunk[first:stop])
        self._tally.chunks_processed += now_done
        self._tally.summaries_created += stop - first - now_done
        return ()

    def complete(self) -> None:
        """Says of each file what became of it, and removes what it no longer holds."""
        for each in self._files:
            error = OVERTAKEN if each.entry.going else each.error
            if error is None:
                each.entry.chunk_count = each.chunk_count
                each.entry.summary_count = len(each.texts) - each.chunk_count
                each.entry.status, each.entry.ingested_at = "indexed", self._world.clock.now()
            else:
                each.entry.status, each.entry.last_error = "failed", error
                self._tally.last_error = f"{each.entry.path}: {error}"
            if not each.entry.going:
                self._tidy(each.entry)

    def fail(self, reason: str) -> None:
        """Gives up what is not stored yet; the files stay, failed."""
        self._namespace.forget(self._batch.last, self._number)
        for each in self._files:
            if not each.entry.going:
                each.entry.status, each.entry.last_error = "failed", reason

    def leave(self, job: Job) -> None:
        """Forgets the job in its namespace."""
        self._namespace.files.jobs.pop(job.id, None)

    def _tidy(self, entry: Entry) -> None:
        """Removes what other versions of the file have stored beyond the items it has now."""
        ids = item_ids(entry.file_id, entry.chunk_count, entry.summary_count)
        self._tally.items_deleted += len(self._namespace.remove(sorted({*entry.owned}.difference(ids))))
        entry.owned = ids
