"""Uploads of vectors and of documents, and the jobs they start."""

from collections.abc import Mapping, Sequence

from mock_server.jobs import Job, Work
from mock_server.moorcheh import rules
from mock_server.moorcheh.bodies import (
    documents_batch,
    read_exactly,
    read_object,
    vectors_batch,
)
from mock_server.moorcheh.reading import Doubtful, Quick, quick_vectors
from mock_server.moorcheh.rules import Admission
from mock_server.moorcheh.store import Batch, Namespace, Store
from mock_server.refusal import Refused
from mock_server.rules import Rule, judge
from mock_server.service import Answer, Call
from mock_server.session import World


class Upload(Work):
    """The work of one upload: the items of a batch, as the upload of the given number."""

    kind = "upload"
    divisible = True

    def __init__(self, namespace: Namespace, batch: Batch, number: int) -> None:
        self._namespace = namespace
        self._batch: Batch | None = batch
        self._number = number

    def do(self, first: int, stop: int) -> Sequence[str]:
        """Stores items, and says of each that cannot be stored why."""
        assert self._batch is not None
        return self._namespace.keep(self._batch, self._number, first, stop)

    def skip(self, first: int, stop: int) -> None:
        """Gives up the room that was reserved for items."""
        assert self._batch is not None
        last = self._batch.last
        ids = [item_id for item_id in self._batch.ids[first:stop] if first <= last.get(item_id, -1) < stop]
        self._namespace.forget(ids, self._number)

    def complete(self) -> None:
        """Lets go of the batch."""
        self._batch = None

    def fail(self, _reason: str) -> None:
        """Gives up the room that is still reserved, and lets go of the batch."""
        assert self._batch is not None
        self._namespace.forget(self._batch.last, self._number)
        self._batch = None

    def leave(self, job: Job) -> None:
        """Forgets the job in its namespace."""
        self._namespace.uploads.pop(job.id, None)


def upload_vectors(world: World, call: Call) -> Answer:
    """Takes a batch of vectors, whole or not at all."""
    quick = quick_vectors(call)
    document = read_exactly(call.body) if quick is None else None
    namespace = receiver(world, call, "moorcheh.vectors.unknown-namespace")
    judge(rules.VECTORS_TARGET, namespace)
    if isinstance(quick, Doubtful):
        quick.judge(namespace)
    if isinstance(quick, Quick) and quick.length == namespace.dimension:
        batch = Batch(quick.ids, quick.metadata, quick.directions)
    else:
        batch = vectors_batch(document or read_exactly(call.body), namespace)
    return _accept(world, namespace, batch, rules.VECTORS_QUOTA, "Vectors")


def upload_documents(world: World, call: Call) -> Answer:
    """Takes a batch of documents, whole or not at all."""
    document = read_object(call.body)
    namespace = receiver(world, call, "moorcheh.documents.unknown-namespace")
    judge(rules.DOCUMENTS_TARGET, namespace)
    batch = documents_batch(document, namespace)
    return _accept(world, namespace, batch, rules.DOCUMENTS_QUOTA, "Documents")


def upload_job(world: World, call: Call) -> Answer:
    """Tells how far an upload has come."""
    name, job_id = call.parameters["namespace"], call.parameters["job_id"]
    namespace = world.part(Store).find(name, "moorcheh.jobs.unknown")
    job = namespace.uploads.get(job_id)
    if job is None:
        elsewhere = any(job_id in other.uploads for other in world.part(Store).namespaces.values())
        clause = "moorcheh.jobs.other-namespace" if elsewhere else "moorcheh.jobs.unknown"
        raise Refused(clause, f"upload job {job_id!r} not found in namespace {name!r}")
    world.jobs.poll(job)
    return Answer(
        200,
        {
            "job_id": job.id,
            "namespace_name": name,
            "status": job.status,
            "total": job.total,
            "processed": job.processed,
            "successful": job.successful,
            "failed": job.failed,
            "last_error": job.last_error,
            **job.moments(),
        },
    )


def receiver(world: World, call: Call, clause: str) -> Namespace:
    """Finds the namespace that a call is to change; `Refused` if there is none, or not for long."""
    namespace = world.part(Store).find(call.parameters["namespace"], clause)
    if namespace.deletion is not None:
        raise Refused(clause, f"namespace {namespace.name!r} not found: it is being deleted")
    return namespace


def _accept(
    world: World, namespace: Namespace, batch: Batch, quota: Mapping[str, Rule[Admission]], noun: str
) -> Answer:
    admit(world, len(namespace.new_ids(batch)), quota)
    batch.accepted_at = world.clock.now()
    job = _start(world, namespace, batch)
    world.ledger.commit("moorcheh", namespace.name, batch.ids, len(batch.ids), job.id)
    return Answer(
        202,
        {
            "status": "success",
            "message": f"{noun} upload started. Poll job status for progress.",
            "job_id": job.id,
            "namespace_name": namespace.name,
            "total": job.total,
        },
    )


def admit(world: World, new: int, quota: Mapping[str, Rule[Admission]]) -> None:
    """Refuses a batch with more new ids than there is room for, with the facts that the error body holds."""
    store, max_items = world.part(Store), world.settings.max_items
    # A batch of known ids alone is free, even where the cap has been lowered below what is stored.
    try:
        judge(quota, Admission(store.committed, max_items, new))
    except Refused as refused:
        facts = {"items": store.items, "max_items": max_items, "requested_new": new}
        raise Refused(refused.clause, refused.detail, facts) from None


def _start(world: World, namespace: Namespace, batch: Batch) -> Job:
    number = next(world.part(Store).upload_numbers)
    namespace.promise(batch, number)
    job = world.jobs.start(world.settings.jobs, len(batch.ids), Upload(namespace, batch, number))
    namespace.uploads[job.id] = job
    return job
