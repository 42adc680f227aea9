"""What a check expects (else its clause is broken) and what it needs (else nothing is proven)."""

from collections.abc import Iterable
from typing import Any

from conformance.exchange import Exchange
from conformance.verdict import Unproven, broken


def expect(holds: bool, expected: str, exchange: Exchange, got: str = "") -> None:
    """Breaks the clause unless a fact holds.

    Args:
        holds: The fact.
        expected: What the contract allows, in words.
        exchange: The request whose answer shows it.
        got: What came instead, where the answer itself does not show it.
    """
    if not holds:
        raise broken(expected, got or exchange.outcome(), exchange)


def expect_status(exchange: Exchange, *allowed: int) -> None:
    """Breaks the clause unless the answer has one of the allowed statuses."""
    expect(exchange.status in allowed, " or ".join(map(str, allowed)), exchange)


def expect_accepted(exchange: Exchange) -> None:
    """Breaks the clause unless the answer has a 2xx status; which of them is for another clause to say."""
    expect(exchange.succeeded, "an acceptance", exchange)


def expect_fields(exchange: Exchange, **types: type | tuple[type, ...]) -> None:
    """Breaks the clause unless the answer is an object with these fields of these types; a bool is no int."""
    for name, kind in types.items():
        expect(
            is_of(exchange.body.get(name, _NOTHING), kind),
            f"a field {name!r} of type {_named(kind)}",
            exchange,
        )


def expect_values(exchange: Exchange, **values: Any) -> None:
    """Breaks the clause unless the answer is an object with these fields of these values."""
    for name, value in values.items():
        got = exchange.body.get(name, _NOTHING)
        expect(type(got) is type(value) and got == value, f"{name} = {value!r}", exchange)


def require_success(exchange: Exchange, what: str, basis: str = "") -> Exchange:
    """Answers the exchange if it has a 2xx status; else nothing is proven, because of `what`."""
    require(exchange.succeeded, f"{what}: {exchange.outcome()}", basis)
    return exchange


def require(holds: bool, why_not: str, basis: str = "") -> None:
    """Ends the check without a proof unless what it needs is there; the basis is the clause that says so."""
    if not holds:
        raise Unproven(why_not, basis)


def is_of(value: Any, kind: type | tuple[type, ...]) -> bool:
    """Whether a JSON value has a type; true and false are no numbers."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


def listed(names: Iterable[str], most: int = 5) -> str:
    """Names in a row for a message, cut after a few."""
    shown = list(names)
    return ", ".join(map(repr, shown[:most])) + (
        f" and {len(shown) - most} more" if len(shown) > most else ""
    )


class _Nothing:
    """Stands for a field that is not there; null is there."""


_NOTHING = _Nothing()


def _named(kind: type | tuple[type, ...]) -> str:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    words = {
        str: "string",
        int: "integer",
        float: "number",
        dict: "object",
        list: "array",
        type(None): "null",
    }
    return " or ".join(words.get(each, each.__name__) for each in kinds)
