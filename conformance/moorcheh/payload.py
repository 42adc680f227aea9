"""Strategies for valid payloads: ids, numbers in every spelling, metadata, batches of vectors.

A large vector is made from a seed; hypothesis draws and shrinks only the seed and a few mutated numbers,
which costs a hundredth of drawing each number. What is drawn from is made once: hypothesis judges each
strategy anew, which costs more than to draw from it.
"""

import functools
import random
import string
from collections.abc import Sequence
from typing import Any, Literal

from hypothesis import strategies as st

from conformance import wire

Item = dict[str, Any]
Batch = list[Item]

PRINTABLE: tuple[Literal["L", "M", "N", "P", "S", "Zs"], ...] = ("L", "M", "N", "P", "S", "Zs")
RESERVED_KEYS = frozenset({"id", "vector", "text", "metadata"})
LONGEST_ID = 200
LARGEST_DIMENSION = 64
LARGEST_BATCH = 200

SPELLINGS = (
    "0",
    "-0",
    "-0.0",
    "1E+2",
    "1e-2",
    "12.50",
    "0.1e1",
    "-3E0",
    "4.9e-324",
    "-2.2250738585072014e-308",
)
LARGE = ("1e39", "-1e39", "1e308", "-1.7976931348623157e308", "12345678901234567890123", "9007199254740993")

# Not even of two cases: what an unusual id does is said under its own clause.
plain_ids = st.text(string.ascii_lowercase + string.digits + "-_.", min_size=1, max_size=12)
# An id of blanks alone is left out: the documentation does not say whether it is an id.
printable_ids = st.text(st.characters(categories=PRINTABLE), min_size=1, max_size=LONGEST_ID).filter(
    str.strip
)
seeds = st.integers(0, 2**32 - 1)
dimensions = st.one_of(st.integers(1, 4), st.integers(1, LARGEST_DIMENSION))


@functools.cache
def finite_numbers() -> st.SearchStrategy[Any]:
    """Any finite JSON number: integers, floats of every size, and spellings a parser may trip over."""
    return st.one_of(
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from(SPELLINGS + LARGE).map(wire.Literal),
        st.builds(
            lambda digits, power: wire.Literal(f"{digits}e{power}"),
            st.integers(-999, 999),
            st.integers(-300, 300),
        ),
    )


@functools.cache
def json_values(depth: int = 4) -> st.SearchStrategy[Any]:
    """Any JSON value, nested up to `depth`; integers stay within 2^53 and text without control characters."""
    text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False),
        text,
    )
    if depth == 0:
        return leaves
    inner = json_values(depth - 1)
    return st.one_of(
        leaves,
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(st.characters(categories=PRINTABLE), max_size=8), inner, max_size=3),
    )


@functools.cache
def metadata(max_size: int = 4) -> st.SearchStrategy[dict[str, Any]]:
    """The free keys of an item with values of every JSON type."""
    keys = st.text(st.characters(categories=PRINTABLE), min_size=1, max_size=20)
    return st.dictionaries(
        keys.filter(lambda key: key not in RESERVED_KEYS), json_values(), max_size=max_size
    )


def seeded_vector(seed: int, dimension: int) -> list[Any]:
    """A vector of numbers in [-1, 1], none of them 0, from a seed."""
    return [*_seeded_numbers(seed, dimension)]


@functools.lru_cache(maxsize=4_096)
def _seeded_numbers(seed: int, dimension: int) -> tuple[float, ...]:
    """The numbers of a vector; plain batches have the same ones again and again."""
    chance = random.Random(seed)
    return tuple(chance.choice((-1, 1)) * chance.randint(1, 1000) / 1000 for _ in range(dimension))


def positive_vector(seed: int, dimension: int) -> list[float]:
    """A vector of numbers in [0.5, 1]: any two of these point the same way, whatever the score's formula."""
    chance = random.Random(seed)
    return [chance.randint(500, 1000) / 1000 for _ in range(dimension)]


def opposite(vector: Sequence[float]) -> list[float]:
    """The vector that points the other way."""
    return [-number for number in vector]


def plain_batch(size: int, dimension: int, *, prefix: str = "v", seed: int = 0) -> Batch:
    """A batch without surprises: ids `v0`, `v1`, ... and one integer of metadata each."""
    return [
        {"id": f"{prefix}{index}", "vector": seeded_vector(seed + index, dimension), "n": index}
        for index in range(size)
    ]


@functools.cache
@st.composite
def vectors(draw: st.DrawFn, dimension: int) -> list[Any]:
    """A vector from a seed with up to four of its numbers replaced by any finite ones."""
    vector = seeded_vector(draw(seeds), dimension)
    for index in draw(st.lists(st.integers(0, LARGEST_DIMENSION - 1), max_size=4)):
        vector[index % dimension] = draw(finite_numbers())
    return vector


@functools.cache
def _ids_without(prefix: str) -> st.SearchStrategy[str]:
    return printable_ids.filter(lambda text: not text.startswith(prefix))


@functools.cache
@st.composite
def batches(
    draw: st.DrawFn, dimension: int, *, min_size: int = 1, max_size: int = LARGEST_BATCH, prefix: str = "v"
) -> Batch:
    """A valid batch with distinct ids, a few of its items with unusual ids, numbers and metadata."""
    small = min(max_size, max(min_size, 5))
    size = draw(st.one_of(st.integers(min_size, small), st.integers(min_size, max_size)))
    batch = plain_batch(size, dimension, prefix=prefix, seed=draw(seeds))
    unusual = draw(st.lists(st.integers(0, LARGEST_BATCH - 1), max_size=3))
    for index in dict.fromkeys(each % size for each in unusual):
        fresh = draw(_ids_without(prefix))
        taken = {item["id"] for item in batch}
        batch[index] = {
            "id": batch[index]["id"] if fresh in taken else fresh,
            "vector": draw(vectors(dimension)),
            **draw(metadata()),
        }
    return batch


@st.composite
def shaped_batches(draw: st.DrawFn, *, max_size: int = LARGEST_BATCH) -> tuple[int, Batch]:
    """A dimension and a valid batch of it."""
    dimension = draw(dimensions)
    return dimension, draw(batches(dimension, max_size=max_size))
