"""Mutants that take matrices they should refuse, refuse others, or store something of what they refuse."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from mock_server.cortex import rules
from mock_server.cortex.scope import Scope
from mock_server.cortex.shapes import rows_of
from mock_server.cortex.subtenant import Batch
from mock_server.numbers import NUMBERS, as_number, is_finite
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.cortex.rewriting import (
    UPLOAD,
    amend_refusals,
    around,
    asked_in,
    done,
    mishear,
    refuse_also,
    refuse_with,
    scope_of,
    sent_rows,
)
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Body, Handle, document_of, let_pass, saying

Rows = list[list[Any]]

NUMERIC = "cortex.matrix.numeric"
FINITE = "cortex.matrix.finite"
RECTANGULAR = "cortex.matrix.rectangular"
MAX_ROWS, MAX_COLUMNS = "cortex.matrix.max-rows", "cortex.matrix.max-columns"
DIMENSION = "cortex.matrix.tenant-dimension"
FAULTS_OF_VALUES = (NUMERIC, FINITE)


@mutant("cortex.matrix.empty", "An upload without embeddings is taken for one of no rows")
def no_embeddings(patch: pytest.MonkeyPatch) -> None:
    _take_when(patch, "cortex.matrix.empty", lambda body: "embeddings" not in body)


@mutant("cortex.matrix.empty", "An upload of null is taken for one of no rows")
def null_for_no_rows(patch: pytest.MonkeyPatch) -> None:
    _take_when(patch, "cortex.matrix.empty", lambda body: "embeddings" in body and body["embeddings"] is None)


@mutant("cortex.matrix.empty", "An upload of an empty array is taken")
def no_rows(patch: pytest.MonkeyPatch) -> None:
    _take_when(patch, "cortex.matrix.empty", lambda body: body.get("embeddings") == [])


@mutant("cortex.matrix.empty", "Missing embeddings are refused with 422")
def unprocessable_without_rows(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "cortex.matrix.empty", 422)


@mutant("cortex.matrix.two-dimensional", "A flat array is taken for one row")
def one_row_without_array(patch: pytest.MonkeyPatch) -> None:
    def wrap(body: Body) -> None:
        rows = body.get("embeddings")
        if isinstance(rows, list) and rows and all(type(value) in NUMBERS for value in rows):
            body["embeddings"] = [rows]

    mishear(patch, UPLOAD, wrap)


@mutant("cortex.matrix.two-dimensional", "An object of rows is taken for its rows")
def rows_by_name(patch: pytest.MonkeyPatch) -> None:
    def list_rows(body: Body) -> None:
        if isinstance(body.get("embeddings"), dict):
            body["embeddings"] = [*body["embeddings"].values()]

    mishear(patch, UPLOAD, list_rows)


@mutant("cortex.matrix.two-dimensional", "Embeddings that are no matrix are refused with 422")
def unprocessable_shapes(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "cortex.matrix.two-dimensional", 422)


@mutant("cortex.matrix.empty-row", "Empty rows are left out")
def empty_rows_left_out(patch: pytest.MonkeyPatch) -> None:
    _change_rows(patch, lambda rows: [row for row in rows if row])


@mutant("cortex.matrix.empty-row", "An empty last row is left out")
def an_empty_last_row(patch: pytest.MonkeyPatch) -> None:
    _change_rows(patch, lambda rows: rows if rows[-1:] != [[]] else rows[:-1])


@mutant("cortex.matrix.empty-row", "A matrix of one empty row is taken")
def one_empty_row(patch: pytest.MonkeyPatch) -> None:
    _take_when(patch, "cortex.matrix.empty-row", lambda body: body.get("embeddings") == [[]])


@mutant("cortex.matrix.empty-row", "An empty row is refused with 422")
def unprocessable_rows(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "cortex.matrix.empty-row", 422)


@mutant(NUMERIC, "Strings that spell numbers are numbers")
def numbers_in_strings(patch: pytest.MonkeyPatch) -> None:
    _change_values(patch, lambda value: 1.5 if value == "1.5" else value)


@mutant(NUMERIC, "Booleans are numbers")
def booleans_are_numbers(patch: pytest.MonkeyPatch) -> None:
    _change_values(patch, lambda value: float(value) if isinstance(value, bool) else value)


@mutant(NUMERIC, "Null is 0", hardest=True)
def null_is_0(patch: pytest.MonkeyPatch) -> None:
    _change_values(patch, lambda value: 0.0 if value is None else value)


@mutant(NUMERIC, "Only the first row's values have to be numbers")
def numbers_in_the_first_row(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.MATRIX, NUMERIC, lambda body: NUMBERS.issuperset(map(type, rows_of(body)[0])))


@mutant(NUMERIC, "A value that is no number is refused with 422")
def unprocessable_values(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, NUMERIC, 422)


@mutant(FINITE, "NaN and the infinities are stored as 0")
def any_number(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.MATRIX, FINITE)


@mutant(FINITE, "NaN and the infinities are taken in the last column", hardest=True)
def any_last_number(patch: pytest.MonkeyPatch) -> None:
    let_pass(
        patch,
        rules.MATRIX,
        FINITE,
        lambda body: all(is_finite(value) for row in rows_of(body) for value in row[:-1]),
    )


@mutant(FINITE, "NaN is taken")
def nan_is_taken(patch: pytest.MonkeyPatch) -> None:
    let_pass(
        patch,
        rules.MATRIX,
        FINITE,
        lambda body: not any(math.isinf(value) for row in rows_of(body) for value in row),
    )


@mutant(FINITE, "A number too large for any float becomes the largest")
def overflow_is_capped(patch: pytest.MonkeyPatch) -> None:
    def cap(handle: Handle, world: World, call: Call) -> Answer:
        return handle(world, call.saying(call.body.replace(b"1e999", b"1e38")))

    around(patch, UPLOAD, cap)


@mutant(FINITE, "A number that is not finite is refused with 422")
def unprocessable_numbers(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, FINITE, 422)


@mutant(RECTANGULAR, "Rows are made as long as the first")
def rows_as_the_first(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.MATRIX, RECTANGULAR)


@mutant(RECTANGULAR, "Short rows are filled up with zeros")
def short_rows_are_filled(patch: pytest.MonkeyPatch) -> None:
    let_pass(
        patch, rules.MATRIX, RECTANGULAR, lambda body: len(rows_of(body)[0]) == max(map(len, rows_of(body)))
    )


@mutant(RECTANGULAR, "Long rows are cut")
def long_rows_are_cut(patch: pytest.MonkeyPatch) -> None:
    let_pass(
        patch, rules.MATRIX, RECTANGULAR, lambda body: len(rows_of(body)[0]) == min(map(len, rows_of(body)))
    )


@mutant(RECTANGULAR, "Rows of different length are refused with 422")
def unprocessable_lengths(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, RECTANGULAR, 422)


@mutant(MAX_ROWS, "2,000 rows are refused")
def below_2000(patch: pytest.MonkeyPatch) -> None:
    refuse_also(patch, rules.MATRIX, MAX_ROWS, lambda body: len(rows_of(body)) == 2_000)


@mutant(MAX_ROWS, "2,001 rows are taken")
def up_to_2001(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.MATRIX, MAX_ROWS, lambda body: len(rows_of(body)) == 2_001)


@mutant(MAX_ROWS, "Too many rows are refused with 413")
def rows_too_large(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, MAX_ROWS, 413)


@mutant(MAX_COLUMNS, "3,024 columns are refused")
def below_3024(patch: pytest.MonkeyPatch) -> None:
    refuse_also(patch, rules.MATRIX, MAX_COLUMNS, lambda body: len(rows_of(body)[0]) == 3_024)


@mutant(MAX_COLUMNS, "3,025 columns are taken")
def up_to_3025(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.MATRIX, MAX_COLUMNS, lambda body: len(rows_of(body)[0]) == 3_025)


@mutant(MAX_COLUMNS, "Too many columns are refused with 413")
def columns_too_large(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, MAX_COLUMNS, 413)


@mutant("cortex.matrix.limit-message", "A matrix above the limits is refused without their numbers")
def no_limits_told(patch: pytest.MonkeyPatch) -> None:
    _tell_limits(patch, lambda _message: "Embeddings dimensions exceed limits.")


@mutant("cortex.matrix.limit-message", "The limits are told, but not what came")
def nothing_told_of_what_came(patch: pytest.MonkeyPatch) -> None:
    _tell_limits(patch, lambda message: message.partition(" Got:")[0])


@mutant("cortex.matrix.limit-message", "The limit of columns is told as that of rows is")
def columns_told_as_rows(patch: pytest.MonkeyPatch) -> None:
    _tell_limits(patch, lambda message: message.replace("3024", "2000"))


@mutant(DIMENSION, "Vectors are made as long as the tenant's")
def any_dimension(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.MATRIX_FIT, DIMENSION)


@mutant(DIMENSION, "Vectors shorter than the tenant's are filled up with zeros")
def short_vectors_are_filled(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.MATRIX_FIT, DIMENSION, lambda fit: fit.length < (fit.dimension or 0))


@mutant(DIMENSION, "A sub-tenant without rows takes any dimension", hardest=True)
def a_dimension_per_sub_tenant(patch: pytest.MonkeyPatch) -> None:
    def take(handle: Handle, world: World, call: Call) -> Answer:
        scope = scope_of(world, call)
        if scope is not None and not [*scope.sub_tenant.dimensions]:
            length = scope.tenant.dimension or 0
            rows = [(row + [0.0] * length)[:length] for row in sent_rows(call)]
            lengths = {*map(len, sent_rows(call))}
            if length and len(lengths) == 1 and lengths.isdisjoint({0, length}):
                return handle(world, saying(call, {**document_of(call), "embeddings": rows}))
        return handle(world, call)

    around(patch, UPLOAD, take)


@mutant(DIMENSION, "Vectors of another dimension are refused, and stored")
def refused_and_stored(patch: pytest.MonkeyPatch) -> None:
    _of_refused(patch, (DIMENSION,), _store)


@mutant(DIMENSION, "Vectors of another dimension are refused with 409")
def a_conflict_of_dimensions(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, DIMENSION, 409)


@mutant("cortex.matrix.refused-whole", "The rows before the refused one are stored")
def stored_up_to_the_fault(patch: pytest.MonkeyPatch) -> None:
    def store(scope: Scope, file_id: str, rows: Rows) -> None:
        sound = [all(type(value) in NUMBERS and is_finite(value) for value in row) for row in rows]
        _store(scope, file_id, rows[: sound.index(False)])

    _of_refused(patch, FAULTS_OF_VALUES, store)


@mutant("cortex.matrix.refused-whole", "A refused matrix removes the file that it does not replace")
def refused_and_removed(patch: pytest.MonkeyPatch) -> None:
    def remove(scope: Scope, file_id: str, _rows: Rows) -> None:
        scope.sub_tenant.remove(scope.sub_tenant.of_source(file_id))

    _of_refused(patch, FAULTS_OF_VALUES, remove)


@mutant("cortex.matrix.refused-whole", "A refused matrix is stored beside, under a name of its own")
def stored_beside(patch: pytest.MonkeyPatch) -> None:
    _of_refused(patch, FAULTS_OF_VALUES, lambda scope, file_id, rows: _store(scope, f"{file_id}.part", rows))


@mutant("cortex.matrix.refused-whole", "The file that a refused matrix does not replace loses its last row")
def the_last_row_is_lost(patch: pytest.MonkeyPatch) -> None:
    def shorten(scope: Scope, file_id: str, _rows: Rows) -> None:
        scope.sub_tenant.remove(scope.sub_tenant.of_source(file_id)[-1:])

    _of_refused(patch, FAULTS_OF_VALUES, shorten)


def _take_when(patch: pytest.MonkeyPatch, clause: str, when: Callable[[Body], bool]) -> None:
    """Answers uploads refused for a clause, those that a function picks out, as if they were stored."""

    def take(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            if refused.clause == clause and when(document_of(call)):
                return done()
            raise

    around(patch, UPLOAD, take)


def _change_rows(patch: pytest.MonkeyPatch, change: Callable[[Rows], Rows]) -> None:
    """Lets a function change the rows of a matrix before they are judged."""

    def changed(body: Body) -> None:
        rows = body.get("embeddings")
        if isinstance(rows, list) and all(isinstance(row, list) for row in rows):
            body["embeddings"] = change(rows)

    mishear(patch, UPLOAD, changed)


def _change_values(patch: pytest.MonkeyPatch, change: Callable[[Any], Any]) -> None:
    """Lets a function change every value of a matrix before it is judged."""
    _change_rows(patch, lambda rows: [[change(value) for value in row] for row in rows])


def _tell_limits(patch: pytest.MonkeyPatch, change: Callable[[str], str]) -> None:
    def told(_call: Call, refused: Refused, body: Body) -> None:
        if refused.clause in (MAX_ROWS, MAX_COLUMNS):
            body["detail"]["message"] = change(refused.detail)

    amend_refusals(patch, told)


def _of_refused(
    patch: pytest.MonkeyPatch, clauses: Sequence[str], do: Callable[[Scope, str, Rows], object]
) -> None:
    """Does something with the rows of an upload under a file_id that is refused for one of these clauses."""

    def refused_and_done(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            scope, file_id = scope_of(world, call), asked_in(call, "file_id")
            if scope is not None and file_id and refused.clause in clauses:
                do(scope, file_id, sent_rows(call))
            raise

    around(patch, UPLOAD, refused_and_done)


def _store(scope: Scope, file_id: str, rows: Rows) -> None:
    """Stores rows at once; what is no number in them is 0, and they are as long as the tenant's."""
    if rows:
        length = scope.tenant.dimension or len(rows[0])
        numbers = [[*map(as_number, row), *[0.0] * length][:length] for row in rows]
        ids = [f"{file_id}_{row}" for row in range(len(rows))]
        batch = Batch(ids, [file_id] * len(ids), np.array(numbers, np.float32), {})
        scope.tenant.open(scope.sub_tenant_id).put(batch)
