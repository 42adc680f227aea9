"""Checks of the areas search, retrieve, delete and stats: rows found, fetched, deleted and counted."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.cortex.basis import Matrices, Tenants, float32, matrices, strings_of
from conformance.cortex.driver import Cortex
from conformance.cortex.payload import Matrix, matrix, numbers, opposite, positive_vector, seeds
from conformance.cortex.refusing import INVALID, UNPROCESSABLE, expect_refused_but_twin_accepted
from conformance.exchange import Exchange
from conformance.expectation import expect, expect_fields, expect_status, expect_values, is_of, require

DEFAULT_MAX_CHUNKS, MAX_CHUNKS = 10, 200
DIMENSION = 8

sizes = st.integers(1, 20)


@proves("cortex.search.shape")
@given(size=sizes, seed=seeds, factor=st.sampled_from((-1, 0.001, 1, 1000)))
def a_search_answers_ids_and_scores(server: Cortex, size: int, seed: int, factor: float) -> None:
    """In parallel, the best first, each score from 0 to 1."""
    place = matrices(server, DIMENSION)
    place.store(_varied(size, seed))
    require(
        bool(place.hits(positive_vector(seed, DIMENSION))), "a search finds nothing that resembles the query"
    )
    exchange = place.search([factor * number for number in positive_vector(seed, DIMENSION)])
    expect_status(exchange, 200)
    expect_fields(exchange, chunk_ids=list, scores=list)
    ids, scores = exchange.body["chunk_ids"], exchange.body["scores"]
    expect(
        len(ids) == len(scores) == len(set(strings_of(ids))), "as many scores as distinct chunk_ids", exchange
    )
    expect(
        all(is_of(score, (int, float)) and 0 <= score <= 1 for score in scores), "scores in 0..1", exchange
    )
    expect(all(one >= other for one, other in pairwise(scores)), "falling scores", exchange)


@proves("cortex.search.max-chunks")
@given(size=st.one_of(st.integers(1, 30), st.just(30)), max_chunks=st.integers(1, 30))
def max_chunks_bounds_the_hits(server: Cortex, size: int, max_chunks: int) -> None:
    """10 by default, 200 at most; 0 and 201 are refused."""
    place = matrices(server, DIMENSION)
    place.store(matrix(size, DIMENSION))
    query = positive_vector(0, DIMENSION)
    for asked in (None, max_chunks, MAX_CHUNKS):
        exchange = place.search(query, **({} if asked is None else {"max_chunks": asked}))
        expect_status(exchange, 200)
        wanted, hits = min(size, asked or DEFAULT_MAX_CHUNKS), len(strings_of(exchange.body.get("chunk_ids")))
        expect(hits == wanted, f"{wanted} hits", exchange, f"{hits} hits")
    for bad in (0, MAX_CHUNKS + 1):
        expect_status(place.search(query, max_chunks=bad), 400)


@proves("cortex.search.nearest")
@given(size=sizes, seed=seeds, which=st.integers(0, 19))
def a_stored_row_finds_itself(server: Cortex, size: int, seed: int, which: int) -> None:
    """Among rows that point elsewhere it is the first hit."""
    place = matrices(server, DIMENSION)
    vector = positive_vector(seed, DIMENSION)
    rows = [_turned(vector, n) for n in range(size)]
    rows[which % size] = vector
    ids = place.store(rows)
    exchange = place.search(vector)
    first = next(iter(strings_of(exchange.body.get("chunk_ids"))), None)
    require(first is not None, f"a search finds nothing: {exchange.outcome()}")
    expect(first == ids[which % size], f"{ids[which % size]!r} first", exchange)


@proves("cortex.search.empty")
@given(size=sizes)
def an_empty_query_is_refused(server: Cortex, size: int) -> None:
    """A vector without a number."""
    place = matrices(server)
    place.store(matrix(size, 4))
    expect_refused_but_twin_accepted(place.search([]), INVALID, place.search([0.5] * 4))


@proves("cortex.search.dimension")
@given(length=st.sampled_from((1, 3, 5, 64)))
def a_query_of_another_length_is_refused(server: Cortex, length: int) -> None:
    """Shorter or longer than the tenant's rows."""
    place = matrices(server)
    place.store(matrix(2, 4))
    expect_refused_but_twin_accepted(place.search([0.5] * length), UNPROCESSABLE, place.search([0.5] * 4))


@proves("cortex.retrieve.vectors")
@given(rows=st.lists(st.lists(numbers, min_size=4, max_size=4), min_size=1, max_size=6))
def vectors_come_back_equal(server: Cortex, rows: Matrix) -> None:
    """As float32, whatever the numbers."""
    place = matrices(server)
    ids = place.store(rows)
    exchange = place.retrieve(ids)
    expect_status(exchange, 200)
    found: Any = exchange.body.get("embeddings")
    require(isinstance(found, dict) and set(ids) <= set(found), f"rows are not found: {exchange.outcome()}")
    for each, row in zip(ids, rows, strict=True):
        expect(float32(found[each]) == float32(row), f"{each!r}: {float32(row)}", exchange, f"{found[each]}")


@proves("cortex.retrieve.not-found")
@given(known=st.integers(1, 5), unknown=st.integers(1, 5))
def unknown_ids_are_listed(server: Cortex, known: int, unknown: int) -> None:
    """With 200, beside those that are found."""
    place = matrices(server)
    ids = place.store(matrix(known, 4), "f")
    strangers = [f"f_{known + n}" for n in range(unknown)]
    exchange = place.retrieve([*strangers, *ids])
    expect_status(exchange, 200)
    missing = exchange.body.get("not_found_chunk_ids")
    expect(set(strings_of(missing)) == set(strangers), f"not found: {strangers}", exchange)
    found = exchange.body.get("embeddings")
    expect(isinstance(found, dict) and set(found) == set(ids), f"found: {ids}", exchange)


@proves("cortex.delete.truthful")
@given(size=st.one_of(st.integers(1, 12), st.just(12)), gone=st.integers(1, 12), unknown=st.integers(0, 3))
def a_deletion_tells_what_was_deleted(server: Cortex, size: int, gone: int, unknown: int) -> None:
    """It is gone from every read; unknown ids do not count, and the rest stays."""
    place = matrices(server)
    ids = place.store(matrix(size, 4), "f")
    doomed, strangers = ids[:gone], [f"f_{size + n}" for n in range(unknown)]
    exchange = place.server.delete({"chunk_ids": [*doomed, *strangers], **place.ids})
    expect_status(exchange, 200)
    expect_values(exchange, total_deleted=len(doomed))
    status: Any = exchange.body.get("status")
    told = isinstance(status, dict) and all(status.get(each) is True for each in doomed)
    expect(told and not any(map(status.get, strangers)), f"true for {doomed} alone", exchange)
    left = set(place.rows([*ids, *strangers]))
    expect(left == set(ids[gone:]), f"left: {ids[gone:]}", exchange, f"left: {sorted(left)}")
    expect(place.count() == len(left), f"object_count {len(left)}", exchange, f"object_count {place.count()}")
    hits = set(place.hits([0.5] * 4)) & set(doomed)
    expect(not hits, "no deleted row among the hits", exchange, f"hits {sorted(hits)}")


@proves("cortex.delete.empty")
@given(ids=st.sampled_from(([], [""], ["f_0", ""])))
def deleting_nothing_is_refused(server: Cortex, ids: list[str]) -> None:
    """No ids, or an empty one among them."""
    place = matrices(server)
    place.store(matrix(1, 4), "f")
    refused = place.server.delete({"chunk_ids": ids, **place.ids})
    twin = place.server.delete({"chunk_ids": ["f_0"], **place.ids})
    expect_refused_but_twin_accepted(refused, INVALID, twin)


@proves("cortex.stats.count")
@given(sizes=st.lists(sizes, min_size=1, max_size=3), beside=sizes, dimension=st.integers(1, 8))
def stats_count_the_rows(server: Cortex, sizes: list[int], beside: int, dimension: int) -> None:
    """None at first, with no dimension; then all files' rows, with theirs; of a sub-tenant its own alone."""
    place = Matrices(server, server.memo(Tenants).fresh("matrix"), None)
    _expect_stats(place, 0, None)
    for n, size in enumerate(sizes):
        place.store(matrix(size, dimension), f"f{n}")
        _expect_stats(place, sum(sizes[: n + 1]), dimension)
    other = place.beside()
    other.beside("-more").store(matrix(2, dimension), "f0")
    other.store(matrix(beside, dimension), "f0")
    _expect_stats(other, beside, dimension)


def _expect_stats(place: Matrices, count: int, dimension: int | None) -> None:
    exchange: Exchange = place.server.stats(place.tenant, place.sub_tenant)
    expect_status(exchange, 200)
    expect_values(exchange, object_count=count, vector_dimension=dimension)


def _varied(size: int, seed: int) -> Matrix:
    """Rows that resemble a positive query less and less."""
    rows = matrix(size, DIMENSION, seed)
    return [[*opposite(row[: n % 4]), *row[n % 4 :]] for n, row in enumerate(rows)]


def _turned(vector: Sequence[float], n: int) -> list[float]:
    """The vector with at least half of its signs turned, in a way that depends on n."""
    turned = {(n + step) % DIMENSION for step in range(DIMENSION // 2 + n % (DIMENSION // 2))}
    return [-number if index in turned else number for index, number in enumerate(vector)]
