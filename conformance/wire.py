"""JSON as it stands on the wire: numbers in a chosen spelling, text that is no JSON, and equality of values.

The standard encoder writes every float in one way and the standard parser forgets how a number was spelled;
a contract about "any finite JSON number" needs both under control.
"""

import json
import re
import secrets
from collections import Counter
from dataclasses import dataclass
from typing import Any

# Stands for a literal in a document that the standard encoder writes: no text of a user's holds it.
MARK = secrets.token_hex(16)
MARKED = re.compile(f'"{MARK}(\\d+)"')


class RepeatedNameError(ValueError):
    """An object has a name twice; the message is the name."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A piece of text put into a JSON document as it stands: `1E+2`, `-0.0`, or `NaN`, which is no JSON."""

    text: str

    def __repr__(self) -> str:
        return self.text


def encode(value: Any) -> str:
    """Writes a JSON document; a `Literal` in it is written as its text, a float in its shortest spelling."""
    literals: list[str] = []

    def stand_in(literal: Literal) -> str:
        literals.append(literal.text)
        return f"{MARK}{len(literals) - 1}"

    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=stand_in)
    return MARKED.sub(lambda mark: literals[int(mark[1])], text) if literals else text


def decode(text: bytes | str) -> Any:
    """Reads a JSON document strictly.

    Raises:
        ValueError: The text is no JSON; NaN and Infinity, which Python's parser would let pass, are none.
            Nor is an object that has a name twice: readers disagree on what it says.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def repeated_name(text: bytes | str) -> str:
    """The name that an object of a JSON document has twice; empty where there is none."""
    try:
        decode(text)
    except RepeatedNameError as error:
        return str(error)
    except ValueError:
        return ""
    return ""


def plain(value: Any) -> Any:
    """The value a reader of the document sees: every `Literal` replaced by what its text means."""
    match value:
        case Literal(text=text):
            return decode(text)
        case dict():
            return {key: plain(entry) for key, entry in value.items()}
        case list() | tuple():
            return [plain(entry) for entry in value]
        case _:
            return value


def same(one: Any, other: Any) -> bool:
    """Whether two parsed values are the same JSON value: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise RepeatedNameError(next(name for name, count in counts.items() if count > 1))
    return made
