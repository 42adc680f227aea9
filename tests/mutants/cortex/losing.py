"""Mutants that lose a row or chunk now and then, lag behind for a second, or take one for its neighbour."""

import time
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pytest

from mock_server.cortex.subtenant import Batch, Floats, SubTenant
from mock_server.service import Answer, Call
from mock_server.session import World
from mock_server.vectors import Hit
from tests.mutants.cortex.rewriting import (
    DELETE,
    FILTER,
    INSERT,
    RETRIEVE,
    STATS,
    UPLOAD,
    amend,
    around,
    asked_in,
    entries_of,
    place_of,
    refusal,
    scope_of,
    sent_chunk_ids,
)
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Body, Handle, document_of, said

SEARCHABLE = "cortex.processing.searchable"
MANY = 500
LAG = 1.0

Doomed = Callable[[SubTenant, str, Batch], Sequence[str]]


@mutant(SEARCHABLE, "The last row of the second file of a sub-tenant is lost if it has more than 20")
def lost_from_the_second_file(patch: pytest.MonkeyPatch) -> None:
    files: WeakKeyDictionary[SubTenant, set[str]] = WeakKeyDictionary()

    def doomed(place: SubTenant, file_id: str, batch: Batch) -> Sequence[str]:
        known = files.setdefault(place, set())
        is_second = len(known) == 1 and file_id not in known
        known.add(file_id)
        return batch.ids[-1:] if is_second and len(batch.ids) > 20 else []

    _lose(patch, doomed)


@mutant(SEARCHABLE, "Every fiftieth upload of a matrix loses its last row")
def lost_from_every_fiftieth(patch: pytest.MonkeyPatch) -> None:
    uploads = {"count": 0}

    def doomed(_place: SubTenant, _file_id: str, batch: Batch) -> Sequence[str]:
        uploads["count"] += 1
        return batch.ids[-1:] if uploads["count"] % 50 == 0 else []

    _lose(patch, doomed)


@mutant(SEARCHABLE, "An upload that ends while another is processed in its sub-tenant loses its last row")
def lost_in_a_crowd(patch: pytest.MonkeyPatch) -> None:
    def doomed(place: SubTenant, file_id: str, batch: Batch) -> Sequence[str]:
        others = [record for record in place.running if record.file_id != file_id]
        return batch.ids[-1:] if others else []

    _lose(patch, doomed)


@mutant(SEARCHABLE, "Of more than 500 rows a search looks at the first 500")
def the_first_are_searched(patch: pytest.MonkeyPatch) -> None:
    nearest = SubTenant.nearest

    def look(
        self: SubTenant, direction: Floats, most: int, among: Sequence[str] | None = None
    ) -> Sequence[Hit]:
        if among is None and len(self.chunks) > MANY:
            among = [*self.chunks][:MANY]
        return nearest(self, direction, most, among)

    patch.setattr(SubTenant, "nearest", look)


@mutant(SEARCHABLE, "A row that was deleted does not come back with its file")
def deleted_for_good(patch: pytest.MonkeyPatch) -> None:
    deleted: set[tuple[str, str, str]] = set()

    def note(handle: Handle, world: World, call: Call) -> Answer:
        answer, scope = handle(world, call), scope_of(world, call)
        if scope is not None:
            deleted.update((scope.tenant.id, scope.sub_tenant_id, each) for each in said(answer)["status"])
        return answer

    def forget(handle: Handle, world: World, call: Call) -> Answer:
        body, scope = said(handle(world, call)), scope_of(world, call)
        if scope is not None:
            for each in [*body["embeddings"]]:
                if (scope.tenant.id, scope.sub_tenant_id, each) in deleted:
                    del body["embeddings"][each]
        return Answer(200, body)

    around(patch, DELETE, note)
    around(patch, RETRIEVE, forget)


@mutant("cortex.matrix.chunk-ids", "The last two of more than ten rows stand under each other's id")
def rows_of_the_neighbour(patch: pytest.MonkeyPatch) -> None:
    replace = SubTenant.replace

    def swap(self: SubTenant, file_id: str, batch: Batch) -> None:
        vectors = batch.vectors
        if len(batch.ids) > 10:
            vectors = np.concatenate([vectors[:-2], vectors[:-3:-1]])
        replace(self, file_id, Batch(batch.ids, batch.sources, vectors, batch.metadata))

    patch.setattr(SubTenant, "replace", swap)


@mutant("cortex.retrieve.vectors", "Vectors come back with six significant digits")
def six_digits(patch: pytest.MonkeyPatch) -> None:
    def shorten(body: Body) -> None:
        for chunk_id, vector in body["embeddings"].items():
            body["embeddings"][chunk_id] = [float(f"{number:.6g}") for number in vector]

    amend(patch, RETRIEVE, shorten)


@mutant("cortex.delete.truthful", "For a second after its deletion a chunk is still retrieved")
def retrieved_a_second_longer(patch: pytest.MonkeyPatch) -> None:
    past: dict[tuple[int, str], tuple[float, list[float]]] = {}

    def bury(handle: Handle, world: World, call: Call) -> Answer:
        place = place_of(world, call)
        for each in document_of(call).get("chunk_ids") or [] if place is not None else ():
            chunk = place.chunks.get(each) if place is not None and isinstance(each, str) else None
            if chunk is not None:
                past[id(place), each] = time.monotonic() + LAG, chunk.vector.tolist()
        return handle(world, call)

    def look_back(handle: Handle, world: World, call: Call) -> Answer:
        body, place = said(handle(world, call)), place_of(world, call)
        for each in [*body["not_found_chunk_ids"]]:
            until, vector = past.get((id(place), each), (0.0, []))
            if time.monotonic() < until:
                body["embeddings"][each] = vector
                body["not_found_chunk_ids"].remove(each)
        return Answer(200, body)

    around(patch, DELETE, bury)
    around(patch, RETRIEVE, look_back)


@mutant("cortex.matrix.overwrite", "For a second after a file is overwritten its old rows are retrieved")
def old_rows_a_second_longer(patch: pytest.MonkeyPatch) -> None:
    past: dict[tuple[int, str], tuple[float, list[float]]] = {}
    replace = SubTenant.replace

    def bury(self: SubTenant, file_id: str, batch: Batch) -> None:
        new = dict(zip(batch.ids, batch.vectors, strict=True))
        for each in self.of_source(file_id):
            old = self.chunks[each].vector
            if each in new and not np.array_equal(old, new[each]):
                past[id(self), each] = time.monotonic() + LAG, old.tolist()
        replace(self, file_id, batch)

    def look_back(handle: Handle, world: World, call: Call) -> Answer:
        body, place = said(handle(world, call)), place_of(world, call)
        for each in body["embeddings"]:
            until, vector = past.get((id(place), each), (0.0, []))
            if time.monotonic() < until:
                body["embeddings"][each] = vector
        return Answer(200, body)

    patch.setattr(SubTenant, "replace", bury)
    around(patch, RETRIEVE, look_back)


@mutant("cortex.remove.by-source", "The chunk ids of a source that was removed are refused for ever")
def removed_ids_are_taken(patch: pytest.MonkeyPatch) -> None:
    gone: set[tuple[str, str, str]] = set()
    remove = SubTenant.remove
    names: WeakKeyDictionary[SubTenant, tuple[str, str]] = WeakKeyDictionary()

    def bury(self: SubTenant, ids: Any) -> list[str]:
        found = remove(self, ids)
        gone.update((*names[self], each) for each in found if self in names)
        return found

    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        scope = scope_of(world, call)
        if scope is None:
            return handle(world, call)
        taken = {(scope.tenant.id, scope.sub_tenant_id, each) for each in sent_chunk_ids(call)} & gone
        if taken and document_of(call).get("upsert") is not True:
            return refusal(409, "these chunks were removed", "CHUNK_REMOVED")
        answer = handle(world, call)
        names[scope.tenant.look(scope.sub_tenant_id)] = scope.tenant.id, scope.sub_tenant_id
        return answer

    patch.setattr(SubTenant, "remove", bury)
    around(patch, INSERT, refuse)


@mutant("cortex.find.metadata", "A source that is inserted anew has the metadata it had before besides")
def metadata_outlive_their_source(patch: pytest.MonkeyPatch) -> None:
    put = SubTenant.put
    before: WeakKeyDictionary[SubTenant, dict[str, dict[str, Any]]] = WeakKeyDictionary()

    def merge(self: SubTenant, batch: Batch) -> None:
        known = before.setdefault(self, {})
        put(self, batch)
        for source_id, metadata in batch.metadata.items():
            if source_id in self.sources:
                known[source_id] = {**known.get(source_id, {}), **metadata}
                self.sources[source_id].metadata = known[source_id]

    patch.setattr(SubTenant, "put", merge)


@mutant("cortex.stats.count", "The object_count includes the sub-tenants whose name begins with this one")
def counted_by_the_beginning(patch: pytest.MonkeyPatch) -> None:
    def count(handle: Handle, world: World, call: Call) -> Answer:
        body, scope = said(handle(world, call)), scope_of(world, call)
        if scope is not None and asked_in(call, "sub_tenant_id"):
            longer = [
                len(place.chunks)
                for name, place in scope.tenant.sub_tenants.items()
                if name.startswith(scope.sub_tenant_id) and name != scope.sub_tenant_id
            ]
            body["object_count"] += sum(longer)
        return Answer(200, body)

    around(patch, STATS, count)


@mutant("cortex.documents.upsert", "Every fiftieth insert of documents loses its last chunk")
def lost_from_every_fiftieth_insert(patch: pytest.MonkeyPatch) -> None:
    inserts = {"count": 0}

    def lose(handle: Handle, world: World, call: Call) -> Answer:
        answer, place = handle(world, call), place_of(world, call)
        inserts["count"] += 1
        if place is not None and inserts["count"] % 50 == 0:
            place.remove(sent_chunk_ids(call)[-1:])
        return answer

    around(patch, INSERT, lose)


@mutant("cortex.filter.by-ids", "Chunk ids with a character beyond ASCII are not found")
def only_ascii_is_found(patch: pytest.MonkeyPatch) -> None:
    def overlook(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        asked = document_of(call).get("chunk_ids")
        entries = entries_of(answer)
        if isinstance(asked, list):
            entries = [entry for entry in entries if entry["embedding"]["chunk_id"].isascii()]
        return Answer(200, entries)

    around(patch, FILTER, overlook)


@mutant("cortex.matrix.file-id-kept", "A file_id with a character beyond ASCII comes back escaped")
def escaped_file_ids(patch: pytest.MonkeyPatch) -> None:
    def escape(body: Body) -> None:
        body["file_id"] = body["file_id"].encode("ascii", "backslashreplace").decode()

    amend(patch, UPLOAD, escape)


def _lose(patch: pytest.MonkeyPatch, doomed: Doomed) -> None:
    """Removes those rows of an upload that a function dooms, as soon as they are stored."""
    replace = SubTenant.replace

    def replace_most(self: SubTenant, file_id: str, batch: Batch) -> None:
        replace(self, file_id, batch)
        self.remove(doomed(self, file_id, batch))

    patch.setattr(SubTenant, "replace", replace_most)
