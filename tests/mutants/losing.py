"""Mutants that lose an item now and then: in a second batch, far into a large one, in a crowd of uploads."""

from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

import pytest

from mock_server.moorcheh.store import Batch, Namespace
from mock_server.service import Answer, Call
from mock_server.session import World
from mock_server.vectors import Directions, Hit, Vectors
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    DELETE_ITEMS,
    SEARCH,
    VECTORS,
    Body,
    Handle,
    amend,
    around,
    document_of,
    mishear,
    sent_items,
)

STORED = "moorcheh.vectors.stored-when-completed"
DELETE = "moorcheh.items.delete"
MANY = 500


@mutant(STORED, "The last new item of the second batch of a namespace is lost")
def lost_from_the_second_batch(patch: pytest.MonkeyPatch) -> None:
    batches: WeakKeyDictionary[Namespace, int] = WeakKeyDictionary()

    def doomed(namespace: Namespace, batch: Batch, _upload: int) -> Sequence[str]:
        batches[namespace] = batches.get(namespace, 0) + 1
        new = [each for each in batch.last if namespace.items[each].created_at == batch.accepted_at]
        return new[-1:] if batches[namespace] == 2 else []

    _lose(patch, doomed)


@mutant(STORED, "Of a batch of more than 500 vectors the last is lost")
def lost_from_a_large_batch(patch: pytest.MonkeyPatch) -> None:
    _lose(patch, lambda _namespace, batch, _upload: batch.ids[-1:] if len(batch.ids) > MANY else [])


@mutant(STORED, "Every fiftieth upload loses its last item")
def lost_from_every_fiftieth(patch: pytest.MonkeyPatch) -> None:
    _lose(patch, lambda _namespace, batch, upload: batch.ids[-1:] if upload % 50 == 49 else [])


@mutant(STORED, "An upload that ends while another runs in its namespace loses its last item")
def lost_in_a_crowd(patch: pytest.MonkeyPatch) -> None:
    def doomed(namespace: Namespace, batch: Batch, _upload: int) -> Sequence[str]:
        running = [job for job in namespace.uploads.values() if job.status == "running"]
        return batch.ids[-1:] if len(running) > 1 else []

    _lose(patch, doomed)


@mutant(STORED, "An id that was deleted and is uploaded again is not found by search")
def lost_to_search_once_deleted(patch: pytest.MonkeyPatch) -> None:
    deleted: set[tuple[str, str]] = set()
    overlooked: set[tuple[str, str]] = set()

    def note_deleted(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        deleted.update((call.parameters["namespace"], str(each)) for each in document_of(call)["ids"])
        return answer

    def note_uploaded(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        sent = {(call.parameters["namespace"], str(item.get("id"))) for item in sent_items(call)}
        overlooked.update(sent & deleted)
        return answer

    def overlook(body: Body) -> None:
        body["results"] = [hit for hit in body["results"] if (hit["namespace"], hit["id"]) not in overlooked]

    around(patch, DELETE_ITEMS, note_deleted)
    around(patch, VECTORS, note_uploaded)
    amend(patch, SEARCH, overlook)


@mutant("moorcheh.search.nearest", "Among more than 500 items a search looks at the 500 oldest")
def the_oldest_are_searched(patch: pytest.MonkeyPatch) -> None:
    nearest = Vectors.nearest

    def look(
        self: Vectors, query: Directions, most: int, at_least: float = 0.0, among: Sequence[str] | None = None
    ) -> list[Hit]:
        if among is None and len(self) > MANY:
            among = [vector_id for vector_id, _ in self.by_age(-1, MANY)]
        return nearest(self, query, most, at_least, among)

    patch.setattr(Vectors, "nearest", look)


@mutant(DELETE, "An id with a character beyond ASCII is not deleted")
def only_ascii_is_deleted(patch: pytest.MonkeyPatch) -> None:
    mishear(patch, DELETE_ITEMS, lambda body: body.update(ids=[*map(_escaped, body.get("ids") or [])]))


def _escaped(item_id: object) -> object:
    return item_id.encode("ascii", "backslashreplace").decode() if isinstance(item_id, str) else item_id


def _lose(patch: pytest.MonkeyPatch, doomed: Callable[[Namespace, Batch, int], Sequence[str]]) -> None:
    """Removes those items of an upload of vectors that a function dooms, as soon as all are stored."""
    keep = Namespace.keep

    def keep_most(self: Namespace, batch: Batch, upload: int, first: int, stop: int) -> list[str]:
        faults = keep(self, batch, upload, first, stop)
        if stop == len(batch.ids) and self.type == "vector":
            self.remove([each for each in doomed(self, batch, upload) if each in self.items])
        return faults

    patch.setattr(Namespace, "keep", keep_most)
