"""Basis: what a check needs on the server before it can prove anything; without it, nothing is proven."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.exchange import Exchange
from conformance.expectation import is_of, require, require_success
from conformance.moorcheh.driver import Moorcheh

MOST_IDS = 100
# The clauses that speak of what checks need.
COMPLETES = "moorcheh.jobs.completes"
STORED = "moorcheh.vectors.stored-when-completed"
GET = "moorcheh.items.get"
LISTED = "moorcheh.namespaces.listed"
DELETED = "moorcheh.namespaces.delete-accepted"
DELETE_JOB = "moorcheh.namespaces.delete-job"
HEALTH = "moorcheh.health.answers"
SEARCH = "moorcheh.search.shape"
PROVIDERS = ("embedding_provider", "model", "llm_provider", "llm_model")


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace that exists on the server.

    Attributes:
        server: The driver that made it.
        name: Its name.
        dimension: The length of its vectors; None in a text namespace.
    """

    server: Moorcheh
    name: str
    dimension: int | None

    @property
    def accepted(self) -> str:
        """The id of the clause that a valid upload is accepted."""
        return f"moorcheh.{'documents' if self.dimension is None else 'vectors'}.accepted"

    def upload(self, items: Sequence[Mapping[str, Any]]) -> Exchange:
        """Uploads vectors or documents, whichever it holds; judges nothing."""
        if self.dimension is None:
            return self.server.upload_documents(self.name, items)
        return self.server.upload_vectors(self.name, items)

    def upload_needed(self, items: Sequence[Mapping[str, Any]]) -> str:
        """Uploads items and answers the job's id; needs them accepted."""
        exchange = require_success(self.upload(items), "a valid upload is not accepted", self.accepted)
        job_id = exchange.body.get("job_id")
        require(
            isinstance(job_id, str), f"an accepted upload has no job_id: {exchange.outcome()}", self.accepted
        )
        return str(job_id)

    def store(self, items: Sequence[Mapping[str, Any]]) -> None:
        """Uploads items and needs their job completed without failures."""
        self.await_job(self.upload_needed(items))

    def await_job(self, job_id: str) -> Mapping[str, Any]:
        """Waits for an upload job and needs it completed; answers its last state."""
        last = self.server.polls_until_end(self.name, job_id)[-1]
        require(
            last.body.get("status") == "completed",
            f"an upload job does not complete: {last.outcome()}",
            COMPLETES,
        )
        embedded = self.dimension is not None or not last.body.get("failed")
        require(embedded, f"a document was not embedded: {last.body.get('last_error')}")
        return last.body

    def await_accepted(self, exchange: Exchange) -> None:
        """Waits for the job of an upload that was accepted."""
        job_id = exchange.body.get("job_id")
        require(
            isinstance(job_id, str), f"an accepted upload has no job_id: {exchange.outcome()}", self.accepted
        )
        self.await_job(str(job_id))

    def items(self, ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        """The items the server finds, by id; asks 100 at a time and needs an answer."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Mapping[str, Any]] = {}
        for start in range(0, len(wanted), MOST_IDS):
            exchange = self.server.get_items(self.name, wanted[start : start + MOST_IDS])
            items = require_success(exchange, "items/get does not answer", GET).body.get("items")
            require(isinstance(items, list), f"items/get answers no items: {exchange.outcome()}", GET)
            found |= by_id(items)
        return found

    def require_items(self, ids: Sequence[str], gone: Sequence[str] = ()) -> None:
        """Needs these items found and the others not: where items are lost a count tells nothing."""
        found = self.items([*ids, *gone])
        require(set(ids) <= set(found), "an item that was uploaded is lost", STORED)
        require(
            not set(gone) & set(found), "an item that was deleted is still there", "moorcheh.items.delete"
        )

    def count(self) -> int:
        """The item_count the server lists for it; needs it listed."""
        entry = entry_of(self.server, self.name)
        require(entry is not None, f"the namespace {self.name} is not listed", LISTED)
        count = (entry or {}).get("item_count")
        require(is_of(count, int), f"the list names no item_count: {entry}", LISTED)
        return int(count) if count is not None else 0

    def delete_items(self, ids: Sequence[str]) -> None:
        """Deletes up to 100 items; needs the deletion accepted."""
        require_success(
            self.server.delete_items(self.name, ids), "items/delete does not answer", "moorcheh.items.delete"
        )

    def drop(self) -> None:
        """Deletes the namespace and needs the deletion completed."""
        exchange = require_success(
            self.server.delete_namespace(self.name), "a namespace cannot be deleted", DELETED
        )
        job_id = exchange.body.get("job_id")
        require(isinstance(job_id, str), f"a deletion has no job_id: {exchange.outcome()}", DELETED)
        last = self.server.delete_polls_until_end(self.name, str(job_id))[-1]
        require(
            last.body.get("status") == "completed",
            f"a delete job does not complete: {last.outcome()}",
            DELETE_JOB,
        )


def vector_namespace(server: Moorcheh, dimension: int = 2, name: str = "") -> Namespace:
    """A new vector namespace, of a new name unless one is given; needs the server to create it."""
    name = name or server.new_name()
    body = {"namespace_name": name, "type": "vector", "vector_dimension": dimension}
    require_success(
        server.create_namespace(body),
        "a vector namespace cannot be created",
        "moorcheh.namespaces.create-vector",
    )
    return Namespace(server, name, dimension)


def text_namespace(server: Moorcheh) -> Namespace:
    """A new text namespace; needs the server to create it."""
    name = server.new_name()
    require_success(
        server.create_namespace({"namespace_name": name, "type": "text"}),
        "a text namespace cannot be created",
        "moorcheh.namespaces.create-text",
    )
    return Namespace(server, name, None)


def entry_of(server: Moorcheh, name: str) -> Mapping[str, Any] | None:
    """The entry of a namespace in the list, or None; needs the list."""
    exchange = require_success(server.list_namespaces(), "namespaces cannot be listed", LISTED)
    entries = exchange.body.get("namespaces")
    require(isinstance(entries, list), f"the list holds no namespaces: {exchange.outcome()}", LISTED)
    return next(
        (each for each in entries or [] if isinstance(each, dict) and each.get("namespace_name") == name),
        None,
    )


def health_of(server: Moorcheh) -> Mapping[str, int]:
    """The integers items and max_items of /health; needs them."""
    exchange = require_success(server.health(), "/health does not answer", HEALTH)
    for name in ("items", "max_items"):
        require(is_of(exchange.body.get(name), int), f"/health names no {name}: {exchange.outcome()}", HEALTH)
    return exchange.body


def by_id(entries: Any) -> dict[str, Mapping[str, Any]]:
    """The objects of an array by their ids, so far as it is an array, of objects, whose ids are strings."""
    return {
        entry["id"]: entry
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    }


def hits_of(exchange: Exchange) -> list[Mapping[str, Any]]:
    """The hits of a search; needs an answer with results."""
    results = require_success(exchange, "a search is not answered", SEARCH).body.get("results")
    require(isinstance(results, list), f"a search answers no results: {exchange.outcome()}", SEARCH)
    return [hit for hit in results or [] if isinstance(hit, dict)]


def baseline_of(server: Moorcheh) -> str:
    """Says why the server can prove nothing: it does not show what it accepts, or accepts whatever comes.

    A server that answers each request alike would keep many a clause by accident. So a clause counts as kept
    only on a server that creates a namespace, takes one vector, shows it in at least one way, and refuses an
    upload to a namespace that was never made.
    """
    space = vector_namespace(server)
    before = _witness(space)
    space.store([{"id": "first", "vector": [1, 0]}])
    if _witness(space) == before:
        return "the server accepts an upload and shows nothing of it"
    if server.upload_vectors(server.new_name(), [{"id": "first", "vector": [1, 0]}]).succeeded:
        return "the server accepts an upload to a namespace that does not exist"
    return ""


def _witness(space: Namespace) -> Sequence[object]:
    """What the server shows of the item `first` in four places, whether or not it answers well."""
    server = space.server
    found = server.get_items(space.name, ["first"]).body.get("items")
    results = server.search([1, 0], [space.name]).body.get("results")
    entries = server.list_namespaces().body.get("namespaces")
    counts = [
        entry.get("item_count")
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and entry.get("namespace_name") == space.name
    ]
    return [
        found or [],
        results or [],
        counts,
        server.health().body.get("items"),
    ]
