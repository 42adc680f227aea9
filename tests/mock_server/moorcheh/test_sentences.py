"""Sentences of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.moorcheh.sentences import LONGEST, sentences


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two!  Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Version 1.5 is out", ["Version 1.5 is out"]),
        ("# Title\n\nA line\n\tanother ", ["# Title", "A line", "another"]),
        ("海亀は泳ぐ。家を運ぶ。", ["海亀は泳ぐ。", "家を運ぶ。"]),
        (" \n ", []),
    ],
)
def test_ends_are_marks_and_lines(text: str, found: list[str]) -> None:
    assert sentences(text) == found


@given(st.text(max_size=1000))
def test_no_sentence_is_blank_or_too_long(text: str) -> None:
    assert all(piece.strip() == piece and 0 < len(piece) <= LONGEST for piece in sentences(text))


def test_what_is_cut_off_is_marked() -> None:
    assert sentences("a" * (LONGEST + 1)) == ["a" * (LONGEST - 1) + "…"]
