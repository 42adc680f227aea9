"""Namespaces: create, list, delete, and the jobs that deletions start."""

from collections.abc import Sequence

from mock_server.clock import timestamp
from mock_server.jobs import Job, Work
from mock_server.moorcheh import rules
from mock_server.moorcheh.bodies import read_object
from mock_server.moorcheh.rules import asked_name
from mock_server.moorcheh.store import Namespace, Store
from mock_server.refusal import Refused
from mock_server.rules import Document, judge
from mock_server.service import Answer, Call
from mock_server.session import World


class Deletion(Work):
    """The work of deleting a namespace: its items in the order in which they were stored."""

    kind = "delete"

    def __init__(self, store: Store, namespace: Namespace) -> None:
        self._store = store
        self._namespace = namespace
        self._ids: Sequence[str] = [*namespace.items]

    def do(self, first: int, stop: int) -> Sequence[str]:
        """Removes items."""
        self._namespace.remove(self._ids[first:stop])
        return ()

    def complete(self) -> None:
        """Removes the namespace."""
        self._ids = ()
        del self._store.namespaces[self._namespace.name]

    def fail(self, _reason: str) -> None:
        """Lets the namespace live on, with what is left in it."""
        self._ids = ()
        self._namespace.deletion = None

    def leave(self, job: Job) -> None:
        """Forgets the job."""
        self._store.deletions.pop((self._namespace.name, job.id), None)


def create(world: World, call: Call) -> Answer:
    """Creates a namespace of vectors or text."""
    body = read_object(call.body)
    judge(rules.CREATION, body)
    name, dimension = str(asked_name(body)), _dimension(body)
    store = world.part(Store)
    judge(rules.OCCUPATION, store.namespaces.get(name))
    namespace = Namespace(name, dimension, world.clock.now(), store.ages, store.embedder)
    store.namespaces[name] = namespace
    return Answer(
        201,
        {
            "status": "success",
            "message": f"Namespace '{name}' created successfully.",
            "namespace_name": name,
            "type": namespace.type,
            "vector_dimension": dimension,
        },
    )


def list_all(world: World, _call: Call) -> Answer:
    """Lists every namespace, those being deleted too."""
    return Answer(
        200,
        {
            "namespaces": [
                {
                    "namespace_name": namespace.name,
                    "type": namespace.type,
                    "vector_dimension": namespace.dimension,
                    "item_count": len(namespace.items),
                    "created_at": timestamp(namespace.created_at),
                }
                for namespace in world.part(Store).namespaces.values()
            ]
        },
    )


def delete(world: World, call: Call) -> Answer:
    """Starts to delete a namespace: its uploads end at once, its items go as the job proceeds."""
    name = call.parameters["namespace"]
    store = world.part(Store)
    namespace = store.find(name, "moorcheh.namespaces.delete-missing")
    if namespace.deletion is not None:
        raise Refused(
            "moorcheh.namespaces.delete-missing", f"namespace {name!r} not found: it is being deleted"
        )
    for upload in namespace.forget_uploads():
        world.jobs.drop(upload)
    work = Deletion(store, namespace)
    job = world.jobs.start(world.settings.jobs, len(namespace.items), work)
    namespace.deletion = store.deletions[name, job.id] = job
    return Answer(
        202,
        {
            "status": "success",
            "message": "Namespace deletion started. Poll job status for progress.",
            "job_id": job.id,
            "namespace_name": name,
        },
    )


def delete_job(world: World, call: Call) -> Answer:
    """Tells how far a deletion has come, also after the namespace is gone."""
    name, job_id = call.parameters["namespace"], call.parameters["job_id"]
    job = world.part(Store).deletions.get((name, job_id))
    if job is None:
        raise Refused("moorcheh.jobs.unknown", f"delete job {job_id!r} not found in namespace {name!r}")
    world.jobs.poll(job)
    return Answer(
        200,
        {
            "job_id": job.id,
            "namespace_name": name,
            "status": job.status,
            "total_items": job.total,
            "deleted_items": job.processed,
            "last_error": job.last_error,
            **job.moments(),
        },
    )


def _dimension(body: Document) -> int | None:
    dimension = body.get("vector_dimension") if body.get("type") == "vector" else None
    return dimension if type(dimension) is int else None
