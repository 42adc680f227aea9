"""Directions, and exact search among them."""

from itertools import count

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mock_server.vectors import Directions, Vectors, directions


def direction(*numbers: float) -> Directions:
    return directions(np.array([numbers], np.float64)).reshape(-1)


def store(**vectors: tuple[float, ...]) -> Vectors:
    filled = Vectors(len(next(iter(vectors.values()))), count())
    filled.put([*vectors], directions(np.array([*vectors.values()], np.float64)))
    return filled


finite = st.floats(allow_nan=False, allow_infinity=False)
rows = st.integers(1, 6).flatmap(
    lambda width: st.lists(st.lists(finite, min_size=width, max_size=width), min_size=1, max_size=4)
)


@given(rows)
def test_any_finite_vector_has_length_one_or_is_zero(numbers: list[list[float]]) -> None:
    block = directions(np.array(numbers, np.float64))
    assert block.dtype == np.float32
    lengths = np.linalg.norm(block.astype(np.float64), axis=1)
    zero = np.array([not any(row) for row in numbers])
    assert np.allclose(lengths, np.where(zero, 0.0, 1.0), atol=1e-6)


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1.0, 1e39, 8e307])
def test_scale_does_not_change_a_direction(scale: float) -> None:
    assert direction(scale, 2 * scale).tolist() == direction(1, 2).tolist()


@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(2, 5),
    dimension=st.sampled_from([1, 2, 3, 7, 8, 15, 64, 100, 767, 768, 1_536]),
    exponents=st.lists(st.integers(-300, 300), min_size=5, max_size=5),
)
def test_a_row_comes_out_the_same_whatever_rows_stand_beside_it(
    seed: int, size: int, dimension: int, exponents: list[int]
) -> None:
    scales = np.array([10.0**exponent for exponent in exponents[:size]])
    rows = np.random.default_rng(seed).standard_normal((size, dimension)) * scales[:, np.newaxis]
    together = directions(rows)
    assert [directions(row[np.newaxis]).tobytes() for row in rows] == [row.tobytes() for row in together]


def test_an_empty_store_finds_nothing() -> None:
    assert Vectors(2, count()).nearest(direction(1, 0), 10) == []


def test_the_nearest_comes_first() -> None:
    hits = store(up=(0, 1), right=(1, 0), diagonal=(1, 1), left=(-1, 0)).nearest(direction(2, 0), 3)
    assert [(hit.id, hit.score) for hit in hits] == [("right", 1.0), ("diagonal", 0.707107), ("up", 0.0)]


def test_scores_are_never_negative_nor_negative_zero() -> None:
    (hit,) = store(left=(-1, 0)).nearest(direction(1, 0), 1)
    assert str(hit.score) == "0.0"
    (hit,) = store(zero=(0, 0)).nearest(direction(-1, 0), 1)
    assert str(hit.score) == "0.0"


def test_ties_come_by_age_and_an_update_keeps_its_age() -> None:
    vectors = store(first=(1, 0), second=(0, 1), third=(1, 0))
    vectors.put(["second"], direction(1, 0).reshape(1, -1))
    assert [hit.id for hit in vectors.nearest(direction(1, 0), 2)] == ["first", "second"]


def test_a_score_below_the_threshold_is_no_hit() -> None:
    vectors = store(right=(1, 0), diagonal=(1, 1), up=(0, 1))
    assert [hit.id for hit in vectors.nearest(direction(1, 0), 9, 0.707107)] == ["right", "diagonal"]


def test_a_removed_vector_is_no_hit_and_its_row_is_used_again() -> None:
    vectors = store(a=(1, 0), b=(1, 0), c=(1, 0))
    vectors.remove(["a", "b"])
    assert [hit.id for hit in vectors.nearest(direction(1, 0), 9)] == ["c"]
    assert "a" not in vectors
    vectors.put(["d", "e", "f"], np.repeat(direction(1, 0).reshape(1, -1), 3, axis=0))
    assert [hit.id for hit in vectors.nearest(direction(1, 0), 9)] == ["c", "d", "e", "f"]
    assert len(vectors) == 4


def test_putting_nothing_is_fine() -> None:
    vectors = Vectors(3, count())
    vectors.put([], np.empty((0, 3), np.float32))
    assert len(vectors) == 0


def brute_force(stored: dict[str, NDArray[np.float64]], query: NDArray[np.float64]) -> list[float]:
    cosines = [
        0.0 if not vector.any() else float(vector @ query / np.linalg.norm(vector) / np.linalg.norm(query))
        for vector in stored.values()
    ]
    return sorted((min(max(cosine, 0.0), 1.0) for cosine in cosines), reverse=True)


@given(
    seed=st.integers(0, 2**32), size=st.integers(1, 60), dimension=st.integers(1, 9), most=st.integers(1, 70)
)
def test_search_agrees_with_brute_force(seed: int, size: int, dimension: int, most: int) -> None:
    random = np.random.default_rng(seed)
    vectors = Vectors(dimension, count())
    kept: dict[str, NDArray[np.float64]] = {}
    for place in range(size):
        name = f"v{random.integers(size)}"
        vector = random.integers(-3, 4, dimension).astype(np.float64)
        if place % 4 == 3 and name in kept:
            vectors.remove([name])
            del kept[name]
        else:
            vectors.put([name], directions(vector.reshape(1, -1)))
            kept[name] = vector
    query = random.integers(1, 4, dimension).astype(np.float64)
    hits = vectors.nearest(directions(query.reshape(1, -1)).reshape(-1), most)
    assert [hit.score for hit in hits] == pytest.approx(brute_force(kept, query)[:most], abs=2e-6)
    assert {hit.id for hit in hits} <= kept.keys()
    assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.age))


scores = st.one_of(st.sampled_from([0.0, -0.0, -0.5, 0.5, 1.0]), st.floats(-1, 1, width=32))


@given(
    pool=st.lists(scores, min_size=1, max_size=6),
    steps=st.sampled_from([0, 20, 100]),
    seed=st.integers(0, 2**32),
    size=st.integers(1, 400),
    most=st.integers(1, 30),
    at_least=st.sampled_from([0.0, 0.5, 1.0]),
    removed=st.sampled_from([0, 0, 3, 200]),
    chosen=st.sampled_from([None, None, 0, 5, 300]),
)
@example([0.0], 0, 1, 400, 10, 0.0, 200, None)
@example([1.0, 0.5], 20, 2, 300, 20, 0.0, 0, None)
@example([1.0], 100, 3, 300, 20, 0.0, 0, None)
@example([-0.5, 0.5], 20, 3, 400, 5, 0.0, 0, 300)
def test_hits_are_those_of_sorting_all(
    pool: list[float],
    steps: int,
    seed: int,
    size: int,
    most: int,
    at_least: float,
    removed: int,
    chosen: int | None,
) -> None:
    random = np.random.default_rng(seed)
    vectors, ages = Vectors(1, count()), dict[str, int]()
    # Of scores that lie a step or some of float32 apart, many round alike.
    apart = random.integers(-steps, steps + 1, size) * 2.0**-24
    values = (random.choice(pool, size) + apart).astype(np.float32)
    stored = {f"v{place}": value for place, value in enumerate(values)}

    def put(ids: list[str]) -> None:
        vectors.put(ids, np.array([[stored[each]] for each in ids]))
        for each in ids:
            ages.setdefault(each, len(ages) + len(gone))

    gone: list[str] = []
    put([*stored])
    gone = random.permutation([*stored])[:removed].tolist()
    vectors.remove(gone)
    for each in gone:
        del ages[each]
    put(gone[::2])  # into freed rows, in another order
    among = None if chosen is None else random.permutation([*ages])[:chosen].tolist()

    kept = sorted(
        (-round(min(max(float(stored[each]), 0.0), 1.0), 6), ages[each], each)
        for each in (ages if among is None else among)
    )
    expected = [(each, -score, age) for score, age, each in kept[:most] if -score >= at_least]
    hits = vectors.nearest(np.array([1.0], np.float32), most, at_least, among)
    assert [(hit.id, hit.score, hit.age) for hit in hits] == expected
    assert not any(str(hit.score).startswith("-") for hit in hits)


@pytest.mark.parametrize("rows", [1, 3])
def test_vectors_are_found_across_blocks(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    dimension = 8
    monkeypatch.setattr("mock_server.vectors.GROWING_BYTES", 4 * dimension * rows)
    monkeypatch.setattr("mock_server.vectors.BLOCK_BYTES", 4 * dimension * rows)
    vectors = Vectors(dimension, count())
    unit = dict(zip("abcdefgh", np.eye(dimension, dtype=np.float32), strict=True))

    def put(ids: str) -> None:
        vectors.put([*ids], np.array([unit[each] for each in ids]))

    put("a")
    put("bcdefg")
    put("gad")
    vectors.remove(["c"])
    put("hb")
    stored = [*"abdefgh"]
    assert np.array_equal(vectors.of(stored), np.array([unit[each] for each in stored]))
    for each in stored:
        assert [(hit.id, hit.score) for hit in vectors.nearest(unit[each], 1)] == [(each, 1.0)]
    assert sorted(hit.id for hit in vectors.nearest(unit["c"], 9)) == stored


def test_a_large_store_is_one_block_whose_rows_never_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_server.vectors.GROWING_BYTES", 4 * 8)
    vectors = Vectors(1, count())
    vectors.put([*"abcdefghi"], np.linspace(0.1, 0.9, 9, dtype=np.float32)[:, np.newaxis])
    (block,) = vectors.saved()["_blocks"]
    assert len(block) == 9
    vectors.put([f"v{place}" for place in range(100_000)], np.zeros((100_000, 1), np.float32))
    (later,) = vectors.saved()["_blocks"]
    assert len(later) == 100_009
    assert later.ctypes.data == block.ctypes.data


def test_where_memory_is_promised_sparingly_a_block_is_as_high_as_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mock_server.vectors.GROWING_BYTES", 4 * 4)
    monkeypatch.setattr("mock_server.vectors.BLOCK_BYTES", 2**60)
    vectors = Vectors(1, count())
    unit = np.ones((1, 1), np.float32)
    for name in "abcdefghijkl":
        vectors.put([name], unit)
    assert [len(block) for block in vectors.saved()["_blocks"]] == [4, 4, 4]
    assert [hit.id for hit in vectors.nearest(unit[0], 12)] == [*"abcdefghijkl"]


def test_vectors_that_there_is_no_memory_for_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(_vectors: Vectors, _wished: int, _needed: int) -> Directions:
        raise MemoryError

    monkeypatch.setattr("mock_server.vectors.GROWING_BYTES", 4 * 2)
    monkeypatch.setattr("mock_server.vectors.BLOCK_BYTES", 4 * 2)
    vectors = Vectors(1, count())
    unit = np.ones((3, 1), np.float32)
    vectors.put([*"abc"], unit)
    vectors.remove(["b"])
    monkeypatch.setattr(Vectors, "_room", no_room)
    with pytest.raises(MemoryError):
        vectors.put([*"xyz"], unit)
    assert [hit.id for hit in vectors.nearest(unit[0], 9)] == ["a", "c"]
    vectors.put(["d"], unit[:1])  # where b was
    assert [hit.id for hit in vectors.nearest(unit[0], 9)] == ["a", "c", "d"]
