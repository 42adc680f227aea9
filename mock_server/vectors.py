"""Exact cosine search over a float32 matrix that grows block by block."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from mock_server.arrays import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Directions: TypeAlias = "NDArray[np.float32]"
DIGITS = 6  # decimals of a score
BLOCK_BYTES = 32 * 1024 * 1024
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
    rounded: Directions
    if len(squares) == 1 and LEAST_SQUARE < (square := float(squares[0])) < MOST_SQUARE:
        rounded = (numbers / math.sqrt(square)).astype(np.float32)
        return rounded
    odd = ~((squares > LEAST_SQUARE) & (squares < MOST_SQUARE))
    if odd.any():
        numbers = numbers.copy()
        numbers[odd] = _tamed(numbers[odd])
        squares[odd] = 1.0
    rounded = (numbers / np.sqrt(squares)[:, np.newaxis]).astype(np.float32)
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
    """Directions by id: float32 rows in blocks (height, dimension), of which freed ones are used again.

    A block that is full never moves. Each after the second is as high as all before it together, so there are
    few, and of the last only the rows in use take memory. `ages` numbers ids in the order in which they are
    first stored; several stores may share it.
    """

    def __init__(self, dimension: int, ages: Iterator[int]) -> None:
        self.dimension = dimension
        self._next_ages = ages
        self._height = max(1, BLOCK_BYTES // (4 * max(1, dimension)))
        self._blocks: list[Directions] = []
        self._starts: list[int] = []
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
        known = self._rows
        if len(ids) == 1 and (row := known.get(ids[0])) is not None:
            number = bisect_right(self._starts, row) - 1
            self._blocks[number][row - self._starts[number]] = block[0]
            return
        if not ids:
            return
        new = [vector_id for vector_id in ids if vector_id not in known]
        for vector_id in new:
            known[vector_id] = self._new_row(vector_id)
        self._reserve(len(self._ids))
        for vector_id in new:
            self._ages[known[vector_id]] = next(self._next_ages)
        rows = [known[vector_id] for vector_id in ids]
        if rows[-1] - rows[0] == len(rows) - 1 and rows == [*range(rows[0], rows[-1] + 1)]:
            self._write_run(rows[0], block)
        else:
            self._write(np.array(rows), block)

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

    def of(self, ids: Sequence[str]) -> Directions:
        """Answers the directions of n stored ids: (n, dimension)."""
        rows = [self._rows[vector_id] for vector_id in ids]
        found: Directions = np.empty((len(rows), self.dimension), np.float32)
        for place, row in enumerate(rows):
            number = bisect_right(self._starts, row) - 1
            found[place] = self._blocks[number][row - self._starts[number]]
        return found

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
        scores = np.empty(filled, np.float32)
        for start, block in zip(self._starts, self._blocks, strict=True):
            part = scores[start : start + len(block)]
            np.dot(block[: len(part)], query, out=part)
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

    def _new_row(self, vector_id: str) -> int:
        if self._free:
            row = self._free.pop()
            self._ids[row] = vector_id
        else:
            row = len(self._ids)
            self._ids.append(vector_id)
        return row

    def _write_run(self, first: int, block: Directions) -> None:
        """Writes rows that follow one another, from a first one on."""
        number, written = bisect_right(self._starts, first) - 1, 0
        while written < len(block):
            start = first + written - self._starts[number]
            part = block[written : written + len(self._blocks[number]) - start]
            self._blocks[number][start : start + len(part)] = part
            written += len(part)
            number += 1

    def _write(self, rows: NDArray[np.int64], block: Directions) -> None:
        numbers = np.searchsorted(self._starts, rows, "right") - 1
        for number in np.unique(numbers):
            here = numbers == number
            self._blocks[number][rows[here] - self._starts[number]] = block[here]

    def _reserve(self, rows: int) -> None:
        """Makes room for rows: the first block doubles until it is of full height, then others are added."""
        if rows > len(self._ages):
            ages = np.full(max(rows, 2 * len(self._ages)), -1, np.int64)
            ages[: len(self._ages)] = self._ages
            self._ages = ages
        if not self._blocks:
            self._blocks.append(np.empty((0, self.dimension), np.float32))
            self._starts.append(0)
        first = self._blocks[0]
        if len(first) < min(rows, self._height):
            height = min(max(rows, 2 * len(first)), self._height)
            self._blocks[0] = np.empty((height, self.dimension), np.float32)
            self._blocks[0][: len(first)] = first
        while rows > (capacity := self._starts[-1] + len(self._blocks[-1])):
            self._blocks.append(np.empty((capacity, self.dimension), np.float32))
            self._starts.append(capacity)
