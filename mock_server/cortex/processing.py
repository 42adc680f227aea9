"""The processing of uploads: queued, then under way, then found; and how a client asks for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.cortex import rules
from mock_server.cortex.records import FAILED, STEPS, Record
from mock_server.cortex.scope import Scope, find_scope, in_query
from mock_server.cortex.subtenant import Batch, SubTenant
from mock_server.jobs import Job, Work
from mock_server.refusal import Refused
from mock_server.rules import judge
from mock_server.service import Answer, Call
from mock_server.session import World

MANY_ROWS = 1_000
SECONDS, SECONDS_OF_MANY = 45.0, 240.0
"""Inside what is documented: 30 s to 2 min, up to 5 min for many rows."""


class Processing(Work):
    """The work of processing a batch: it replaces the rows of a file once it is done."""

    kind = "processing"

    def __init__(self, sub_tenant: SubTenant, file_id: str, batch: Batch) -> None:
        self._sub_tenant = sub_tenant
        self._file_id = file_id
        self._batch: Batch | None = batch

    def complete(self) -> None:
        """Stores the rows."""
        assert self._batch is not None
        self._sub_tenant.replace(self._file_id, self._batch)
        self._batch = None

    def fail(self, _reason: str) -> None:
        """Lets go of the rows."""
        self._batch = None

    def leave(self, job: Job) -> None:
        """Forgets the record of the job, unless the file has a newer one."""
        record = self._sub_tenant.records.get(self._file_id)
        if record is not None and record.job is job:
            del self._sub_tenant.records[self._file_id]


def start(world: World, scope: Scope, file_id: str, batch: Batch) -> bool:
    """Starts to process a batch that replaces a file's rows once it is done; tells whether the file is known.

    What is still under way for the same file is given up.
    """
    sub_tenant = scope.tenant.open(scope.sub_tenant_id)
    before = sub_tenant.records.get(file_id)
    supersedes = before is not None and before.runs
    if before is not None and supersedes:
        world.jobs.drop(before.job)
    known = supersedes or file_id in sub_tenant.sources
    seconds = SECONDS if len(batch.ids) < MANY_ROWS else SECONDS_OF_MANY
    job = world.jobs.start(
        world.settings.jobs,
        STEPS,
        Processing(sub_tenant, file_id, batch),
        seconds,
    )
    sub_tenant.records[file_id] = Record(file_id, batch.dimension, job)
    return known


def upload_status(world: World, call: Call) -> Answer:
    """Tells how far the processing of a file has come."""
    statuses = _statuses(world, call)
    return Answer(200, {**statuses[0], "statuses": statuses})


def ingestion_status(world: World, call: Call) -> Answer:
    """Tells how far the processing of one or several files has come."""
    return Answer(200, {"statuses": _statuses(world, call)})


def _statuses(world: World, call: Call) -> Sequence[Mapping[str, Any]]:
    scope = find_scope(world, in_query(call))
    judge(rules.VERIFICATION, call.query)
    asked = [*call.query.get("file_id", ()), *call.query.get("file_ids", ())]
    return [_status(world, scope, file_id) for file_id in dict.fromkeys(asked) if file_id]


def _status(world: World, scope: Scope, file_id: str) -> Mapping[str, Any]:
    record = scope.sub_tenant.records.get(file_id)
    if record is not None:
        world.jobs.poll(record.job)
        status, reason = record.status, record.job.last_error
    elif file_id in scope.sub_tenant.sources:
        status, reason = "completed", None
    else:
        raise Refused("mock.file", f"File {file_id!r} not found")
    return {
        "file_id": file_id,
        "indexing_status": status,
        "error_code": "" if reason is None else FAILED,
        "success": True,
        "message": f"Processing failed: {reason}" if reason else "Processing status retrieved successfully",
    }
