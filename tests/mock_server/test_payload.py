"""JSON in and out."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.payload import MAX_DEPTH, decode, encode, exact, kind, shown

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_what_is_written_is_read_back_equal(value: Any) -> None:
    assert decode(json.dumps(value).encode()) == value
    assert decode(encode({"value": value})) == {"value": value}


@pytest.mark.parametrize("text", ["123456789012345678901234567890", "-9223372036854775809", "1" * 4000])
def test_integers_of_any_length_stay_exact(text: str) -> None:
    assert decode(text.encode()) == int(text)
    assert decode(f'{{"deep": [{text}]}}'.encode()) == {"deep": [int(text)]}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the body is no JSON"),
        (b"{", "the body is no JSON"),
        (b'{"a": 1,}', "the body is no JSON"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b'"\xff"', "not UTF-8: invalid start byte at byte 1"),
        (b'{"a": NaN}', "a is no finite number"),
        (b"[1, -Infinity]", r"\[1\] is no finite number"),
        (b"1e999", "the body is no finite number"),
        (b'{"a": {"b": [1e999]}}', r"a\.b\[0\] is no finite number"),
        (b"1" * 5000, "the body is no finite number"),
        (b'{"a": "\\ud800"}', "a holds a surrogate without its pair"),
        (b'"\\udc00\\ud800"', "the body holds a surrogate"),
        (b'{"\\ud800": 1}', "a key of the body holds a surrogate"),
        (b'{"a": {"\\ud800": 1}}', "a key of a holds a surrogate"),
        (b"[" * 100_000, "nested more than"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "nested more than"),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "nested more than"),
    ],
)
def test_what_is_no_json_is_a_value_error(body: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        decode(body)


def test_nesting_up_to_the_limit_is_read_and_written() -> None:
    body = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    nested = decode(body)
    assert json.dumps(nested).encode() == body
    assert (
        encode({"again": {"and": nested}}) == json.dumps({"again": {"and": nested}}).replace(" ", "").encode()
    )


def test_deep_nests_beyond_orjson_are_written_too() -> None:
    nested: Any = []
    for _ in range(300):
        nested = [nested]
    assert json.loads(encode({"nested": nested})) == {"nested": nested}


def test_pairs_of_surrogates_are_characters() -> None:
    assert decode(b'["\\ud83d\\ude00", 1e300]') == ["\U0001f600", 1e300]


def test_the_exact_reading_keeps_numbers_that_are_not_finite() -> None:
    assert exact(b"[Infinity, 1e999]") == [math.inf, math.inf]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "a boolean"),
        (1, "a number"),
        (1.5, "a number"),
        ("", "a string"),
        ([], "an array"),
        ({}, "an object"),
    ],
)
def test_kinds_are_named_as_json_names_them(value: object, name: str) -> None:
    assert kind(value) == name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        ("x" * 61, repr("x" * 57 + "...")),
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (1.5, "1.5"),
        (-7, "-7"),
        (10**18, "a number"),
        ([1], "an array"),
        ({}, "an object"),
    ],
)
def test_values_are_shown_briefly(value: object, text: str) -> None:
    assert shown(value) == text
