"""What a call of the admin API asks for: the fields of its body and of its query."""

from collections.abc import Mapping
from typing import Any

from mock_server.payload import decode, kind
from mock_server.refusal import Refused
from mock_server.service import Call

REQUEST = "mock.request"


def document_of(call: Call) -> Mapping[str, Any]:
    """Reads a body that is an object; one that is left out is an empty one."""
    if not call.body:
        return {}
    try:
        document = decode(call.body)
    except ValueError as error:
        raise Refused(REQUEST, str(error)) from None
    if not isinstance(document, dict):
        raise Refused(REQUEST, f"expected an object, got {kind(document)}")
    return document


def fields_of(call: Call, *known: str) -> Mapping[str, Any]:
    """Reads a body that is an object with no other fields than those that are known."""
    document = document_of(call)
    for name in document:
        if name not in known:
            raise Refused(REQUEST, f"no field {name!r} here: expected {' or '.join(known) or 'none'}")
    return document


def parameters_of(call: Call, *known: str) -> Mapping[str, str]:
    """Reads a query with no other parameters than those that are known, each once."""
    for name, values in call.query.items():
        if name not in known:
            raise Refused(REQUEST, f"no parameter {name!r} here: expected {' or '.join(known)}")
        if len(values) > 1:
            raise Refused(REQUEST, f"{name}: expected once, got {len(values)} times")
    return {name: values[0] for name, values in call.query.items()}


def number_in(text: str, name: str) -> int:
    """Reads a parameter that is an integer from 0."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    raise Refused(REQUEST, f"{name}: expected an integer from 0, got {text!r}")


def integer(asked: Mapping[str, Any], name: str, usual: int, least: int = 0) -> int:
    """Answers a field that is an integer, or what it usually is."""
    value = asked.get(name)
    if value is None:
        return usual
    if type(value) is not int or value < least:
        raise Refused(REQUEST, f"{name}: expected an integer from {least}, got {said(value)}")
    return value


def text(asked: Mapping[str, Any], name: str, usual: str) -> str:
    """Answers a field that is a string, or what it usually is."""
    value = asked.get(name)
    if value is None:
        return usual
    if not isinstance(value, str):
        raise Refused(REQUEST, f"{name}: expected a string, got {kind(value)}")
    return value


def said(value: object) -> str:
    """Shows a number as it is, and names the kind of anything else."""
    return str(value) if type(value) in (int, float) else kind(value)
