"""Vectors straight out of JSON, by either decoder."""

import json
from collections.abc import Iterator

import numpy as np
import pytest

from mock_server import parsers
from mock_server.decoder import read_items
from mock_server.payload import NONE


@pytest.fixture(params=["simdjson", "orjson"], autouse=True)
def decoded_by(request: pytest.FixtureRequest) -> Iterator[None]:
    """Runs every test with the fast decoder, and with what stands in where it is missing."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "orjson":
            patch.setattr(parsers, "simdjson", lambda: None)
        yield


@pytest.mark.parametrize(("text", "field"), [(b"[%b]", ""), (b'{"vectors": [%b]}', "vectors")])
def test_items_are_ids_metadata_and_numbers(text: bytes, field: str) -> None:
    items = read_items(
        text % b'{"id": "a", "vector": [1, 2.5]}, {"n": [1], "vector": [-3, 0], "id": "b"}', field
    )
    assert items is not None
    assert items.ids == ["a", "b"]
    assert items.metadata == [{}, {"n": [1]}]
    assert items.metadata[0] is NONE
    assert items.numbers.dtype == np.float64
    assert items.numbers.tolist() == [[1.0, 2.5], [-3.0, 0.0]]


@pytest.mark.parametrize(
    "number",
    ["0", "-0", "-0.0", "5e-324", "2.2250738585072011e-308", "1e-400", "1E5", "1e+2", "9007199254740993",
     "-9223372036854775808", "18446744073709551615", "18446744073709551616", "1" + "0" * 300, "0.1", "1e39",
     "1.7976931348623157e308", "16777217", "33554433.0", "0.500000029802322387695312500"],
)  # fmt: skip
def test_a_number_of_any_spelling_is_the_nearest_64_bit_float(number: str) -> None:
    items = read_items(f'[{{"id": "a", "vector": [1, {number}]}}]'.encode())
    assert items is not None
    assert items.numbers[0, 1] == float(number)


@pytest.mark.parametrize(
    "vector",
    ["1", "null", '"1"', "{}", "[]", "[true]", "[1, false]", "[null]", '["1"]', "[[1]]", "[[], 1, [2]]",
     "[{}]", "[NaN]", "[1e400]", "[-Infinity]", "[01]", "[1,]", "[1" + "0" * 400 + "]"],
)  # fmt: skip
def test_what_is_no_vector_of_finite_numbers_is_not_read(vector: str) -> None:
    assert read_items(f'[{{"id": "a", "vector": {vector}}}]'.encode()) is None
    assert read_items(f'[{{"id": "b", "vector": [1]}}, {{"id": "a", "vector": {vector}}}]'.encode()) is None


@pytest.mark.parametrize(
    "text",
    ['[{"id": "[", "vector": [[1], 2]}]', '[{"id": "\\u005b", "vector": [[], 1]}]',
     '[{"id": "a", "vector": [[1], [2]], "m": "\\u005B\\u005b"}]',
     '[{"id": "a", "vector": [[1], 2], "m": []}]'],
)  # fmt: skip
def test_no_bracket_elsewhere_hides_one_in_a_vector(text: str) -> None:
    assert read_items(text.encode()) is None


@pytest.mark.parametrize(
    "metadata",
    [
        {"tags": ["a", ["b"]]},
        {"[": "[[["},
        {"a": {"b": [{}, {"c": [None, True, 1.5]}]}},
        {"\u005b": 2**63 - 1},
        {"/m": 1, "": 2, "m\0n": 3, "m": 4},
    ],
)
def test_metadata_may_have_brackets_and_keys_of_any_kind(metadata: dict[str, object]) -> None:
    items = read_items(json.dumps([{"id": "a[", "vector": [1], **metadata}]).encode())
    assert items is not None
    assert items.metadata == [metadata]


@pytest.mark.parametrize(
    "text",
    ["", "{}", "1", "[]", "[1]", "[[]]", '[{"id": "a"}]', '[{"vector": [1]}]', '[{"id": "", "vector": [1]}]',
     '[{"id": 1, "vector": [1]}]', '[{"id": "a", "vector": [1]}, {"id": "b", "vector": [1, 2]}]',
     '[{"id": "\\ud800", "vector": [1]}]', '[{"id": "a", "vector": [1], "m": 1e300}]',
     '[{"id": "a", "vector": [1]}] x', '\ufeff[{"id": "a", "vector": [1]}]'],
)  # fmt: skip
def test_what_is_not_surely_valid_is_not_read(text: str) -> None:
    assert read_items(text.encode()) is None


@pytest.mark.parametrize(
    "text", ["[]", "1", '{"vectors": [], "more": 1}', '{"vectors": 1}', '{"vectors": {}}', "{}"]
)
def test_an_object_with_other_fields_is_not_read(text: str) -> None:
    assert read_items(text.encode(), "vectors") is None


def test_an_array_that_comes_twice_is_not_read() -> None:
    """Its first part may have been read as a segment of its own."""
    text = b'{"vectors": [{"id": "a", "vector": [1]}], "vectors": [{"id": "b", "vector": [2]}]}'
    assert read_items(text, "vectors") is None


def test_a_repeated_key_is_the_last_one_or_not_read() -> None:
    for text in (
        '[{"id": "a", "vector": [1], "id": "b"}]',
        '[{"id": "a", "vector": [1], "vector": [2]}]',
        '[{"id": "a", "vector": [1], "m": 1, "m": {"n": 1, "n": 2}}]',
    ):
        items = read_items(text.encode())
        if items is not None:
            (last,) = json.loads(text)
            assert [items.ids[0], items.numbers.tolist()] == [last.pop("id"), [last.pop("vector")]]
            assert items.metadata == [last]
