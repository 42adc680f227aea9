"""JSON on the wire: spellings are kept, what is no JSON is refused, equality is that of JSON values."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire import Literal, decode, encode, plain, same

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()
)
values = st.recursive(scalars, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)))


@settings(max_examples=30, deadline=None)
@given(value=values)
def test_what_is_written_is_read_back_equal(value: Any) -> None:
    assert same(decode(encode(value)), value)
    assert same(json.loads(encode(value)), value)


@pytest.mark.parametrize("text", ["1E+2", "-0.0", "12.50", "1e999", "NaN", "-Infinity"])
def test_a_literal_keeps_its_spelling(text: str) -> None:
    assert encode({"vector": [Literal(text), 0.5]}) == f'{{"vector":[{text},0.5]}}'
    assert repr([Literal(text)]) == f"[{text}]"


def test_a_tuple_is_an_array() -> None:
    assert encode((1, "ä", None, True)) == '[1,"ä",null,true]'


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_float_that_is_no_json_is_not_written(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode([number])


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}'])
def test_constants_beyond_json_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no JSON number"):
        decode(text)


@pytest.mark.parametrize("content", [b"", b"{", b"{'a': 1}", b"\xff\xfe\xfd", b"[" * 100_000, b"1" * 5_000])
def test_what_is_no_json_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(content)


def test_a_literal_means_its_number() -> None:
    written = {"a": [Literal("1E+2"), Literal("-0")], "b": (Literal('"text"'), 2.5), "c": None}
    assert plain(written) == {"a": [100.0, 0], "b": ["text", 2.5], "c": None}
    with pytest.raises(ValueError, match="NaN"):
        plain([Literal("NaN")])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (0.0, -0.0),
        (100, 1e2),
        ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}),
        (True, True),
        (None, None),
        ([], []),
        (2**53, float(2**53)),
    ],
)
def test_equal_json_values_are_the_same(one: Any, other: Any) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (1, "1"),
        ([1], [True]),
        ([1], [1, 1]),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"a": 1, "b": None}),
        ({"a": {"b": 0}}, {"a": {"b": False}}),
        ({}, []),
        ([], None),
        (2**53 + 1, float(2**53)),
        ("é", "e\u0301"),
    ],
)
def test_different_json_values_are_not(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert not same(other, one)
