"""Vectors straight out of JSON: the numbers of many items become one block, without a list of each.

simdjson does it where it is installed, orjson elsewhere. Both accept only what is surely valid; whatever they
are not sure of is left to the exact reading.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import orjson

from mock_server.arrays import np
from mock_server.numbers import as_block
from mock_server.payload import MAX_DEPTH, NONE, plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

ITEM_DEPTH = 2  # an item lies in an array that lies in the body
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # simdjson skips it; JSON has none
ESCAPED_BRACKET = b"\\u005b"


@dataclass(slots=True)
class Items:
    """Items of an upload: n ids, n mappings of metadata, finite numbers (n, length)."""

    ids: Sequence[str]
    metadata: Sequence[Mapping[str, Any]]
    numbers: NDArray[np.float64]


@cache
def simdjson() -> ModuleType | None:
    """Imports simdjson when it is first needed; None where there is no wheel of it."""
    try:
        return importlib.import_module("simdjson")
    except ImportError:
        return None


def read_items(text: bytes, field: str = "") -> Items | None:
    """Reads an array of items, or an object whose only field is that array, if it is surely valid.

    Every item has an id and a vector, and all vectors one length, of at least 1.
    """
    return _by_simdjson(text, field) or _by_orjson(text, field)


def read_rows(text: bytes, field: str) -> tuple[Mapping[str, Any], NDArray[np.float64]] | None:
    """Reads an object with rows of numbers under a field: its other fields, and the rows (n, length).

    It does so if that is surely valid, all rows have one length, of at least 1, and simdjson is there.
    """
    reader = simdjson()
    if reader is None or text.startswith(BYTE_ORDER_MARK):
        return None
    try:
        document = reader.Parser().parse(text)
        keys = [*document.keys()]
        rows = document[field]
        lengths = {len(row) for row in rows}
        numbers = np.frombuffer(rows.as_buffer(of_type="d"), np.float64)
        count = len(rows)
        fields = {key: _value(reader, value) for key, value in document.items() if key != field}
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        return None
    if len({*keys}) < len(keys) or len(lengths) != 1 or not plain(fields, MAX_DEPTH):
        return None
    (length,) = lengths
    others = _brackets(text) - count - 1
    if not length or len(numbers) != count * length or others != _brackets(orjson.dumps(fields)):
        return None
    if others and _has_escaped_bracket(text):
        return None
    return fields, numbers.reshape(count, length)


def _by_simdjson(text: bytes, field: str) -> Items | None:
    reader = simdjson()
    if reader is None or text.startswith(BYTE_ORDER_MARK):
        return None
    ids: list[str] = []
    metadata: list[Mapping[str, Any]] = []
    blocks: list[Any] = []
    length = 0
    try:
        # A parser of its own: what it gave must be gone before a parser can be used again.
        elements = reader.Parser().parse(text)
        if field:
            if [*elements.keys()] != [field]:
                return None
            elements = elements[field]
        for item in elements:
            keys = [*item.keys()]
            item_id, vector = item["id"], item["vector"]
            if type(item_id) is not str or not item_id or (ids and len(vector) != length):
                return None
            ids.append(item_id)
            length = len(vector)
            blocks.append(vector.as_buffer(of_type="d"))
            metadata.append(NONE if len(keys) == 2 else _metadata(reader, item, keys))
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        return None
    if not length or not _vectors_are_flat(text, ids, metadata):
        return None
    packed = blocks[0] if len(blocks) == 1 else b"".join(blocks)
    return Items(ids, metadata, np.frombuffer(packed, np.float64).reshape(len(ids), length))


def _metadata(reader: ModuleType, item: Any, keys: Sequence[str]) -> Mapping[str, Any]:
    """Reads what an item holds beside id and vector; ValueError if it is not surely what it seems."""
    if len({*keys}) < len(keys):
        raise ValueError("a key comes twice")
    if "\0" in "".join(keys):
        raise ValueError("simdjson would look for a key only up to its NUL")
    # To go through `item.items()` would make a list of the vector.
    metadata = {key: _value(reader, item[key]) for key in keys if key not in ("id", "vector")}
    if not plain(metadata, MAX_DEPTH - ITEM_DEPTH):
        raise ValueError("too deep, or a number that may have been rounded")
    return metadata


def _value(reader: ModuleType, value: Any) -> Any:
    """Answers a value from simdjson as Python's own."""
    if type(value) is reader.Object:
        return value.as_dict()
    return value.as_list() if type(value) is reader.Array else value


def _vectors_are_flat(text: bytes, ids: Sequence[str], metadata: Sequence[Mapping[str, Any]]) -> bool:
    """Tells whether no vector holds an array, which simdjson would have laid out flat.

    That is so if the text has one opening bracket for each vector and one for the array of the items, beside
    those that ids and metadata have.
    """
    others = _brackets(text) - len(ids) - 1
    if not others:
        return True
    written = orjson.dumps([ids, metadata])
    return others == _brackets(written) - 3 and not _has_escaped_bracket(text)


def _has_escaped_bracket(text: bytes) -> bool:
    """Tells whether a bracket stands in a text as an escape."""
    # From backslash to backslash: to look for all of it would take as long as reading the text.
    place = text.find(b"\\")
    while place >= 0:
        if text[place : place + len(ESCAPED_BRACKET)].lower() == ESCAPED_BRACKET:
            return True
        place = text.find(b"\\", place + 1)
    return False


def _brackets(text: bytes) -> int:
    """Counts opening brackets; where there are few in much text, this takes a tenth of bytes.count."""
    count, place = 0, text.find(b"[")
    while place >= 0:
        count += 1
        place = text.find(b"[", place + 1)
    return count


def _by_orjson(text: bytes, field: str) -> Items | None:
    try:
        elements = orjson.loads(text)
    except ValueError:
        return None
    if field:
        if type(elements) is not dict or elements.keys() != {field}:
            return None
        elements = elements[field]
    if type(elements) is not list:
        return None
    ids: list[str] = []
    metadata: list[Mapping[str, Any]] = []
    vectors: list[Any] = []
    for item in elements:
        if type(item) is not dict:
            return None
        item_id, vector = item.pop("id", None), item.pop("vector", None)
        if type(item_id) is not str or not item_id:
            return None
        if item and not plain(item, MAX_DEPTH - ITEM_DEPTH):
            return None
        ids.append(item_id)
        vectors.append(vector)
        metadata.append({**item} if item else NONE)
    numbers = as_block(vectors)
    return None if numbers is None else Items(ids, metadata, numbers)
