"""Text as a direction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.embedder import DIMENSION
from mock_server.moorcheh.embedding import embed

TEXTS = [
    "The turtle swims slowly through the warm lagoon.",
    "The turtle swims slowly through the warm lagoons!",
    "Quarterly revenue rose by nine percent in Europe.",
]


def cosine(left: str, right: str) -> float:
    first, second = embed([left, right])
    return float(first @ second)


def test_a_row_for_each_text_in_float32() -> None:
    block = embed(TEXTS)
    assert block.shape == (3, DIMENSION)
    assert block.dtype == np.float32
    assert embed([]).shape == (0, DIMENSION)


@given(st.text(min_size=1).filter(str.strip))
def test_every_text_but_a_blank_one_has_length_one(text: str) -> None:
    (row,) = embed([text])
    assert np.linalg.norm(row) == pytest.approx(1.0, abs=1e-5)


def test_a_blank_text_is_zero() -> None:
    assert not embed(["", " \n\t"]).any()


def test_the_same_text_is_the_same_direction_everywhere() -> None:
    row = embed(["ab"])[0]
    assert {int(place): round(float(row[place]), 3) for place in np.flatnonzero(row)} == {
        11: -0.123,
        12: -0.123,
        54: -0.409,
        66: 0.123,
        71: -0.409,
        116: -0.123,
        154: 0.409,
        173: -0.123,
        214: -0.123,
        264: -0.123,
        269: 0.123,
        290: -0.123,
        305: -0.123,
        367: -0.123,
        390: -0.123,
        401: -0.123,
        402: -0.123,
        406: -0.123,
        411: 0.123,
        414: 0.123,
        417: 0.123,
        453: 0.123,
        470: -0.409,
        471: -0.123,
        474: -0.123,
        478: 0.123,
    }


def test_near_duplicates_score_high_and_unrelated_texts_low() -> None:
    assert cosine(TEXTS[0], TEXTS[1]) > 0.85
    assert abs(cosine(TEXTS[0], TEXTS[2])) < 0.25


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("warm lagoon", TEXTS[0]),
        ("LAGOON", TEXTS[0]),
        ("revenue", TEXTS[2]),
        ("海亀", "海亀は暖かい潟を泳ぐ"),
        ("\U0001f422", "\U0001f422 \U0001f3d6"),
    ],
)
def test_a_text_is_found_by_its_own_words(query: str, text: str) -> None:
    unrelated = [other for other in (TEXTS[0], TEXTS[2]) if other != text]
    assert cosine(query, text) > 0.1 + max(cosine(query, other) for other in unrelated)


def test_case_and_compatibility_forms_do_not_count() -> None:
    assert cosine("STRASSE ﬁne", "straße fine") == pytest.approx(1.0, abs=1e-5)
