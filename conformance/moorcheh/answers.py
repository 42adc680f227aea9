"""Checks of the area answer: questions with and without retrieval. No check asserts a word of the answer."""

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.expectation import expect, expect_accepted, expect_fields, expect_status, expect_values
from conformance.moorcheh.basis import text_namespace
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.generation import Offer
from conformance.moorcheh.writing import about, made_up_words

# A real server asks a language model each time: few questions, of one kind.
QUESTIONS = ("What is this note about?", "Where is it?")


@proves("moorcheh.answer.shape")
@given(question=st.sampled_from(QUESTIONS))
def a_question_is_answered(server: Moorcheh, question: str) -> None:
    """With the model's name, the question and the number of hits it had."""
    server.memo(Offer).require("answer")
    space = text_namespace(server)
    space.store([about(word) for word in made_up_words(0, 2)])
    exchange = server.answer(question, space.name, top_k=2)
    expect_status(exchange, 200)
    expect_fields(exchange, answer=str, model=str, query=str, context_count=int)
    expect(exchange.body["context_count"] >= 0, "a context_count of 0 or more", exchange)


@proves("moorcheh.answer.direct")
@given(question=st.sampled_from(QUESTIONS))
def a_question_is_answered_without_retrieval(server: Moorcheh, question: str) -> None:
    """The empty namespace stands for none: no context, though there are documents."""
    server.memo(Offer).require("answer")
    text_namespace(server).store([about(word) for word in made_up_words(0, 2)])
    exchange = server.answer(question, "")
    expect_accepted(exchange)
    expect_values(exchange, context_count=0)
