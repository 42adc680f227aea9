"""Fills the fields of a schema from stored texts, where these say what a field's value is.

A text says it in its metadata, under the field's name, or in a line such as `field: value`. Names are
compared without case, and blanks, - and _ do not count in them. What is no value of the type that the schema
asks for is none.
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mock_server.moorcheh.store import Item
from mock_server.numbers import NUMBERS
from mock_server.payload import decode

LINE = re.compile(r"^\W*([^:\n]{1,100}):[ \t]*(.+)$", re.MULTILINE)
TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) in NUMBERS,
    "boolean": lambda value: type(value) is bool,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def filled(schema: Mapping[str, Any], items: Sequence[Item]) -> dict[str, Any]:
    """Answers a value for each property of a schema, from the first item that has one, else null."""
    properties = schema.get("properties")
    return {
        name: next(_values(name, asked.get("type") if isinstance(asked, dict) else None, items), None)
        for name, asked in (properties.items() if isinstance(properties, dict) else ())
    }


def _values(name: str, wanted: object, items: Sequence[Item]) -> Iterator[Any]:
    for item in items:
        for key, value in item.metadata.items():
            if _alike(key, name) and _fits(value, wanted):
                yield value
        for key, text in LINE.findall(item.text or ""):
            if _alike(key, name):
                yield from (value for value in _readings(text.strip()) if _fits(value, wanted))


def _alike(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).casefold()


def _fits(value: Any, wanted: object) -> bool:
    kinds = [kind for kind in (wanted if isinstance(wanted, list) else [wanted]) if isinstance(kind, str)]
    return not kinds or any(kind in TYPES and TYPES[kind](value) for kind in kinds)


def _readings(text: str) -> Iterator[Any]:
    """Reads a text as it stands, as JSON, and as values parted by commas."""
    yield text
    with contextlib.suppress(ValueError):
        yield decode((text.lower() if text.lower() in ("true", "false") else text).encode())
    yield [piece.strip() for piece in text.split(",")]
