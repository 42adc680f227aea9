"""A fault makes a careful client careless in one thing, and names the clauses that catch it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.careless.ways import Body, Ways

Change = Callable[[Ways], Ways]


@dataclass(frozen=True)
class Fault:
    """One careless way.

    Attributes:
        name: What the command line calls it.
        clauses: The ids of the clauses that catch it, each for itself.
        says: What the client does wrong.
        change: Makes careful ways careless.
    """

    name: str
    clauses: Sequence[str]
    says: str
    change: Change


class Faults(dict[str, Fault]):
    """Faults by name, as a module declares them."""

    def add(self, *clauses: str) -> Callable[[Change], Change]:
        """Declares a change of ways as a fault; its docstring says what the client does wrong."""

        def decorate(change: Change) -> Change:
            name = change.__name__.replace("_", "-")
            self[name] = Fault(name, clauses, (change.__doc__ or "").strip(), change)
            return change

        return decorate


def both(area_and_fact: str) -> tuple[str, str]:
    """The clauses of both services that say the same."""
    return (f"moorcheh.client.{area_and_fact}", f"cortex.client.{area_and_fact}")


def body_of(change: Callable[[Any], Any], *operations: str) -> Callable[[str, Body], Body]:
    """Changes the bodies of some operations, without any of all, and leaves the others."""
    return lambda operation, body: change(body) if operation in operations or not operations else body


def answer_of(change: Callable[[Any], Any], *operations: str) -> Callable[[str, Any], Any]:
    """Changes what is told of the answers of some operations, without any of all, and leaves the others."""
    return body_of(change, *operations)


def everywhere(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Changes every leaf of a JSON value."""

    def changed(value: Any) -> Any:
        match value:
            case dict():
                return {key: changed(entry) for key, entry in value.items()}
            case list():
                return [changed(entry) for entry in value]
            case _:
                return change(value)

    return changed


def without(*keys: str) -> Callable[[Any], Any]:
    """Drops keys from an object."""
    return lambda value: {key: each for key, each in value.items() if key not in keys}


def field(name: str, change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Changes one field of an object, where it is there."""
    return lambda value: {**value, name: change(value[name])} if name in value else value


def of_each(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Changes each entry of an array."""
    return lambda values: [change(each) for each in values]


def is_object(value: Any) -> bool:
    """Whether a JSON value is an object."""
    return isinstance(value, Mapping)
