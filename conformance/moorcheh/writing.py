"""Strategies for texts and documents: every script, long and short, and words that look like filters."""

import functools
import random
import string
from typing import Any

from hypothesis import strategies as st

from conformance.moorcheh.payload import Batch, metadata

LONGEST_TEXT = 2_000
SCRIPTS = (
    "The quick brown fox",
    "Ünïcödé, naïve façade",
    "שלום עולם",
    "مرحبا بالعالم",
    "漢字かな交じり文",
    "नमस्ते दुनिया",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈 🂡 👩‍👩‍👧‍👦",
    "e\u0301 a\u0308\u0323 \u1112\u1161\u11ab",
    "left \u202eright\u202c again",
)
LIKE_FILTERS = ("#team:ai", "#word", "C# and F#", "# heading", "#", "##", "#a:b:c", "a #tag in the middle")
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va")


@functools.cache
def texts() -> st.SearchStrategy[str]:
    """Any text that is not blank: of every plane, right to left, with combining marks, up to long ones."""
    free = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)
    pieces = st.one_of(st.sampled_from(SCRIPTS + LIKE_FILTERS), free)
    joined = st.lists(pieces, min_size=1, max_size=4).map("\n".join)
    long = st.builds(lambda piece, times: (piece * times)[:LONGEST_TEXT], pieces, st.integers(2, 200))
    return st.one_of(joined, long).filter(str.strip)


@st.composite
def document_batches(draw: st.DrawFn, *, max_size: int = 5) -> Batch:
    """A valid batch of documents with distinct ids."""
    written = draw(st.lists(texts(), min_size=1, max_size=max_size))
    return [{"id": f"d{n}", **draw(metadata(2)), "text": text} for n, text in enumerate(written)]


def made_up_words(seed: int, count: int) -> list[str]:
    """Distinct words of lower-case letters that no other text holds by chance."""
    chance = random.Random(seed)
    words: dict[str, None] = {}
    while len(words) < count:
        words["".join(chance.choices(SYLLABLES, k=4))] = None
    return list(words)


def about(word: str, **free: Any) -> dict[str, Any]:
    """A document that speaks of a word, under the word as its id."""
    return {"id": word, "text": f"This note is about {word} and how {word} came to be.", **free}


filter_keys = st.text(string.ascii_lowercase, min_size=3, max_size=8).filter(lambda key: key != "text")
filter_values = st.text(string.ascii_letters + string.digits, min_size=1, max_size=8)
