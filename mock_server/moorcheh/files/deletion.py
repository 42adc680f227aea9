"""Deletes a file: its items go as the job proceeds, its entry at the end."""

from collections.abc import Sequence

from mock_server.jobs import Job, Work
from mock_server.moorcheh.files.catalogue import Entry, FileJob, Tally
from mock_server.moorcheh.store import Item, Namespace
from mock_server.session import World


class FileDeletion(Work):
    """The work of deleting a file: the items stored of it."""

    kind = "file_delete"

    def __init__(self, namespace: Namespace, entry: Entry) -> None:
        self._namespace = namespace
        self._entry = entry
        self.tally = Tally()
        items = namespace.items
        self.stored: Sequence[tuple[str, Item]] = [
            (item_id, item) for item_id in entry.owned if (item := items.get(item_id)) is not None
        ]

    def do(self, first: int, stop: int) -> Sequence[str]:
        """Removes items."""
        # What the same file, uploaded anew, has stored under these ids is another item by now.
        known = self._namespace.items
        ids = [item_id for item_id, item in self.stored[first:stop] if known.get(item_id) is item]
        self.tally.items_deleted += len(self._namespace.remove(ids))
        return ()

    def complete(self) -> None:
        """Removes the entry, unless the file was uploaded anew."""
        self.stored = ()
        entries = self._namespace.files.entries
        if entries.get(self._entry.file_id) is self._entry:
            del entries[self._entry.file_id]

    def fail(self, _reason: str) -> None:
        """Lets the file live on, with what is left of it."""
        self.stored = ()
        self._entry.going = False

    def leave(self, job: Job) -> None:
        """Forgets the job in its namespace."""
        self._namespace.files.jobs.pop(job.id, None)


def delete(world: World, namespace: Namespace, entry: Entry) -> FileJob:
    """Starts to delete a file; an upload that still indexes it stores no more of it."""
    entry.going = True
    namespace.forget(entry.owned, entry.number)
    work = FileDeletion(namespace, entry)
    job = world.jobs.start(world.settings.jobs, len(work.stored), work)
    file_job = namespace.files.jobs[job.id] = FileJob(work.kind, job, entry, work.tally)
    return file_job
