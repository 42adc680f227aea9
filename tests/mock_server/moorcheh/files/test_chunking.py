"""Cutting texts into chunks."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mock_server.moorcheh.files.chunking import OVERLAP, SIZE, chunks, summaries
from tests.mock_server.moorcheh.files.conftest import prose

separators = st.sampled_from([" ", "\n", "\n\n", ". ", "! ", "。", "\u2003"])
texts = st.lists(st.tuples(st.integers(1, 40), separators), max_size=80).map(
    lambda parts: "".join(f"<{place:0{size}}>{mark}" for place, (size, mark) in enumerate(parts))
)


@given(texts.map(lambda text: text * 2) | texts)
def test_every_word_is_whole_in_a_chunk_and_no_chunk_too_long(text: str) -> None:
    found = chunks(text)
    assert all(0 < len(chunk) <= SIZE and chunk == chunk.strip() for chunk in found)
    assert all(any(word in chunk for chunk in found) for word in re.findall("<.*?>", text))


@given(st.text(st.sampled_from("a .\n"), max_size=3000))
def test_any_text_is_cut(text: str) -> None:
    assert bool(chunks(text)) == bool(text.strip())


def test_a_short_text_is_one_chunk() -> None:
    assert chunks(" Turtles swim.\n") == ["Turtles swim."]
    assert chunks(" ") == []


def test_chunks_overlap_and_end_with_sentences() -> None:
    text = prose(100)
    found = chunks(text)
    assert len(found) > 3
    for first, second in pairwise(found):
        assert first.endswith(".")
        common = max(size for size in range(OVERLAP + 1) if first[len(first) - size :] == second[:size])
        assert common > OVERLAP // 2


def test_a_paragraph_ends_a_chunk_before_a_sentence_does() -> None:
    first = "A sentence. " * 60
    assert chunks(first + "\n\n" + "Another sentence. " * 60)[0] == first.strip()


def test_a_text_without_blanks_is_cut_anyway() -> None:
    assert [len(chunk) for chunk in chunks("x" * 2000)] == [1000, 1000, 400]


def test_each_hundred_chunks_begun_has_a_summary() -> None:
    assert [len(summaries(["A."] * count)) for count in (0, 1, 100, 101, 250)] == [0, 1, 1, 2, 3]


def test_a_summary_tells_how_chunks_begin() -> None:
    found = [f"First of {place}. Second of {place}." for place in range(10)]
    assert summaries(found) == ["First of 0. First of 2. First of 4. First of 6. First of 8."]
    assert summaries(found[:2]) == ["First of 0. First of 1."]
