"""Expectations break a clause, requirements only leave it unproven."""

from typing import Any

import pytest

from conformance.exchange import Exchange
from conformance.expectation import (
    expect,
    expect_accepted,
    expect_fields,
    expect_status,
    expect_values,
    is_of,
    listed,
    require,
    require_success,
)
from conformance.verdict import Broken, Unproven

BODY = b'{"text": "a", "count": 2, "share": 0.5, "flag": true, "none": null, "list": [], "object": {}}'
ANSWER = Exchange("GET", "http://server/", {}, None, 200, BODY)


def fault_of(expectation: Any, *arguments: Any, **named: Any) -> Broken:
    """The fault that an expectation finds."""
    with pytest.raises(Broken) as caught:
        expectation(*arguments, **named)
    return caught.value


def test_a_fact_that_holds_is_passed_over() -> None:
    expect(True, "anything", ANSWER)
    expect_status(ANSWER, 200, 201)
    expect_fields(
        ANSWER, text=str, count=int, share=(int, float), flag=bool, none=type(None), list=list, object=dict
    )
    expect_values(ANSWER, text="a", count=2, flag=True, none=None)


def test_a_fact_that_does_not_hold_shows_the_answer() -> None:
    fault = fault_of(expect, False, "a fact", ANSWER)
    assert (fault.expected, fault.got, fault.exchange) == ("a fact", ANSWER.outcome(), ANSWER)


def test_what_came_can_be_told_in_other_words() -> None:
    assert fault_of(expect, False, "a fact", ANSWER, "something else").got == "something else"


def test_an_acceptance_is_any_success() -> None:
    for status in (200, 201, 202):
        expect_accepted(Exchange("GET", "/", {}, None, status))
    assert fault_of(expect_accepted, Exchange("GET", "/", {}, None, 409)).got == "409"


def test_another_status_is_a_fault() -> None:
    assert fault_of(expect_status, ANSWER, 400, 404).expected == "400 or 404"
    assert fault_of(expect_status, Exchange("GET", "/", {}, None, None), 200).expected == "200"


@pytest.mark.parametrize(
    ("name", "kind", "named"),
    [
        ("missing", str, "string"),
        ("missing", type(None), "null"),
        ("flag", int, "integer"),
        ("share", int, "integer"),
        ("count", (str, type(None)), "string or null"),
        ("none", (int, float), "integer or number"),
        ("list", dict, "object"),
        ("object", list, "array"),
        ("text", bool, "bool"),
    ],
)
def test_a_field_of_another_type_is_a_fault(name: str, kind: Any, named: str) -> None:
    assert fault_of(expect_fields, ANSWER, **{name: kind}).expected == f"a field {name!r} of type {named}"


@pytest.mark.parametrize(
    ("name", "value"), [("count", 3), ("count", 2.0), ("flag", 1), ("missing", None), ("none", 0)]
)
def test_a_field_of_another_value_is_a_fault(name: str, value: Any) -> None:
    assert fault_of(expect_values, ANSWER, **{name: value}).expected == f"{name} = {value!r}"


def test_an_answer_that_is_no_object_has_no_fields() -> None:
    array = Exchange("GET", "http://server/", {}, None, 200, b'["text"]')
    fault_of(expect_fields, array, text=str)
    fault_of(expect_values, array, text="a")


def test_what_is_needed_and_absent_proves_nothing() -> None:
    require(True, "anything")
    with pytest.raises(Unproven, match="no room"):
        require(False, "no room")


def test_a_success_that_is_needed_is_answered() -> None:
    assert require_success(ANSWER, "anything") is ANSWER
    with pytest.raises(Unproven, match="it does not answer: 500"):
        require_success(Exchange("GET", "/", {}, None, 500), "it does not answer")


def test_true_is_no_number() -> None:
    assert is_of(1, int)
    assert is_of(1, (str, int))
    assert is_of(True, bool)
    assert not is_of(True, int)
    assert not is_of(False, (int, float))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ""),
        (["a"], "'a'"),
        (["a", "b"], "'a', 'b'"),
        (list("abcde"), "'a', 'b', 'c', 'd', 'e'"),
        (list("abcdefg"), "'a', 'b', 'c', 'd', 'e' and 2 more"),
    ],
)
def test_names_are_listed_up_to_five(names: list[str], words: str) -> None:
    assert listed(names) == words
