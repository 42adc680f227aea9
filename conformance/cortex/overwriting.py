"""Checks of the areas matrix, processing and update: a file replaced, indexed and changed in part."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.cortex.basis import DONE, Matrices, float32, matrices
from conformance.cortex.driver import Cortex, status_of
from conformance.cortex.matrix import expect_file
from conformance.cortex.payload import Matrix, file_ids, matrix, opposite, seeds
from conformance.cortex.refusing import INVALID, expect_refused_but_twin_accepted
from conformance.exchange import Exchange
from conformance.expectation import expect, expect_status, require

STATES = ("queued", "processing", "completed", "success", "errored")
RANKS = {"queued": 0, "processing": 1, "completed": 2, "success": 2, "errored": 2}

MANY = 600
UPLOADS, PLACES = 60, 3

sizes = st.integers(1, 12)


@proves("cortex.matrix.overwrite")
@given(file_id=file_ids, first=sizes, second=sizes, third=st.integers(0, 5), seed=seeds)
def a_file_is_replaced_whole(
    server: Cortex, file_id: str, first: int, second: int, third: int, seed: int
) -> None:
    """Old rows and chunk ids are gone, from retrieve, search and the count, shorter or longer."""
    place = matrices(server)
    place.store(matrix(first, 4, seed), file_id)
    for turn, size in enumerate((second, *([third] if third else [])), 1):
        rows = [opposite(row) for row in matrix(size, 4, seed + 100 * turn)]
        exchange = _stored(place, rows, file_id)
        expect_file(place, exchange, file_id, rows, max(first, second, third) + 1)
        expect(place.count() == size, f"object_count {size}", exchange, f"object_count {place.count()}")
        hits = set(place.hits(rows[0]))
        gone = hits - set(place.ids_of(file_id, size))
        expect(not gone, "no row of the old file among the hits", exchange, f"hits {sorted(gone)}")


@proves("cortex.matrix.overwrite-message")
@given(file_id=file_ids, size=sizes)
def the_answer_says_that_a_file_was_overwritten(server: Cortex, file_id: str, size: int) -> None:
    """By name; the first upload of the file says no such thing."""
    place = matrices(server)
    first = _stored(place, matrix(size, 4), file_id)
    expect("overwritten" not in _message(first), "no word of overwriting at first", first)
    again = _stored(place, matrix(size, 4, 1), file_id)
    expect("overwritten" in _message(again) and file_id in _message(again), f"{file_id!r} overwritten", again)
    expect(again.body.get("status", "success") == "success", "status success", again)


@proves("cortex.matrix.idempotent")
@given(file_id=file_ids, size=sizes, times=st.integers(2, 3))
def the_same_upload_ends_the_same(server: Cortex, file_id: str, size: int, times: int) -> None:
    """However often it is sent."""
    place = matrices(server)
    rows = matrix(size, 4)
    for _ in range(times):
        exchange = _stored(place, rows, file_id)
        expect_file(place, exchange, file_id, rows, size + 1)
        expect(place.count() == size, f"object_count {size}", exchange, f"object_count {place.count()}")


@proves("cortex.matrix.overwrite-only-that-file")
@given(file_id=file_ids, suffix=st.sampled_from(("2", "_0", "-b")), sizes=st.tuples(sizes, sizes, sizes))
def other_files_stay(server: Cortex, file_id: str, suffix: str, sizes: tuple[int, int, int]) -> None:
    """Also one whose name begins with that of the file overwritten."""
    place = matrices(server)
    other = matrix(sizes[0], 4, 1)
    place.store(other, file_id + suffix)
    place.store(matrix(sizes[1], 4, 2), file_id)
    exchange = _stored(place, matrix(sizes[2], 4, 3), file_id)
    expect_file(place, exchange, file_id + suffix, other, len(other) + 1)


@proves("cortex.processing.states")
@given(size=sizes)
def an_upload_is_in_a_known_state(server: Cortex, size: int) -> None:
    """At every look."""
    for exchange in _polls(server, size):
        expect_status(exchange, 200)
        expect(status_of(exchange) in STATES, f"one of {', '.join(STATES)}", exchange)


@proves("cortex.processing.order")
@given(size=sizes)
def an_upload_never_goes_back(server: Cortex, size: int) -> None:
    """From queued to processing to its end."""
    for earlier, later in pairwise(_polls(server, size)):
        before, after = RANKS.get(status_of(earlier), 0), RANKS.get(status_of(later), 0)
        expect(after >= before, f"no state before {status_of(earlier)}", later)


@proves("cortex.processing.completes")
@given(size=sizes)
def a_valid_upload_is_completed(server: Cortex, size: int) -> None:
    """Within the time the user grants."""
    server.be_patient()
    last = _polls(server, size)[-1]
    expect(status_of(last) in DONE, f"completed within {server.terms.job_timeout:g} s", last)


@proves("cortex.processing.searchable")
@given(size=st.integers(1, 40), again=st.booleans(), second=st.integers(1, 40), seed=seeds)
def a_completed_upload_is_found(server: Cortex, size: int, again: bool, second: int, seed: int) -> None:
    """Every row, by retrieve and by search, as soon as it says completed: also of a second file, or again."""
    place = matrices(server)
    for file_id, count in (("f", size), ("f", size if again else 0), ("g", second)):
        if count:
            rows = matrix(count, 4, seed)
            exchange = _stored(place, rows, file_id)
            ids = place.ids_of(file_id, count)
            expect_file(place, exchange, file_id, rows, count)
            missing = set(ids) - set(place.hits(rows[0]))
            expect(
                not missing, f"all {count} rows among the hits", exchange, f"hits without {sorted(missing)}"
            )
            if again and file_id == "f":
                gone = server.delete({"chunk_ids": ids[-3:], **place.ids})
                require(gone.succeeded, f"rows cannot be deleted: {gone.outcome()}")


@proves("cortex.processing.searchable")
def the_last_of_many_rows_is_found(server: Cortex) -> None:
    """The one that points the other way than several hundred before it."""
    place = matrices(server)
    rows = matrix(MANY, 4)
    rows[-1] = opposite(rows[-1])
    exchange = _stored(place, rows, "f")
    wanted = place.ids_of("f", MANY)[-1]
    expect(wanted in place.hits(rows[-1]), f"{wanted!r} among the hits", exchange, "it is not found")


@proves("cortex.processing.searchable")
def uploads_at_the_same_time_are_found(server: Cortex) -> None:
    """Every row of many small ones, several of which are processed in one sub-tenant."""
    places = [matrices(server) for _ in range(PLACES)]
    turns = [(places[n % PLACES], f"f{n}") for n in range(UPLOADS)]
    rows = matrix(2, 4)
    with ThreadPoolExecutor(PLACES * 2) as pool:
        uploads = list(pool.map(lambda turn: turn[0].upload(rows, file_id=turn[1]), turns))
    for (place, _), upload in zip(turns, uploads, strict=True):
        require(upload.succeeded, f"a valid matrix is not accepted: {upload.outcome()}")
        place.await_indexed(upload)
    for (place, file_id), upload in zip(turns, uploads, strict=True):
        expect_file(place, upload, file_id, rows, 2)


@proves("cortex.update.replaces")
@given(size=st.integers(1, 8), places=st.lists(st.integers(0, 7), min_size=1, max_size=4), seed=seeds)
def an_update_replaces_those_vectors(server: Cortex, size: int, places: list[int], seed: int) -> None:
    """And no others; retrieve and search know the new ones."""
    place = matrices(server)
    rows = matrix(size, 4, seed)
    ids = place.store(rows, "f")
    changed = {n % size: opposite(rows[n % size]) for n in places}
    exchange = _update(place, {ids[n]: vector for n, vector in changed.items()})
    expect_status(exchange, 200)
    wanted = [changed.get(n, row) for n, row in enumerate(rows)]
    place.server.wait_until(lambda: _same(place, ids, wanted))
    expect_file(place, exchange, "f", wanted, size + 1)
    new = {ids[n] for n in changed}
    query = next(iter(changed.values()))
    place.server.wait_until(lambda: set(place.hits(query, len(new))) == new)
    hits = place.hits(query, len(new))
    expect(
        set(hits) == new, f"the updated rows {sorted(new)} nearest to one of them", exchange, f"hits {hits}"
    )


@proves("cortex.update.same-batch")
@given(names=st.tuples(file_ids, file_ids).filter(lambda names: names[0] != names[1]))
def an_update_of_two_batches_is_refused(server: Cortex, names: tuple[str, str]) -> None:
    """Each alone is accepted."""
    place = matrices(server)
    first, second = (place.store(matrix(1, 4), name)[0] for name in names)
    refused = _update(place, {first: [0.5] * 4, second: [0.5] * 4})
    expect_refused_but_twin_accepted(refused, INVALID, _update(place, {first: [0.5] * 4}))


@proves("cortex.update.id-format")
@given(bad=st.sampled_from(("nounderscore", "f_x", "f_", "f_0_", "f-0", "f_1.5")))
def an_update_of_a_malformed_id_is_refused(server: Cortex, bad: str) -> None:
    """An id is a batch, an underscore and a number."""
    place = matrices(server)
    ids = place.store(matrix(1, 4), "f")
    refused = _update(place, {bad: [0.5] * 4})
    expect_refused_but_twin_accepted(refused, INVALID, _update(place, {ids[0]: [0.5] * 4}))


@proves("cortex.update.dimension")
@given(lengths=st.sampled_from(((3, 3), (5, 5), (4, 5), (3, 4))))
def an_update_of_another_dimension_is_refused(server: Cortex, lengths: tuple[int, int]) -> None:
    """Nor may the vectors differ from each other in length."""
    place = matrices(server)
    ids = place.store(matrix(2, 4), "f")
    refused = _update(place, {each: [0.5] * length for each, length in zip(ids, lengths, strict=True)})
    expect_refused_but_twin_accepted(refused, INVALID, _update(place, dict.fromkeys(ids, [0.5] * 4)))


def _stored(place: Matrices, rows: Matrix, file_id: str) -> Exchange:
    exchange = place.upload(rows, file_id=file_id)
    require(exchange.succeeded, f"a valid matrix is not accepted: {exchange.outcome()}")
    place.await_indexed(exchange)
    return exchange


def _polls(server: Cortex, size: int) -> list[Exchange]:
    """Every look at an upload until its end, and two afterwards if it is still known then: it need not be."""
    place = matrices(server)
    upload = place.upload(matrix(size, 4))
    require(upload.succeeded, f"a valid matrix is not accepted: {upload.outcome()}")
    until_end = place.polls(upload)
    afterwards = [*place.polls(upload), *place.polls(upload)] if until_end[-1].succeeded else []
    return [*until_end, *(exchange for exchange in afterwards if exchange.status != 404)]


def _update(place: Matrices, embeddings: dict[str, list[float]]) -> Exchange:
    return place.server.update(place.tenant, place.sub_tenant, embeddings)


def _same(place: Matrices, ids: list[str], rows: Matrix) -> bool:
    found = place.rows(ids)
    return all(float32(found.get(each, ())) == float32(row) for each, row in zip(ids, rows, strict=True))


def _message(exchange: Exchange) -> str:
    return str(exchange.body.get("message", ""))
