"""Filling a schema from texts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.moorcheh.answers.structure import filled
from mock_server.moorcheh.store import Item


def items(*texts: str, **metadata: Any) -> list[Item]:
    return [Item(metadata, text, 0, 0.0, False) for text in texts]


TEXT = """A turtle
* First name: Tessa
- Weight (kg): 12.5
Legs: 4
swims : TRUE
Likes: figs, plums ,lettuce
Home: {"island": "Aldabra"}
Web: https://turtles.example:80/x
Empty:
"""


@pytest.mark.parametrize(
    ("name", "schema", "value"),
    [
        ("first_name", {"type": "string"}, "Tessa"),
        ("firstName", {"type": "string"}, "Tessa"),
        ("legs", {"type": "integer"}, 4),
        ("legs", {"type": "number"}, 4),
        ("legs", {"type": "string"}, "4"),
        ("legs", {}, "4"),
        ("legs", True, "4"),
        ("legs", {"type": "unheard of"}, None),
        ("legs", {"type": ["integer", "null"]}, 4),
        ("weight (kg)", {"type": "number"}, 12.5),
        ("weight (kg)", {"type": "integer"}, None),
        ("swims", {"type": "boolean"}, True),
        ("likes", {"type": "array"}, ["figs", "plums", "lettuce"]),
        ("home", {"type": "object"}, {"island": "Aldabra"}),
        ("web", {"type": "string"}, "https://turtles.example:80/x"),
        ("empty", {"type": "string"}, None),
        ("absent", {"type": "string"}, None),
    ],
)
def test_a_line_says_a_fields_value(name: str, schema: Any, value: Any) -> None:
    assert filled({"properties": {name: schema}}, items(TEXT)) == {name: value}


def test_metadata_says_it_first_if_it_fits() -> None:
    found = items(TEXT, legs=5, Home="here", swims=None)
    schema = {
        name: {"type": kind} for name, kind in (("legs", "integer"), ("home", "object"), ("swims", "boolean"))
    }
    assert filled({"properties": schema}, found) == {"legs": 5, "home": {"island": "Aldabra"}, "swims": True}


def test_the_nearest_item_that_says_it_counts() -> None:
    assert filled(
        {"properties": {"legs": {"type": "integer"}}}, items("Legs: none", "Legs: 2", "Legs: 6")
    ) == {"legs": 2}


def test_a_schema_without_properties_has_no_fields() -> None:
    assert filled({}, items(TEXT)) == filled({"properties": []}, items(TEXT)) == {}


def test_an_item_without_text_says_nothing() -> None:
    assert filled({"properties": {"a": {}}}, [Item({}, None, 0, 0.0, False)]) == {"a": None}


@given(st.text(), st.sampled_from(["string", "integer", "number", "boolean", "array", "object"]))
def test_any_line_is_read_or_left(value: str, kind: str) -> None:
    found = filled({"properties": {"key": {"type": kind}}}, items(f"key: {value}"))["key"]
    assert found is None or type(found).__name__ in (
        {"string": "str", "integer": "int", "boolean": "bool", "array": "list", "object": "dict"}.get(kind),
        *(("int", "float") if kind == "number" else ()),
    )
