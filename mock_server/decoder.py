"""Vectors straight out of JSON: the numbers of many items become one block, without a list of each.

Only what is surely valid is read; all else is left to the exact reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mock_server.parsers import Parser, has_other_arrays, surely
from mock_server.payload import MAX_DEPTH, NONE, plain

if TYPE_CHECKING:
    import numpy as np
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
    return surely(lambda parser: _read(parser, text, field))


def _read(parser: Parser, text: bytes, field: str) -> Items | None:
    elements = parser.parse(text)
    if field:
        if len(elements) != 1:
            return None
        elements = elements[field]
    if type(elements) is not parser.array:
        return None
    ids: list[str] = []
    metadata: list[Mapping[str, Any]] = []
    vectors: list[Any] = []
    for item in elements:
        item_id = item["id"]
        if type(item_id) is not str or not item_id:
            return None
        ids.append(item_id)
        vectors.append(item["vector"])
        if len(item) == 2:
            metadata.append(NONE)
        else:
            others = parser.others(item, "id", "vector")
            if not plain(others, MAX_DEPTH - ITEM_DEPTH):
                return None
            metadata.append(others)
    numbers = parser.block(vectors)
    if numbers is None or has_other_arrays(text, 1 + len(ids), (ids, metadata)):
        return None
    return Items(ids, metadata, numbers)
