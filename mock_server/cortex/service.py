"""Cortex raw embeddings as a service: its endpoints, and how it words refusals."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from mock_server.cortex.clauses import FAILURES, refusals
from mock_server.cortex.store import Store
from mock_server.deferral import Callables
from mock_server.refusal import Refused
from mock_server.rules import Document
from mock_server.service import Answer, Call, Operation
from mock_server.session import Part, World

if TYPE_CHECKING:
    from mock_server.cortex import (
        access,
        chunks,
        documents,
        matrix,
        processing,
        reading,
        search,
        sending,
        tenants,
    )
else:
    access = Callables("mock_server.cortex.access")
    chunks = Callables("mock_server.cortex.chunks")
    documents = Callables("mock_server.cortex.documents")
    matrix = Callables("mock_server.cortex.matrix")
    processing = Callables("mock_server.cortex.processing")
    reading = Callables("mock_server.cortex.reading")
    search = Callables("mock_server.cortex.search")
    sending = Callables("mock_server.cortex.sending")
    tenants = Callables("mock_server.cortex.tenants")

Handle = Callable[[World, Call], Answer]

ENDPOINTS: Sequence[tuple[str, str, Handle]] = (
    ("POST", "/upload/upload-embeddings", matrix.upload),
    ("PATCH", "/upload/update-embeddings", matrix.update),
    ("POST", "/upload/verify-processing", processing.upload_status),
    ("POST", "/embeddings/search", search.search),
    ("POST", "/embeddings/retrieve-by-ids", chunks.retrieve),
    ("POST", "/embeddings/by-chunk-ids", chunks.retrieve),
    ("DELETE", "/embeddings/delete", chunks.delete),
    ("POST", "/embeddings/create-tenant", tenants.create_bare),
    ("POST", "/embeddings/create-embeddings-tenant", tenants.create_bare),
    ("GET", "/tenant/stats", tenants.stats),
    ("GET", "/tenant/sub-tenant-ids", tenants.count_sub_tenants),
    ("DELETE", "/tenant/delete-sub-tenant", tenants.delete_sub_tenant),
    ("POST", "/embeddings/insert-raw-embeddings", documents.insert),
    ("POST", "/embeddings/search-raw-embeddings", search.find),
    ("POST", "/embeddings/filter-raw-embeddings", chunks.choose),
    ("DELETE", "/embeddings/delete-raw-embeddings", chunks.remove),
    ("POST", "/tenants/create", tenants.create),
    ("GET", "/tenants/infra/status", tenants.infra_status),
    ("GET", "/tenants/monitor", tenants.monitor),
    ("GET", "/tenants/stats", tenants.monitor),
    ("GET", "/tenants/sub-tenant-ids", tenants.list_sub_tenants),
    ("GET", "/tenants/tenant-ids", tenants.list_all),
    ("DELETE", "/tenants/delete", tenants.delete),
    ("POST", "/ingestion/verify-processing", processing.ingestion_status),
)

UPLOADS = (matrix.upload, documents.insert)
"""The handlers of uploads, which the ledger reads."""


def spellings(path: str) -> Sequence[str]:
    """Spells a path with hyphens and with underscores in its last segment."""
    folder, _, last = path.rpartition("/")
    return [*dict.fromkeys((path, f"{folder}/{last.replace('-', '_')}"))]


def keyed(handle: Handle) -> Handle:
    """Makes a handler that takes no call without a bearer key."""

    def handle_with_key(world: World, call: Call) -> Answer:
        access.admit(world, call)
        return handle(world, call)

    return handle_with_key


def operations() -> Iterator[Operation]:
    """Lists every endpoint under both its spellings."""
    for method, path, handle in ENDPOINTS:
        for spelling in spellings(path):
            if handle in UPLOADS:
                yield Operation(
                    method,
                    spelling,
                    keyed(handle),
                    sent=sending.chunks_sent,
                    reader=reading.EmbeddingsReader,
                )
            else:
                yield Operation(method, spelling, keyed(handle))


class Cortex:
    """The Cortex raw-embeddings API."""

    name = "cortex"
    parts: Sequence[type[Part]] = (Store,)
    operations: Sequence[Operation] = (*operations(),)

    def seed(self, world: World, asked: Document) -> None:
        """Fills a world with what is asked for."""
        # Seeds alone need all of this: a server that is never seeded starts without.
        from mock_server.cortex.seeding import fill

        fill(world, asked)

    def refuse(self, _call: Call, refused: Refused) -> Answer:
        """Answers a call that breaks a clause, with the status and the code its clause asks for."""
        refusal = refusals()[refused.clause]
        return Answer(refusal.status, _error(refused.detail, refusal.code))

    def fail(self, _path: str, status: int, message: str) -> Answer:
        """Answers what no endpoint takes."""
        return Answer(status, _error(message, FAILURES.get(status, "ERROR")))


CORTEX = Cortex()


def _error(message: str, code: str) -> dict[str, dict[str, object]]:
    return {"detail": {"success": False, "message": message, "error_code": code}}
