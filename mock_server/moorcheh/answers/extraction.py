"""Extracts an answer from texts: the sentences that have most in common with the question."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from mock_server.arrays import np
from mock_server.moorcheh.embedding import RUN_WEIGHT, features
from mock_server.moorcheh.sentences import sentences

SENTENCES = 3  # of an answer
FAIR_SHARE = 0.5  # of the best sentence's overlap, that another needs to stand beside it
CANDIDATES = 500  # sentences looked at, those of the nearest texts first
NO_RETRIEVAL = "No stored text was asked for, and this server has no language model to answer without one."
NOTHING_FOUND = "No stored text was found that says anything about this."


def extracted(question: str, texts: Sequence[str]) -> str:
    """Answers the best sentences of the texts, which come nearest first, in the order in which they stand.

    Where none has anything in common with the question, the answer is how the nearest text begins.
    """
    candidates = [*dict.fromkeys(islice((each for text in texts for each in sentences(text)), CANDIDATES))]
    if not candidates:
        return NOTHING_FOUND
    overlaps = [overlap(question, candidate) for candidate in candidates]
    best = sorted(range(len(candidates)), key=lambda place: -overlaps[place])[:SENTENCES]
    least = FAIR_SHARE * overlaps[best[0]]
    chosen = sorted(place for place in best if overlaps[place] >= least > 0) or [0]
    return " ".join(candidates[place] for place in chosen)


def overlap(question: str, sentence: str) -> float:
    """Measures what a question and a sentence share, words more than parts of words, by its length."""
    asked_words, asked_runs = features(question)
    words, runs = features(sentence)
    shared = len(np.intersect1d(asked_words, words)) + RUN_WEIGHT * len(np.intersect1d(asked_runs, runs))
    return shared / float(np.sqrt(1 + len(words) + RUN_WEIGHT * len(runs)))
