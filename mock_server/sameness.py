"""Sameness of JSON values: a digest that two values share where they say the same."""

import json
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

EXACT = 2**53  # the magnitude up to which every reader of JSON keeps an integer


def digest(value: Any) -> bytes | None:
    """Answers 16 bytes that equal values share: 1 and 1.0 are equal, the order of keys says nothing.

    None where readers may differ over the value: numbers beyond 2^53, half characters.
    """
    try:
        text = json.dumps(_normal(value), sort_keys=True, ensure_ascii=False).encode()
    except (ValueError, OverflowError):
        return None
    return blake2b(text, digest_size=16).digest()


def has_repeated_keys(body: bytes) -> bool:
    """Tells whether an object in a JSON body has a key twice, so that readers may differ over it."""

    def look(pairs: Sequence[tuple[str, Any]]) -> None:
        if len({key for key, _ in pairs}) != len(pairs):
            raise _RepeatedError

    try:
        json.loads(body, object_pairs_hook=look)
    except _RepeatedError:
        return True
    except (ValueError, RecursionError):
        return False
    return False


class _RepeatedError(Exception):
    """Ends a reading at the first repeated key."""


def _normal(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _normal(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_normal(each) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) <= EXACT:
            raise OverflowError
        return int(value) if value == int(value) else value
    return value
