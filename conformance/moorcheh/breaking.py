"""Breakages: an invalid upload is a valid one with one named thing broken, and so refused for that alone."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from conformance.moorcheh.payload import Batch, Item, batches
from conformance.wire import Literal

NON_STRINGS: tuple[Any, ...] = (7, 1.5, True, None, [], {}, ["a"], {"id": "a"})
NON_NUMBERS: tuple[Any, ...] = ("1.5", "", "NaN", True, False, None, [], [1.0], {}, {"value": 1.0})
NON_ARRAYS: tuple[Any, ...] = ("0.1,0.2", 1, 0.5, True, None, {}, {"0": 1.0})
NON_FINITE = tuple(map(Literal, ("NaN", "Infinity", "-Infinity", "1e999", "-1e999")))

Break = Callable[[st.DrawFn, Item], None]


@dataclass(frozen=True, slots=True)
class BrokenBatch:
    """A valid batch and the same with one thing broken.

    Attributes:
        dimension: The length of the valid vectors.
        valid: The twin that must be accepted.
        invalid: The batch that must be refused.
        index: Which of its items is broken.
    """

    dimension: int
    valid: Batch
    invalid: Batch
    index: int

    @property
    def alone(self) -> Batch:
        """The broken item as the only one of its batch."""
        return [self.invalid[self.index]]


def no_id(_draw: st.DrawFn, item: Item) -> None:
    """Leaves the id out."""
    del item["id"]


def bad_id(draw: st.DrawFn, item: Item) -> None:
    """Makes the id something else than a non-empty string."""
    item["id"] = draw(st.sampled_from(("", *NON_STRINGS)))


def no_vector(_draw: st.DrawFn, item: Item) -> None:
    """Leaves the vector out."""
    del item["vector"]


def not_numeric(draw: st.DrawFn, item: Item) -> None:
    """Makes the vector no array, or one of its numbers no number."""
    if draw(st.booleans()):
        item["vector"] = draw(st.sampled_from(NON_ARRAYS))
    else:
        item["vector"][_place(draw, item)] = draw(st.sampled_from(NON_NUMBERS))


def not_finite(draw: st.DrawFn, item: Item) -> None:
    """Makes one number NaN or an infinity, by name or by overflow."""
    item["vector"][_place(draw, item)] = draw(st.sampled_from(NON_FINITE))


def other_length(draw: st.DrawFn, item: Item) -> None:
    """Makes the vector shorter, longer or empty."""
    vector = item["vector"]
    item["vector"] = draw(
        st.sampled_from((vector[:-1], [*vector, 0.5], [], vector * 2, vector[: len(vector) // 2]))
    )


DOCUMENTED: tuple[Break, ...] = (no_id, no_vector, not_numeric, not_finite, other_length)


@st.composite
def broken_batches(
    draw: st.DrawFn, *breaks: Break, dimensions: st.SearchStrategy[int], max_size: int = 20
) -> BrokenBatch:
    """A valid batch, and the same with one of its items broken in one of the ways given."""
    dimension = draw(dimensions)
    valid = draw(batches(dimension, max_size=max_size))
    invalid = copy.deepcopy(valid)
    index = draw(st.sampled_from(sorted({0, len(valid) // 2, len(valid) - 1})))
    draw(st.sampled_from(breaks))(draw, invalid[index])
    return BrokenBatch(dimension, valid, invalid, index)


def _place(draw: st.DrawFn, item: Item) -> int:
    """A position in the vector: its ends more often than what lies between."""
    last = len(item["vector"]) - 1
    return draw(st.one_of(st.sampled_from((0, last)), st.integers(0, last)))
