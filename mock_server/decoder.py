"""Vectors straight out of JSON: the numbers of many items become one block, without a list of each.

simdjson does it where it is installed, orjson elsewhere. Both accept only what is surely valid; whatever they
are not sure of is left to the exact reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import orjson

from mock_server.arrays import np
from mock_server.numbers import as_block
from mock_server.parsers import BYTE_ORDER_MARK, has_other_arrays, simdjson
from mock_server.payload import MAX_DEPTH, NONE, plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

ITEM_DEPTH = 2  # an item lies in an array that lies in the body


@dataclass(slots=True)
class Items:
    """Items of an upload: n ids, n mappings of metadata, finite numbers (n, length)."""

    ids: Sequence[str]
    metadata: Sequence[Mapping[str, Any]]
    numbers: NDArray[np.float64]


def read_items(text: bytes, field: str = "") -> Items | None:
    """Reads an array of items, or an object whose only field is that array, if it is surely valid.

    Every item has an id and a vector, and all vectors one length, of at least 1.
    """
    return _by_simdjson(text, field) or _by_orjson(text, field)


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
    if not length or has_other_arrays(text, 1 + len(ids), (ids, metadata)):
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
    if numbers is None or (field and has_other_arrays(text, 1 + len(ids), (ids, metadata))):
        return None
    return Items(ids, metadata, numbers)
