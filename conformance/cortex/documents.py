"""Checks of the area documents: what an insert takes, refuses, updates and leaves alone."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.cortex.basis import DIMENSION, Documents, documents, float32
from conformance.cortex.driver import Cortex
from conformance.cortex.matrix import NON_FINITE, NON_NUMBERS
from conformance.cortex.payload import (
    Document,
    chunk,
    document,
    opposite,
    positive_vector,
    seeds,
    sizes,
    written,
)
from conformance.cortex.refusing import UNPROCESSABLE, expect_documents_refused
from conformance.exchange import Exchange
from conformance.expectation import expect, expect_accepted, expect_status, expect_values, require

UPSERTS = 60
SHAPE_KEYS = ("source_id", "embeddings", "chunk_id", "embedding")


@proves("cortex.documents.accepted")
@given(sizes=sizes, seed=seeds)
def valid_documents_are_inserted(server: Cortex, sizes: list[int], seed: int) -> None:
    """200 with the number of chunks and their ids in the order sent."""
    batch = written(sizes, DIMENSION, seed)
    exchange = documents(server).insert(batch)
    expect_status(exchange, 200)
    ids = _ids(batch)
    expect_values(exchange, success=True, insert_count=len(ids), ids=ids)


@proves("cortex.documents.shape-required")
@given(sizes=sizes, last=st.booleans())
def a_document_needs_its_keys(server: Cortex, sizes: list[int], last: bool) -> None:
    """Source and chunks, and of each chunk id and vector: 422; a 400 is kept, with a note."""
    batch = written(sizes, DIMENSION)
    for key in SHAPE_KEYS:
        invalid = copy.deepcopy(batch)
        holder = invalid[-last]
        del (holder if key in holder else holder["embeddings"][-last])[key]
        refused = expect_documents_refused(documents(server), invalid, batch, UNPROCESSABLE)
        if refused.status == 400:
            server.remarks.append("a document without its keys is refused with 400 in place of 422")


@proves("cortex.documents.numeric")
@given(sizes=sizes, value=st.sampled_from(NON_NUMBERS), place=st.integers(0, DIMENSION - 1))
def a_value_that_is_no_number_is_refused(server: Cortex, sizes: list[int], value: Any, place: int) -> None:
    """A string, boolean, null or object in a vector."""
    _expect_value_refused(server, sizes, value, place)


@proves("cortex.documents.finite")
@given(sizes=sizes, value=st.sampled_from(NON_FINITE), place=st.integers(0, DIMENSION - 1))
def a_number_that_is_not_finite_is_refused(server: Cortex, sizes: list[int], value: Any, place: int) -> None:
    """NaN and the infinities, by name or by overflow."""
    _expect_value_refused(server, sizes, value, place)


@proves("cortex.documents.dimension")
@given(sizes=sizes, length=st.sampled_from((1, 3, 5, 8)))
def a_vector_of_another_length_is_refused(server: Cortex, sizes: list[int], length: int) -> None:
    """Than the dimension the tenant was made for."""
    batch = written(sizes, DIMENSION)
    invalid = copy.deepcopy(batch)
    invalid[-1]["embeddings"][-1]["embedding"] = [0.5] * length
    expect_documents_refused(documents(server), invalid, batch, (422,))


@proves("cortex.documents.refused-whole")
@given(sizes=sizes, value=st.sampled_from((*NON_NUMBERS, *NON_FINITE)), known=st.booleans())
def a_refused_insert_stores_nothing(server: Cortex, sizes: list[int], value: Any, known: bool) -> None:
    """No chunk of it, not even later; nor does an upsert that is refused change one that is known."""
    place = documents(server)
    batch = written(sizes, DIMENSION)
    if known:
        place.store(batch)
    before = place.chunks(_ids(batch))
    invalid = written(sizes, DIMENSION, seed=1)
    invalid[-1]["embeddings"][-1]["embedding"][-1] = value
    exchange = place.insert(invalid, **({"upsert": True} if known else {}))
    require(exchange.status in UNPROCESSABLE, f"an invalid insert is not refused: {exchange.outcome()}")
    place.store([document("after", 1, DIMENSION)])
    stored = place.chunks(_ids(batch))
    expect(stored == before, f"the chunks {before}, as before", exchange, f"{stored}")


@proves("cortex.documents.no-upsert")
@given(sizes=sizes, new=st.integers(0, 3), seed=seeds)
def a_known_chunk_is_not_overwritten(server: Cortex, sizes: list[int], new: int, seed: int) -> None:
    """With upsert false, alone or among new ones: the old vector stays, and the answer is no success."""
    _expect_not_overwritten(server, sizes, seed, {"upsert": False}, new)


@proves("cortex.documents.upsert-default")
@given(sizes=sizes, seed=seeds, unset=st.sampled_from(({}, {"upsert": None})))
def upsert_is_false_by_default(server: Cortex, sizes: list[int], seed: int, unset: dict[str, Any]) -> None:
    """Left out or null."""
    _expect_not_overwritten(server, sizes, seed, unset)


@proves("cortex.documents.upsert")
@given(size=st.integers(1, 6), known=st.integers(1, 6), new=st.integers(0, 4), seed=seeds)
def an_upsert_updates_known_chunks(server: Cortex, size: int, known: int, new: int, seed: int) -> None:
    """And inserts the rest; other chunks of the source stay."""
    place = documents(server)
    first = document("s", size, DIMENSION, seed)
    place.store([first])
    changed = [chunk(each["chunk_id"], opposite(each["embedding"])) for each in first["embeddings"][:known]]
    added = [chunk(f"new-{n}", positive_vector(n, DIMENSION)) for n in range(new)]
    exchange = place.insert([{**first, "embeddings": [*added, *changed]}], upsert=True)
    expect_accepted(exchange)
    latest = (*first["embeddings"], *changed, *added)
    wanted = {each["chunk_id"]: float32(each["embedding"]) for each in latest}

    def is_so() -> bool:
        return _vectors(place, wanted) == wanted

    server.wait_until(is_so)
    expect(is_so(), f"the chunks {sorted(wanted)} as last sent", exchange, f"{_vectors(place, wanted)}")
    count = len(place.found(list(wanted)))
    expect(count == len(wanted), "each chunk once", exchange, f"{count} entries for {len(wanted)} chunks")


@proves("cortex.documents.upsert")
def many_upserts_are_stored(server: Cortex) -> None:
    """Every chunk of each."""
    place = documents(server)
    batches = [document(f"s{n}", 2, DIMENSION) for n in range(UPSERTS)]
    for batch in batches:
        last = place.insert([batch], upsert=True)
        expect_accepted(last)
    ids = set(_ids(batches))
    server.wait_until(lambda: set(place.chunks(list(ids))) == ids)
    missing = ids - set(place.chunks(list(ids)))
    expect(not missing, f"all {len(ids)} chunks of {UPSERTS} upserts", last, f"without {sorted(missing)}")


@proves("cortex.documents.server-fields")
@given(sizes=sizes)
def ids_inside_a_document_are_ignored(server: Cortex, sizes: list[int]) -> None:
    """Where it goes is said outside of it."""
    place, other = documents(server), documents(server)
    batch = written(sizes, DIMENSION)
    led_astray = [{**each, "tenant_id": "nobody", "sub_tenant_id": other.sub_tenant} for each in batch]
    exchange = place.insert(led_astray)
    expect_accepted(exchange)
    here = server.wait_until(lambda: set(place.chunks(_ids(batch))) == set(_ids(batch)))
    expect(here and not other.chunks(_ids(batch)), "all chunks where the request says", exchange)


def _expect_value_refused(server: Cortex, sizes: list[int], value: Any, place: int) -> None:
    batch = written(sizes, DIMENSION)
    invalid = copy.deepcopy(batch)
    invalid[-1]["embeddings"][-1]["embedding"][place] = value
    expect_documents_refused(documents(server), invalid, batch, UNPROCESSABLE)


def _expect_not_overwritten(
    server: Cortex, sizes: list[int], seed: int, more: dict[str, Any], new: int = 0
) -> None:
    place = documents(server)
    batch = written(sizes, DIMENSION, seed)
    place.store(batch)
    known = batch[0]["embeddings"][0]
    added = [chunk(f"new-{n}", positive_vector(n, DIMENSION)) for n in range(new)]
    changed = chunk(known["chunk_id"], opposite(known["embedding"]))
    again = [{"source_id": "s0", "embeddings": [*added, changed]}]
    exchange = place.insert(again, **more)
    refused = exchange.status is not None and 400 <= exchange.status < 500
    expect(refused or exchange.body.get("success") is False, "no success", exchange)
    vector = _vectors(place, [known["chunk_id"]]).get(known["chunk_id"])
    expect(vector == float32(known["embedding"]), "the old vector still there", exchange, f"{vector}")
    _require_upsert(place, again)


def _require_upsert(place: Documents, again: list[Document]) -> None:
    twin: Exchange = place.insert(again, upsert=True)
    require(twin.succeeded, f"the same with upsert true is not accepted either: {twin.outcome()}")


def _vectors(place: Documents, ids: Any) -> dict[str, list[float]]:
    return {each: float32(vector) for each, vector in place.chunks(list(ids)).items()}


def _ids(batch: list[Document]) -> list[str]:
    return [each["chunk_id"] for entry in batch for each in entry["embeddings"]]
