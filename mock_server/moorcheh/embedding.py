"""Text as a direction, without a model: hashed words and character n-grams.

The scheme: text is normalised (NFKC) and case-folded. Its features are each word (a run of letters, digits
and underscores), and the runs of two to four characters in every whitespace-separated token, the token
wrapped in blanks so that beginnings and endings differ from middles. A feature's weight is 1 + ln(count),
times 1 for a word and 0.3 for a run of characters. The 64-bit blake2b digest of a feature's kind and text
is read as four 16-bit numbers: each picks a bucket by its low bits and a sign by its highest, so that no
single collision weighs much. The sum, scaled to length 1, is the embedding. Texts that share words point
the same way, near-duplicates almost coincide, unrelated texts are close to perpendicular, and every machine
agrees.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeAlias

from mock_server.arrays import np
from mock_server.embedder import DIMENSION
from mock_server.vectors import Directions, directions

if TYPE_CHECKING:
    from numpy.typing import NDArray

RUNS = (2, 3, 4)  # characters
RUN_WEIGHT = 0.3
WORD = re.compile(r"\w+")
DIGEST_SIZE = 8  # bytes
LONGEST_KEPT = 32  # characters of a token whose digests are kept for the next text
Digests: TypeAlias = "NDArray[np.uint64]"


def embed(texts: Sequence[str]) -> Directions:
    """Embeds n texts: float32 (n, 512), each row of length 1, or of zeros for a blank text."""
    sums = np.zeros((len(texts), DIMENSION), np.float64)
    for row, text in zip(sums, texts, strict=True):
        words, runs = features(text)
        _add(row, words, 1.0)
        _add(row, runs, RUN_WEIGHT)
    return directions(sums)


def features(text: str) -> tuple[Digests, Digests]:
    """Answers the digests of a text's words and of its runs of characters, each as often as it occurs."""
    words, runs = [], []
    for token in unicodedata.normalize("NFKC", text).casefold().split():
        of_words, of_runs = _kept(token) if len(token) <= LONGEST_KEPT else _digests(token)
        words.append(of_words)
        runs.append(of_runs)
    return np.frombuffer(b"".join(words), "<u8"), np.frombuffer(b"".join(runs), "<u8")


def _add(row: NDArray[np.float64], digests: Digests, weight: float) -> None:
    distinct, counts = np.unique(digests, return_counts=True)
    numbers = distinct.astype("<u8").view("<u2")
    signs = np.where(numbers >> 15, -weight, weight)
    weights = np.repeat(1.0 + np.log(counts), DIGEST_SIZE // numbers.itemsize)
    row += np.bincount(numbers % DIMENSION, signs * weights, DIMENSION)


def _digests(token: str) -> tuple[bytes, bytes]:
    wrapped = f" {token} "
    return (
        b"".join(_digest("w:" + word) for word in WORD.findall(token)),
        b"".join(
            _digest("c:" + wrapped[first : first + length])
            for length in RUNS
            for first in range(len(wrapped) - length + 1)
        ),
    )


# Texts repeat their words, and words their runs: what is kept stays below 30 MB.
_kept = lru_cache(maxsize=1 << 14)(_digests)


@lru_cache(maxsize=1 << 16)
def _digest(feature: str) -> bytes:
    return blake2b(feature.encode(), digest_size=DIGEST_SIZE).digest()
