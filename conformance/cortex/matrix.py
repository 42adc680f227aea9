"""Checks of the area matrix: what an upload of rows takes and what it refuses."""

import copy
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.cortex.basis import Matrices, Tenants, chunk_ids_of, file_id_of, float32, matrices
from conformance.cortex.driver import Cortex, status_of
from conformance.cortex.payload import Matrix, file_ids, matrix, seeds
from conformance.cortex.payload import matrices as any_matrices
from conformance.cortex.refusing import INVALID, expect_matrix_refused
from conformance.exchange import Exchange
from conformance.expectation import (
    expect,
    expect_accepted,
    expect_fields,
    expect_status,
    expect_values,
    require,
)
from conformance.wire import Literal

MAX_ROWS, MAX_COLUMNS = 2_000, 3_024
DIMENSIONS = (1, 4, 8)
NON_NUMBERS: tuple[Any, ...] = ("1.5", "", "NaN", True, False, None, {}, {"value": 1.0})
NON_FINITE = tuple(map(Literal, ("NaN", "Infinity", "-Infinity", "1e999", "-1e999")))


@st.composite
def shaped(draw: st.DrawFn) -> tuple[int, Matrix]:
    """A dimension and a matrix of it."""
    dimension = draw(st.sampled_from(DIMENSIONS))
    return dimension, draw(any_matrices(dimension))


@st.composite
def faulty(draw: st.DrawFn, values: tuple[Any, ...]) -> tuple[Matrix, Matrix]:
    """A valid matrix, and the same with one value replaced by one of these."""
    valid = matrix(draw(st.integers(1, 8)), 4, draw(seeds))
    invalid: Matrix = copy.deepcopy(valid)
    row = draw(st.sampled_from(sorted({0, len(valid) - 1})))
    invalid[row][draw(st.integers(0, 3))] = draw(st.sampled_from(values))
    return valid, invalid


@proves("cortex.matrix.accepted")
@given(case=shaped())
def a_valid_matrix_is_accepted(server: Cortex, case: tuple[int, Matrix]) -> None:
    """200 that names the file and says success."""
    dimension, rows = case
    exchange = matrices(server, dimension).upload(rows)
    expect_status(exchange, 200)
    expect_fields(exchange, file_id=str, message=str)
    said = exchange.body.get("success") is True or exchange.body.get("status") == "success"
    expect(said, "success true or status success", exchange)


@proves("cortex.matrix.file-id-kept")
@given(file_id=file_ids, nested=st.booleans())
def a_file_id_comes_back(server: Cortex, file_id: str, nested: bool) -> None:
    """Sent at the top or in document_metadata."""
    more = {"document_metadata": {"file_id": file_id}} if nested else {"file_id": file_id}
    exchange = matrices(server).upload(matrix(2, 4), **more)
    expect_accepted(exchange)
    expect_values(exchange, file_id=file_id)


@proves("cortex.matrix.file-id-kept")
@given(file_id=st.sampled_from(("\u00e9t\u00e9", "\u9805\u76ee", "\U0001f41d", "n\u0303")))
def a_file_id_beyond_ascii_comes_back(server: Cortex, file_id: str) -> None:
    """Unchanged, where it is taken."""
    exchange = matrices(server).upload(matrix(2, 4), file_id=file_id)
    require(exchange.succeeded, f"a file_id beyond ASCII is not taken: {exchange.outcome()}")
    expect_values(exchange, file_id=file_id)


@proves("cortex.matrix.file-id-generated")
@given(uploads=st.integers(2, 4), unset=st.sampled_from(({}, {"file_id": None})))
def a_file_id_is_made_up(server: Cortex, uploads: int, unset: dict[str, Any]) -> None:
    """Another one for each upload that names none."""
    place = matrices(server)
    seen: set[str] = set()
    for _ in range(uploads):
        exchange = place.upload(matrix(1, 4), **unset)
        expect_accepted(exchange)
        expect_fields(exchange, file_id=str)
        file_id = exchange.body["file_id"]
        expect(bool(file_id) and file_id not in seen, "a file_id not given before", exchange)
        seen.add(file_id)


@proves("cortex.matrix.chunk-ids")
@given(case=shaped(), file_id=st.one_of(st.none(), file_ids))
def rows_are_known_by_file_and_place(server: Cortex, case: tuple[int, Matrix], file_id: str | None) -> None:
    """Row i is `<batch>_<i>`, from 0, to retrieve and to search alike."""
    dimension, rows = case
    place = matrices(server, dimension)
    exchange = place.upload(rows, **({"file_id": file_id} if file_id else {}))
    require(exchange.succeeded, f"a valid matrix is not accepted: {exchange.outcome()}")
    place.await_indexed(exchange)
    ids = chunk_ids_of(exchange, len(rows))
    answered = exchange.body.get("chunk_ids", ids)
    expect(answered == ids, f"chunk_ids {ids[0]!r} to {ids[-1]!r}", exchange)
    found = place.rows(ids)
    expect(set(found) == set(ids), f"the rows {ids}", exchange, f"found: {sorted(found)}")
    for each, row in zip(ids, rows, strict=True):
        expect(float32(found[each]) == float32(row), f"row {row} as {each!r}", exchange, f"{found[each]}")
    hits = place.hits([1.0] * dimension)
    expect(set(hits) <= set(ids), f"hits among {ids[0]!r} to {ids[-1]!r}", exchange, f"hits {hits}")


@proves("cortex.matrix.batch-is-file")
@given(file_id=file_ids)
def a_batch_bears_the_name_of_its_file(server: Cortex, file_id: str) -> None:
    """batch_id is the file_id; an upload need not name a batch."""
    exchange = matrices(server).upload(matrix(1, 4), file_id=file_id)
    require(exchange.succeeded, f"a valid matrix is not accepted: {exchange.outcome()}")
    require("batch_id" in exchange.body, "an upload names no batch")
    expect_values(exchange, batch_id=file_id_of(exchange))


@proves("cortex.matrix.empty")
@given(body=st.sampled_from(({}, {"embeddings": None}, {"embeddings": []}, {"file_id": "lonely"})))
def an_upload_without_rows_is_refused(server: Cortex, body: dict[str, Any]) -> None:
    """Missing, null or empty."""
    place = matrices(server)
    expect_matrix_refused(place, server.upload(place.tenant, place.sub_tenant, body), matrix(1, 4))


@proves("cortex.matrix.two-dimensional")
@given(rows=st.sampled_from(([0.1, 0.2, 0.3, 0.4], {"a": [0.1, 0.2, 0.3, 0.4]}, "0.1,0.2", [0.1])))
def rows_that_are_no_rows_are_refused(server: Cortex, rows: Any) -> None:
    """A flat array, an object, a string."""
    place = matrices(server)
    expect_matrix_refused(place, place.upload(rows), matrix(1, 4))


@proves("cortex.matrix.empty-row")
@given(before=st.integers(0, 3), after=st.integers(0, 3))
def an_empty_row_is_refused(server: Cortex, before: int, after: int) -> None:
    """Wherever it stands."""
    place = matrices(server)
    rows = [*matrix(before, 4), [], *matrix(after, 4)]
    expect_matrix_refused(place, place.upload(rows), matrix(1, 4))


@proves("cortex.matrix.numeric")
@given(case=faulty(NON_NUMBERS))
def a_value_that_is_no_number_is_refused(server: Cortex, case: tuple[Matrix, Matrix]) -> None:
    """A string, boolean, null or object."""
    valid, invalid = case
    place = matrices(server)
    expect_matrix_refused(place, place.upload(invalid), valid)


@proves("cortex.matrix.finite")
@given(case=faulty(NON_FINITE))
def a_number_that_is_not_finite_is_refused(server: Cortex, case: tuple[Matrix, Matrix]) -> None:
    """NaN and the infinities, by name or by overflow."""
    valid, invalid = case
    place = matrices(server)
    expect_matrix_refused(place, place.upload(invalid), valid)


@proves("cortex.matrix.rectangular")
@given(size=st.integers(2, 8), place_of=st.integers(1, 7), more=st.sampled_from((-1, 1)))
def rows_of_other_lengths_are_refused(server: Cortex, size: int, place_of: int, more: int) -> None:
    """One row shorter or longer than the first."""
    place = matrices(server)
    rows = matrix(size, 4)
    rows[place_of % (size - 1) + 1] = [0.5] * (4 + more)
    expect_matrix_refused(place, place.upload(rows), matrix(size, 4))


@proves("cortex.matrix.max-rows")
def two_thousand_rows_are_the_most(server: Cortex) -> None:
    """One more is refused."""
    place = matrices(server, 1)
    expect_status(place.upload([[0.5]] * (MAX_ROWS + 1)), 400)
    expect_accepted(place.upload([[0.5]] * MAX_ROWS))


@proves("cortex.matrix.max-columns")
def three_thousand_and_24_columns_are_the_most(server: Cortex) -> None:
    """One more is refused, by a tenant that has no dimension yet."""
    place = Matrices(server, server.memo(Tenants).fresh("matrix"), None)
    expect_status(place.upload([[0.5] * (MAX_COLUMNS + 1)]), 400)
    expect_accepted(place.upload([[0.5] * MAX_COLUMNS]))


@proves("cortex.matrix.limit-message")
def the_limit_is_told(server: Cortex) -> None:
    """Both limits, and what came."""
    place = matrices(server, 1)
    exchange = place.upload([[0.5]] * (MAX_ROWS + 1))
    require(exchange.status == 400, f"too many rows are not refused with 400: {exchange.outcome()}")
    detail = exchange.body.get("detail")
    said = detail if isinstance(detail, dict) else exchange.body
    message = str(said.get("message", detail))
    told = set(map(int, re.findall(r"\d+", re.sub(r"(?<=\d),(?=\d{3})", "", message))))
    expect({MAX_ROWS, MAX_COLUMNS, MAX_ROWS + 1, 1} <= told, "2000, 3024 and 2001x1 in the message", exchange)


@proves("cortex.matrix.tenant-dimension")
@given(dimension=st.sampled_from((3, 5, 8)), beside=st.booleans(), rows=st.integers(1, 3))
def a_tenant_has_one_dimension(server: Cortex, dimension: int, beside: bool, rows: int) -> None:
    """Whatever the sub-tenant: another is refused or ends errored, and stores nothing."""
    place = matrices(server)
    place.store(matrix(2, 4))
    other = place.beside() if beside else place
    before = other.count()
    exchange = other.upload(matrix(rows, dimension), file_id="other")
    if exchange.succeeded:
        last = other.polls(exchange)[-1]
        expect(status_of(last) == "errored", "400, or an upload that ends errored", last)
    else:
        expect_status(exchange, *INVALID)
    stored = other.rows([f"other_{n}" for n in range(rows)])
    expect(not stored and other.count() == before, "nothing stored", exchange, f"stored: {sorted(stored)}")
    twin = other.upload(matrix(rows, 4), file_id="twin")
    require(twin.succeeded, f"the tenant's own dimension is not accepted either: {twin.outcome()}")


@proves("cortex.matrix.refused-whole")
@given(case=faulty((*NON_NUMBERS, *NON_FINITE)), known=st.booleans())
def a_refused_matrix_stores_nothing(server: Cortex, case: tuple[Matrix, Matrix], known: bool) -> None:
    """No row of it, and a file of the same file_id stays as it was."""
    valid, invalid = case
    place = matrices(server)
    old = [[0.25] * 4] * 2
    if known:
        place.store(old, file_id="f")
    exchange = place.upload(invalid, file_id="f")
    require(exchange.status in INVALID, f"an invalid matrix is not refused: {exchange.outcome()}")
    place.store(valid, file_id="after")
    expect_file(place, exchange, "f", old if known else [], len(invalid) + 2)
    count = len(valid) + 2 * known
    expect(place.count() == count, f"object_count {count}", exchange, f"object_count {place.count()}")


def expect_file(place: Matrices, exchange: Exchange, file_id: str, rows: Matrix, most: int) -> None:
    """Expects exactly these rows under a file_id, of up to `most` that might be there."""
    ids = place.ids_of(file_id, most)
    found = place.rows(ids)
    wanted = {each: float32(row) for each, row in zip(ids, rows, strict=False)}
    got = {each: float32(vector) for each, vector in found.items()}
    expect(got == wanted, f"the rows {sorted(wanted)} as uploaded", exchange, f"{found}")
