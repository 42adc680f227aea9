"""Seeding: fills a world with many items in one call, the same ones every time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mock_server.arrays import np
from mock_server.payload import kind
from mock_server.refusal import Refused

if TYPE_CHECKING:
    from numpy.typing import NDArray

REQUEST = "mock.request"
FULL = "mock.full"
"""What a seed breaks that asks for more items than there is room for."""
BLOCK = 8_192  # items made at a time, so that memory stays within a few blocks
MOST_ITEMS = 10_000_000
MOST_NUMBERS = 65_536  # of one vector


def blocks(items: int, dimension: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Makes `items` vectors block by block: the place of the first, and rows (n, dimension) of length 1."""
    random = np.random.default_rng(dimension)
    for first in range(0, items, BLOCK):
        rows = random.random((min(BLOCK, items - first), dimension), np.float32)
        rows -= np.float32(0.5)
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        rows /= np.maximum(lengths, np.finfo(np.float32).tiny)[:, np.newaxis]
        yield first, rows


def known(asked: Mapping[str, Any], *names: str) -> None:
    """Refuses fields other than those named."""
    for name in asked:
        if name not in ("service", *names):
            raise Refused(REQUEST, f"no field {name!r} here: expected {' or '.join(('service', *names))}")


def integer(asked: Mapping[str, Any], name: str, most: int, usual: int | None = None) -> int:
    """Answers a field that is an integer from 1; one without a usual value is needed."""
    value = usual if asked.get(name) is None else asked[name]
    if type(value) is not int or not 0 < value <= most:
        raise Refused(REQUEST, f"{name}: expected an integer from 1 to {most}, got {_said(value)}")
    return value


def text(asked: Mapping[str, Any], name: str, usual: str | None = None) -> str:
    """Answers a field that is a string with something in it; one without a usual value is needed."""
    value = usual if asked.get(name) is None else asked[name]
    if not isinstance(value, str) or not value:
        raise Refused(REQUEST, f"{name}: expected a string that is not empty, got {_said(value)}")
    return value


def _said(value: object) -> str:
    return (
        "nothing" if value is None else repr(value) if isinstance(value, str | int | float) else kind(value)
    )
