"""An embedder: the function that turns texts into directions, and what it does not take."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mock_server.arrays import np
from mock_server.deferral import Later

if TYPE_CHECKING:
    from mock_server.vectors import Directions, directions
else:
    directions = Later("mock_server.vectors", "directions")

MAX_TEXT = 32_768  # characters
MODEL, DIMENSION = "hashed-ngrams", 512
"""The server's own embedder, `mock_server.moorcheh.embedding`: its name, and its number of buckets."""
PROBE = "how long is a vector?"

Embed = Callable[[list[str]], Any]
"""Embeds n texts: answers n rows of numbers of one length, or raises what it likes."""


class Embedder:
    """Embeds texts one batch at a time, and says of each text it cannot embed why not.

    `function` is tried out on one text, so that a useless one is found at once: ValueError says what is wrong
    with it; one that is known to work is given with its `dimension` instead. `name` is what the server calls
    it. Texts of more than `max_text` characters are not shown to it.
    """

    def __init__(self, function: Embed, max_text: int = MAX_TEXT, name: str = "", dimension: int = 0) -> None:
        self._function = function
        self.max_text = max_text
        self.name = name or _name(function)
        self.dimension = dimension
        if dimension:
            return
        try:
            rows = self._rows([PROBE])
        except Exception as error:  # noqa: BLE001  # the function is the user's: it may raise anything
            raise ValueError(f"the embedder {self.name} cannot be used: {reason(error)}") from None
        self.dimension = rows.shape[1]

    def embed(self, texts: Sequence[str]) -> tuple[Directions, Mapping[int, str]]:
        """Embeds n texts: float32 (n, dimension), and by place why a text has no more than a row of zeros."""
        faults = {
            place: f"the text has {len(text)} characters, at most {self.max_text} are embedded"
            for place, text in enumerate(texts)
            if len(text) > self.max_text
        }
        block = np.zeros((len(texts), self.dimension), np.float32)
        places = [place for place in range(len(texts)) if place not in faults]
        try:
            if places:
                block[places] = self._rows([texts[place] for place in places])
        except Exception:  # noqa: BLE001  # the function is the user's: it may raise anything
            for place in places:
                try:
                    block[place] = self._rows([texts[place]])[0]
                except Exception as error:  # noqa: BLE001  # the same
                    faults[place] = f"the embedder refuses the text: {reason(error)}"
        return block, faults

    def _rows(self, texts: list[str]) -> Directions:
        rows = np.asarray(self._function(texts), np.float64)
        if rows.ndim != 2 or len(rows) != len(texts) or not rows.shape[1]:
            raise ValueError(f"it answers {rows.shape} for {len(texts)} texts, not a row for each")
        if rows.shape[1] != (self.dimension or rows.shape[1]):
            raise ValueError(f"it answers vectors of {rows.shape[1]} numbers, of {self.dimension} before")
        if not np.isfinite(rows).all():
            raise ValueError("it answers numbers that are not finite")
        return directions(rows)


def load(text: str) -> Embed:
    """Imports the function that `module:function` names; ValueError says why there is none.

    Modules of the current folder are found, too.
    """
    module_name, _, name = text.partition(":")
    if not module_name or not name:
        raise ValueError(f"--embedder {text}: expected module:function")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        function: Embed | None = getattr(importlib.import_module(module_name), name, None)
    except Exception as error:  # noqa: BLE001  # a module that is imported may raise anything
        raise ValueError(f"--embedder {text}: {reason(error)}") from None
    if not callable(function):
        raise ValueError(f"--embedder {text}: module {module_name!r} has no function {name!r}")
    return function


def reason(error: Exception) -> str:
    """Words an error in one line."""
    return " ".join(str(error).split()) or type(error).__name__


def _name(function: Embed) -> str:
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}:{named.__qualname__}"
