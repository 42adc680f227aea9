"""The JSON parsers behind the fast readings: simdjson where it is installed, and orjson.

What they give is walked through alike: objects answer how many keys they have, the keys, and the value of
each, arrays their elements. A parser may take less than JSON allows, never more.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import orjson

from mock_server.arrays import np
from mock_server.numbers import as_block

if TYPE_CHECKING:
    from numpy.typing import NDArray

R = TypeVar("R")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # simdjson skips it; JSON has none
ESCAPED_BRACKET = b"\\u005b"


class Parser(Protocol):
    """What a walk through JSON needs; `array` is the type of the arrays that a parser gives."""

    array: type[Any]

    def parse(self, text: bytes, /) -> Any:
        """Reads a text; ValueError or RuntimeError if the parser does not take it."""

    def others(self, found: Any, *but: str) -> dict[str, Any]:
        """Answers an object without some of its keys as Python's own; ValueError where it is not sure."""

    def block(self, vectors: Sequence[Any]) -> NDArray[np.float64] | None:
        """Makes a block (n, length) of n arrays that have one length, or answers None.

        They hold nothing but finite numbers, or arrays that simdjson lays out flat: see `has_other_arrays`.
        ValueError, TypeError or AttributeError where other values stand for arrays or numbers.
        """


class Simdjson:
    """simdjson: numbers come as octets, without a Python object for each."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self.array: type[Any] = module.Array

    def parse(self, text: bytes) -> Any:
        """Reads a text with a parser of its own: what that gave must be gone before it can be used again."""
        if text.startswith(BYTE_ORDER_MARK):
            raise ValueError("JSON has no byte order mark")
        return self._module.Parser().parse(text)

    def others(self, found: Any, *but: str) -> dict[str, Any]:
        """Answers an object without some of its keys; ValueError if a key comes twice, or holds a NUL."""
        keys = [*found]
        if len({*keys}) < len(keys):
            raise ValueError("a key comes twice")
        if "\0" in "".join(keys):
            raise ValueError("simdjson would look for a key only up to its NUL")
        # To go through `found.items()` would make lists of what is left out.
        return {key: self._value(found[key]) for key in keys if key not in but}

    def block(self, vectors: Sequence[Any]) -> NDArray[np.float64] | None:
        """Makes a block of arrays of numbers."""
        length = len(vectors[0]) if vectors else 0
        if not length:
            return None
        if len(vectors) == 1:
            packed = vectors[0].as_buffer(of_type="d")
        elif any(len(vector) != length for vector in vectors):
            return None
        else:
            packed = b"".join([vector.as_buffer(of_type="d") for vector in vectors])
        return np.frombuffer(packed, np.float64).reshape(len(vectors), length)

    def _value(self, value: Any) -> Any:
        if type(value) is self._module.Object:
            return value.as_dict()
        return value.as_list() if type(value) is self.array else value


class Orjson:
    """orjson, and lists; of a key that comes twice it gives the last value, as Python does."""

    array: type[Any] = list

    def parse(self, text: bytes) -> Any:
        """Reads a text."""
        return orjson.loads(text)

    def others(self, found: Mapping[str, Any], *but: str) -> dict[str, Any]:
        """Answers an object without some of its keys."""
        return {key: value for key, value in found.items() if key not in but}

    def block(self, vectors: Sequence[Any]) -> NDArray[np.float64] | None:
        """Makes a block of lists of numbers."""
        return as_block(vectors)


ORJSON: Parser = Orjson()
UNSURE = (ValueError, TypeError, LookupError, AttributeError, RuntimeError)
"""What a walk raises through a text that is no JSON, or holds other values than it should."""


@cache
def simdjson() -> ModuleType | None:
    """Imports simdjson when it is first needed; None where there is no wheel of it."""
    try:
        return importlib.import_module("simdjson")
    except ImportError:
        return None


def parsers() -> Sequence[Parser]:
    """Lists the parsers that there are, the fastest first."""
    return _with(simdjson())


@cache
def _with(module: ModuleType | None) -> Sequence[Parser]:
    return (ORJSON,) if module is None else (Simdjson(module), ORJSON)


def surely(read: Callable[[Parser], R]) -> R | None:
    """Answers what is read by the first parser that makes sure sense of a text; None if none does."""
    for parser in parsers():
        try:
            found = read(parser)
        except UNSURE:
            continue
        if found is not None:
            return found
    return None


def has_other_arrays(text: bytes, known: int, rest: Sequence[Sequence[Any]]) -> bool:
    """Tells whether a text may hold arrays beside the `known` number of those that were read as such.

    `rest` lists, as Python's own, everything else read of the text that holds arrays or strings. So arrays
    are found out that simdjson laid out flat, and those that orjson dropped because their key came twice.
    """
    others = brackets(text) - known
    if not others:
        return False
    return others != brackets(orjson.dumps(rest)) - 1 - len(rest) or has_escaped_bracket(text)


def has_escaped_bracket(text: bytes) -> bool:
    """Tells whether a bracket stands in a text as an escape."""
    # From backslash to backslash: to look for all of it would take as long as reading the text.
    place = text.find(b"\\")
    while place >= 0:
        if text[place : place + len(ESCAPED_BRACKET)].lower() == ESCAPED_BRACKET:
            return True
        place = text.find(b"\\", place + 1)
    return False


def brackets(text: bytes) -> int:
    """Counts opening brackets; where there are few in much text, this takes a tenth of bytes.count."""
    count, place = 0, text.find(b"[")
    while place >= 0:
        count += 1
        place = text.find(b"[", place + 1)
    return count
