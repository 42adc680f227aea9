"""Every payload that is generated is one the documentation allows."""

import json
import math
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from conformance import wire
from conformance.moorcheh import payload
from conformance.moorcheh.payload import Batch
from tests.schemas import ground

UPLOAD = ground.validator("moorcheh", "upload-vectors.request.schema.json")
thoroughly = settings(max_examples=40, deadline=None)


def received(batch: Batch) -> Any:
    """A batch as a server reads it."""
    return json.loads(wire.encode({"vectors": batch}))


@thoroughly
@given(shaped=payload.shaped_batches())
def test_every_batch_is_valid(shaped: tuple[int, Batch]) -> None:
    dimension, batch = shaped
    UPLOAD.validate(received(batch))
    assert 1 <= len(batch) <= 200
    assert 1 <= dimension <= 64
    for item in received(batch)["vectors"]:
        assert len(item["vector"]) == dimension
        assert all(math.isfinite(number) for number in item["vector"])
        assert 1 <= len(item["id"]) <= 200


@thoroughly
@given(shaped=payload.shaped_batches())
def test_the_ids_of_a_batch_are_distinct(shaped: tuple[int, Batch]) -> None:
    ids = [item["id"] for item in shaped[1]]
    assert len(set(ids)) == len(ids)


@thoroughly
@given(data=st.data(), smallest=st.integers(1, 30), more=st.integers(0, 30))
def test_a_batch_has_as_many_items_as_asked(data: st.DataObject, smallest: int, more: int) -> None:
    batch = data.draw(payload.batches(3, min_size=smallest, max_size=smallest + more))
    assert smallest <= len(batch) <= smallest + more


@thoroughly
@given(numbers=st.lists(payload.finite_numbers(), min_size=1))
def test_every_number_is_finite_json(numbers: list[Any]) -> None:
    read = json.loads(wire.encode(numbers), parse_constant=pytest.fail)
    assert all(math.isfinite(number) for number in read)
    assert not any(isinstance(number, bool) for number in read)


@pytest.mark.parametrize("text", payload.SPELLINGS + payload.LARGE)
def test_every_spelling_is_finite_json(text: str) -> None:
    number = json.loads(text)
    assert isinstance(number, int | float)
    assert math.isfinite(number)


@pytest.mark.parametrize(
    "is_so",
    [
        lambda number: "e" in wire.encode(number).lower(),
        lambda number: wire.encode(number).startswith("-0"),
        lambda number: 0 < abs(wire.plain(number)) < 2.3e-308,
        lambda number: abs(wire.plain(number)) > 3.5e38,
        lambda number: isinstance(number, int) and abs(number) > 2**53,
    ],
    ids=["exponent", "negative zero", "subnormal", "beyond float32", "big integer"],
)
def test_the_numbers_that_parsers_trip_over_are_among_them(is_so: Callable[[Any], bool]) -> None:
    find(payload.finite_numbers(), is_so, settings=settings(max_examples=2_000, database=None, deadline=None))


def depth_of(value: Any) -> int:
    """How deeply a value is nested."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth_of, inner), default=0)


@thoroughly
@given(value=payload.json_values())
def test_metadata_is_json_that_every_parser_reads_alike(value: Any) -> None:
    assert wire.same(json.loads(wire.encode(value)), value)
    assert depth_of(value) <= 4
    if isinstance(value, int):
        assert abs(value) <= 2**53


@thoroughly
@given(free=payload.metadata())
def test_metadata_does_not_touch_the_keys_of_the_service(free: dict[str, Any]) -> None:
    assert not payload.RESERVED_KEYS & free.keys()
    assert all(free)


@thoroughly
@given(item_id=payload.printable_ids, plain=payload.plain_ids)
def test_ids_are_printable(item_id: str, plain: str) -> None:
    assert not {unicodedata.category(each) for each in item_id} & {"Cc", "Cs", "Cf", "Co", "Cn", "Zl", "Zp"}
    assert item_id.strip()
    assert plain.isascii()


@given(seed=st.integers(0, 2**32 - 1), dimension=st.integers(1, 64))
def test_a_seed_is_a_vector(seed: int, dimension: int) -> None:
    vector = payload.seeded_vector(seed, dimension)
    assert vector == payload.seeded_vector(seed, dimension)
    assert len(vector) == dimension
    assert all(0 < abs(number) <= 1 for number in vector)


@given(one=st.integers(0, 2**32 - 1), other=st.integers(0, 2**32 - 1), dimension=st.integers(1, 64))
def test_positive_vectors_point_the_same_way(one: int, other: int, dimension: int) -> None:
    first, second = (payload.positive_vector(seed, dimension) for seed in (one, other))
    assert all(0.5 <= number <= 1 for number in first)
    assert sum(a * b for a, b in zip(first, second, strict=True)) > 0
    assert [a + b for a, b in zip(first, payload.opposite(first), strict=True)] == [0] * dimension


def test_a_plain_batch_holds_no_surprise() -> None:
    batch = payload.plain_batch(3, 2, prefix="x", seed=7)
    assert [item["id"] for item in batch] == ["x0", "x1", "x2"]
    assert [item["n"] for item in batch] == [0, 1, 2]
    UPLOAD.validate(received(batch))
    assert batch != payload.plain_batch(3, 2, prefix="x", seed=8)
    assert payload.plain_batch(0, 2) == []
