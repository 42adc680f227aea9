"""Exact cosine search over a float32 matrix that grows block by block."""

from __future__ import annotations

import math
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from mock_server.arrays import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Directions: TypeAlias = "NDArray[np.float32]"
DIGITS = 6  # decimals of a score
POINTS = 10**DIGITS  # of the highest score
AGE_BITS = 43  # beside the 20 of the points
STRIDE = 16  # between the scores of the sample that bounds the last place
NOWHERE, LEAST = -3.0, -2.0  # less than any cosine: of what is no candidate, and of what surely is one
GROWING_BYTES = 8 * 1024 * 1024
BLOCK_BYTES = (32 if sys.platform == "win32" else 512) * 1024 * 1024
"""The least size of a block that never moves.

Where memory is taken only as it is written to, one block holds what most users store, and a search is one
product instead of several, at each of which threads wait for one another.
"""
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
    rounded: Directions
    # For one row a function that takes little time to begin; each row's sum comes out the same by both.
    if len(numbers) == 1 and LEAST_SQUARE < (square := float(np.vdot(numbers, numbers))) < MOST_SQUARE:
        rounded = (numbers / math.sqrt(square)).astype(np.float32)
        return rounded
    with np.errstate(over="ignore"):
        squares = np.vecdot(numbers, numbers)
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
    lengths = np.sqrt(np.vecdot(scaled, scaled))
    lengths[lengths == 0.0] = 1.0
    scaled /= lengths[:, np.newaxis]
    return scaled


class Vectors:
    """Directions by id: float32 rows in blocks (height, dimension), of which freed ones are used again.

    A large block never moves. Each after the first is no lower than all before it together, so there are few,
    and of the last only the rows in use take memory. `ages` numbers ids in the order in which they are first
    stored; several stores may share it.
    """

    def __init__(self, dimension: int, ages: Iterator[int]) -> None:
        self.dimension = dimension
        self._next_ages = ages
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
        self._reserve(len(self._ids) + max(0, len(new) - len(self._free)))
        for vector_id in new:
            known[vector_id] = self._new_row(vector_id)
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
        if self._free:
            scores[self._ages[:filled] < 0] = NOWHERE
        if among is not None:
            others = np.ones(filled, np.bool_)
            others[[self._rows[vector_id] for vector_id in among]] = False
            scores[others] = NOWHERE
        rows = np.flatnonzero(scores >= _within_reach(scores, most))
        points = np.rint(scores[rows].clip(0.0, 1.0).astype(np.float64) * POINTS).astype(np.int64)
        # One number that orders by score and age: to find the first of all takes no sorting.
        keys = (POINTS - points) << AGE_BITS | self._ages[rows]
        first = np.argpartition(keys, most - 1)[:most] if most < len(keys) else np.arange(len(keys))
        first = first[np.argsort(keys[first])]
        rows, found = rows[first], (points[first] / POINTS).tolist()
        return [
            Hit(self._ids[row], score, age)
            for row, score, age in zip(rows.tolist(), found, self._ages[rows].tolist(), strict=True)
            if score >= at_least
        ]

    def saved(self) -> Mapping[str, Any]:
        """Answers the attributes as a snapshot keeps them: without the room for rows to come."""
        used = len(self._ids)
        blocks = [block[: used - start] for start, block in zip(self._starts, self._blocks, strict=True)]
        return {**vars(self), "_blocks": blocks}

    @property
    def _row_bytes(self) -> int:
        return 4 * max(1, self.dimension)

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
        """Makes room for rows: the first block doubles while it is small, then others are added."""
        if rows > len(self._ages):
            ages = np.full(max(rows, 2 * len(self._ages)), -1, np.int64)
            ages[: len(self._ages)] = self._ages
            self._ages = ages
        capacity = self._starts[-1] + len(self._blocks[-1]) if self._blocks else 0
        if rows <= capacity:
            return
        moves = len(self._blocks) <= 1 and capacity * self._row_bytes < GROWING_BYTES
        height = max(rows, 2 * capacity) if moves else max(rows - capacity, capacity)
        if not moves or height * self._row_bytes > GROWING_BYTES:
            block = self._room(max(height, BLOCK_BYTES // self._row_bytes), height)
        else:
            block = np.empty((height, self.dimension), np.float32)
        if moves and self._blocks:
            block[:capacity] = self._blocks[0]
            self._blocks[0] = block
        else:
            self._blocks.append(block)
            self._starts.append(capacity)

    def _room(self, wished: int, needed: int) -> Directions:
        """Makes a block of the rows wished, or of those needed where there is no room for so many."""
        try:
            return np.empty((wished, self.dimension), np.float32)
        except MemoryError:
            return np.empty((needed, self.dimension), np.float32)


def _within_reach(scores: NDArray[np.float32], most: int) -> float:
    """Answers a score so low that all of the `most` highest, and those that round like them, are above it."""
    sample = scores[:: STRIDE if most * STRIDE <= len(scores) else 1]
    if most >= len(sample):
        return LEAST
    # The last place among some of the scores is at most that among all.
    last = min(1.0, float(np.partition(sample, len(sample) - most)[len(sample) - most]))
    least = last - 2 / POINTS
    return least if least > 0.0 else LEAST  # whatever is below 0 counts as 0
