"""The endpoints about files: upload, list, look at one, delete, and ask how far a job has come."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mock_server.moorcheh.bodies import read_object
from mock_server.moorcheh.files import rules
from mock_server.moorcheh.files.catalogue import Entry, FileJob, file_id
from mock_server.moorcheh.files.deletion import delete
from mock_server.moorcheh.files.folders import absolute, locate
from mock_server.moorcheh.files.ingestion import Ingestion, cut, joined
from mock_server.moorcheh.files.rules import Asked
from mock_server.moorcheh.store import Namespace, Store
from mock_server.moorcheh.uploads import admit, receiver
from mock_server.refusal import Refused
from mock_server.rules import Document, judge
from mock_server.service import Answer, Call
from mock_server.session import World

UNKNOWN = "moorcheh.files.unknown"
UNCHANGED = "Unchanged since it was uploaded."
TWICE = "Named more than once in this upload."
NOWHERE = Path()


def upload(world: World, call: Call) -> Answer:
    """Takes files to be indexed, all or none; those that have not changed are skipped."""
    body = read_object(call.body)
    namespace = receiver(world, call, UNKNOWN)
    judge(rules.FILES_TARGET, namespace)
    judge(rules.FILES, body)
    items = _judged(world, body)
    number = next(world.part(Store).upload_numbers)
    entries: dict[str, Entry] = {}
    skipped: list[dict[str, str]] = []
    for item in items:
        entry = _entry(world, namespace, item, number)
        known = namespace.files.entries.get(entry.file_id)
        if entry.file_id in entries:
            skipped.append(_skipped(entry, TWICE))
        elif known is not None and item.get("force_reindex") is not True and known.covers(entry):
            skipped.append(_skipped(entry, UNCHANGED))
        else:
            entries[entry.file_id] = entry
    job = _ingest(world, namespace, [*entries.values()], number) if entries else None
    return Answer(
        202,
        {
            "status": "success",
            "message": "File upload started. Poll file job status for progress."
            if job
            else "No file has changed.",
            **({"job_id": job.job.id} if job else {}),
            "namespace_name": namespace.name,
            "total": len(items),
            "ingesting": len(entries),
            "skipped": skipped,
        },
    )


def list_all(world: World, call: Call) -> Answer:
    """Lists the files of a namespace by filename."""
    listed = _namespace(world, call).files.entries.values()
    entries = sorted(listed, key=lambda each: (each.filename, each.path))
    return Answer(
        200, {"status": "success", "count": len(entries), "files": [entry.body() for entry in entries]}
    )


def get(world: World, call: Call) -> Answer:
    """Answers what is known of one file."""
    entry = _known(_namespace(world, call), call.parameters["file_id"])
    return Answer(200, {"status": "success", "file": entry.body()})


def delete_file(world: World, call: Call) -> Answer:
    """Starts to delete a file, named by its path or by its id."""
    body = read_object(call.body)
    namespace = receiver(world, call, UNKNOWN)
    judge(rules.DELETION, body)
    entry = _known(namespace, _named(namespace, body))
    job = delete(world, namespace, entry)
    return Answer(
        202,
        {
            "status": "success",
            "message": "File deletion started. Poll file job status for progress.",
            "job_id": job.job.id,
            "file_id": entry.file_id,
            "namespace_name": namespace.name,
            "absolute_path": entry.path,
        },
    )


def file_job(world: World, call: Call) -> Answer:
    """Tells how far the indexing or the deletion of files has come."""
    name, job_id = call.parameters["namespace"], call.parameters["job_id"]
    namespace = world.part(Store).find(name, "moorcheh.jobs.unknown")
    job = namespace.files.jobs.get(job_id)
    if job is None:
        raise Refused("moorcheh.jobs.unknown", f"file job {job_id!r} not found in namespace {name!r}")
    world.jobs.poll(job.job)
    return Answer(200, job.body(name))


def _namespace(world: World, call: Call) -> Namespace:
    return world.part(Store).find(call.parameters["namespace"], UNKNOWN)


def _judged(world: World, body: Document) -> Sequence[Document]:
    files = body.get("files")
    items: list[Any] = files if isinstance(files, list) else []
    for place, item in enumerate(items):
        judge(rules.FILE, Asked(item, world.equipment.folders), f"files[{place}]: ")
    return [item if isinstance(item, dict) else {} for item in items]


def _ingest(world: World, namespace: Namespace, entries: Sequence[Entry], number: int) -> FileJob:
    files = [cut(entry, namespace) for entry in entries]
    batch = joined(files, world.clock.now())
    admit(world, len(namespace.new_ids(batch)), rules.FILES_QUOTA)
    return Ingestion(world, namespace, files, batch, number).start()


def _skipped(entry: Entry, message: str) -> dict[str, str]:
    return {"file_id": entry.file_id, "absolute_path": entry.path, "message": message}


def _known(namespace: Namespace, asked: str) -> Entry:
    try:
        return namespace.files.entries[asked]
    except KeyError:
        raise Refused(UNKNOWN, f"file {asked!r} not found in namespace {namespace.name!r}") from None


def _named(namespace: Namespace, body: Document) -> str:
    if isinstance(body.get("file_id"), str):
        return str(body["file_id"])
    try:
        return file_id(namespace.name, absolute(str(body.get("path"))))
    except ValueError:
        return ""


def _entry(world: World, namespace: Namespace, item: Document, number: int) -> Entry:
    asked = item.get("path")
    path = asked if isinstance(asked, str) else ""
    real, size, mtime = NOWHERE, 0, 0
    # A file may vanish after it was found: then its job fails.
    with contextlib.suppress(OSError, ValueError):
        path = absolute(path)
        real = locate(world.equipment.folders, path)
        size, mtime = real.stat().st_size, real.stat().st_mtime_ns
    metadata = {key: value for key, value in item.items() if key not in ("path", "force_reindex")}
    return Entry(file_id(namespace.name, path), path, real, size, mtime, metadata, number)
