"""Judging by tables of rules."""

from collections.abc import Iterator, Mapping

import pytest

from mock_server.refusal import Refused
from mock_server.rules import Rule, judge


def is_odd(number: int) -> Iterator[str]:
    if number % 2:
        yield f"{number} is odd"


def is_large(number: int) -> Iterator[str]:
    if number > 10:
        yield f"{number} is large"
        yield "and never told"


TABLE: Mapping[str, Rule[int]] = {"numbers.even": is_odd, "numbers.small": is_large}


def test_what_no_rule_finds_fault_with_passes() -> None:
    judge(TABLE, 4)


@pytest.mark.parametrize(
    ("number", "clause", "detail"),
    [
        (3, "numbers.even", "3 is odd"),
        (12, "numbers.small", "12 is large"),
        (13, "numbers.even", "13 is odd"),
    ],
)
def test_the_first_rule_that_finds_a_fault_refuses(number: int, clause: str, detail: str) -> None:
    with pytest.raises(Refused) as caught:
        judge(TABLE, number, "here: ")
    assert (caught.value.clause, caught.value.detail) == (clause, f"here: {detail}")
