"""Rules: what every service judges requests by.

A service's rules are tables from a clause to a predicate. A predicate yields what is wrong with its subject
and knows no status code; it says nothing of faults that are another's. Tables are read when a request is
judged, in their order: the first rule that finds a fault refuses.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from mock_server.refusal import Refused

S = TypeVar("S")
Rule = Callable[[S], Iterator[str]]
Document = Mapping[str, Any]


def judge(rules: Mapping[str, Rule[S]], subject: S, where: str = "") -> None:
    """Raises `Refused` for the first rule that finds a fault; `where` stands in front of the message."""
    for clause, rule in rules.items():
        for fault in rule(subject):
            raise Refused(clause, where + fault)


def faults(rules: Mapping[str, Rule[S]], subject: S, where: str = "") -> Iterator[tuple[str, str]]:
    """Answers the clause and the first fault of every rule that finds one, `where` in front of the fault."""
    for clause, rule in rules.items():
        for fault in rule(subject):
            yield clause, where + fault
            break
