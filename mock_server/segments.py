"""A body cut into segments: whole elements of its one long array, which can be read apart, as they arrive.

JSON leaves no two readings of a text: where `[A]` and `[B]` are arrays, `[A,B]` is the array of the elements
of both. So a cut at any comma is right if both its sides can be read, and a wrong one, in a string or within
an element, is found out by a side that cannot. The same holds of an array in the elements of the long one:
where `[{A]}]` and `[{"inner":[B}]` are arrays, `[{A,B}]` is one, whose element goes on from side to side, if
the array that A leaves open is that of `inner`, and B has no other of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

SEGMENT = 384 * 1024  # bytes: read in a millisecond or so, and small enough for the processor's cache
LARGE = 2 * SEGMENT
"""The least length, in bytes, of a body that is worth cutting."""
BLANKS = b" \t\n\r"
HEAD_WITHIN = 16_384  # bytes in which the first elements have to begin
BLANK = rb"[ \t\n\r]*"
ELEMENT = BLANK.join((rb"(\[|\{", rb'"[^"\\]{1,99}"', rb":)"))
"""How an element begins: as an array, or as an object with its first key."""


class Segment(NamedTuple):
    """A part of a body, as JSON of its own: an array of elements, or of the last one the rest of the body.

    `goes_on` tells whether its first element is the rest of the last one of the segment before, `breaks_off`
    whether its last element is cut; the array `inner` of that element is left open, if it is the last it has.
    """

    text: bytes
    goes_on: bool = False
    breaks_off: bool = False
    is_last: bool = False


class _Level(NamedTuple):
    """An array that may be cut: how its elements begin, and what makes a part of it JSON."""

    beginning: bytes
    opening: bytes
    closing: bytes


class Segments:
    """Cuts a body that is an object with a long array: of arrays, or of objects that begin with the same key.

    Where `inner` is given, an array of that name in each of the objects is cut as well. Segments have about
    `size` bytes. `fields` is what the body has before the array.
    """

    def __init__(self, field: str, inner: str = "", size: int = SEGMENT) -> None:
        self._field = field
        self._inner = inner
        self._size = size
        self._waiting = bytearray()
        self._levels: list[_Level] = []
        self._level = 0  # of the array in which the next segment begins
        self._sought = 0  # where to look on for a beginning: no octet is looked at twice
        self.fields: Mapping[str, Any] = {}
        self.failed = False

    def feed(self, octets: bytes) -> Iterator[Segment]:
        """Takes the next octets of the body, and gives the segments that are whole."""
        if self.failed:
            return
        self._waiting += octets
        if not self._levels and not self._begin():
            return
        while len(self._waiting) >= self._size:
            cut = self._next_cut()
            if cut is None:
                return
            end, at, level = cut
            yield self._segment(end, level)
            del self._waiting[:at]
            self._level = level
            self._sought = 0

    def close(self) -> Segment | None:
        """Gives the last segment, or None if the body is none that can be cut."""
        if self.failed or not self._levels:
            return None
        opening = b'{"%b":%b' % (self._field.encode(), self._levels[self._level].opening)
        return Segment(opening + self._waiting, self._level > 0, is_last=True)

    def _begin(self) -> bool:
        """Looks for the first elements; what comes before them has to be the beginning of an object."""
        head, is_whole = bytes(self._waiting[:HEAD_WITHIN]), len(self._waiting) >= HEAD_WITHIN
        for found in _array_of(self._field).finditer(head):
            fields = _fields_before(head[: found.start(1)], self._field)
            if fields is None:
                continue
            inner = None
            if self._inner and found[1] != b"[":
                inner = _array_of(self._inner).search(head, found.start(1))
                if inner is None and not is_whole:
                    return False
            self.fields = fields
            self._levels.append(_Level(found[1], b"[", b"]"))
            if inner is not None:
                self._levels.append(_Level(inner[1], b'[{"%b":[' % self._inner.encode(), b"]}]"))
            del self._waiting[: found.start(1)]
            return True
        self.failed = is_whole
        if self.failed:
            self._waiting.clear()
        return False

    def _next_cut(self) -> tuple[int, int, int] | None:
        """Finds where to cut: the end of an element, the beginning of the next, and their level."""
        waiting, innermost = self._waiting, len(self._levels) - 1
        beginning = self._levels[innermost].beginning
        at = -1 if self._sought else waiting.rfind(beginning, 1, self._size)
        while True:
            if at < 0:
                at = waiting.find(beginning, self._sought or max(1, self._size - len(beginning)))
            if at < 0:
                self._sought = max(1, len(waiting) - len(beginning))
                return None
            start = at
            for level in range(innermost, -1, -1):
                if level < innermost:
                    start = waiting.rfind(self._levels[level].beginning, max(1, at - HEAD_WITHIN), at)
                end = self._before_comma(start)
                if end > 0:
                    return end, start, level
            self._sought = at + 1
            at = -1

    def _before_comma(self, at: int) -> int:
        """Answers where the element ends whose comma stands before a place; -1 if there is no comma."""
        end = at - 1
        while end > 0 and self._waiting[end] in BLANKS:
            end -= 1
        return end if end > 0 and self._waiting[end] == ord(",") else -1

    def _segment(self, end: int, level: int) -> Segment:
        opening, closing = self._levels[self._level].opening, self._levels[level].closing
        with memoryview(self._waiting) as view, view[:end] as elements:
            return Segment(b"".join((opening, elements, closing)), self._level > 0, level > 0)


def pieces(body: bytes) -> Iterator[bytes]:
    """Cuts a body that is there as a whole into pieces, as it would arrive."""
    return (body[start : start + SEGMENT] for start in range(0, len(body), SEGMENT))


def _array_of(field: str) -> re.Pattern[bytes]:
    """Spells where the first element of a field's array begins."""
    return re.compile(BLANK.join((b'"%b"' % re.escape(field.encode()), b":", rb"\[", ELEMENT)))


def _fields_before(head: bytes, field: str) -> Mapping[str, Any] | None:
    """Reads what an object has before a field whose array has just begun; None if it is none."""
    try:
        document: dict[str, Any] = orjson.loads(head + b"]}")
    except ValueError:
        return None
    # The object that ends here is the whole text, or that would be no JSON.
    del document[field]
    return document
