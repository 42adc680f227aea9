"""A body cut into segments: whole elements of its one long array, which can be read apart, as they arrive.

JSON leaves no two readings of a text: where `[A]` and `[B]` are arrays, `[A,B]` is the array of the elements
of both. So a cut at any comma is right if both its sides can be read, and a wrong one, in a string or within
an element, is found out by a side that cannot.
"""

import re
from collections.abc import Iterator

SEGMENT = 384 * 1024  # bytes: read in a millisecond or so, and small enough for the processor's cache
LARGE = 2 * SEGMENT
"""The least length, in bytes, of a body that is worth cutting."""
BLANKS = b" \t\n\r"
HEAD_WITHIN = 1_024  # bytes in which the first element has to begin


class Segments:
    """Cuts a body that is an object with one field: an array of objects that all begin with the same key.

    Segments have about `size` bytes.
    """

    def __init__(self, field: str, size: int = SEGMENT) -> None:
        self._size = size
        beginning = rb'(\{\s*"[^"\\]{1,99}"\s*:)'
        parts = (b"", rb"\{", b'"%b"' % re.escape(field.encode()), b":", rb"\[", beginning)
        self._head = re.compile(rb"\s*".join(parts).replace(rb"\s", rb"[ \t\n\r]"))
        self._waiting = bytearray()
        self._beginning = b""
        self._sought = 0  # where to look on for a beginning: no octet is looked at twice
        self.failed = False

    def feed(self, octets: bytes) -> Iterator[bytes]:
        """Takes the next octets of the body, and gives the segments that are whole, as JSON arrays."""
        self._waiting += octets
        if not self._beginning and not self._begin():
            return
        while len(self._waiting) >= self._size:
            at = self._next_beginning()
            if at < 0:
                return
            end = self._before_comma(at)
            if end < 0:
                self._sought = at + 1
                continue
            yield self._array(end)
            del self._waiting[:at]
            self._sought = 0

    def close(self) -> bytes | None:
        """Gives the last segment, or None if the body is none that can be cut."""
        text = self._waiting.rstrip(BLANKS)
        inner = text[:-1].rstrip(BLANKS)
        if self.failed or not self._beginning or not text.endswith(b"}") or not inner.endswith(b"]"):
            return None
        return self._array(len(inner) - 1)

    def _begin(self) -> bool:
        found = self._head.match(self._waiting)
        if found is None:
            self.failed = self.failed or len(self._waiting) > HEAD_WITHIN
            if self.failed:
                self._waiting.clear()
            return False
        self._beginning = found[1]
        del self._waiting[: found.start(1)]
        return True

    def _next_beginning(self) -> int:
        """Finds the last beginning within the size of a segment, or else the first beyond; -1 if none."""
        at = -1 if self._sought else self._waiting.rfind(self._beginning, 1, self._size)
        if at < 0:
            at = self._waiting.find(
                self._beginning, self._sought or max(1, self._size - len(self._beginning))
            )
        if at < 0:
            self._sought = max(1, len(self._waiting) - len(self._beginning))
        return at

    def _before_comma(self, at: int) -> int:
        """Answers where the element ends whose comma stands before a place; -1 if there is no comma."""
        end = at - 1
        while end > 0 and self._waiting[end] in BLANKS:
            end -= 1
        return end if end > 0 and self._waiting[end] == ord(",") else -1

    def _array(self, end: int) -> bytes:
        with memoryview(self._waiting) as view, view[:end] as elements:
            return b"".join((b"[", elements, b"]"))
