"""Checks of the areas filter and remove: chunks asked for and removed by source or by id."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.cortex.basis import DIMENSION, Documents, documents, entries_of
from conformance.cortex.driver import Cortex
from conformance.cortex.payload import Document, chunk, document, sizes, written
from conformance.cortex.refusing import INVALID, UNPROCESSABLE, expect_refused_but_twin_accepted
from conformance.exchange import Exchange
from conformance.expectation import (
    expect,
    expect_accepted,
    expect_status,
    expect_values,
    require,
    require_success,
)

MAX_LIMIT = 10_000
MANY = 100  # more hits than any check here has chunks
QUERY = [0.5] * DIMENSION
# Letters, a character beyond the basic plane, and one made of two code points.
BEYOND_ASCII = ("\u00e9-0", "\U0001f41d 1", "n\u0303")
STRANGERS = ("x0", "s0", "s0-", "s00-")

strangers = st.lists(st.sampled_from(STRANGERS), unique=True, max_size=3)


@proves("cortex.filter.by-source")
@given(sizes=sizes, which=st.integers(0, 3))
def a_source_is_asked_for_whole(server: Cortex, sizes: list[int], which: int) -> None:
    """Every chunk of it and none of a source whose name begins alike."""
    place, batch = _inserted(server, sizes)
    chosen = batch[which % len(batch)]
    _expect_chunks(place, _ids([chosen]), source_id=chosen["source_id"])


@proves("cortex.filter.by-ids")
@given(sizes=sizes, known=st.integers(1, 8), unknown=strangers)
def chunks_are_asked_for_by_id(server: Cortex, sizes: list[int], known: int, unknown: list[str]) -> None:
    """Exactly the known ones among those asked; the beginning of an id is none."""
    place, batch = _inserted(server, sizes)
    ids = _ids(batch)[:known]
    _expect_chunks(place, ids, chunk_ids=[*unknown, *ids])


@proves("cortex.filter.by-ids")
def chunks_are_asked_for_by_any_id(server: Cortex) -> None:
    """Also by one beyond ASCII, where such ids are taken."""
    place = documents(server)
    batch = [{**document("s", 0, DIMENSION), "embeddings": [chunk(each, QUERY) for each in BEYOND_ASCII]}]
    inserted = place.insert(batch)
    require(inserted.succeeded, f"ids beyond ASCII are not taken: {inserted.outcome()}")
    _expect_chunks(place, list(BEYOND_ASCII), chunk_ids=list(BEYOND_ASCII))


@proves("cortex.filter.one-of")
@given(both=st.booleans())
def a_filter_names_one_thing(server: Cortex, both: bool) -> None:
    """Source and ids are refused, and so is neither."""
    place, _ = _stored(server, [2])
    names = {"source_id": "s0", "chunk_ids": ["s0-0"]} if both else {}
    expect_refused_but_twin_accepted(_filter(place, **names), INVALID, _filter(place, source_id="s0"))


@proves("cortex.filter.limit")
@given(size=st.integers(1, 12), limit=st.integers(1, 12))
def a_filter_has_a_limit(server: Cortex, size: int, limit: int) -> None:
    """At most so many come; 0 and 10,001 are refused."""
    place = documents(server)
    place.store([document("s", size, DIMENSION)])
    twin = _filter(place, source_id="s", limit=MAX_LIMIT)
    wanted = min(len(entries_of(twin)), limit)
    exchange = _filter(place, source_id="s", limit=limit)
    expect_accepted(exchange)
    count = len(entries_of(exchange))
    expect(count == wanted, f"{wanted} chunks", exchange, f"{count} chunks")
    for bad in (0, MAX_LIMIT + 1):
        refused = _filter(place, source_id="s", limit=bad)
        expect_refused_but_twin_accepted(refused, UNPROCESSABLE, twin)


@proves("cortex.remove.by-source")
@given(sizes=sizes, which=st.integers(0, 3))
def a_source_is_removed_whole(server: Cortex, sizes: list[int], which: int) -> None:
    """All its chunks are counted and gone; other sources stay."""
    place, batch = _stored(server, sizes)
    chosen = batch[which % len(batch)]
    exchange = _remove(place, source_id=chosen["source_id"])
    expect_status(exchange, 200)
    expect_values(exchange, delete_count=len(chosen["embeddings"]), success=True)
    _expect_left(place, exchange, batch, set(_ids(batch)) - set(_ids([chosen])))
    anew = server.polls_until(lambda insert: insert.succeeded, lambda: place.insert([chosen]))[-1]
    expect(anew.succeeded, "the same source accepted anew, now that it is removed", anew)


@proves("cortex.remove.by-ids")
@given(sizes=sizes, gone=st.integers(1, 8), unknown=strangers)
def chunks_are_removed_by_id(server: Cortex, sizes: list[int], gone: int, unknown: list[str]) -> None:
    """Those known are counted and gone; unknown ones do not count, nor do beginnings of ids."""
    place, batch = _stored(server, sizes)
    ids = _ids(batch)
    doomed = ids[:gone]
    exchange = _remove(place, chunk_ids=[*unknown, *doomed])
    expect_status(exchange, 200)
    expect_values(exchange, delete_count=len(doomed), success=True)
    _expect_left(place, exchange, batch, set(ids) - set(doomed))


@proves("cortex.remove.again")
@given(sizes=sizes, by=st.sampled_from(("source_id", "chunk_ids")))
def removing_again_removes_nothing(server: Cortex, sizes: list[int], by: str) -> None:
    """200 with a delete_count of 0."""
    place, batch = _stored(server, sizes)
    names: dict[str, Any] = {"source_id": "s0"} if by == "source_id" else {"chunk_ids": _ids(batch[:1])}
    _remove(place, **names)
    exchange = _remove(place, **names)
    expect_status(exchange, 200)
    expect_values(exchange, delete_count=0)


@proves("cortex.remove.one-of")
@given(both=st.booleans())
def a_removal_names_one_thing(server: Cortex, both: bool) -> None:
    """Source and ids are refused, and so is neither."""
    place, _ = _stored(server, [2])
    names = {"source_id": "s0", "chunk_ids": ["s0-0"]} if both else {}
    expect_refused_but_twin_accepted(_remove(place, **names), INVALID, _remove(place, source_id="s0"))


def _stored(server: Cortex, sizes: list[int]) -> tuple[Documents, list[Document]]:
    place = documents(server)
    batch = _batch(sizes)
    place.store(batch)
    return place, batch


def _inserted(server: Cortex, sizes: list[int]) -> tuple[Documents, list[Document]]:
    """The same, not yet looked for."""
    place = documents(server)
    batch = _batch(sizes)
    require_success(place.insert(batch), "a valid insert is not accepted")
    return place, batch


def _batch(sizes: list[int]) -> list[Document]:
    return [*written(sizes, DIMENSION), document("s00", 1, DIMENSION, 9)]


def _filter(place: Documents, **names: Any) -> Exchange:
    return place.server.filter({**place.ids, **names})


def _remove(place: Documents, **names: Any) -> Exchange:
    return place.server.remove(**place.ids, **names)


def _expect_chunks(place: Documents, ids: list[str], **names: Any) -> None:
    """Expects a filter to give these chunks, at the latest when the time is up: it may lag behind."""
    wanted = sorted(ids)
    exchange = place.server.polls_until(
        lambda exchange: not exchange.succeeded or _came(exchange) == wanted, lambda: _filter(place, **names)
    )[-1]
    expect_status(exchange, 200)
    came = _came(exchange)
    expect(came == wanted, f"the chunks {wanted}, each once", exchange, f"the chunks {came}")


def _expect_left(place: Documents, exchange: Exchange, batch: list[Document], ids: set[str]) -> None:
    """Expects these chunks of a batch left, and the others out of the reach of a search, too."""
    left = set(place.chunks(_ids(batch)))
    expect(left == ids, f"left: {sorted(ids)}", exchange, f"left: {sorted(left)}")
    gone = set(_ids(batch)) - ids
    place.server.wait_until(lambda: not gone & _hits(place))
    hits = gone & _hits(place)
    expect(not hits, "no removed chunk among the hits", exchange, f"hits {sorted(hits)}")


def _hits(place: Documents) -> set[str]:
    return set(_came(place.find(QUERY, limit=MANY)))


def _came(exchange: Exchange) -> list[str]:
    return sorted(entry["embedding"]["chunk_id"] for entry in entries_of(exchange))


def _ids(batch: list[Document]) -> list[str]:
    return [each["chunk_id"] for entry in batch for each in entry["embeddings"]]
