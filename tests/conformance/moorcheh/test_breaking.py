"""Every broken batch is a valid one but for the one thing that its breakage names."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import wire
from conformance.moorcheh import breaking
from conformance.moorcheh.breaking import Break, BrokenBatch, broken_batches
from conformance.moorcheh.payload import Batch, Item
from tests.schemas import ground

UPLOAD = ground.validator("moorcheh", "upload-vectors.request.schema.json")
BREAKS = (*breaking.DOCUMENTED, breaking.bad_id)
SCHEMA_BREAKS = (breaking.no_id, breaking.no_vector, breaking.not_numeric, breaking.bad_id)
KEYS: dict[Break, str] = {breaking.no_id: "id", breaking.bad_id: "id"}
DIMENSIONS = st.one_of(st.integers(1, 3), st.integers(1, 64))
thoroughly = settings(max_examples=25, deadline=None)


def received(batch: Batch) -> Any:
    """A batch as a lenient server reads it: NaN and the infinities are numbers to it."""
    return json.loads(wire.encode({"vectors": batch}))


def is_valid(batch: Batch) -> bool:
    """Whether the schema allows a batch."""
    return bool(UPLOAD.is_valid(received(batch)))


def others_of(item: Item, key: str) -> str:
    """An item but for one of its keys, as it is written."""
    return wire.encode({name: value for name, value in item.items() if name != key})


def cases(how: Break) -> st.SearchStrategy[BrokenBatch]:
    """Batches broken in one way."""
    return broken_batches(how, dimensions=DIMENSIONS, max_size=8)


@pytest.mark.parametrize("how", BREAKS)
@thoroughly
@given(data=st.data())
def test_only_one_key_of_one_item_is_broken(how: Break, data: st.DataObject) -> None:
    case = data.draw(cases(how))
    assert len(case.invalid) == len(case.valid)
    for index, (sent, twin) in enumerate(zip(case.invalid, case.valid, strict=True)):
        if index == case.index:
            key = KEYS.get(how, "vector")
            assert others_of(sent, key) == others_of(twin, key)
            assert wire.encode(sent) != wire.encode(twin)
        else:
            assert wire.encode(sent) == wire.encode(twin)
    assert case.alone == [case.invalid[case.index]]


@pytest.mark.parametrize("how", BREAKS)
@thoroughly
@given(data=st.data())
def test_the_twin_is_valid(how: Break, data: st.DataObject) -> None:
    case = data.draw(cases(how))
    assert is_valid(case.valid)
    assert {len(item["vector"]) for item in case.valid} == {case.dimension}
    ids = [item["id"] for item in case.valid]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("how", SCHEMA_BREAKS)
@thoroughly
@given(data=st.data())
def test_the_schema_refuses_what_is_broken_and_nothing_beside(how: Break, data: st.DataObject) -> None:
    case = data.draw(cases(how))
    errors = list(UPLOAD.iter_errors(received(case.invalid)))
    assert len(errors) == 1
    place = list(errors[0].absolute_path)
    assert place[:2] == ["vectors", case.index]
    missing: dict[Break, str] = {
        breaking.no_id: "'id' is a required property",
        breaking.no_vector: "'vector' is a required property",
    }
    if how in missing:
        assert errors[0].message == missing[how]
    else:
        assert place[2] == KEYS.get(how, "vector")


@thoroughly
@given(case=cases(breaking.not_finite))
def test_a_number_that_is_not_finite_is_just_one(case: BrokenBatch) -> None:
    vector = received(case.invalid)["vectors"][case.index]["vector"]
    assert len(vector) == case.dimension
    assert [math.isfinite(number) for number in vector].count(False) == 1


@thoroughly
@given(case=cases(breaking.other_length))
def test_a_vector_of_another_length_is_numbers_all_the_same(case: BrokenBatch) -> None:
    vector = received(case.invalid)["vectors"][case.index]["vector"]
    assert len(vector) != case.dimension
    assert all(math.isfinite(number) for number in vector)
    assert is_valid(case.invalid) or vector == []


@thoroughly
@given(case=broken_batches(*BREAKS, dimensions=st.just(2), max_size=4))
def test_a_batch_has_no_more_items_than_asked(case: BrokenBatch) -> None:
    assert 1 <= len(case.valid) <= 4
    assert case.dimension == 2


@pytest.mark.parametrize(
    "value", [*breaking.NON_STRINGS, *breaking.NON_ARRAYS, *breaking.NON_NUMBERS], ids=repr
)
def test_no_wrong_value_is_right_by_accident(value: Any) -> None:
    if any(value is each for each in breaking.NON_STRINGS):
        assert not is_valid([{"id": value, "vector": [1]}])
    if any(value is each for each in breaking.NON_ARRAYS):
        assert not is_valid([{"id": "a", "vector": value}])
    if any(value is each for each in breaking.NON_NUMBERS):
        assert not is_valid([{"id": "a", "vector": [value]}])
