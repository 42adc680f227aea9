"""Checks of the area vectors: what is stored, under which id, and what an upsert does to it."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from conformance import wire
from conformance.check import proves
from conformance.exchange import Exchange
from conformance.expectation import expect, expect_accepted, expect_values, listed, require
from conformance.moorcheh.basis import Namespace, by_id, health_of, hits_of, vector_namespace
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.payload import (
    LARGEST_BATCH,
    LONGEST_ID,
    Batch,
    Item,
    dimensions,
    metadata,
    opposite,
    plain_batch,
    plain_ids,
    positive_vector,
    printable_ids,
    seeded_vector,
)

FREE_KEYS = ("id", "vector")
MOST_HITS = 100
# Within what a server may treat as one piece, and beyond: fifty, a hundred, five hundred.
SIZES = st.one_of(
    st.integers(1, 5), st.integers(1, LARGEST_BATCH), st.sampled_from((51, 75, 100, 101, LARGEST_BATCH))
)
LARGE = 600
UPLOADS, SPACES = 60, 3
FLAT_METADATA = st.dictionaries(
    st.text("abcn", min_size=1, max_size=3), st.one_of(st.integers(0, 9), st.text("xyz")), max_size=4
)
AWKWARD: Item = {
    "fraction": 0.12345678901234566,
    "tiny": 1.5e-300,
    "huge": -1.5e300,
    "digits in a row": 123_456_789,
    "odd": 2**53 - 1,
    "most": 2**53,
    "least": -(2**53),
    "zero": 0,
    "false": False,
    "null": None,
    "blank": " ",
    "empty": ["", [], {}],
    "nested": {"a": {"b": [{"c": None}]}},
    "digits": "007",
    "date": "2026-05-21T12:00:00Z",
    **dict.fromkeys(
        ("Key", "key", "a.b", "$set", "_id", "score", "label", "namespace", "type", "created_at"), "x"
    ),
}
CONTROL = "".join(map(chr, (*range(32), *range(127, 160))))
EXTREME = st.text("abc012" + CONTROL, min_size=1, max_size=1_000)


@proves("moorcheh.vectors.stored-when-completed")
@given(dimension=dimensions, sizes=st.tuples(SIZES, SIZES))
def a_completed_batch_is_stored(server: Moorcheh, dimension: int, sizes: tuple[int, int]) -> None:
    """All reads agree as soon as the job says completed, of a first batch and of the next."""
    space = vector_namespace(server, dimension)
    for size, prefix in zip(sizes, "vw", strict=True):
        _expect_stored(space, plain_batch(size, dimension, prefix=prefix))


@proves("moorcheh.vectors.stored-when-completed")
def a_large_batch_is_stored(server: Moorcheh) -> None:
    """To its last item."""
    _expect_stored(vector_namespace(server), plain_batch(LARGE, 2))


@proves("moorcheh.vectors.stored-when-completed")
def uploads_at_the_same_time_are_stored(server: Moorcheh) -> None:
    """Every item of many small ones, several of which run in one namespace."""
    spaces = [vector_namespace(server) for _ in range(SPACES)]
    before = health_of(server)["items"]
    turns = [(spaces[n % SPACES], plain_batch(2, 2, prefix=f"u{n}-")) for n in range(UPLOADS)]
    with ThreadPoolExecutor(SPACES * 2) as pool:
        uploads = list(pool.map(lambda turn: turn[0].upload(turn[1]), turns))
    for (space, _), upload in zip(turns, uploads, strict=True):
        require(upload.succeeded, f"a valid upload is not accepted: {upload.outcome()}")
        space.await_accepted(upload)
    for n, space in enumerate(spaces):
        ids = [item["id"] for _, batch in turns[n::SPACES] for item in batch]
        missing = set(ids) - set(space.items(ids))
        all_of_them = f"all {len(ids)} items of {UPLOADS // SPACES} uploads"
        expect(not missing, all_of_them, uploads[n], f"without {listed(sorted(missing))}")
    items = health_of(server)["items"]
    wanted = f"items = {before} + {2 * UPLOADS} in /health"
    expect(items == before + 2 * UPLOADS, wanted, uploads[-1], f"items = {items}")


@proves("moorcheh.vectors.stored-when-completed")
@given(
    size=st.one_of(st.integers(1, 5), st.integers(1, MOST_HITS), st.just(MOST_HITS)),
    again=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def a_completed_batch_is_found_by_search(server: Moorcheh, size: int, again: bool, seed: int) -> None:
    """Each item is a hit of a search that asks for as many as there are, also one that was deleted before."""
    space = vector_namespace(server, 3)
    batch: Batch = [{"id": f"v{n}", "vector": positive_vector(seed + n, 3)} for n in range(size)]
    space.store(batch)
    if again:
        space.delete_items([item["id"] for item in batch[-5:]])
        space.store(batch[-5:])
    exchange = server.search(positive_vector(seed, 3), [space.name], top_k=MOST_HITS)
    missing = {f"v{n}" for n in range(size)} - {str(hit.get("id")) for hit in hits_of(exchange)}
    expect(
        not missing, f"all {size} items among the hits", exchange, f"hits without {listed(sorted(missing))}"
    )


@proves("moorcheh.vectors.metadata")
@given(free=st.lists(metadata(), min_size=1, max_size=3), others=st.integers(0, 30))
def metadata_comes_back_equal(server: Moorcheh, free: list[dict[str, Any]], others: int) -> None:
    """Every free key with its JSON value, by items/get and by search, each item its own."""
    space = vector_namespace(server)
    rows = [*({"n": n} for n in range(others)), *free]
    batch = [{"id": f"v{n}", "vector": [1, n + 1], **each} for n, each in enumerate(rows)]
    space.store(batch)
    _expect_metadata(space, batch)


@proves("moorcheh.vectors.metadata")
def awkward_metadata_comes_back_equal(server: Moorcheh) -> None:
    """Values that are easily rounded, dropped or changed, and keys that a server may want itself."""
    space = vector_namespace(server)
    batch = [{"id": "awkward", "vector": [1, 0], **AWKWARD}]
    space.store(batch)
    _expect_metadata(space, batch)


@proves("moorcheh.vectors.metadata-big-integers")
@given(
    number=st.one_of(
        st.integers(2**53, 2**64 - 1),
        st.integers(-(2**63), -(2**53)),
        st.sampled_from((2**63, 2**64 - 1, 2**53 + 1)),
    )
)
def big_integers_in_metadata_stay_exact(server: Moorcheh, number: int) -> None:
    """Beyond 2^53, where a float64 no longer holds every integer, up to 64 bits."""
    space = vector_namespace(server)
    item = {"id": "big", "vector": [1, 0], "n": number}
    exchange = space.upload([item])
    expect_accepted(exchange)
    space.await_accepted(exchange)
    _expect_items(space, [item])


@proves("moorcheh.vectors.upsert")
@given(size=st.integers(1, 30), again=st.integers(1, 30), seed=st.integers(1, 2**32 - 1))
def an_upsert_adds_no_item(server: Moorcheh, size: int, again: int, seed: int) -> None:
    """Known ids are updated: the counts stay."""
    space = vector_namespace(server)
    space.store(plain_batch(size, 2))
    before = health_of(server)["items"]
    exchange = space.upload(plain_batch(min(size, again), 2, seed=seed))
    expect_accepted(exchange)
    space.await_accepted(exchange)
    count, items = space.count(), health_of(server)["items"]
    expect(count == size, f"item_count still {size}", exchange, f"item_count {count}")
    expect(items == before, f"items still {before} in /health", exchange, f"items = {items}")


@proves("moorcheh.vectors.upsert-replaces")
@given(
    first=FLAT_METADATA,
    second=FLAT_METADATA,
    seed=st.integers(0, 2**32 - 1),
    others=st.integers(0, 4),
    item_id=plain_ids,
)
def an_upsert_replaces_the_item_whole(
    server: Moorcheh, first: dict[str, Any], second: dict[str, Any], seed: int, others: int, item_id: str
) -> None:
    """The new vector is found and the old one is not; keys of the old metadata are gone."""
    space = vector_namespace(server, 4)
    vector = positive_vector(seed, 4)
    rest = [{"id": f"other {n}", "vector": seeded_vector(n, 4)} for n in range(others)]
    assume(not item_id.startswith("other"))
    old: Item = {"id": item_id, "vector": vector, "dropped": 1, **first}
    new: Item = {"id": item_id, "vector": opposite(vector), **second}
    space.store([*rest, old])
    exchange = space.upload([new, *rest])
    require(exchange.succeeded, f"an update is not accepted: {exchange.outcome()}")
    space.await_accepted(exchange)
    _expect_items(space, [new])
    toward, away = (_score(space, query, item_id) for query in (opposite(vector), vector))
    expect(
        toward is not None and (away is None or toward > away),
        "a higher score for the new vector than for the one it replaced",
        exchange,
        f"score {toward} for the new one, {away} for the old one",
    )


@proves("moorcheh.vectors.id-per-namespace")
@given(item_id=plain_ids, sizes=st.tuples(st.integers(0, 3), st.integers(0, 3)))
def an_id_belongs_to_its_namespace(server: Moorcheh, item_id: str, sizes: tuple[int, int]) -> None:
    """The same id in two namespaces is two items, and deleting the one leaves the other."""
    before = health_of(server)["items"]
    spaces = [vector_namespace(server), vector_namespace(server)]
    for number, (space, size) in enumerate(zip(spaces, sizes, strict=True)):
        space.store([{"id": item_id, "vector": [1, number], "n": number}, *plain_batch(size, 2, prefix="~")])
    health = server.health()
    expect(health.body.get("items") == before + 2 + sum(sizes), f"items = {before + 2 + sum(sizes)}", health)
    for number, space in enumerate(spaces):
        _expect_items(space, [{"id": item_id, "vector": [1, number], "n": number}])
    exchange = server.delete_items(spaces[0].name, [item_id])
    require(exchange.succeeded, f"items/delete does not answer: {exchange.outcome()}")
    expect(
        item_id in spaces[1].items([item_id]),
        "the item of the other namespace still there",
        exchange,
        "it is gone",
    )


@proves("moorcheh.vectors.repeat-in-batch")
@given(repeats=st.integers(2, 4), size=st.integers(0, 4))
def a_repeated_id_is_one_item(server: Moorcheh, repeats: int, size: int) -> None:
    """The last of them is stored; total counts all."""
    space = vector_namespace(server)
    repeated = [{"id": "same", "vector": [1, n], "n": n} for n in range(repeats)]
    exchange = space.upload([repeated[0], *plain_batch(size, 2), *repeated[1:]])
    expect_accepted(exchange)
    expect_values(exchange, total=repeats + size)
    space.await_accepted(exchange)
    expect(space.count() == size + 1, f"item_count {size + 1}", exchange, f"item_count {space.count()}")
    _expect_items(space, repeated[-1:])


@proves("moorcheh.vectors.id-any-string")
@given(item_id=printable_ids)
def any_printable_string_is_an_id(server: Moorcheh, item_id: str) -> None:
    """It comes back unchanged, and strings that look much like it are other ids; so is one of full length."""
    _expect_ids_kept(server, [item_id, *_likenesses(item_id), (item_id * LONGEST_ID)[:LONGEST_ID]])


@proves("moorcheh.vectors.id-extreme")
@given(item_id=EXTREME)
def long_and_unprintable_strings_are_ids(server: Moorcheh, item_id: str) -> None:
    """Up to 1,000 characters, control characters among them."""
    _expect_ids_kept(server, [item_id, "\x00\x1f\x7f" + item_id[:900], (item_id * 1_000)[:1_000]])


def _expect_stored(space: Namespace, batch: Batch) -> None:
    """Uploads new items and expects all reads to show them once their job is completed."""
    before, listed_before = health_of(space.server)["items"], space.count()
    upload = space.upload(batch)
    require(upload.succeeded, f"a valid upload is not accepted: {upload.outcome()}")
    space.await_accepted(upload)
    ids = [item["id"] for item in batch]
    missing = set(ids) - set(space.items(ids))
    expect(not missing, f"all {len(ids)} items by items/get", upload, f"without {listed(sorted(missing))}")
    count, items = space.count(), health_of(space.server)["items"]
    wanted = listed_before + len(batch)
    expect(count == wanted, f"item_count {wanted}", upload, f"item_count {count}")
    expect(
        items == before + len(batch),
        f"items = {before} + {len(batch)} in /health",
        upload,
        f"items = {items}",
    )


def _likenesses(text: str) -> list[str]:
    """Other strings that a careless server takes for the same: of other case, blanks or composition."""
    likenesses = [
        text.swapcase(),
        f" {text}",
        f"{text} ",
        text.strip(),
        *(unicodedata.normalize(form, text[:180] + "éﬁ") for form in ("NFC", "NFD", "NFKC")),
        f"{text[:180]} a",
        f"{text[:180]}  a",
        text[:-1],
        text + "/",
    ]
    return [each[:LONGEST_ID] for each in likenesses if each.strip()]


def _expect_ids_kept(server: Moorcheh, ids: list[str]) -> None:
    ids = list(dict.fromkeys(ids))
    space = vector_namespace(server)
    batch = [{"id": each, "vector": [1, n + 1], "n": n} for n, each in enumerate(ids)]
    exchange = space.upload(batch)
    expect_accepted(exchange)
    space.await_accepted(exchange)
    _expect_distinct(space, ids)
    search = server.search([1, 1], [space.name], top_k=100)
    found = {hit.get("id") for hit in hits_of(search)}
    expect(found >= set(ids), f"hits {listed(ids)}", search, f"hits {listed(map(str, found))}")
    expect(space.count() == len(ids), f"item_count {len(ids)}", exchange, f"item_count {space.count()}")
    delete = server.delete_items(space.name, ids[:1])
    expect_values(delete, deleted=1)
    left = space.items(ids)
    expect(set(left) >= set(ids[1:]), "no id deleted but the one", delete, f"left: {sorted(left)}")


def _expect_distinct(space: Namespace, ids: list[str]) -> None:
    """Expects an item of its own for each id; needs their numbers as they were sent."""
    got = space.server.get_items(space.name, ids)
    require(got.succeeded, f"items/get does not answer: {got.outcome()}")
    found = by_id(got.body.get("items"))
    missing = [each for each in ids if each not in found]
    expect(not missing, f"items {listed(ids)}", got, f"none for {listed(missing)}")
    numbers = [dict(found[each].get("metadata") or {}).get("n") for each in ids]
    expect(
        len(set(numbers)) == len(ids), f"{len(ids)} items, each with a number n of its own", got, f"{numbers}"
    )
    require(numbers == list(range(len(ids))), f"the metadata of items are not their own: {got.outcome()}")


def _expect_metadata(space: Namespace, batch: Batch) -> None:
    """Expects each item's free keys back, in items/get and in a search; their vectors must point one way."""
    _expect_items(space, batch)
    found = space.server.search(batch[-1]["vector"], [space.name], top_k=100)
    require(found.succeeded, f"a search is not answered: {found.outcome()}")
    _expect_equal_metadata(found, found.body.get("results"), batch)


def _expect_items(space: Namespace, batch: Batch) -> None:
    """Expects each item's free keys back in items/get."""
    got = space.server.get_items(space.name, [item["id"] for item in batch])
    require(got.succeeded, f"items/get does not answer: {got.outcome()}")
    _expect_equal_metadata(got, got.body.get("items"), batch)


def _expect_equal_metadata(exchange: Exchange, entries: Any, batch: Batch) -> None:
    found = by_id(entries)
    for item in batch:
        expect(item["id"] in found, f"an item {item['id']!r}", exchange)
        sent = wire.plain({key: value for key, value in item.items() if key not in FREE_KEYS})
        came = found[item["id"]].get("metadata")
        expect(wire.same(came, sent), f"metadata {wire.encode(sent)}", exchange, f"metadata {came}")


def _score(space: Namespace, query: list[float], item_id: str) -> float | None:
    """The score of an item for a query; None if it is no hit."""
    hits = hits_of(space.server.search(query, [space.name], top_k=100))
    return next((hit.get("score") for hit in hits if hit.get("id") == item_id), None)
