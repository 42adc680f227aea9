"""Mutants that update other vectors than those sent, or take updates they should refuse."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mock_server.cortex import rules
from mock_server.cortex.shapes import batch_of
from mock_server.cortex.subtenant import Batch, Floats, SubTenant
from mock_server.service import Answer, Call
from mock_server.session import World
from mock_server.vectors import directions
from tests.mutants.cortex.rewriting import UPDATE, around, mishear, place_of, put_status, refuse_with
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Body, Handle, document_of, let_pass

REPLACES = "cortex.update.replaces"
SAME_BATCH = "cortex.update.same-batch"
ID_FORMAT = "cortex.update.id-format"
DIMENSION = "cortex.update.dimension"


@mutant(REPLACES, "An update is answered with 202")
def an_update_is_202(patch: pytest.MonkeyPatch) -> None:
    put_status(patch, UPDATE, 202)


@mutant(REPLACES, "An update changes nothing")
def nothing_changes(patch: pytest.MonkeyPatch) -> None:
    _with_old(patch, lambda place, chunk_id, old: _put(place, chunk_id, old))


@mutant(REPLACES, "Of several updated rows only the first changes")
def only_the_first(patch: pytest.MonkeyPatch) -> None:
    def shorten(body: Body) -> None:
        embeddings = body.get("embeddings")
        if isinstance(embeddings, dict) and len(_batches(embeddings)) == len(_lengths(embeddings)) == 1:
            body["embeddings"] = dict([*embeddings.items()][:1])

    mishear(patch, UPDATE, shorten)


@mutant(REPLACES, "An update changes the next row too")
def the_next_row_too(patch: pytest.MonkeyPatch) -> None:
    def change_next(place: SubTenant, chunk_id: str, vector: list[float]) -> None:
        batch, _, index = chunk_id.rpartition("_")
        neighbour = f"{batch}_{int(index) + 1}"
        if neighbour in place.chunks:
            _put(place, neighbour, np.array(vector, np.float32))

    _after_update(patch, change_next)


@mutant(REPLACES, "An update adds to the old vector")
def added_to_the_old(patch: pytest.MonkeyPatch) -> None:
    _with_old(patch, lambda place, chunk_id, old: _put(place, chunk_id, place.chunks[chunk_id].vector + old))


@mutant(REPLACES, "A search still finds an updated row by its old vector")
def found_by_the_old(patch: pytest.MonkeyPatch) -> None:
    def find_by_old(place: SubTenant, chunk_id: str, old: Floats) -> None:
        place._directions.put([chunk_id], directions(old[np.newaxis].astype(np.float64)))

    _with_old(patch, find_by_old)


@mutant(SAME_BATCH, "Rows of several files are updated at once")
def several_files(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.UPDATE, SAME_BATCH)


@mutant(SAME_BATCH, "Of several files only the first is updated")
def the_first_file(patch: pytest.MonkeyPatch) -> None:
    def keep_first(body: Body) -> None:
        embeddings = body.get("embeddings")
        if isinstance(embeddings, dict) and embeddings and all(map(batch_of, embeddings)):
            first = batch_of(next(iter(embeddings)))
            body["embeddings"] = {key: value for key, value in embeddings.items() if batch_of(key) == first}

    mishear(patch, UPDATE, keep_first)


@mutant(SAME_BATCH, "An update of several files is refused with 409")
def a_conflict_of_files(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, SAME_BATCH, 409)


@mutant(ID_FORMAT, "A malformed chunk id is an unknown one")
def malformed_is_unknown(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.UPDATE, ID_FORMAT)


@mutant(ID_FORMAT, "A hyphen is as good as an underscore")
def a_hyphen_will_do(patch: pytest.MonkeyPatch) -> None:
    _respell(patch, lambda chunk_id: "f_0" if chunk_id == "f-0" else chunk_id)


@mutant(ID_FORMAT, "An underscore at the end of a chunk id is left out", hardest=True)
def an_underscore_more(patch: pytest.MonkeyPatch) -> None:
    _respell(patch, lambda chunk_id: chunk_id.removesuffix("_") if chunk_id.count("_") > 1 else chunk_id)


@mutant(ID_FORMAT, "A malformed chunk id is refused with 422")
def unprocessable_ids(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, ID_FORMAT, 422)


@mutant(DIMENSION, "Updated vectors are made as long as the first of them", hardest=True)
def as_long_as_the_first(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.UPDATE, DIMENSION)


@mutant(DIMENSION, "Updated vectors are made as long as the tenant's")
def as_long_as_the_tenants(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.UPDATE_FIT, DIMENSION)


@mutant(DIMENSION, "Updated vectors that are longer than the tenant's are cut")
def long_updates_are_cut(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.UPDATE_FIT, DIMENSION, lambda fit: fit.length > (fit.dimension or 0))


@mutant(DIMENSION, "An update of another dimension is refused with 422")
def unprocessable_lengths(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, DIMENSION, 422)


def _updated(call: Call) -> dict[str, list[Any]]:
    """Answers the vectors that an update sends, by chunk id."""
    embeddings = document_of(call).get("embeddings")
    return embeddings if isinstance(embeddings, dict) else {}


def _batches(embeddings: Body) -> set[str]:
    return {*map(batch_of, embeddings)}


def _lengths(embeddings: Body) -> set[int]:
    return {*map(len, embeddings.values())}


def _after_update(patch: pytest.MonkeyPatch, do: Callable[[SubTenant, str, list[float]], object]) -> None:
    """Does something more with every row that an update has changed."""

    def updated(handle: Handle, world: World, call: Call) -> Answer:
        answer, place = handle(world, call), place_of(world, call)
        for chunk_id, vector in _updated(call).items():
            if place is not None:
                do(place, chunk_id, vector)
        return answer

    around(patch, UPDATE, updated)


def _with_old(patch: pytest.MonkeyPatch, do: Callable[[SubTenant, str, Floats], object]) -> None:
    """Does something more with every row that an update has changed, and the vector it had."""

    def updated(handle: Handle, world: World, call: Call) -> Answer:
        place = place_of(world, call)
        old = {each: chunk.vector for each, chunk in place.chunks.items()} if place else {}
        answer = handle(world, call)
        for chunk_id in _updated(call):
            if place is not None:
                do(place, chunk_id, old[chunk_id])
        return answer

    around(patch, UPDATE, updated)


def _put(place: SubTenant, chunk_id: str, vector: Floats) -> None:
    place.put(Batch([chunk_id], [place.chunks[chunk_id].source_id], vector[np.newaxis], {}))


def _respell(patch: pytest.MonkeyPatch, change: Callable[[str], str]) -> None:
    """Changes the chunk ids of an update before they are judged."""

    def respell(body: Body) -> None:
        if isinstance(body.get("embeddings"), dict):
            body["embeddings"] = {change(key): value for key, value in body["embeddings"].items()}

    mishear(patch, UPDATE, respell)
