"""Cuts a text into chunks that overlap, and sums up a hundred of them at a time."""

import re
from collections.abc import Sequence

from mock_server.moorcheh.sentences import sentences

SIZE = 1_000  # characters of a chunk, at most
OVERLAP = 200  # characters that a chunk has in common with the one before it, at most
BREAKS: Sequence[re.Pattern[str]] = (
    re.compile(r"\n\s*\n"),
    re.compile(r"[.!?…]\s|[。！？।\n]"),
    re.compile(r"\s"),
)
"""Where a chunk had best end, the best first: a paragraph, a sentence or line, a word."""
SUMMED_UP = 100  # chunks
SAMPLES = 5  # chunks whose first sentences make a summary


def chunks(text: str) -> list[str]:
    """Cuts a text into chunks, without the blanks around them."""
    found = []
    start = 0
    while start < len(text):
        end = _end(text, start)
        found.append(text[start:end].strip())
        if end == len(text):
            break
        start = _next(text, start, end)
    return [chunk for chunk in found if chunk]


def summaries(pieces: Sequence[str]) -> list[str]:
    """Sums up each hundred chunks begun: the first sentences of some of them, evenly spaced."""
    return [_summary(pieces[first : first + SUMMED_UP]) for first in range(0, len(pieces), SUMMED_UP)]


def _end(text: str, start: int) -> int:
    limit = start + SIZE
    if limit >= len(text):
        return len(text)
    for pattern in BREAKS:
        breaks = [found.end() for found in pattern.finditer(text, start + SIZE // 2, limit)]
        if breaks:
            return breaks[-1]
    return limit


def _next(text: str, start: int, end: int) -> int:
    blank = BREAKS[-1].search(text, max(start + 1, end - OVERLAP), end)
    return end - OVERLAP if blank is None else blank.end()


def _summary(pieces: Sequence[str]) -> str:
    step = max(1, len(pieces) // SAMPLES)
    return " ".join(sentences(piece)[0] for piece in pieces[::step][:SAMPLES])
