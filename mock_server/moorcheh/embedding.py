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

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from mock_server.vectors import Directions, directions

DIMENSION = 512  # buckets
RUNS = (2, 3, 4)  # characters
RUN_WEIGHT = 0.3
WORD = re.compile(r"\w+")


def embed(texts: Sequence[str]) -> Directions:
    """Embed n texts: float32 (n, 512), each row of length 1, or of zeros for a blank text."""
    sums = np.zeros((len(texts), DIMENSION), np.float64)
    for row, text in zip(sums, texts, strict=True):
        counts = features(text)
        if counts:
            digests = b"".join(blake2b(feature.encode(), digest_size=8).digest() for feature in counts)
            numbers = np.frombuffer(digests, "<u2").reshape(-1, 4)
            weights = [
                (1.0 if feature.startswith("w") else RUN_WEIGHT) * (1.0 + math.log(count))
                for feature, count in counts.items()
            ]
            signs = np.where(numbers >> 15, -1.0, 1.0)
            np.add.at(row, numbers % DIMENSION, signs * np.array(weights)[:, np.newaxis])
    return directions(sums)


def features(text: str) -> Counter[str]:
    """Count the words ("w:" in front) and runs of characters ("c:") of a text."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    found = Counter("w:" + word for word in WORD.findall(folded))
    for token in folded.split():
        wrapped = f" {token} "
        for length in RUNS:
            found.update("c:" + wrapped[first : first + length] for first in range(len(wrapped) - length + 1))
    return found
