"""Strategies for valid payloads: matrices, file ids, documents with chunks, and their metadata."""

import random
import string
from typing import Any

from hypothesis import strategies as st

Vector = list[Any]
Matrix = list[Vector]
Document = dict[str, Any]

LARGEST = 1_000_000
TEAMS = ("ai", "ops", "web", "a%b", 'say "so"', "")

seeds = st.integers(0, 2**32 - 1)
file_ids = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=24).filter(
    lambda text: not text.startswith("_")
)
# Values that a float32 neither rounds to an infinity nor to zero.
numbers = st.one_of(
    st.integers(-LARGEST, LARGEST),
    st.floats(-LARGEST, LARGEST).filter(lambda number: number == 0 or abs(number) > 1e-6),
    st.sampled_from((20.1, -0.0, 1, 0.1, -1e-3, 16_777_217)),
)


def positive_vector(seed: int, dimension: int) -> list[float]:
    """A vector of numbers in [0.5, 1]: any two of these point the same way."""
    chance = random.Random(seed)
    return [chance.randint(500, 1000) / 1000 for _ in range(dimension)]


def opposite(vector: list[float]) -> list[float]:
    """The vector that points the other way."""
    return [-number for number in vector]


def matrix(rows: int, dimension: int, seed: int = 0) -> list[list[float]]:
    """A matrix whose rows all point one way and differ."""
    return [positive_vector(seed + row, dimension) for row in range(rows)]


@st.composite
def matrices(draw: st.DrawFn, dimension: int, *, max_rows: int = 60) -> Matrix:
    """A matrix from a seed with up to four of its numbers replaced by any others."""
    size = draw(st.one_of(st.integers(1, 5), st.integers(1, max_rows), st.just(max_rows)))
    rows: Matrix = [*matrix(size, dimension, draw(seeds))]
    for _ in range(draw(st.integers(0, 4))):
        rows[draw(st.integers(0, size - 1))][draw(st.integers(0, dimension - 1))] = draw(numbers)
    return rows


def chunk(chunk_id: str, vector: Vector) -> dict[str, Any]:
    """A chunk of a document."""
    return {"chunk_id": chunk_id, "embedding": vector}


def document(source_id: str, chunks: int, dimension: int, seed: int = 0, **free: Any) -> Document:
    """A document with chunks `<source_id>-0`, `<source_id>-1`, ... that point one way."""
    return {
        "source_id": source_id,
        "metadata": free,
        "embeddings": [
            chunk(f"{source_id}-{n}", positive_vector(seed + n, dimension)) for n in range(chunks)
        ],
    }


def written(sizes: list[int], dimension: int, seed: int = 0) -> list[Document]:
    """Documents `s0`, `s1`, ... with as many chunks as the sizes say."""
    return [document(f"s{n}", size, dimension, seed + 100 * n, n=n) for n, size in enumerate(sizes)]


sizes = st.lists(st.integers(1, 6), min_size=1, max_size=4)

filed_metadata = st.fixed_dictionaries(
    {
        "team": st.sampled_from(TEAMS),
        "year": st.integers(1990, 2030),
        "rank": st.sampled_from((-1.5, 0, 0.25, 1, 2.5, 1e3)),
        "open": st.booleans(),
    }
)
