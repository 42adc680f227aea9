"""Filter expressions, each read once: the grammar and its library are loaded by the first who filters."""

from functools import lru_cache

from mock_server.cortex.filters import Condition

CACHED = 256  # expressions


@lru_cache(CACHED)
def condition(expression: str) -> Condition:
    """Reads an expression; ValueError names the column, counted from 1, of what is wrong with it."""
    from mock_server.cortex.grammar import parse  # lark costs a server's start more than most of it needs

    return parse(expression)
