"""The endpoint that answers questions."""

from collections.abc import Sequence
from typing import Any

from mock_server.moorcheh.answers import rules
from mock_server.moorcheh.answers.extraction import NO_RETRIEVAL, extracted
from mock_server.moorcheh.answers.structure import filled
from mock_server.moorcheh.bodies import read_object
from mock_server.moorcheh.health import LLM_MODEL
from mock_server.moorcheh.retrieval import Found, retrieve, sought
from mock_server.moorcheh.store import Store
from mock_server.rules import Document, judge
from mock_server.service import Answer, Call
from mock_server.session import World

CLAUSE = "moorcheh.answer.shape"


def answer(world: World, call: Call) -> Answer:
    """Answers a question from the texts of a namespace, or without any.

    Temperature, prompts and earlier turns change nothing: the same question of the same texts has the same
    answer.
    """
    body = read_object(call.body)
    judge(rules.ANSWER, body)
    query = str(body.get("query"))
    found = _found(world, body)
    texts = [namespace.items[hit.id].text or "" for hit, namespace in found or ()]
    said = NO_RETRIEVAL if found is None else extracted(query, texts)
    model = body.get("ai_model", LLM_MODEL)
    return Answer(
        200,
        {
            "answer": said,
            "model": model if isinstance(model, str) else LLM_MODEL,
            "context_count": len(texts),
            "query": query,
            **_structured(body, said, found or ()),
        },
    )


def _found(world: World, body: Document) -> Sequence[Found] | None:
    name = body.get("namespace")
    if not isinstance(name, str) or not name:
        return None
    namespace = world.part(Store).find(name, CLAUSE)
    judge(rules.ANSWER_SOURCE, namespace)
    equipment = world.equipment
    return retrieve([namespace], sought(body, equipment.embedder, equipment.generation, CLAUSE))


def _structured(body: Document, said: str, found: Sequence[Found]) -> dict[str, Any]:
    asked = body.get("structured_response")
    if not isinstance(asked, dict) or asked.get("enabled") is not True:
        return {}
    if not isinstance(asked.get("schema"), dict):
        return {"structured_data": {"answer": said, "sources": [hit.id for hit, _ in found]}}
    items = [namespace.items[hit.id] for hit, namespace in found]
    return {"structured_data": filled(asked["schema"], items)}
