"""Deletes a file: its items go as the job proceeds, its entry at the end."""

from mock_server.moorcheh.files.catalogue import Entry, FileJob, Tally
from mock_server.moorcheh.store import Namespace
from mock_server.session import World


def delete(world: World, namespace: Namespace, entry: Entry) -> FileJob:
    """Starts to delete a file; an upload that still indexes it stores no more of it."""
    entry.going = True
    namespace.forget(entry.owned, entry.number)
    stored = [
        (item_id, item) for item_id in entry.owned if (item := namespace.items.get(item_id)) is not None
    ]
    tally = Tally()

    def step(first: int, stop: int) -> None:
        # What the same file, uploaded anew, has stored under these ids is another item by now.
        ids = [item_id for item_id, item in stored[first:stop] if namespace.items.get(item_id) is item]
        tally.items_deleted += len(namespace.remove(ids))

    def end() -> None:
        if namespace.files.entries.get(entry.file_id) is entry:
            del namespace.files.entries[entry.file_id]

    job = world.jobs.start(world.settings.jobs, len(stored), step, end)
    file_job = namespace.files.jobs[job.id] = FileJob("file_delete", job, entry, tally)
    return file_job
