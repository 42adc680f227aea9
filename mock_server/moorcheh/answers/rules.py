"""The rules of questions."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from mock_server.moorcheh.rules import (
    is_vector,
    kiosk_mode_is_no_boolean,
    kiosk_mode_lacks_a_threshold,
    threshold_is_out_of_range,
    top_k_is_no_integer,
)
from mock_server.moorcheh.store import Namespace
from mock_server.numbers import NUMBERS
from mock_server.payload import kind, shown
from mock_server.rules import Document, Rule

HOTTEST = 2  # the highest temperature


def query_is_no_text(body: Document) -> Iterator[str]:
    """Finds a query that is no string, or a blank one."""
    query = body.get("query")
    if not isinstance(query, str) or not query.strip():
        yield f"query: expected text, got {shown(query) if 'query' in body else 'nothing'}"


def namespace_is_no_string(body: Document) -> Iterator[str]:
    """Finds a namespace that is no string; the empty one stands for none."""
    if not isinstance(body.get("namespace"), str):
        yield (
            'namespace: expected a name, or "" for no retrieval, '
            f"got {shown(body['namespace']) if 'namespace' in body else 'nothing'}"
        )


def temperature_is_out_of_range(body: Document) -> Iterator[str]:
    """Finds a temperature that is no number from 0 to 2."""
    temperature = body.get("temperature", 0)
    if type(temperature) not in NUMBERS or not 0 <= temperature <= HOTTEST:
        yield f"temperature: expected a number from 0 to {HOTTEST}, got {shown(temperature)}"


def a_text_is_no_string(body: Document) -> Iterator[str]:
    """Finds a model or a prompt that is no string, and a model without a name."""
    for field in ("ai_model", "header_prompt", "footer_prompt"):
        if not isinstance(body.get(field, "-"), str) or (field == "ai_model" and body.get(field) == ""):
            yield f"{field}: expected a string, got {shown(body[field])}"


def history_holds_no_turns(body: Document) -> Iterator[str]:
    """Finds a chat_history that is no array of objects with the strings role and content."""
    history = body.get("chat_history", [])
    if not isinstance(history, list):
        yield f"chat_history: expected an array, got {kind(history)}"
    else:
        for place, turn in enumerate(history):
            yield from _faults_of(turn, f"chat_history[{place}]")


def structure_is_no_object(body: Document) -> Iterator[str]:
    """Finds a structured_response that is no object, or whose enabled or schema is of another type."""
    structure = body.get("structured_response", {})
    if not isinstance(structure, dict):
        yield f"structured_response: expected an object, got {kind(structure)}"
    elif type(structure.get("enabled", False)) is not bool:
        yield f"structured_response.enabled: expected true or false, got {shown(structure['enabled'])}"
    else:
        schema = structure.get("schema", {})
        if not isinstance(schema, dict) or not isinstance(schema.get("properties", {}), dict):
            yield f"structured_response.schema: expected an object of properties, got {kind(schema)}"


def _faults_of(turn: object, where: str) -> Iterator[str]:
    if not isinstance(turn, dict):
        yield f"{where}: expected an object, got {kind(turn)}"
    else:
        for field in ("role", "content"):
            if not isinstance(turn.get(field), str):
                yield f"{where}.{field}: expected a string, got {shown(turn.get(field))}"


FIELDS: Sequence[Callable[[Document], Iterator[str]]] = (
    query_is_no_text,
    namespace_is_no_string,
    top_k_is_no_integer,
    threshold_is_out_of_range,
    kiosk_mode_is_no_boolean,
    kiosk_mode_lacks_a_threshold,
    temperature_is_out_of_range,
    a_text_is_no_string,
    history_holds_no_turns,
    structure_is_no_object,
)


def a_field_is_wrong(body: Document) -> Iterator[str]:
    """Finds the first field of a question that is missing or of the wrong type."""
    for rule in FIELDS:
        yield from rule(body)


ANSWER: Mapping[str, Rule[Document]] = {"moorcheh.answer.shape": a_field_is_wrong}
ANSWER_SOURCE: Mapping[str, Rule[Namespace]] = {"moorcheh.answer.shape": is_vector}
