"""Moorcheh on-prem as a service: its endpoints, and how it words refusals."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mock_server.deferral import Callables
from mock_server.moorcheh.clauses import refusals
from mock_server.moorcheh.sending import items_in
from mock_server.moorcheh.store import Store
from mock_server.refusal import Refused
from mock_server.rules import Document
from mock_server.service import Answer, Call, Operation
from mock_server.session import Part, World

if TYPE_CHECKING:
    from mock_server.moorcheh import fetching, health, items, namespaces, reading, search, uploads
    from mock_server.moorcheh.answers import endpoint as answers
    from mock_server.moorcheh.files import endpoints as files
else:
    fetching = Callables("mock_server.moorcheh.fetching")
    health = Callables("mock_server.moorcheh.health")
    items = Callables("mock_server.moorcheh.items")
    namespaces = Callables("mock_server.moorcheh.namespaces")
    reading = Callables("mock_server.moorcheh.reading")
    search = Callables("mock_server.moorcheh.search")
    uploads = Callables("mock_server.moorcheh.uploads")
    answers = Callables("mock_server.moorcheh.answers.endpoint")
    files = Callables("mock_server.moorcheh.files.endpoints")

SEARCH = "/search"
SEARCH_CODE = "error"  # search alone words every refusal so, also those it shares with other endpoints


class Moorcheh:
    """The Moorcheh on-prem API."""

    name = "moorcheh"
    parts: Sequence[type[Part]] = (Store,)
    operations: Sequence[Operation] = (
        Operation(
            "POST",
            "/namespaces/{namespace}/vectors",
            uploads.upload_vectors,
            sent=items_in("vectors"),
            reader=reading.VectorsReader,
        ),
        Operation("GET", "/namespaces/{namespace}/upload-jobs/{job_id}", uploads.upload_job),
        Operation("POST", SEARCH, search.search),
        Operation("GET", "/health", health.health),
        Operation(
            "POST", "/namespaces/{namespace}/documents", uploads.upload_documents, sent=items_in("documents")
        ),
        Operation("POST", "/namespaces/{namespace}/items/get", items.get),
        Operation("POST", "/namespaces/{namespace}/items/delete", items.delete),
        Operation("POST", "/namespaces", namespaces.create),
        Operation("GET", "/namespaces", namespaces.list_all),
        Operation("DELETE", "/namespaces/{namespace}", namespaces.delete),
        Operation("GET", "/namespaces/{namespace}/delete-jobs/{job_id}", namespaces.delete_job),
        Operation(
            "GET", "/namespaces/{namespace}/documents/fetch-text-data", fetching.fetch_text_data, since=2
        ),
        Operation("POST", "/answer", answers.answer, since=2),
        Operation("POST", "/namespaces/{namespace}/files", files.upload, since=2),
        Operation("GET", "/namespaces/{namespace}/files", files.list_all, since=2),
        Operation("POST", "/namespaces/{namespace}/files/delete", files.delete_file, since=2),
        Operation("GET", "/namespaces/{namespace}/files/{file_id}", files.get, since=2),
        Operation("GET", "/namespaces/{namespace}/file-jobs/{job_id}", files.file_job, since=2),
    )

    def seed(self, world: World, asked: Document) -> None:
        """Fills a world with what is asked for."""
        # Seeds alone need all of this: a server that is never seeded starts without.
        from mock_server.moorcheh.seeding import fill

        fill(world, asked)

    def refuse(self, call: Call, refused: Refused) -> Answer:
        """Answers a call that breaks a clause, with the status and the code its clause asks for."""
        refusal = refusals()[refused.clause]
        code = SEARCH_CODE if call.path == SEARCH else refusal.code
        return Answer(refusal.status, {"status": code, "message": str(refused), **refused.facts})

    def fail(self, path: str, status: int, message: str) -> Answer:
        """Answers what no endpoint takes."""
        return Answer(status, {"status": SEARCH_CODE if path == SEARCH else "failure", "message": message})


MOORCHEH = Moorcheh()
