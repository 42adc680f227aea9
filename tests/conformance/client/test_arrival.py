"""Arrival: what counts as the same, and where the first difference is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.client.arrival import difference, respelled_integers
from conformance.client.heard import Number

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(value=values)
def test_what_went_through_json_is_the_same(value: Any) -> None:
    assert not difference(value, json.loads(json.dumps(value)))


@pytest.mark.parametrize(
    ("given_", "came"),
    [
        (1, 1.0),
        (1.0, 1),
        (0.0, -0.0),
        (1e20, 10**20),
        (1.2345678901234568e20, 123456789012345680000),
        ({}, {}),
    ],
)
def test_other_spellings_are_the_same(given_: Any, came: Any) -> None:
    assert not difference(given_, came)


@pytest.mark.parametrize(
    ("given_", "came", "where"),
    [
        (0.1, 0.10000000149011612, "$: 0.1 was given, 0.10000000149011612 came"),
        (2**53 + 1, float(2**53), "$: 9007199254740993 was given, 9007199254740992.0 came"),
        (1, True, "$: 1 was given, True came"),
        (False, 0, "$: False was given, 0 came"),
        (1.5, 10**400, f"$: 1.5 was given, {10**400} came"),
        ("e\u0301", "\xe9", "$: 'e\u0301' was given, '\xe9' came"),
        ([1, 2], [1], "$: 2 entries were given, 1 came"),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "$.a[0].b: 1 was given, 2 came"),
        ({"a": 1}, {}, "$: no 'a'"),
        ({}, {"a": 1}, "$: a 'a' that was not given"),
        ({"a": 1}, None, "$: {'a': 1} was given, None came"),
    ],
)
def test_the_first_difference_is_told(given_: Any, came: Any, where: str) -> None:
    assert difference(given_, came) == where


def test_more_may_come_where_that_is_said() -> None:
    assert not difference({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}], "d": 3}, more=True)
    assert difference({"a": [1]}, {"a": [1, 2], "d": 3}, more=True) == "$.a: 1 entries were given, 2 came"


def test_integers_that_came_as_something_else_are_found() -> None:
    given_ = {"a": 1, "b": [2, {"c": 3}], "d": True, "e": 1.5, "f": 7, "g": [1]}
    text = '{"a": 1.0, "b": [2, {"c": 3e0}], "d": true, "e": 1.5, "f": "7", "g": {}}'
    spelled = json.loads(text, parse_float=Number, parse_int=Number)
    assert sorted(respelled_integers(given_, spelled)) == [
        "$.a: the integer 1 came as 1.0",
        "$.b[1].c: the integer 3 came as 3e0",
        "$.f: the integer 7 came as 7",
    ]
