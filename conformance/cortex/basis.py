"""Basis: what a check needs on the server before it can prove anything; without it, nothing is proven."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from conformance.cortex.driver import Cortex, Form, status_of
from conformance.exchange import Exchange
from conformance.expectation import is_of, require, require_success

NOT_SPOKEN = "the server does not speak the {} form"
DIMENSION = 4
# The clauses that speak of what checks need.
RETRIEVE = "cortex.retrieve.vectors"
SEARCH = "cortex.search.shape"
STATS = "cortex.stats.count"
INSERT = "cortex.documents.accepted"
FILTER = "cortex.filter.by-ids"
FILE_ID = "cortex.matrix.file-id-generated"
FIRST = [1.0, 0.0, 0.0, 0.0]
DONE = ("completed", "success")
INFRASTRUCTURE = ("scheduler_status", "graph_status", "vectorstore_status")

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """A sub-tenant: where rows and chunks are kept apart from others.

    Attributes:
        server: The driver.
        tenant: The tenant's id.
        sub_tenant: The sub-tenant's id; None for the default one.
    """

    server: Cortex
    tenant: str
    sub_tenant: str | None

    @property
    def ids(self) -> dict[str, str]:
        """The two ids as fields of a body."""
        return {"tenant_id": self.tenant} | ({"sub_tenant_id": self.sub_tenant} if self.sub_tenant else {})

    def beside(self, suffix: str = "") -> Self:
        """An empty sub-tenant of the same tenant; with a suffix, one whose name begins with this one's."""
        name = f"{self.sub_tenant}{suffix}" if suffix else ""
        return self.named(self.server.new_sub_tenant(self.tenant, name))

    def named(self, sub_tenant: str | None) -> Self:
        """The sub-tenant of this name in the same tenant."""
        return type(self)(self.server, self.tenant, sub_tenant)


class Matrices(Place):
    """A sub-tenant, spoken to in the matrix form."""

    __slots__ = ()

    def upload(self, rows: Any, **more: Any) -> Exchange:
        """Uploads a matrix; judges nothing."""
        exchange = self.server.upload(self.tenant, self.sub_tenant, {"embeddings": rows, **more})
        batch = exchange.body.get("batch_id")
        if exchange.succeeded and isinstance(batch, str) and batch:
            self._batches[self.tenant, self.sub_tenant, more.get("file_id")] = batch
        return exchange

    def ids_of(self, file_id: str, rows: int) -> list[str]:
        """The ids of a file's first rows, by the batch that its last upload was answered with."""
        batch = self._batches.get((self.tenant, self.sub_tenant, file_id), file_id)
        return [f"{batch}_{index}" for index in range(rows)]

    def store(self, rows: Rows, file_id: str | None = None) -> list[str]:
        """Uploads a matrix, needs it indexed, and answers the chunk ids of its rows."""
        exchange = self.upload(rows, **({} if file_id is None else {"file_id": file_id}))
        require_success(exchange, "a valid matrix is not accepted", "cortex.matrix.accepted")
        self.await_indexed(exchange)
        return chunk_ids_of(exchange, len(rows))

    def await_indexed(self, upload: Exchange) -> None:
        """Waits until an accepted upload is indexed."""
        last = self.polls(upload)[-1]
        require(
            status_of(last) in DONE,
            f"an upload is not indexed: {last.outcome()}",
            "cortex.processing.completes",
        )

    def polls(self, upload: Exchange) -> Sequence[Exchange]:
        """Every answer about an accepted upload until its end."""
        return self.server.polls_until_indexed(self.tenant, self.sub_tenant, file_id_of(upload))

    def rows(self, ids: Sequence[str]) -> dict[str, list[float]]:
        """The vectors found under these ids; needs an answer."""
        exchange = self.retrieve(ids)
        if exchange.status == 404:
            return {}  # as long as nothing is put into it, a sub-tenant may be unknown
        require_success(exchange, "retrieve_by_ids does not answer", RETRIEVE)
        found = exchange.body.get("embeddings")
        require(
            isinstance(found, dict), f"retrieve_by_ids answers no embeddings: {exchange.outcome()}", RETRIEVE
        )
        return {key: value for key, value in (found or {}).items() if isinstance(value, list)}

    def retrieve(self, ids: Sequence[str]) -> Exchange:
        """Asks for vectors by id; judges nothing."""
        return self.server.retrieve({"chunk_ids": list(ids), **self.ids})

    def search(self, vector: Any, **more: Any) -> Exchange:
        """Searches; judges nothing."""
        return self.server.search({"embeddings": vector, **self.ids, **more})

    def hits(self, vector: Sequence[float], max_chunks: int = 200) -> list[str]:
        """The ids a search finds, best first; needs an answer."""
        exchange = require_success(
            self.search(vector, max_chunks=max_chunks), "a search is not answered", SEARCH
        )
        ids = exchange.body.get("chunk_ids")
        require(isinstance(ids, list), f"a search answers no chunk_ids: {exchange.outcome()}", SEARCH)
        return [str(each) for each in ids or []]

    @property
    def _batches(self) -> dict[tuple[str, str | None, Any], str]:
        """The batches of files, by tenant, sub-tenant and file_id."""
        return self.server.memo(_no_batches)

    def count(self) -> int:
        """The object_count of the sub-tenant; needs it."""
        exchange = self.server.stats(self.tenant, self.sub_tenant)
        if exchange.status == 404:
            return 0
        require_success(exchange, "stats do not answer", STATS)
        count = exchange.body.get("object_count")
        require(is_of(count, int), f"stats name no object_count: {exchange.outcome()}", STATS)
        return int(count or 0)


class Documents(Place):
    """A sub-tenant, spoken to in the documents form."""

    __slots__ = ()

    def insert(self, documents: Any, **more: Any) -> Exchange:
        """Inserts documents; judges nothing."""
        return self.server.insert({**self.ids, "embeddings": documents, **more})

    def store(self, documents: Sequence[Mapping[str, Any]], **more: Any) -> None:
        """Inserts documents and needs every chunk of them to be found."""
        exchange = require_success(self.insert(documents, **more), "a valid insert is not accepted", INSERT)
        require(
            exchange.body.get("success") is not False, f"a valid insert fails: {exchange.outcome()}", INSERT
        )
        ids = [chunk["chunk_id"] for document in documents for chunk in document["embeddings"]]
        require(
            self.server.wait_until(lambda: set(self.chunks(ids)) == set(ids)),
            "inserted chunks are not found",
            FILTER,
        )

    def chunks(self, ids: Sequence[str]) -> dict[str, list[float]]:
        """The vectors of the chunks found under these ids; needs an answer."""
        return {hit["embedding"]["chunk_id"]: hit["embedding"]["embedding"] for hit in self.found(ids)}

    def found(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """The entries that filter-raw answers for these ids; needs an answer."""
        body = {"chunk_ids": list(ids), "output_fields": ["embedding", "metadata"], "limit": 10_000}
        exchange = self.server.filter({**self.ids, **body})
        return [] if exchange.status == 404 else entries_of(exchange)

    def find(self, vector: Any, **more: Any) -> Exchange:
        """Searches; judges nothing."""
        return self.server.find({**self.ids, "query_embedding": vector, **more})


def matrices(server: Cortex, dimension: int = DIMENSION) -> Matrices:
    """An empty sub-tenant for matrices of a dimension; needs the form and a tenant."""
    tenant = server.memo(Tenants).matrix(dimension)
    return Matrices(server, tenant, server.new_sub_tenant(tenant))


def documents(server: Cortex, dimension: int = DIMENSION) -> Documents:
    """An empty sub-tenant for documents of a dimension; needs the form and a tenant."""
    tenant = server.memo(Tenants).documents(dimension)
    return Documents(server, tenant, server.new_sub_tenant(tenant))


class Tenants:
    """Tenants of the run, one for each form and dimension: making one may take a server minutes.

    Args:
        server: The driver.
    """

    def __init__(self, server: Cortex) -> None:
        self._server = server
        self._made: dict[tuple[Form, int], str] = {}

    def matrix(self, dimension: int) -> str:
        """The tenant for matrices of a dimension."""
        if ("matrix", dimension) not in self._made:
            self._made["matrix", dimension] = self.fresh("matrix", dimension)
        return self._made["matrix", dimension]

    def documents(self, dimension: int) -> str:
        """The tenant for documents of a dimension."""
        if ("documents", dimension) not in self._made:
            self._made["documents", dimension] = self.fresh("documents", dimension)
        return self._made["documents", dimension]

    def fresh(self, form: Form, dimension: int = DIMENSION) -> str:
        """A tenant that nobody else uses; needs it made and ready."""
        require_form(self._server, form)
        tenant = self._server.new_name()
        if form == "matrix":
            created = self._server.create_matrix_tenant(tenant)
        else:
            created = self._server.create_documents_tenant(tenant, dimension)
        require_success(created, "a tenant cannot be created", "cortex.tenants.create")
        if form == "documents":
            ready = self._server.wait_until(lambda: is_ready(self._server.infra_status(tenant)))
            require(ready, "the infrastructure of a tenant does not get ready", "cortex.tenants.infra")
        return tenant


def require_form(server: Cortex, form: Form) -> None:
    """Proves nothing unless the server speaks a form."""
    spoken: dict[Form, bool] = server.memo(_spoken)
    require(spoken[form], NOT_SPOKEN.format(form))


def spoken_form(server: Cortex, form: Form) -> Form:
    """The form, if the server speaks it, or the one it speaks; needs one of them."""
    spoken = spoken_forms(server)
    require(bool(spoken), "the server speaks neither form")
    return form if form in spoken else spoken[0]


def spoken_forms(server: Cortex) -> list[Form]:
    """The forms the server speaks."""
    spoken: dict[Form, bool] = server.memo(_spoken)
    return [form for form, is_spoken in spoken.items() if is_spoken]


def is_ready(status: Exchange) -> bool:
    """Whether an infra status says true to every part that is documented; what else it says is its own."""
    infra = status.body.get("infra")
    return isinstance(infra, dict) and all(_all_true(infra.get(part)) for part in INFRASTRUCTURE)


def entries_of(exchange: Exchange) -> list[dict[str, Any]]:
    """The entries of a documents answer, which is a bare array; needs each with its chunk."""
    require_success(exchange, "a question is not answered")
    require(isinstance(exchange.value, list), f"the answer is no array: {exchange.outcome()}")
    for entry in exchange.value:
        chunk = entry.get("embedding") if isinstance(entry, dict) else None
        require(isinstance(chunk, dict) and "chunk_id" in chunk, f"an entry names no chunk: {entry}")
    return list(exchange.value)


def strings_of(value: Any) -> list[str]:
    """The strings of an array; none where it is no array."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def file_id_of(upload: Exchange) -> str:
    """The file_id of an accepted upload; needs it."""
    file_id = upload.body.get("file_id")
    require(
        isinstance(file_id, str) and bool(file_id), f"an upload names no file_id: {upload.outcome()}", FILE_ID
    )
    return str(file_id)


def chunk_ids_of(upload: Exchange, rows: int) -> list[str]:
    """The ids of an upload's rows (cortex.matrix.chunk-ids)."""
    batch = upload.body.get("batch_id") or file_id_of(upload)
    return [f"{batch}_{index}" for index in range(rows)]


def float32(vector: Iterable[float]) -> list[float]:
    """A vector as a float32 store gives it back."""
    return [struct.unpack("f", struct.pack("f", number))[0] for number in vector]


def baseline_of(server: Cortex) -> str:
    """Says why the server can prove nothing: it does not show what it accepts, or accepts whatever comes."""
    forms = spoken_forms(server)
    if not forms:
        return "the server speaks neither the matrix nor the documents form"
    accepted, shown = _matrix_witness(server) if "matrix" in forms else _documents_witness(server)
    if not any(shown):
        return "the server accepts an upload and shows nothing of it"
    return "the server accepts an upload to a tenant that does not exist" if accepted else ""


def _matrix_witness(server: Cortex) -> tuple[bool, Sequence[Any]]:
    """Whether an unknown tenant is served, and what the server shows of a stored row."""
    place = matrices(server)
    ids = place.store([FIRST])
    stranger = server.upload(server.new_name(), None, {"embeddings": [FIRST]})
    found = place.retrieve(ids).body.get("embeddings")
    return stranger.succeeded, [found, place.search(FIRST).body.get("chunk_ids")]


def _documents_witness(server: Cortex) -> tuple[bool, Sequence[Any]]:
    """The same of an inserted chunk."""
    place = documents(server)
    inserted = [{"source_id": "s", "embeddings": [{"chunk_id": "first", "embedding": FIRST}]}]
    place.insert(inserted)
    place.server.wait_until(lambda: bool(place.find(FIRST).value))
    stranger = Documents(server, server.new_name(), None).insert(inserted)
    return stranger.succeeded, [place.find(FIRST).value]


def _no_batches(_server: Cortex) -> dict[tuple[str, str | None, Any], str]:
    return {}


def _spoken(server: Cortex) -> dict[Form, bool]:
    return {"matrix": server.offers("matrix"), "documents": server.offers("documents")}


def _all_true(value: Any) -> bool:
    return all(map(_all_true, value)) if isinstance(value, list) else value is True
