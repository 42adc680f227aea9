"""Lines of the protocol between suite and client: a JSON document each, with the numbers that JSON lacks."""

import json
import math
from collections.abc import Mapping
from typing import Any

from conformance import wire
from conformance.client.process import Misbehaved

KINDS = ("status", "connection", "timeout", "answer", "argument", "job", "unsupported", "other")
SHOWN = 200


def written(request: Mapping[str, Any]) -> str:
    """A request as its line; NaN and the infinities, which JSON has not, as `{"$float": "NaN"}`."""
    return json.dumps(_sayable(request), ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def read(line: bytes, number: int) -> Mapping[str, Any]:
    """The answer to the request of this number, from its line.

    Raises:
        Misbehaved: The line is no answer to it.
    """
    try:
        answer = wire.decode(line.decode("utf-8"))
    except ValueError as error:
        raise Misbehaved(f"the client's answer is no JSON line ({error}): {_shown(line)}") from error
    wrong = _wrong_with(answer, number)
    if wrong:
        raise Misbehaved(f"the client's answer {wrong}: {_shown(line)}")
    found: Mapping[str, Any] = answer
    return found


def _wrong_with(answer: Any, number: int) -> str:
    """What makes a JSON value no answer, by the rules of its JSON Schema; empty if it is one."""
    if not isinstance(answer, dict):
        return "is no object"
    if answer.get("id") != number or isinstance(answer.get("id"), bool):
        return f"has not the id {number} of the request"
    if ("result" in answer) == ("error" in answer):
        return "has not exactly one of result and error"
    error = answer.get("error", {"kind": "other"})
    if not isinstance(error, dict) or error.get("kind") not in KINDS:
        return f"has an error whose kind is none of {', '.join(KINDS)}"
    status, message, quota = error.get("status"), error.get("message"), error.get("quota")
    if not (status is None or (isinstance(status, int) and not isinstance(status, bool))):
        return "has an error whose status is no integer"
    if error["kind"] == "status" and status is None:
        return "has an error of kind status without one"
    if not (message is None or isinstance(message, str)):
        return "has an error whose message is no string"
    if not (quota is None or isinstance(quota, bool)):
        return "has an error whose quota is neither true nor false"
    return ""


def _sayable(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return {"$float": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
        case dict():
            return {key: _sayable(entry) for key, entry in value.items()}
        case list() | tuple():
            return [_sayable(entry) for entry in value]
        case _:
            return value


def _shown(line: bytes) -> str:
    text = line[:SHOWN].decode("utf-8", "backslashreplace")
    return repr(text) + ("..." if len(line) > SHOWN else "")
