"""Checks of the area find: searching the chunks of documents, with and without a filter."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.cortex.basis import DIMENSION, Documents, documents, entries_of, float32
from conformance.cortex.driver import Cortex
from conformance.cortex.expressions import FAULTY, FILED, Expression, Row, expressions, panel
from conformance.cortex.payload import (
    document,
    filed_metadata,
    opposite,
    seeds,
    sizes,
    written,
)
from conformance.cortex.refusing import UNPROCESSABLE, expect_refused_but_twin_accepted
from conformance.exchange import Exchange
from conformance.expectation import expect, expect_status, is_of, require

DEFAULT_LIMIT, MAX_LIMIT = 10, 1_000
TOLERANCE = 1e-4
MANY = 100  # more hits than any check here has chunks, and far from the limit's bounds
QUERY = [0.5] * DIMENSION
OUTPUT_FIELDS: tuple[list[str] | None, ...] = (
    ["embedding"],
    ["metadata"],
    [],
    ["embedding", "nonsense"],
    None,
)
ABSENT = (
    *(f"{sign} {number}" for sign in ("==", "!=", ">", "<=") for number in (0, 1)),
    *(f"== {value}" for value in ('""', '"a"', "true", "false")),
)
NOTHING_FOUND = "a search finds nothing that was inserted"


@proves("cortex.find.shape")
@given(sizes=sizes, seed=seeds)
def a_search_answers_an_array_of_hits(server: Cortex, sizes: list[int], seed: int) -> None:
    """The best first, each with its source, and a score and a distance that add up to 1."""
    place = documents(server)
    batch = written(sizes, DIMENSION, seed)
    for n, entry in enumerate(batch[0]["embeddings"]):
        entry["embedding"] = [*opposite(entry["embedding"][: n % 2]), *entry["embedding"][n % 2 :]]
    place.store(batch)
    exchange = _asked_until_found(place)
    expect_status(exchange, 200)
    expect(isinstance(exchange.value, list), "a bare array", exchange)
    require(bool(exchange.value), NOTHING_FOUND)
    scores: list[Any] = []
    for hit in exchange.value:
        expect(
            isinstance(hit, dict) and isinstance(hit.get("source_id"), str), "hits with source_id", exchange
        )
        score, distance = hit.get("score"), hit.get("distance")
        numbers = is_of(score, (int, float)) and is_of(distance, (int, float))
        expect(numbers and abs(score + distance - 1) <= TOLERANCE, "score + distance = 1", exchange, f"{hit}")
        scores.append(score)
    expect(all(one >= other for one, other in pairwise(scores)), "falling scores", exchange, f"{scores}")


@proves("cortex.find.limit")
@given(size=st.one_of(st.integers(1, 30), st.just(30)), limit=st.integers(2, 30))
def a_limit_bounds_the_hits(server: Cortex, size: int, limit: int) -> None:
    """10 by default, 1,000 at most."""
    place = documents(server)
    place.store([document("s", size, DIMENSION)])
    server.wait_until(lambda: len(place.find(QUERY, limit=MANY).value or ()) == size)
    for asked in (None, 1, limit, MAX_LIMIT):
        exchange = place.find(QUERY, **({} if asked is None else {"limit": asked}))
        expect_status(exchange, 200)
        wanted, hits = min(size, asked or DEFAULT_LIMIT), len(entries_of(exchange))
        expect(hits == wanted, f"{wanted} hits", exchange, f"{hits} hits")


@proves("cortex.find.limit-bounds")
@given(limit=st.sampled_from((0, MAX_LIMIT + 1)))
def a_limit_has_bounds(server: Cortex, limit: int) -> None:
    """0 and 1,001 are refused."""
    place = _place(server)
    refused = place.find(QUERY, limit=limit)
    expect_refused_but_twin_accepted(refused, UNPROCESSABLE, place.find(QUERY, limit=MAX_LIMIT))


@proves("cortex.find.dimension")
@given(length=st.sampled_from((1, 3, 5, 64)))
def a_query_of_another_length_is_refused(server: Cortex, length: int) -> None:
    """Shorter or longer than the tenant's vectors."""
    place = _place(server)
    expect_refused_but_twin_accepted(place.find([0.5] * length), (422,), place.find(QUERY))


@proves("cortex.find.metadata")
@given(free=st.lists(filed_metadata, min_size=1, max_size=4))
def a_hit_carries_the_metadata_of_its_source(server: Cortex, free: list[dict[str, Any]]) -> None:
    """Of its own and no other."""
    place = documents(server)
    place.store([document(f"s{n}", 2, DIMENSION, n, **each) for n, each in enumerate(free)])
    own = {f"s{n}-{part}": each for n, each in enumerate(free) for part in range(2)}
    exchange = _found(place)
    for hit in entries_of(exchange):
        wanted = own.get(hit["embedding"]["chunk_id"])
        expect(hit.get("metadata") == wanted, f"the metadata {wanted}", exchange, f"{hit}")


@proves("cortex.find.metadata")
@given(free=filed_metadata)
def a_source_inserted_anew_has_its_new_metadata(server: Cortex, free: dict[str, Any]) -> None:
    """And none of those it had before it was removed."""
    place = documents(server)
    place.store([document("s", 1, DIMENSION, **free)])
    removed = server.remove(**place.ids, source_id="s")
    require(removed.succeeded, f"a source cannot be removed: {removed.outcome()}")
    place.store([document("s", 1, DIMENSION, anew=True)])
    exchange = server.polls_until(
        lambda found: [hit.get("metadata") for hit in entries_of(found)] == [{"anew": True}],
        lambda: place.find(QUERY, limit=MANY),
    )[-1]
    hits = entries_of(exchange)
    require(bool(hits), NOTHING_FOUND)
    expect(hits[0].get("metadata") == {"anew": True}, 'the metadata {"anew": true} alone', exchange)


@proves("cortex.find.filter")
@given(
    free=st.lists(filed_metadata, min_size=3, max_size=12),
    chosen=st.lists(expressions, min_size=1, max_size=4),
)
def a_filter_keeps_what_it_says(server: Cortex, free: list[dict[str, Any]], chosen: list[Expression]) -> None:
    """Exactly the chunks for which the expression holds."""
    _expect_filtered(server, free, chosen)


@proves("cortex.find.filter")
def every_operator_keeps_what_it_says(server: Cortex) -> None:
    """Each in turn, where it differs from its neighbours."""
    _expect_filtered(server, FILED, panel())


@proves("cortex.find.filter-missing-key")
def a_missing_key_satisfies_nothing(server: Cortex) -> None:
    """Whatever it is compared with, be it what another reading would take for the missing value."""
    place = _place(server)
    _found(place)
    for comparison in ABSENT:
        _expect_kept(place, f'metadata["absent"] {comparison}', set())


@proves("cortex.find.filter-faulty")
def a_faulty_filter_is_refused(server: Cortex) -> None:
    """A sound one is not."""
    place = _place(server)
    twin = place.find(QUERY, filter_expr='metadata["n"] >= 0')
    for expression in FAULTY:
        refused = place.find(QUERY, filter_expr=expression)
        expect_refused_but_twin_accepted(refused, UNPROCESSABLE, twin)


@proves("cortex.find.output-fields")
@given(sizes=sizes)
def the_vector_comes_when_asked_for(server: Cortex, sizes: list[int]) -> None:
    """And is an empty array when it is not; names that are no field are ignored."""
    place = documents(server)
    batch = written(sizes, DIMENSION)
    place.store(batch)
    vectors = {each["chunk_id"]: each["embedding"] for entry in batch for each in entry["embeddings"]}
    _found(place)
    for fields in OUTPUT_FIELDS:
        exchange = place.find(QUERY, **({} if fields is None else {"output_fields": fields}))
        expect_status(exchange, 200)
        for hit in entries_of(exchange):
            found = hit["embedding"]
            wanted = float32(vectors[found["chunk_id"]]) if fields and "embedding" in fields else []
            came = float32(found.get("embedding") or [])
            expect(came == wanted, f"the vector {wanted}", exchange, f"{found}")


def _place(server: Cortex) -> Documents:
    place = documents(server)
    place.store(written([2, 1], DIMENSION))
    return place


def _asked_until_found(place: Documents) -> Exchange:
    """A search, once it finds something or the time is up: it may lag behind the insert."""
    return place.server.polls_until(
        lambda exchange: bool(exchange.value), lambda: place.find(QUERY, limit=MANY)
    )[-1]


def _found(place: Documents) -> Exchange:
    """A search that finds something; needs it."""
    exchange = _asked_until_found(place)
    require(bool(entries_of(exchange)), NOTHING_FOUND)
    return exchange


def _expect_filtered(server: Cortex, filed: Sequence[Row], expressions: Iterable[Expression]) -> None:
    """Expects every expression to keep its chunks of sources with these metadata."""
    place = documents(server)
    place.store([document(f"s{n}", 1 + n % 2, DIMENSION, n, **each) for n, each in enumerate(filed)])
    _found(place)
    rows: list[Row] = [
        {**each, "source_id": f"s{n}", "chunk_id": f"s{n}-{part}"}
        for n, each in enumerate(filed)
        for part in range(1 + n % 2)
    ]
    for expression in expressions:
        wanted = {str(row["chunk_id"]) for row in rows if expression.holds(row)}
        _expect_kept(place, expression.text, wanted)


def _expect_kept(place: Documents, expression: str, wanted: set[str]) -> None:
    exchange = place.find(QUERY, limit=MANY, filter_expr=expression)
    expect_status(exchange, 200)
    kept = {hit["embedding"]["chunk_id"] for hit in entries_of(exchange)}
    expect(kept == wanted, f"{expression}: the hits {sorted(wanted)}", exchange, f"the hits {sorted(kept)}")
