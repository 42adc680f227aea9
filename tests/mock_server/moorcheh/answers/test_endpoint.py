"""The endpoint that answers questions."""

from typing import Any

import pytest

from mock_server.moorcheh.answers.extraction import NO_RETRIEVAL, NOTHING_FOUND
from tests.mock_server.calling import Client, Reply
from tests.mock_server.conftest import Serve

QUESTION = "Where do turtles keep their house?"
FIELDS = {"animal": {"type": "string"}, "age": {"type": "integer"}, "colour": {}}
SCHEMA = {"type": "object", "properties": FIELDS}


@pytest.fixture
def zoo(serve: Serve) -> Client:
    client = serve(jobs="instant", max_text=100)
    client.create("zoo", None)
    client.create("vectors")
    documents = [
        {"id": "turtle", "text": "Turtles carry their house with them.\nAge: 120", "animal": "turtle"},
        {"id": "otter", "text": "Otters hold hands.", "animal": "otter"},
    ]
    assert client.post("/namespaces/zoo/documents", {"documents": documents}).status == 202
    return client


def ask(client: Client, **more: Any) -> Reply:
    return client.post("/answer", {"query": QUESTION, "namespace": "zoo", **more})


def test_an_answer_is_what_the_texts_say(zoo: Client) -> None:
    body = ask(zoo, top_k=1).body
    assert body == {
        "answer": "Turtles carry their house with them.",
        "model": "extractive",
        "context_count": 1,
        "query": QUESTION,
    }
    assert ask(zoo).body["context_count"] == 2


def test_an_empty_namespace_stands_for_no_retrieval(zoo: Client) -> None:
    body = ask(zoo, namespace="").body
    assert (body["answer"], body["context_count"]) == (NO_RETRIEVAL, 0)


def test_filters_and_thresholds_hold_for_questions_too(zoo: Client) -> None:
    body = ask(zoo, query="Who holds hands? #animal:TURTLE").body
    assert body["context_count"] == 1
    assert "Otters" not in body["answer"]
    body = ask(zoo, kiosk_mode=True, threshold=0.99).body
    assert (body["context_count"], body["answer"]) == (0, NOTHING_FOUND)


def test_all_that_steers_a_language_model_is_accepted(zoo: Client) -> None:
    plain = ask(zoo).body
    steered = ask(
        zoo,
        temperature=2,
        ai_model="qwen2.5",
        header_prompt="Be brief.",
        footer_prompt="",
        chat_history=[{"role": "user", "content": "Hello"}, {"role": "assistant", "content": ""}],
        structured_response={"enabled": False, "schema": SCHEMA},
        threshold=None,
    ).body
    assert steered == plain | {"model": "qwen2.5"}


def test_a_schema_is_filled_where_the_texts_say_it(zoo: Client) -> None:
    asked = {"enabled": True, "schema": SCHEMA}
    assert ask(zoo, structured_response=asked).body["structured_data"] == {
        "animal": "turtle",
        "age": 120,
        "colour": None,
    }
    nothing = ask(zoo, namespace="", structured_response=asked).body["structured_data"]
    assert nothing == {"animal": None, "age": None, "colour": None}


def test_without_a_schema_the_data_are_answer_and_sources(zoo: Client) -> None:
    body = ask(zoo, structured_response={"enabled": True}).body
    assert body["structured_data"] == {"answer": body["answer"], "sources": ["turtle", "otter"]}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"query": None}, "query: expected text, got null"),
        ({"query": " "}, "query: expected text, got ' '"),
        ({"query": [1]}, "query: expected text, got an array"),
        ({"query": "long " * 21}, "query: the text has 105 characters, at most 100"),
        ({"namespace": None}, "namespace: expected a name"),
        ({"namespace": ["zoo"]}, "namespace: expected a name"),
        ({"namespace": "nope"}, "namespace 'nope' not found"),
        ({"namespace": "vectors"}, "of type vector"),
        ({"top_k": "many"}, "top_k: expected an integer"),
        ({"threshold": 2}, "threshold: expected null or a number"),
        ({"kiosk_mode": 1}, "kiosk_mode: expected true or false"),
        ({"kiosk_mode": True}, "threshold: required with kiosk_mode"),
        ({"temperature": -0.1}, "temperature: expected a number from 0 to 2, got -0.1"),
        ({"temperature": 2.1}, "temperature: expected a number from 0 to 2"),
        ({"temperature": None}, "temperature: expected a number from 0 to 2, got null"),
        ({"temperature": True}, "temperature: expected a number from 0 to 2, got true"),
        ({"ai_model": ""}, "ai_model: expected a string, got ''"),
        ({"ai_model": None}, "ai_model: expected a string, got null"),
        ({"header_prompt": 7}, "header_prompt: expected a string, got 7"),
        ({"footer_prompt": []}, "footer_prompt: expected a string, got an array"),
        ({"chat_history": "Hello"}, "chat_history: expected an array, got a string"),
        ({"chat_history": ["Hello"]}, "chat_history[0]: expected an object, got a string"),
        ({"chat_history": [{"role": "user"}]}, "chat_history[0].content: expected a string, got null"),
        ({"chat_history": [{"role": 1, "content": ""}]}, "chat_history[0].role: expected a string, got 1"),
        ({"structured_response": True}, "structured_response: expected an object, got a boolean"),
        (
            {"structured_response": {"enabled": 1}},
            "structured_response.enabled: expected true or false",
        ),
        ({"structured_response": {"schema": []}}, "structured_response.schema: expected an object"),
        ({"structured_response": {"schema": {"properties": 1}}}, "structured_response.schema: expected"),
    ],
)
def test_a_wrong_field_is_400(zoo: Client, change: dict[str, Any], why: str) -> None:
    reply = ask(zoo, **change)
    assert (reply.status, reply.body["status"]) == (400, "failure")
    assert why in reply.message
    assert reply.message.endswith("[moorcheh.answer.shape]")


def test_a_question_needs_both_its_fields(zoo: Client) -> None:
    for field in ("query", "namespace"):
        body = {"query": QUESTION, "namespace": "zoo"}
        del body[field]
        reply = zoo.post("/answer", body)
        assert (reply.status, f"{field}: expected" in reply.message) == (400, True)
    assert "[moorcheh.errors.malformed-json]" in zoo.post("/answer", b"[]").message
