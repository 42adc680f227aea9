"""The numbers of JSON: what is one, whether it is finite, and whole blocks of them at once."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mock_server.arrays import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUMBERS = frozenset({int, float})
"""The types of JSON numbers: booleans are none, though Python counts them as integers."""
END_OF_FLOAT32 = 2.0**128 - 2.0**103
"""The least magnitude that a 32-bit float rounds to infinity."""


def is_finite(number: float) -> bool:
    """Tells whether a number is finite as a 64-bit float: 10^400 is not, though JSON can spell it."""
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def fits_float32(number: float) -> bool:
    """Tells whether a number is finite as a 32-bit float: 1e39 is not."""
    return is_finite(number) and abs(float(number)) < END_OF_FLOAT32


def not_finite(values: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """Gives those of the values a JSON parser gave that are no finite numbers, with their places."""
    try:
        if NUMBERS.issuperset(map(type, values)) and all(map(math.isfinite, values)):
            return
    except OverflowError:
        pass
    for place, value in enumerate(values):
        if type(value) not in NUMBERS or not is_finite(value):
            yield place, value


def as_row(values: Sequence[Any]) -> NDArray[np.float64]:
    """Makes a block of one row (1, n) of n values; 0 stands for what is no finite number."""
    block = as_block([values])
    return np.array([[as_number(value) for value in values]], np.float64) if block is None else block


def as_number(value: Any) -> float:
    """Answers a finite number as a float, and 0 for anything else."""
    return float(value) if type(value) in NUMBERS and is_finite(value) else 0.0


def as_block(rows: Sequence[Any]) -> NDArray[np.float64] | None:
    """Makes a block (n, length) of n lists of finite numbers that have one length, or answers None.

    The rows are values that a JSON parser gave, of whatever type.
    """
    length = len(rows[0]) if rows and type(rows[0]) is list else 0
    packed = array("d")
    try:
        for row in rows:
            if type(row) is not list or len(row) != length:
                return None
            packed.extend(array("d", row))
    except (TypeError, OverflowError):
        return None
    if not length:
        return None
    block = np.frombuffer(packed, np.float64).reshape(len(rows), length)
    # Booleans alone pass for numbers, as 0 and 1: only where there is such a number a boolean may stand.
    for place in np.flatnonzero(((block == 0.0) | (block == 1.0)).any(axis=1)).tolist():
        if bool in map(type, rows[place]):
            return None
    return block if np.isfinite(block).all() else None
