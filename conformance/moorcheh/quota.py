"""Checks of the area quota: one cap over everything, kept to the item."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.exchange import Exchange
from conformance.expectation import (
    expect,
    expect_accepted,
    expect_fields,
    expect_status,
    expect_values,
    is_of,
    require,
    require_success,
)
from conformance.moorcheh.basis import Namespace, health_of, text_namespace, vector_namespace
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.filling import Filling
from conformance.moorcheh.payload import Batch, plain_batch

UPLOADS = 6
rooms = st.integers(1, 6)
excesses = st.integers(1, 4)


@proves("moorcheh.quota.exact-fill", exclusive=True)
@given(room=rooms, before=st.sampled_from(("nothing", "an invalid upload", "one too large")))
def an_upload_that_just_fits_is_accepted(server: Moorcheh, room: int, before: str) -> None:
    """As many new ids as remain, to the last one; an upload that was refused has taken none of them."""
    space = _space_with_room(server, room)
    if before == "an invalid upload":
        refused = space.upload([*plain_batch(room, 2), {"id": "invalid", "vector": [1]}])
        require(not refused.succeeded, f"an invalid upload is accepted: {refused.outcome()}")
    if before == "one too large":
        _refused(space, plain_batch(room + 1, 2))
    exchange = space.upload(plain_batch(room, 2))
    expect_accepted(exchange)
    space.await_accepted(exchange)
    health = server.health()
    expect(health.body.get("items") == health.body.get("max_items"), "items = max_items", health)


@proves("moorcheh.quota.over-cap", exclusive=True)
@given(room=st.integers(0, 6), excess=excesses)
def an_upload_that_does_not_fit_is_refused(server: Moorcheh, room: int, excess: int) -> None:
    """With 409 and without a job; what fits is accepted."""
    space = _space_with_room(server, room)
    for size in sorted({room + 1, room + excess}):
        exchange = space.upload(plain_batch(size, 2))
        expect_status(exchange, 409)
        expect("job_id" not in exchange.body, "no job_id", exchange)
    if room:
        twin = space.upload(plain_batch(room, 2))
        require(twin.succeeded, f"a batch that fits is not accepted either: {twin.outcome()}")


@proves("moorcheh.quota.body", exclusive=True)
@given(room=st.integers(0, 3), excess=excesses)
def the_refusal_counts(server: Moorcheh, room: int, excess: int) -> None:
    """Three integers that tell the client what there is."""
    exchange = _refused(_space_with_room(server, room), plain_batch(room + excess, 2))
    expect_fields(exchange, items=int, max_items=int, requested_new=int)


@proves("moorcheh.quota.body-true", exclusive=True)
@given(known=st.integers(0, 3), room=st.integers(0, 3), excess=excesses)
def the_refusal_counts_truly(server: Moorcheh, known: int, room: int, excess: int) -> None:
    """The numbers of /health, and the new ids of the request or, in the other reading, those too many."""
    space = _space_with_room(server, known + room)
    if known:
        space.store(plain_batch(known, 2, prefix="known"))
    health = health_of(server)
    new = room + excess
    exchange = _refused(space, [*plain_batch(known, 2, prefix="known"), *plain_batch(new, 2)])
    requested_new = exchange.body.get("requested_new")
    counts = exchange.body.get("items"), exchange.body.get("max_items"), requested_new
    require(all(is_of(count, int) for count in counts), f"the refusal does not count: {exchange.outcome()}")
    expect_values(exchange, items=health["items"], max_items=health["max_items"])
    expect(requested_new in (new, excess), f"requested_new = {new}", exchange)
    if requested_new != new:
        server.remarks.append("requested_new counts the ids above the cap, not the new ones")


@proves("moorcheh.quota.rejected-whole", exclusive=True)
@given(room=st.integers(1, 5), excess=excesses)
def nothing_of_a_refused_batch_is_stored(server: Moorcheh, room: int, excess: int) -> None:
    """Though part of it would fit, not even later; nor is what it would have updated."""
    space = _space_with_room(server, room + 1)
    known = {"id": "known", "vector": [1, 0], "n": 1}
    space.store([known])
    batch = plain_batch(room + excess, 2)
    exchange = _refused(space, [{**known, "n": 2}, *batch])
    for _ in range(2):
        stored = space.items(["known", *(item["id"] for item in batch)])
        expect(set(stored) <= {"known"}, "nothing of the batch stored", exchange, f"stored: {sorted(stored)}")
        n = dict(stored.get("known", {}).get("metadata") or {}).get("n")
        expect(n == 1, "the known item unchanged", exchange, f"its metadata n is {n}")
        space.store([{"id": "later", "vector": [1, 0]}])
    expect(space.count() == 2, "item_count 2 after one more upload", exchange, f"item_count {space.count()}")


@proves("moorcheh.quota.update-at-cap", exclusive=True)
@given(size=st.integers(1, 6), again=st.integers(1, 6))
def updates_are_accepted_at_the_cap(server: Moorcheh, size: int, again: int) -> None:
    """A full instance takes an upload of known ids, and completes it."""
    space = _space_with_room(server, size)
    space.store(plain_batch(size, 2))
    _require_full(server)
    exchange = space.upload([{**item, "n": -1} for item in plain_batch(min(size, again), 2)])
    expect_accepted(exchange)
    space.await_accepted(exchange)
    first = space.items(["v0"]).get("v0", {})
    expect(dict(first.get("metadata") or {}).get("n") == -1, "the item updated", exchange, f"{first}")


@proves("moorcheh.quota.mixed-batch", exclusive=True)
@given(known=st.integers(1, 4), room=st.integers(1, 4))
def known_ids_in_a_batch_are_free(server: Moorcheh, known: int, room: int) -> None:
    """Updates with as many new ids as remain fit; with one more they do not."""
    space = _space_with_room(server, known + room)
    updates = plain_batch(known, 2, prefix="known")
    space.store(updates)
    over = space.upload([*updates, *plain_batch(room + 1, 2)])
    _expect_too_many(over)
    fitting = space.upload([*plain_batch(room, 2), *updates])
    expect_accepted(fitting)
    space.await_accepted(fitting)
    space.require_items([item["id"] for item in (*updates, *plain_batch(room, 2))])
    expect(
        space.count() == known + room, f"item_count {known + room}", fitting, f"item_count {space.count()}"
    )


@proves("moorcheh.quota.global", exclusive=True)
@given(texts=st.integers(1, 2), vectors=st.integers(1, 3))
def all_namespaces_share_the_cap(server: Moorcheh, texts: int, vectors: int) -> None:
    """Texts take room from vectors, and one namespace from the next."""
    server.memo(Filling).leave_room(texts + vectors)
    one, other, text = vector_namespace(server), vector_namespace(server, 3), text_namespace(server)
    text.store(_documents(texts))
    one.store(plain_batch(vectors, 2))
    _expect_too_many(other.upload(plain_batch(1, 3, prefix="w")))


@proves("moorcheh.quota.delete-frees", exclusive=True)
@given(size=st.integers(1, 5))
def deleted_items_free_their_quota(server: Moorcheh, size: int) -> None:
    """At once: as many new ones are accepted as were deleted."""
    space = _space_with_room(server, size)
    space.store(plain_batch(size, 2))
    _require_full(server)
    space.delete_items([f"v{n}" for n in range(size)])
    exchange = space.upload(plain_batch(size, 2, prefix="n"))
    expect_accepted(exchange)


@proves("moorcheh.quota.documents-too", exclusive=True)
@given(room=st.integers(0, 2), excess=excesses)
def documents_are_held_to_the_cap(server: Moorcheh, room: int, excess: int) -> None:
    """Refused in the same way, with the same body."""
    server.memo(Filling).leave_room(room)
    space = text_namespace(server)
    exchange = space.upload(_documents(room + excess))
    expect_status(exchange, 409)
    expect_fields(exchange, items=int, max_items=int, requested_new=int)
    if room:
        twin = space.upload(_documents(room))
        require(twin.succeeded, f"documents that fit are not accepted either: {twin.outcome()}")


@proves("moorcheh.quota.concurrent", exclusive=True)
@given(room=st.integers(1, 12), size=st.integers(2, 8))
def uploads_at_the_same_time_keep_the_cap(server: Moorcheh, room: int, size: int) -> None:
    """Whichever of them are accepted, the instance never holds more than its cap."""
    spaces = [_space_with_room(server, room), vector_namespace(server)] * (UPLOADS // 2)
    batches = [plain_batch(size, 2, prefix=f"u{n}-") for n in range(UPLOADS)]
    with ThreadPoolExecutor(UPLOADS) as pool:
        uploads = list(pool.map(Namespace.upload, spaces, batches))
    require(size > room or any(upload.succeeded for upload in uploads), "no upload that fits is accepted")
    _expect_within_cap(server)
    for space, upload in zip(spaces, uploads, strict=True):
        if upload.succeeded:
            space.await_accepted(upload)
            _expect_within_cap(server)


def _space_with_room(server: Moorcheh, room: int) -> Namespace:
    space = vector_namespace(server)
    server.memo(Filling).leave_room(room)
    return space


def _refused(space: Namespace, batch: Batch) -> Exchange:
    exchange = space.upload(batch)
    require(exchange.status == 409, f"an upload above the cap is not refused with 409: {exchange.outcome()}")
    return exchange


def _expect_too_many(exchange: Exchange) -> None:
    """Breaks the clause if an upload above the cap is accepted; how it is refused is another clause's."""
    expect(not exchange.succeeded, "409", exchange)
    require(exchange.status == 409, f"an upload above the cap is not refused with 409: {exchange.outcome()}")


def _require_full(server: Moorcheh) -> None:
    health = health_of(server)
    require(health["items"] == health["max_items"], "the instance cannot be filled to its cap")


def _expect_within_cap(server: Moorcheh) -> None:
    exchange = require_success(server.health(), "/health does not answer")
    body: Any = exchange.body
    expect(body.get("items", 0) <= body.get("max_items", 0), "items <= max_items", exchange)


def _documents(size: int) -> Batch:
    return [{"id": f"d{n}", "text": f"a short note, number {n}"} for n in range(size)]
