"""The parsers of the fast readings, which are walked through alike."""

import sys

import pytest

from mock_server import parsers
from mock_server.parsers import Orjson, Parser, Simdjson, has_other_arrays

import_simdjson = parsers.simdjson.__wrapped__
EVERY = [*parsers.parsers()]


def test_without_a_wheel_there_is_no_fast_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "simdjson", None)
    assert import_simdjson() is None
    monkeypatch.setattr(parsers, "simdjson", import_simdjson)
    assert [type(parser) for parser in parsers.parsers()] == [Orjson]


def test_the_fastest_comes_first() -> None:
    pytest.importorskip("simdjson")
    assert [type(parser) for parser in parsers.parsers()] == [Simdjson, Orjson]


@pytest.mark.parametrize("parser", EVERY)
def test_what_parsers_give_is_walked_through_alike(parser: Parser) -> None:
    found = parser.parse(b'{"a": [1, [2]], "b": {"c": null}, "d\\u00e9": "e", "f": 2.5, "g": true}')
    assert (len(found), [*found]) == (5, ["a", "b", "d\u00e9", "f", "g"])
    assert type(found["a"]) is parser.array
    assert (len(found["a"]), found["a"][0]) == (2, 1)
    assert parser.others(found, "f", "g") == {"a": [1, [2]], "b": {"c": None}, "d\u00e9": "e"}


@pytest.mark.parametrize("parser", EVERY)
@pytest.mark.parametrize(
    "text",
    ["", "[", "[1,]", "[NaN]", "[01]", '["\\ud800"]', '["\n"]', "[1] x", "\ufeff[1]", "[1e400]"],
)
def test_what_is_no_json_is_not_taken(parser: Parser, text: str) -> None:
    with pytest.raises((ValueError, RuntimeError)):
        parser.parse(text.encode())


@pytest.mark.parametrize("parser", EVERY)
@pytest.mark.parametrize(
    "number",
    ["0", "-0.0", "5e-324", "1e-400", "1E5", "9007199254740993", "-9223372036854775808",
     "18446744073709551615", "0.1", "1.7976931348623157e308", "0.500000029802322387695312500"],
)  # fmt: skip
def test_a_block_holds_the_nearest_64_bit_floats(parser: Parser, number: str) -> None:
    block = parser.block([*parser.parse(f"[[1, {number}], [2, 3]]".encode())])
    assert block is not None
    assert block.tolist() == [[1.0, float(number)], [2.0, 3.0]]


@pytest.mark.parametrize("parser", EVERY)
@pytest.mark.parametrize("text", ["[]", "[[]]", "[[1], [1, 2]]", "[[1, 2], []]"])
def test_arrays_of_different_length_or_none_make_no_block(parser: Parser, text: str) -> None:
    assert parser.block([*parser.parse(text.encode())]) is None


@pytest.mark.parametrize("parser", EVERY)
@pytest.mark.parametrize(
    "text", ["[1]", '["12"]', "[null]", "[{}]", '[{"a": 1}]', "[[true]]", "[[null]]", '[["1"]]', "[[{}]]"]
)
def test_other_values_make_no_block(parser: Parser, text: str) -> None:
    try:
        block = parser.block([*parser.parse(text.encode())])
    except (TypeError, AttributeError):
        block = None
    assert block is None


def test_simdjson_is_not_asked_for_what_it_is_not_sure_of() -> None:
    parser = Simdjson(pytest.importorskip("simdjson"))
    with pytest.raises(ValueError, match="comes twice"):
        parser.others(parser.parse(b'{"a": 1, "a": 2}'), "b")
    with pytest.raises(ValueError, match="NUL"):
        parser.others(parser.parse(b'{"a": 1, "a\\u0000b": 2}'), "b")


@pytest.mark.parametrize(
    ("text", "strings", "expected"),
    [
        (b"[[1], [2]]", [], False),
        (b"[[1], [[2]]]", [], True),
        (b'[[1], ["["]]', ["["], False),
        (b'[[1], ["[", [2]]]', ["["], True),
        (b'[[1], ["\\u005b", [2]]]', ["["], True),
        (b'[[1], ["\\u005B"]]', ["["], False),
        (b'[[1], ["\\n["]]', ["\n["], False),
    ],
)
def test_arrays_are_counted_beside_those_known(text: bytes, strings: list[str], expected: bool) -> None:
    assert has_other_arrays(text, 3, [strings]) is expected
