"""Checks of the area vectors: what an upload takes and what it refuses."""

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.expectation import (
    expect,
    expect_accepted,
    expect_fields,
    expect_status,
    expect_values,
    require,
)
from conformance.moorcheh import breaking
from conformance.moorcheh.basis import health_of, vector_namespace
from conformance.moorcheh.breaking import NON_ARRAYS, NON_FINITE, NON_NUMBERS, BrokenBatch, broken_batches
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.payload import (
    LARGE,
    SPELLINGS,
    Batch,
    finite_numbers,
    plain_batch,
    seeded_vector,
    shaped_batches,
)
from conformance.moorcheh.refusing import Standing, expect_broken_batch_refused, expect_refused_but_stored
from conformance.wire import Literal

# Few dimensions, so that a check needs few namespaces.
DIMENSIONS = st.sampled_from((1, 2, 3, 64))
MANY = 250
JOB_ID = re.compile(r"job-[0-9a-f]{32}")
NOT_A_BATCH: tuple[Any, ...] = (
    {"vectors": []},
    {},
    {"vectors": None},
    {"vectors": "none"},
    {"vectors": {"id": "a", "vector": [1, 0]}},
    {"vectors": 3},
    {"documents": [{"id": "a", "vector": [1, 0]}]},
)


@proves("moorcheh.vectors.accepted")
@given(shaped=shaped_batches())
def a_valid_upload_is_accepted(server: Moorcheh, shaped: tuple[int, Batch]) -> None:
    """202 with a job and the number of vectors sent."""
    dimension, batch = shaped
    space = vector_namespace(server, dimension)
    exchange = space.upload(batch)
    expect_status(exchange, 202)
    expect_values(exchange, status="success", namespace_name=space.name, total=len(batch))
    expect_fields(exchange, message=str, job_id=str)


@proves("moorcheh.vectors.accepted")
def a_large_upload_is_accepted(server: Moorcheh) -> None:
    """And all of it counted."""
    exchange = vector_namespace(server).upload(plain_batch(MANY, 2))
    expect_status(exchange, 202)
    expect_values(exchange, status="success", total=MANY)


@proves("moorcheh.vectors.job-id")
def a_job_id_is_a_marked_uuid(server: Moorcheh) -> None:
    """`job-` and the 32 hex digits of a uuid."""
    exchange = vector_namespace(server).upload(plain_batch(1, 2))
    require(exchange.succeeded, f"a valid upload is not accepted: {exchange.outcome()}")
    job_id = str(exchange.body.get("job_id"))
    expect(bool(JOB_ID.fullmatch(job_id)), "job- and 32 lower-case hex digits", exchange, job_id)


@proves("moorcheh.vectors.numbers")
@given(numbers=st.lists(finite_numbers(), min_size=1, max_size=8))
def any_finite_number_is_accepted(server: Moorcheh, numbers: list[Any]) -> None:
    """In whatever way it is written."""
    space = vector_namespace(server, len(numbers))
    expect_accepted(space.upload([{"id": "numbers", "vector": numbers}]))


@proves("moorcheh.vectors.numbers")
def every_spelling_of_a_number_is_accepted(server: Moorcheh) -> None:
    """With exponents and fractions, with a sign though it is zero, and beyond the reach of 32 bits."""
    space = vector_namespace(server, 1)
    for spelling in (*SPELLINGS, *LARGE):
        expect_accepted(space.upload([{"id": "number", "vector": [Literal(spelling)]}]))


@proves("moorcheh.vectors.empty")
@given(body=st.sampled_from(NOT_A_BATCH))
def an_upload_without_vectors_is_refused(server: Moorcheh, body: Any) -> None:
    """None, or something that is no array."""
    space = vector_namespace(server)
    refused = server.post(space.name, "vectors", body)
    expect_refused_but_stored(refused, 400, space, plain_batch(1, 2))


@proves("moorcheh.vectors.id-required")
@given(case=broken_batches(breaking.no_id, dimensions=DIMENSIONS))
def a_vector_without_id_is_refused(server: Moorcheh, case: BrokenBatch) -> None:
    """Anywhere in the batch."""
    _expect_refused(server, case)


@proves("moorcheh.vectors.id-string")
@given(case=broken_batches(breaking.bad_id, dimensions=DIMENSIONS))
def an_id_that_is_no_string_is_refused(server: Moorcheh, case: BrokenBatch) -> None:
    """Nor is the empty string an id."""
    _expect_refused(server, case)


@proves("moorcheh.vectors.vector-required")
@given(case=broken_batches(breaking.no_vector, dimensions=DIMENSIONS))
def an_item_without_vector_is_refused(server: Moorcheh, case: BrokenBatch) -> None:
    """Anywhere in the batch."""
    _expect_refused(server, case)


@proves("moorcheh.vectors.non-numeric")
@given(case=broken_batches(breaking.not_numeric, dimensions=DIMENSIONS))
def a_vector_of_other_things_is_refused(server: Moorcheh, case: BrokenBatch) -> None:
    """No array, or one with a string, boolean, null, array or object in it."""
    _expect_refused(server, case)


@proves("moorcheh.vectors.non-numeric")
def each_other_thing_is_refused(server: Moorcheh) -> None:
    """As the vector, and as its first and its last number."""
    space = server.memo(Standing).vector(2)
    vectors = [*NON_ARRAYS, *(pair for thing in NON_NUMBERS for pair in ([thing, 1], [1, thing]))]
    for vector in vectors:
        expect_status(space.upload([{"id": "a", "vector": vector}]), 400)
    space.store([{"id": "a", "vector": [1, 1]}])


@proves("moorcheh.vectors.non-finite")
@given(case=broken_batches(breaking.not_finite, dimensions=DIMENSIONS))
def a_number_that_is_not_finite_is_refused(server: Moorcheh, case: BrokenBatch) -> None:
    """NaN and the infinities, by name or by overflow."""
    _expect_refused(server, case)


@proves("moorcheh.vectors.non-finite")
def each_number_that_is_not_finite_is_refused(server: Moorcheh) -> None:
    """As the first number of a vector and as its last."""
    space = server.memo(Standing).vector(2)
    for number in NON_FINITE:
        for vector in ([number, 1], [1, number]):
            expect_status(space.upload([{"id": "a", "vector": vector}]), 400)
    space.store([{"id": "a", "vector": [1, 1]}])


@proves("moorcheh.vectors.dimension")
@given(case=broken_batches(breaking.other_length, dimensions=DIMENSIONS))
def a_vector_of_another_length_is_refused(server: Moorcheh, case: BrokenBatch) -> None:
    """Shorter, longer or empty."""
    _expect_refused(server, case)


@proves("moorcheh.vectors.wrong-namespace-type")
@given(size=st.integers(1, 5))
def vectors_in_a_text_namespace_are_refused(server: Moorcheh, size: int) -> None:
    """The same batch is fine in a vector namespace."""
    batch = plain_batch(size, 2)
    standing = server.memo(Standing)
    refused = server.upload_vectors(standing.text().name, batch)
    expect_refused_but_stored(refused, 400, standing.vector(2), batch)


@proves("moorcheh.vectors.unknown-namespace")
@given(size=st.integers(1, 5))
def vectors_for_an_unknown_namespace_are_refused(server: Moorcheh, size: int) -> None:
    """A name never used, one that begins like an existing one, and one that was deleted."""
    batch = plain_batch(size, 2)
    space, gone = vector_namespace(server), vector_namespace(server)
    gone.drop()
    for name in (server.new_name(), space.name + "a", gone.name):
        expect_status(server.upload_vectors(name, batch), 404)
    space.store(batch)


@proves("moorcheh.vectors.all-or-nothing")
@given(case=broken_batches(*breaking.DOCUMENTED, dimensions=st.sampled_from((1, 2, 3)), max_size=30))
def one_invalid_item_refuses_the_batch(server: Moorcheh, case: BrokenBatch) -> None:
    """Nothing new is stored, nothing old is changed, and no job is started."""
    space = vector_namespace(server, case.dimension)
    old = {"id": "old", "vector": seeded_vector(1, case.dimension), "n": 1}
    space.store([old])
    alone = space.upload(case.alone)
    require(not alone.succeeded, f"the invalid item is accepted even alone: {alone.outcome()}")
    before = health_of(server)["items"]
    exchange = space.upload([{**old, "n": 2}, *case.invalid])
    expect_status(exchange, 400)
    expect("job_id" not in exchange.body, "no job_id", exchange)
    space.store([{**old, "id": "after"}])
    found = space.items(["old", *(item["id"] for item in case.valid)])
    expect(set(found) == {"old"}, "none of the batch stored", exchange, f"stored: {sorted(found)}")
    n = dict(found["old"].get("metadata", {})).get("n")
    expect(n == 1, "the item stored before unchanged", exchange, f"its metadata n is {n}")
    space.require_items(["old", "after"])
    expect(space.count() == 2, "item_count 2", exchange, f"item_count {space.count()}")
    items = health_of(server)["items"]
    expect(items == before + 1, f"items = {before} + 1 in /health", exchange, f"{items}")


@proves("moorcheh.vectors.batch-1000")
def a_batch_of_a_thousand_is_accepted(server: Moorcheh) -> None:
    """A thousand vectors in one request."""
    space = vector_namespace(server, 3)
    exchange = space.upload(plain_batch(1_000, 3))
    expect_accepted(exchange)
    space.await_accepted(exchange)
    require(space.count() == 1_000, f"of a batch of 1,000 only {space.count()} are stored")


def _expect_refused(server: Moorcheh, case: BrokenBatch) -> None:
    expect_broken_batch_refused(server.memo(Standing).vector(case.dimension), case)
