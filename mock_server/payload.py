"""JSON in and out: what a body says, exactly, and whether it says only what JSON allows.

orjson reads what is surely plain; Python's own parser reads again whatever orjson refuses or would round, so
that numbers beyond 64 bits stay exact and literals such as NaN are found where they stand.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

MAX_DEPTH = 200  # of nested arrays and objects; both parsers, and both writers, still manage that many
LONGEST_INTEGER = 4_000  # digits; Python itself reads no more than 4,300
EXACT_BELOW = 2.0**63  # a float from orjson beyond this may have been an integer
NONE: Mapping[str, Any] = {}
"""The metadata of all items that have none: a dict of its own for each would outweigh a short vector."""

NESTED_TOO_DEEP = f"arrays and objects are nested more than {MAX_DEPTH} deep"


def plain(value: object, depth: int = MAX_DEPTH) -> bool:
    """Tells whether a value from orjson is at most `depth` deep and surely what the exact reading gives."""
    level: list[Any] = [value]
    for _ in range(depth):
        below: list[Any] = []
        for each in level:
            kind = type(each)
            if kind is dict:
                below.extend(each.values())
            elif kind is list:
                below.extend(each)
            elif kind is float and not -EXACT_BELOW < each < EXACT_BELOW:
                return False
        if not below:
            return True
        level = below
    return False


def exact(body: bytes, *, distinct: bool = False) -> Any:
    """Reads `body` number by number: integers exact, NaN, Infinity and overflow as floats not finite.

    Of a key that comes twice in an object it takes the last value, unless keys have to be `distinct`.
    ValueError says why a body is no JSON.
    """
    pairs = _distinct if distinct else None
    try:
        return json.loads(body.decode("utf-8"), parse_int=_integer, object_pairs_hook=pairs)
    except UnicodeDecodeError as error:
        raise ValueError(f"the body is not UTF-8: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise ValueError(NESTED_TOO_DEEP) from None
    except ValueError as error:
        raise ValueError(f"the body is no JSON: {error}") from None


def flaws(document: object) -> Iterator[str]:
    """Says what in a document from `exact` is no JSON.

    That is a number that is not finite, half a character, or too deep a nest.
    """
    waiting: list[tuple[str, object, int]] = [("", document, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        if isinstance(value, float) and not math.isfinite(value):
            yield f"{path or 'the body'} is no finite number"
        elif isinstance(value, str) and not _encodable(value):
            yield f"{path or 'the body'} holds a surrogate without its pair"
        elif isinstance(value, dict | list) and depth >= MAX_DEPTH:
            yield NESTED_TOO_DEEP
        elif isinstance(value, list):
            waiting.extend((f"{path}[{place}]", each, depth + 1) for place, each in enumerate(value))
        elif isinstance(value, dict):
            for key, each in value.items():
                if not _encodable(key):
                    yield f"a key of {path or 'the body'} holds a surrogate without its pair"
                waiting.append((f"{path}.{key}" if path else key, each, depth + 1))


def decode(body: bytes) -> Any:
    """Reads a body exactly; ValueError says why it is no JSON."""
    try:
        document = orjson.loads(body)
    except ValueError:
        document = None
    else:
        if plain(document):
            return document
    document = exact(body)
    for flaw in flaws(document):
        raise ValueError(flaw)
    return document


def as_object(document: object) -> Mapping[str, Any]:
    """Answers a document that is an object; ValueError says what another one is."""
    if not isinstance(document, dict):
        raise ValueError(f"the body is {kind(document)}, not an object")
    return document


def encode(document: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """Writes an answer.

    Python's own writer takes over where orjson gives up: integers beyond 64 bits, deep nests.
    """
    try:
        return orjson.dumps(document)
    except TypeError:
        return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()


def kind(value: object) -> str:
    """Names a JSON value's type with its article, as messages say it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"


def shown(value: object) -> str:
    """Shows a JSON value in a message: short text and numbers themselves, anything else by its type."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 10**18):
        return repr(value)
    return kind(value)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key comes twice in an object")
    return found


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_INTEGER else float(digits)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
