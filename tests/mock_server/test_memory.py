"""Memory is given back when a server is idle, once."""

import asyncio
import ctypes

import pytest

from mock_server import memory
from mock_server.memory import Housekeeping, trimmer


def test_memory_is_given_back_once_after_each_stretch_of_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    trims: list[int] = []
    counts = iter([0, 0, 5, 9, 9, 9, 10, 10])
    monkeypatch.setattr(memory, "trimmer", lambda: trims.append)
    housekeeping = Housekeeping(lambda: next(counts))
    told = []
    for _ in range(8):
        asyncio.run(housekeeping.look())
        told.append(len(trims))
    assert told == [0, 0, 0, 0, 1, 1, 1, 2]


def test_where_there_is_nothing_to_give_back_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise OSError

    monkeypatch.setattr(ctypes, "CDLL", missing)
    trimmer.cache_clear()
    try:
        assert trimmer() is None
        counts = iter([1, 1])
        housekeeping = Housekeeping(lambda: next(counts))
        asyncio.run(housekeeping.look())
        asyncio.run(housekeeping.look())
    finally:
        trimmer.cache_clear()
