"""JSON numbers, and blocks of them."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.numbers import (
    END_OF_FLOAT32,
    as_block,
    as_number,
    as_row,
    fits_float32,
    is_finite,
    not_finite,
)


@pytest.mark.parametrize(
    ("number", "finite"),
    [(0, True), (1.5, True), (10**308, True), (10**400, False), (math.inf, False), (math.nan, False)],
)
def test_a_number_is_finite_as_a_64_bit_float_or_not(number: float, finite: bool) -> None:
    assert is_finite(number) is finite


@given(st.floats(allow_nan=True, allow_infinity=True) | st.integers(-(2**140), 2**140))
def test_a_number_fits_a_32_bit_float_as_numpy_rounds_it(number: float) -> None:
    with np.errstate(over="ignore"):
        assert fits_float32(number) is bool(np.isfinite(np.float32(float(number))))


@pytest.mark.parametrize("sign", [1, -1])
def test_the_end_of_32_bit_floats_is_exact(sign: int) -> None:
    below = math.nextafter(END_OF_FLOAT32, 0)
    assert np.float32(below) == np.finfo(np.float32).max
    assert fits_float32(sign * below)
    assert not fits_float32(sign * END_OF_FLOAT32)
    assert not fits_float32(sign * (2**128 - 2**103 - 1))


@pytest.mark.parametrize(
    ("value", "number"), [(3, 3.0), (-0.5, -0.5), (10**400, 0.0), (math.nan, 0.0), (True, 0.0), ("3", 0.0)]
)
def test_anything_else_than_a_finite_number_is_0(value: Any, number: float) -> None:
    assert as_number(value) == number


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([], []),
        ([1, -0.5, 10**300], []),
        ([10**400, -(10**400), 1], [0, 1]),
        ([1.5, math.inf, -math.inf], [1, 2]),
        ([True, "1", None, [1], math.nan, 2], [0, 1, 2, 3, 4]),
    ],
)
def test_what_is_no_finite_number_is_found_where_it_stands(values: list[Any], places: list[int]) -> None:
    assert [place for place, _ in not_finite(values)] == places
    assert [str(value) for _, value in not_finite(values)] == [str(values[place]) for place in places]
    row = as_row(values)
    assert row.dtype == np.float64
    assert row.tolist() == [[as_number(value) for value in values]]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [[]],
        [[1], []],
        [[1], [1, 2]],
        [[1], 2],
        [[1], (1,)],
        [[True]],
        [[None]],
        [["1"]],
        [[[1]]],
        [[math.nan]],
        [[1.5, math.inf]],
        [[10**400]],
    ],
)
def test_what_is_no_block_of_finite_numbers_is_none(rows: Any) -> None:
    assert as_block(rows) is None


@given(
    st.lists(
        st.lists(st.integers(-(2**70), 2**70) | st.floats(-1e308, 1e308), min_size=2, max_size=2), min_size=1
    )
)
def test_rows_of_one_length_are_a_block(rows: list[list[float]]) -> None:
    block = as_block(rows)
    assert block is not None
    assert block.dtype == np.float64
    assert block.tolist() == [[float(value) for value in row] for row in rows]
