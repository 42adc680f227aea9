"""Exact cosine search over a float32 matrix that grows by doubling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from mock_server.arrays import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Directions: TypeAlias = "NDArray[np.float32]"
DIGITS = 6  # decimals of a score
LEAST_SQUARE, MOST_SQUARE = 1e-200, 1e200


@dataclass(frozen=True, slots=True)
class Hit:
    """One stored vector found: its id, its score in [0, 1] and its age (lower is older)."""

    id: str
    score: float
    age: int


def directions(numbers: NDArray[np.float64]) -> Directions:
    """Scales every row of `numbers` (n, dimension) to length 1 and rounds it to float32; rows of zeros stay.

    A row comes out the same whatever rows stand beside it.
    """
    squares = np.einsum("ij,ij->i", numbers, numbers)
    odd = ~((squares > LEAST_SQUARE) & (squares < MOST_SQUARE))
    if odd.any():
        numbers = numbers.copy()
        numbers[odd] = _tamed(numbers[odd])
        squares[odd] = 1.0
    rounded: Directions = (numbers / np.sqrt(squares)[:, np.newaxis]).astype(np.float32)
    return rounded


def _tamed(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scales rows whose squares leave the range of float64 to length 1; rows of zeros stay.

    Each is first divided by its largest magnitude, so that neither 1e308 nor 5e-324 is lost.
    """
    largest = np.maximum(numbers.max(axis=1, initial=0.0), -numbers.min(axis=1, initial=0.0))
    largest[largest == 0.0] = 1.0
    scaled: NDArray[np.float64] = numbers / largest[:, np.newaxis]
    lengths = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))
    lengths[lengths == 0.0] = 1.0
    scaled /= lengths[:, np.newaxis]
    return scaled


class Vectors:
    """Directions by id: float32 rows (capacity, dimension), of which freed ones are used again.

    `ages` numbers ids in the order in which they are first stored; several stores may share it.
    """

    def __init__(self, dimension: int, ages: Iterator[int]) -> None:
        self.dimension = dimension
        self._next_ages = ages
        self._matrix: Directions = np.empty((0, 0), np.float32)
        self._ages: NDArray[np.int64] = np.empty(0, np.int64)
        self._ids: list[str] = []
        self._rows: dict[str, int] = {}
        self._free: list[int] = []

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, vector_id: object) -> bool:
        return vector_id in self._rows

    def put(self, ids: Sequence[str], block: Directions) -> None:
        """Stores the rows of `block` (n, dimension) under n distinct ids; a known id keeps its age."""
        if not ids:
            return
        rows = [self._row_of(vector_id) for vector_id in ids]
        self._reserve(len(self._ids))
        self._matrix[rows] = block
        for vector_id, row in zip(ids, rows, strict=True):
            if vector_id not in self._rows:
                self._rows[vector_id] = row
                self._ages[row] = next(self._next_ages)

    def remove(self, ids: Iterable[str]) -> None:
        """Frees the rows of stored ids."""
        for vector_id in ids:
            row = self._rows.pop(vector_id)
            self._ages[row] = -1
            self._free.append(row)

    def by_age(self, after: int, most: int) -> list[tuple[str, int]]:
        """Lists the `most` oldest of the ids younger than an age, with their ages; all are beyond -1."""
        ages = self._ages[: len(self._ids)]
        rows = np.flatnonzero(ages > after)
        order = rows[np.argsort(ages[rows])][:most]
        return [(self._ids[row], int(ages[row])) for row in order]

    def nearest(
        self, query: Directions, most: int, at_least: float = 0.0, among: Iterable[str] | None = None
    ) -> list[Hit]:
        """Finds the `most` ids whose cosine to `query` (dimension,) is highest, ties by age.

        Scores are clamped to [0, 1] and rounded to six decimals before they are compared, also with
        `at_least`. Other stored ids than those of `among` are left out, where it is given.
        """
        filled = len(self._ids)
        if not filled:
            return []
        scores = self._matrix[:filled] @ query
        np.clip(scores, 0.0, 1.0, out=scores)
        scores += 0.0  # -0.0 is 0
        if self._free:
            scores[self._ages[:filled] < 0] = -1.0
        if among is not None:
            others = np.ones(filled, np.bool_)
            others[[self._rows[vector_id] for vector_id in among]] = False
            scores[others] = -1.0
        floor = 0.0
        if most < filled:
            # Scores that round alike are ties, so a score a rounding below the last place may still be taken.
            floor = max(floor, float(np.partition(scores, filled - most)[filled - most]) - 10.0**-DIGITS)
        rows = np.flatnonzero(scores >= floor)
        rounded = np.round(scores[rows].astype(np.float64), DIGITS)
        ages = self._ages[rows]
        order = np.lexsort((ages, -rounded))[:most]
        return [
            Hit(self._ids[rows[place]], float(rounded[place]), int(ages[place]))
            for place in order
            if rounded[place] >= at_least
        ]

    def _row_of(self, vector_id: str) -> int:
        row = self._rows.get(vector_id)
        if row is None:
            if self._free:
                row = self._free.pop()
                self._ids[row] = vector_id
            else:
                row = len(self._ids)
                self._ids.append(vector_id)
        return row

    def _reserve(self, rows: int) -> None:
        if rows > len(self._matrix):
            capacity = max(rows, 2 * len(self._matrix))
            matrix = np.empty((capacity, self.dimension), np.float32)
            if self._free or self._rows:
                matrix[: len(self._matrix)] = self._matrix
            ages = np.full(capacity, -1, np.int64)
            ages[: len(self._ages)] = self._ages
            self._matrix, self._ages = matrix, ages
