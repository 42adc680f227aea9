"""Extracting answers from texts."""

from hypothesis import given
from hypothesis import strategies as st

from mock_server.moorcheh.answers.extraction import NOTHING_FOUND, extracted, overlap

ZOO = "Otters hold hands. Turtles carry their house with them! They live long."
SKY = "Swifts sleep on the wing. A turtle would fall."


def test_the_sentences_with_most_in_common_come_in_their_order() -> None:
    assert extracted("Where do turtles keep their house?", [ZOO]).startswith("Turtles carry their house")
    many = " ".join(f"Turtle {place} swims." for place in range(5))
    assert extracted("turtle 3 swims", [many]).count(".") == 3
    assert "Turtle 3 swims." in extracted("turtle 3 swims", [many])


def test_what_has_nothing_in_common_is_left_out() -> None:
    assert extracted("OTTERS", ["Otters hold hands.", "海亀は泳ぐ。"]) == "Otters hold hands."


def test_a_repeated_sentence_is_said_once() -> None:
    assert extracted("hands", ["Otters hold hands."] * 3) == "Otters hold hands."


def test_without_anything_in_common_the_nearest_text_begins() -> None:
    assert extracted("海亀", [SKY, ZOO]) == "Swifts sleep on the wing."


def test_without_texts_it_says_so() -> None:
    assert extracted("turtles", []) == extracted("turtles", [" "]) == NOTHING_FOUND


def test_a_shared_word_weighs_more_than_shared_parts_and_length_costs() -> None:
    assert overlap("turtle", "turtle") > overlap("turtle", "turtles") > overlap("turtle", "otters") >= 0
    assert overlap("turtle", "turtle") > overlap("turtle", "a turtle and much more besides")


@given(st.text(min_size=1), st.lists(st.text(), max_size=3))
def test_the_same_question_has_the_same_answer(question: str, texts: list[str]) -> None:
    assert extracted(question, texts) == extracted(question, texts) != ""
