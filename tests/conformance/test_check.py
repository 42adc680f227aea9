"""A check runs its function as it was told: how often, with which seed, and until when."""

import types
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from conformance.check import Check, Conditions, Server, checks_of, explores, proves
from conformance.target import Unreachable
from conformance.verdict import Broken, Unproven, broken
from tests.conformance.serving import TinyDriver, answering

NUMBERS = st.integers(0, 10**6)


def run(check: Check, examples: int = 10, seed: int = 1) -> TinyDriver:
    """Runs a check with a driver of its own, and answers the driver."""
    driver = TinyDriver(answering(200))
    check.run(driver, Conditions(examples, seed))
    return driver


def drawing(into: list[int]) -> Check:
    """A check that keeps what it draws."""

    @proves("tiny.first.must")
    @given(number=NUMBERS)
    def numbers_are_drawn(_server: Server, number: int) -> None:
        into.append(number)

    return numbers_are_drawn


def test_a_plain_function_is_run_once() -> None:
    servers: list[Server] = []

    @proves("tiny.first.must")
    def it_holds(server: Server) -> None:
        servers.append(server)

    driver = run(it_holds)
    assert servers == [driver]
    assert driver.told == ["begin example"]
    assert it_holds.examples == 1


def test_a_check_is_named_for_its_function() -> None:
    @proves("tiny.first.must", exclusive=True)
    def a_fact_holds(_server: Server) -> None:
        """Holds."""

    assert (a_fact_holds.name, a_fact_holds.clauses) == ("a_fact_holds", ("tiny.first.must",))
    assert (a_fact_holds.exclusive, a_fact_holds.explores) == (True, False)


@pytest.mark.parametrize("examples", [1, 7, 40])
def test_a_generated_check_is_run_with_as_many_examples_as_asked(examples: int) -> None:
    drawn: list[int] = []
    check = drawing(drawn)
    driver = run(check, examples=examples)
    assert len(drawn) == check.examples == examples
    assert driver.told == ["begin example"] * examples


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    drawn: list[list[int]] = []
    for seed in (1, 1, 2):
        drawn.append([])
        run(drawing(drawn[-1]), seed=seed)
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_check_can_be_run_again_with_other_conditions() -> None:
    drawn: list[int] = []
    check = drawing(drawn)
    run(check, examples=10)
    first = drawn.copy()
    drawn.clear()
    run(check, examples=5)
    assert (drawn, check.examples) == (first[:5], 5)


def test_a_fault_is_shrunk_to_the_smallest_example() -> None:
    @proves("tiny.first.must")
    @given(number=NUMBERS)
    def numbers_are_small(_server: Server, number: int) -> None:
        if number > 99:
            raise broken("at most 99", str(number))

    with pytest.raises(Broken) as caught:
        run(numbers_are_small)
    assert caught.value.got == "100"
    assert numbers_are_small.examples > 1


def test_a_lack_of_proof_ends_the_check_at_once() -> None:
    tried: list[int] = []

    @proves("tiny.first.must")
    @given(number=NUMBERS)
    def something_is_needed(_server: Server, number: int) -> None:
        tried.append(number)
        raise Unproven("it is not there")

    with pytest.raises(Unproven, match="it is not there"):
        run(something_is_needed)
    assert len(tried) == something_is_needed.examples == 1


@pytest.mark.parametrize("end", [Unproven("it answers no more"), Unreachable("it is gone")])
def test_a_fault_stands_though_the_server_gives_way_afterwards(end: Exception) -> None:
    answered: list[int] = []

    @proves("tiny.first.must")
    @given(number=NUMBERS)
    def it_breaks_and_then_dies(_server: Server, number: int) -> None:
        if answered:
            raise end
        answered.append(number)
        raise broken("an answer", "none")

    with pytest.raises(Broken, match="expected an answer, got none"):
        run(it_breaks_and_then_dies)


def test_a_fault_of_one_run_is_not_remembered_in_the_next() -> None:
    ends: list[Exception] = [broken("an answer", "none"), Unproven("not there")]

    @proves("tiny.first.must")
    def it_ends(_server: Server) -> None:
        raise ends.pop(0)

    with pytest.raises(Broken):
        run(it_ends)
    with pytest.raises(Unproven):
        run(it_ends)


def test_a_fault_that_does_not_happen_again_is_flaky() -> None:
    calls: list[int] = []

    @proves("tiny.first.must")
    @given(number=NUMBERS)
    def it_fails_once(_server: Server, number: int) -> None:
        calls.append(number)
        if len(calls) == 3:
            raise broken("steadiness", "a slip")

    with pytest.raises(Flaky):
        run(it_fails_once)


def machine_of(step: Any) -> Check:
    """A check that explores by doing one step again and again."""

    @explores("tiny.first.must", "tiny.first.other")
    def any_history_is_fine(server: Server) -> type[RuleBasedStateMachine]:
        class History(RuleBasedStateMachine):
            def __init__(self) -> None:
                super().__init__()
                self.number = 0

            @rule()
            def count(self) -> None:
                self.number += 1
                step(server, self.number)

            @invariant()
            def is_counting(self) -> None:
                assert self.number >= 0

        return History

    return any_history_is_fine


def test_a_history_begins_an_example_each_time() -> None:
    steps: list[int] = []
    check = machine_of(lambda _server, number: steps.append(number))
    driver = run(check, examples=5)
    assert check.explores
    assert check.examples == driver.told.count("begin example") >= 5
    assert steps.count(1) > 1


def test_a_history_is_shrunk_to_its_shortest() -> None:
    def step(_server: Server, number: int) -> None:
        if number > 3:
            raise broken("three steps", f"{number} steps", clause="tiny.first.other")

    with pytest.raises(Broken) as caught:
        run(machine_of(step), examples=30)
    assert (caught.value.got, caught.value.clause_id) == ("4 steps", "tiny.first.other")


def test_a_fault_in_a_history_stands_though_the_server_gives_way_afterwards() -> None:
    seen: list[int] = []

    def step(_server: Server, number: int) -> None:
        if seen:
            raise Unproven("it answers no more")
        if number > 3:
            seen.append(number)
            raise broken("three steps", f"{number} steps")

    with pytest.raises(Broken, match="got 4 steps"):
        run(machine_of(step), examples=30)


@pytest.mark.parametrize("seconds", [0, 4])
def test_nothing_is_printed_about_an_example(
    seconds: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.check.SHRINKING_SECONDS", seconds)

    def step(_server: Server, number: int) -> None:
        raise broken("nothing", str(number))

    with pytest.raises(Broken):
        run(machine_of(step))
    assert capsys.readouterr() == ("", "")


def test_the_checks_of_a_module_come_in_its_order() -> None:
    module = types.ModuleType("area")
    first, second = drawing([]), machine_of(print)
    vars(module).update(zebra=first, number=7, ant=second)
    assert list(checks_of(module)) == [first, second]
