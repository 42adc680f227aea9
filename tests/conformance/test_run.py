"""A run turns what checks find into a verdict on each clause."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from conformance import history
from conformance.check import Check, Server, explores, proves
from conformance.clause import Clause
from conformance.effort import QUICK, THOROUGH, Effort
from conformance.known_broken import KnownBroken
from conformance.run import Options, Replay, Run
from conformance.target import Unreachable
from conformance.verdict import Result, Unproven, Verdict, broken
from tests.conformance.serving import (
    ASSUMED,
    MUST,
    OTHER,
    SHOULD,
    TinyDriver,
    answering,
    proven,
    run_of,
    service_of,
    target_of,
)

DEPENDING = (
    MUST,
    replace(OTHER, depends_on=(MUST.id,)),
    replace(SHOULD, depends_on=(OTHER.id,)),
    ASSUMED,
)


def holds(clause: Clause) -> Check:
    """A check that finds the clause kept."""

    @proves(clause.id)
    @given(number=st.integers())
    def it_holds(server: Server, number: int) -> None:
        server.target.send("POST", "/", json=number)

    return it_holds


def breaks(clause: Clause) -> Check:
    """A check that finds the clause broken."""

    @proves(clause.id)
    @given(number=st.integers(5))
    def it_breaks(server: Server, number: int) -> None:
        raise broken("400", "202 accepted", server.target.send("POST", "/", json=number))

    return it_breaks


def raises(clause: Clause, error: BaseException) -> Check:
    """A check that ends in an error."""

    @proves(clause.id)
    def it_raises(_server: Server) -> None:
        raise error

    return it_raises


def wanders(*finds: Clause, over: int = 0) -> Check:
    """A check that explores, and breaks each of these clauses somewhere on the way."""

    @explores(MUST.id, OTHER.id)
    def it_wanders(server: Server) -> type[RuleBasedStateMachine]:
        class History(RuleBasedStateMachine):
            @rule(number=st.integers(0, 100))
            def step(self, number: int) -> None:
                if finds and number > over:
                    clause = finds[number % len(finds)]
                    raise broken(
                        f"no {clause.id}", str(number), server.target.send("GET", "/"), clause=clause.id
                    )

        return History

    return it_wanders


def one(clause: Clause, *checks: Check, **options: Any) -> Result:
    """The result on one clause of a run of these checks."""
    return proven(run_of(*checks, **options))[clause.id]


def test_a_clause_that_holds_is_kept() -> None:
    result = one(MUST, holds(MUST), examples=7)
    assert (result.verdict, result.examples) == (Verdict.KEPT, 7)
    assert (result.detail, result.sent, result.expected, result.got, result.repeat) == ("", "", "", "", "")


def test_a_must_that_does_not_hold_is_broken_and_told_whole() -> None:
    result = one(MUST, breaks(MUST), seed=7, command=("check", "tiny"))
    assert (result.verdict, result.expected, result.got) == (Verdict.BROKEN, "400", "202 accepted")
    assert result.sent.startswith("curl -sS -X POST http://server/ ")
    assert result.sent.endswith("--data-raw 5")
    assert result.repeat == "check tiny --only tiny.first.must --seed 7 --replay it_breaks:AEEF"
    assert result.calls == (f"{result.sent}  # 200 {{}}",)
    assert result.examples > 1


def test_a_should_that_does_not_hold_is_advice() -> None:
    assert one(SHOULD, breaks(SHOULD)).verdict is Verdict.ADVICE


def test_a_clause_of_other_evidence_that_does_not_hold_is_noted() -> None:
    assert one(ASSUMED, breaks(ASSUMED)).verdict is Verdict.NOTED
    assert one(MUST, breaks(MUST), evidence=("implied",)).verdict is Verdict.NOTED
    assert one(SHOULD, breaks(SHOULD), evidence=("assumed",)).verdict is Verdict.NOTED


def test_a_clause_of_chosen_evidence_counts() -> None:
    assert one(ASSUMED, breaks(ASSUMED), evidence=("documented", "assumed")).verdict is Verdict.BROKEN


def test_what_lacks_its_needs_is_unproven_with_the_reason() -> None:
    result = one(MUST, raises(MUST, Unproven("there is no room")))
    assert (result.verdict, result.detail, result.examples) == (Verdict.UNPROVEN, "there is no room", 1)


def test_a_fault_of_the_suite_is_an_error_and_names_the_place() -> None:
    result = one(MUST, raises(MUST, KeyError("missing")), holds(OTHER))
    assert result.verdict is Verdict.ERROR
    assert result.detail.startswith("KeyError: 'missing' (")
    assert "check.py:" in result.detail
    assert "--only tiny.first.must" in result.repeat


def test_an_error_without_words_is_named_by_its_type() -> None:
    assert one(MUST, raises(MUST, ValueError())).detail.startswith("ValueError:  (")


def test_a_clause_that_is_not_chosen_is_skipped() -> None:
    results = proven(run_of(holds(MUST), breaks(OTHER), chosen={MUST.id}))
    assert {each: result.verdict for each, result in results.items()} == {
        MUST.id: Verdict.KEPT,
        **dict.fromkeys((OTHER.id, SHOULD.id, ASSUMED.id), Verdict.SKIPPED),
    }


def test_checks_of_clauses_not_chosen_are_not_run() -> None:
    run = run_of(holds(MUST), breaks(OTHER), wanders(), chosen={OTHER.id})
    assert [check.name for check in run.checks()] == ["it_breaks", "it_wanders"]


def test_a_clause_of_which_a_check_has_not_been_run_is_unproven() -> None:
    result = run_of(holds(MUST)).result(MUST.id)
    assert (result.verdict, result.detail, result.examples) == (Verdict.UNPROVEN, "the run ended before", 0)


def test_results_come_in_the_order_of_the_contract() -> None:
    run = run_of(holds(ASSUMED), holds(MUST))
    assert [result.clause for result in run.results()] == [MUST, OTHER, SHOULD, ASSUMED]


@pytest.mark.parametrize(
    "last", [holds(MUST), raises(MUST, Unproven("no room")), raises(MUST, KeyError("x"))]
)
def test_a_fault_outweighs_what_other_checks_of_the_clause_find(last: Check) -> None:
    assert one(MUST, holds(MUST), breaks(MUST), last).verdict is Verdict.BROKEN


def test_all_checks_of_a_clause_must_prove_it() -> None:
    result = one(MUST, holds(MUST), raises(MUST, Unproven("no room")), examples=4)
    assert (result.verdict, result.detail, result.examples) == (Verdict.UNPROVEN, "no room", 5)
    assert one(MUST, raises(MUST, KeyError("x")), holds(MUST)).verdict is Verdict.ERROR


def test_on_a_server_without_a_basis_nothing_is_kept_and_faults_stay() -> None:
    results = proven(run_of(holds(MUST), breaks(OTHER), breaks(SHOULD), baseline="it stores nothing"))
    assert (results[MUST.id].verdict, results[MUST.id].detail) == (Verdict.UNPROVEN, "it stores nothing")
    assert results[OTHER.id].verdict is Verdict.BROKEN
    assert results[SHOULD.id].verdict is Verdict.ADVICE


def test_what_depends_on_a_broken_clause_is_unproven_of_it() -> None:
    for check in (holds(OTHER), breaks(OTHER), raises(OTHER, Unproven("no room"))):
        results = proven(run_of(check, breaks(MUST), clauses=DEPENDING))
        assert results[MUST.id].verdict is Verdict.BROKEN
        assert results[OTHER.id].verdict is Verdict.UNPROVEN
        assert results[OTHER.id].detail == f"depends on {MUST.id}, which does not hold"


def test_what_depends_on_a_dependant_names_the_fault_itself() -> None:
    results = proven(run_of(breaks(MUST), breaks(OTHER), breaks(SHOULD), clauses=DEPENDING))
    assert results[SHOULD.id].verdict is Verdict.UNPROVEN
    assert results[SHOULD.id].detail == f"depends on {MUST.id}, which does not hold"


def test_a_dependant_is_broken_where_its_basis_is_not() -> None:
    for first in (holds(MUST), raises(MUST, Unproven("no room"))):
        results = proven(run_of(first, breaks(OTHER), clauses=DEPENDING))
        assert results[OTHER.id].verdict is Verdict.BROKEN
    results = proven(run_of(breaks(MUST), breaks(OTHER), clauses=DEPENDING, chosen={OTHER.id}))
    assert results[OTHER.id].verdict is Verdict.BROKEN


def test_a_fault_of_the_suite_outweighs_a_broken_basis() -> None:
    results = proven(run_of(breaks(MUST), raises(OTHER, KeyError("x")), clauses=DEPENDING))
    assert results[OTHER.id].verdict is Verdict.ERROR


def test_what_lacks_what_a_broken_clause_speaks_of_is_unproven_of_it() -> None:
    lacking = raises(OTHER, Unproven("there is no room", basis=MUST.id))
    assert one(OTHER, lacking, breaks(MUST)).detail == (
        f"depends on {MUST.id}, which does not hold: there is no room"
    )
    for first in (holds(MUST), raises(MUST, Unproven("no room"))):
        assert one(OTHER, lacking, first).detail == "there is no room"
    assert one(OTHER, lacking, breaks(MUST), chosen={OTHER.id}).detail == "there is no room"
    foreign = raises(OTHER, Unproven("there is no room", basis="of.another.service"))
    assert one(OTHER, foreign, breaks(MUST)).detail == "there is no room"


def test_a_basis_that_cannot_be_found_out_is_none() -> None:
    def baseline(_server: Server) -> str:
        raise Unproven("no namespace can be created")

    results = proven(Run(service_of(holds(MUST), baseline=baseline), TinyDriver(answering(500)), Options()))
    assert (results[MUST.id].verdict, results[MUST.id].detail) == (
        Verdict.UNPROVEN,
        "no namespace can be created",
    )


def test_the_basis_is_found_out_once() -> None:
    asked: list[Server] = []

    def baseline(server: Server) -> str:
        asked.append(server)
        return ""

    driver = TinyDriver(answering(200))
    proven(Run(service_of(holds(MUST), holds(OTHER), baseline=baseline), driver, Options()))
    assert asked == [driver]


def test_the_same_seed_repeats_what_was_sent() -> None:
    def sent(seed: int, *checks: Check) -> list[bytes]:
        bodies: list[bytes] = []

        def answer(request: httpx.Request) -> httpx.Response:
            bodies.append(request.content)
            return httpx.Response(200)

        proven(run_of(*checks, driver=TinyDriver(target_of(answer)), seed=seed, examples=5))
        return bodies

    assert sent(1, holds(MUST)) == sent(1, holds(MUST)) != sent(2, holds(MUST))
    assert sent(1, breaks(SHOULD), holds(MUST))[-5:] == sent(1, holds(MUST))


@pytest.mark.parametrize(
    ("effort", "examples", "words"),
    [
        (QUICK, QUICK.examples, "--quick"),
        (THOROUGH, THOROUGH.examples, "--thorough"),
        (QUICK, 7, "--quick --examples 7"),
    ],
)
def test_the_repeat_line_names_the_size_of_the_run(effort: Effort, examples: int, words: str) -> None:
    result = one(MUST, breaks(MUST), effort=effort, examples=examples)
    assert result.repeat == f"python -m conformance --only {MUST.id} --seed 0 {words} --replay it_breaks:AEEF"


def test_the_repeat_line_names_what_was_not_left_at_its_default() -> None:
    result = one(ASSUMED, breaks(ASSUMED), examples=3, seed=2, evidence=("documented", "assumed"))
    expected = "--only tiny.second.assumed --seed 2 --examples 3 --evidence documented,assumed"
    assert result.repeat == f"python -m conformance {expected} --replay it_breaks:AEEF"


def replay_of(result: Result) -> Replay:
    """The example that a result's `repeat` line names."""
    name, _, choices = result.repeat.rpartition(" ")[2].partition(":")
    return Replay(name, choices)


def test_a_replay_tries_exactly_the_example_again() -> None:
    sent: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return httpx.Response(200)

    first = one(MUST, holds(MUST), breaks(MUST), seed=7)
    again = one(
        MUST, holds(MUST), breaks(MUST), seed=8, replay=replay_of(first), driver=TinyDriver(target_of(answer))
    )
    assert (again.verdict, again.examples, again.got) == (Verdict.BROKEN, 1, first.got)
    assert (again.sent, sent) == (first.sent, [b"5"])
    assert replay_of(again) == replay_of(first)


def test_a_replay_of_a_history_tries_exactly_its_steps_again() -> None:
    def machine(steps: list[str]) -> Check:
        @explores(MUST.id, OTHER.id)
        def it_counts(server: Server) -> type[RuleBasedStateMachine]:
            class History(RuleBasedStateMachine):
                def __init__(self) -> None:
                    super().__init__()
                    self.server = server
                    self.total = 0
                    steps.append("begin")

                @history.rule(number=st.integers(0, 100))
                def add(self, number: int) -> None:
                    steps.append(f"add {number}")
                    self.total += number
                    exchange = server.target.send("GET", f"/{number}")
                    if self.total > 150:
                        raise broken("150", str(self.total), exchange, clause=OTHER.id)

            return History

        return it_counts

    first = one(OTHER, machine([]), holds(OTHER), seed=3, examples=50)
    assert first.calls[0].startswith("# add(number=")
    steps: list[str] = []
    again = one(OTHER, machine(steps), holds(OTHER), seed=4, replay=replay_of(first))
    assert (again.verdict, again.examples, again.calls) == (Verdict.BROKEN, 1, first.calls)
    assert steps == ["begin", *(f"add {line[13:-1]}" for line in first.calls if line.startswith("#"))]


def test_a_replay_of_what_draws_nothing_runs_it_once() -> None:
    @proves(MUST.id)
    def it_breaks(server: Server) -> None:
        raise broken("400", "200", server.target.send("GET", "/"))

    first = one(MUST, it_breaks, holds(MUST))
    assert replay_of(first) == Replay("it_breaks", "")
    again = one(MUST, it_breaks, holds(MUST), replay=replay_of(first))
    assert (again.verdict, again.examples) == (Verdict.BROKEN, 1)


@pytest.mark.parametrize("check", [breaks(MUST), wanders(MUST)], ids=lambda check: check.name)
def test_an_example_that_does_not_fail_any_more_is_kept_and_said_to_be_one(check: Check) -> None:
    first = one(MUST, check, seed=7)
    mended = holds(MUST) if check.name == "it_breaks" else wanders()
    mended.name = check.name
    again = one(MUST, mended, replay=replay_of(first))
    assert (again.verdict, again.examples) == (Verdict.KEPT, 1)
    assert again.detail.startswith("this one example does not break it (any more)")


def test_the_calls_of_a_fault_are_those_of_its_example() -> None:
    @proves(MUST.id)
    @given(number=st.integers(0, 100))
    def it_breaks_late(server: Server, number: int) -> None:
        server.target.send("POST", "/first", json=number)
        exchange = server.target.send("POST", "/second", json=number)
        if number > 41:
            raise broken("400", "200", exchange)

    result = one(MUST, it_breaks_late, examples=50)
    assert [re.findall(r"server/(\w+) .* --data-raw (\d+) ", call) for call in result.calls] == [
        [("first", "42")],
        [("second", "42")],
    ]


def test_a_body_too_long_for_a_line_is_in_a_file_where_there_is_a_folder(tmp_path: Path) -> None:
    @proves(MUST.id)
    def it_sends_much(server: Server) -> None:
        raise broken("400", "200", server.target.send("POST", "/", json="x" * 10_000))

    assert one(MUST, it_sends_much).sent.endswith("  # the body is cut, it has 10,002 bytes")
    sent = one(MUST, it_sends_much, bodies=tmp_path).sent
    assert sent.endswith(f" --data-binary @{tmp_path / MUST.id}.body")


def test_two_clauses_broken_in_one_check_are_told_apart() -> None:
    @explores(MUST.id, OTHER.id)
    def it_wanders(server: Server) -> type[RuleBasedStateMachine]:
        class History(RuleBasedStateMachine):
            @rule(number=st.integers(0, 100))
            def step(self, number: int) -> None:
                clause = OTHER if number % 2 else MUST
                if number > 9:
                    raise broken("9", str(number), server.target.send("GET", f"/{number}"), clause=clause.id)

        return History

    results = proven(run_of(it_wanders, holds(MUST), holds(OTHER), examples=50))
    assert [results[clause.id].calls for clause in (MUST, OTHER)] == [
        ("curl -sS -X GET http://server/10  # 200 {}",),
        ("curl -sS -X GET http://server/11  # 200 {}",),
    ]


def test_a_known_fault_is_known_and_one_that_is_gone_is_stale() -> None:
    known = KnownBroken({MUST.id: "a race", OTHER.id: "long ago"})
    results = proven(run_of(breaks(MUST), holds(OTHER), known=known))
    assert [results[clause.id].verdict for clause in (MUST, OTHER)] == [Verdict.KNOWN, Verdict.STALE]
    assert results[MUST.id].repeat.endswith(":AEEF")


def test_one_example_that_does_not_fail_makes_nothing_stale() -> None:
    known = KnownBroken({MUST.id: "a race"})
    first = one(MUST, breaks(MUST))
    mended = holds(MUST)
    mended.name = "it_breaks"
    assert one(MUST, mended, known=known, replay=replay_of(first)).verdict is Verdict.KEPT


def test_what_the_server_does_not_offer_is_not_tried() -> None:
    run = run_of(breaks(MUST), holds(OTHER), not_offered={MUST.id: "no files"})
    assert [check.clauses[0] for check in run.checks()] == [OTHER.id]
    results = proven(run)
    assert (results[MUST.id].verdict, results[MUST.id].detail) == (Verdict.SKIPPED, "not offered: no files")
    assert results[OTHER.id].verdict is Verdict.KEPT


def test_a_server_that_fails_once_is_said_to_be_seen_once() -> None:
    calls: list[int] = []

    @proves(MUST.id)
    @given(number=st.integers())
    def it_slips(server: Server, number: int) -> None:
        calls.append(number)
        if len(calls) == 2:
            raise broken("steadiness", "a slip", server.target.send("GET", "/"))

    result = one(MUST, it_slips, wanders())
    assert (result.verdict, result.got) == (Verdict.BROKEN, "a slip")
    assert result.detail.startswith("seen once")


def test_a_remark_is_shown_with_a_clause_that_is_kept() -> None:
    @proves(MUST.id)
    @given(number=st.integers())
    def it_holds_in_another_reading(server: Server, number: int) -> None:  # noqa: ARG001  # drawn to be many
        server.remarks.append("in another reading")

    results = proven(run_of(it_holds_in_another_reading, holds(MUST), wanders(), holds(OTHER)))
    assert (results[MUST.id].verdict, results[MUST.id].detail) == (Verdict.KEPT, "in another reading")
    assert results[OTHER.id].detail == ""


def test_a_remark_of_a_check_that_fails_is_not_passed_on_to_the_next() -> None:
    @proves(MUST.id)
    def it_breaks_with_a_remark(server: Server) -> None:
        server.remarks.append("in another reading")
        raise broken("a", "b", server.target.send("GET", "/"))

    assert one(OTHER, it_breaks_with_a_remark, holds(OTHER)).detail == ""


def test_a_history_that_is_fine_proves_nothing() -> None:
    results = proven(run_of(wanders(), holds(MUST)))
    assert results[MUST.id].verdict is Verdict.KEPT
    assert results[OTHER.id].verdict is Verdict.UNPROVEN


def test_a_history_that_lacks_its_needs_says_nothing() -> None:
    @explores(MUST.id)
    def it_needs_something(_server: Server) -> type[RuleBasedStateMachine]:
        raise Unproven("not there")

    assert one(MUST, it_needs_something, holds(MUST)).verdict is Verdict.KEPT


def test_two_clauses_broken_in_a_history_are_told_apart() -> None:
    results = proven(run_of(wanders(MUST, OTHER, over=9), holds(MUST), holds(OTHER), examples=50))
    assert {results[clause.id].verdict for clause in (MUST, OTHER)} == {Verdict.BROKEN}
    assert (results[MUST.id].expected, results[MUST.id].got) == (f"no {MUST.id}", "10")
    assert (results[OTHER.id].expected, results[OTHER.id].got) == (f"no {OTHER.id}", "11")


def test_one_clause_broken_in_a_history_leaves_the_other() -> None:
    results = proven(run_of(wanders(OTHER), holds(MUST), holds(OTHER)))
    assert (results[MUST.id].verdict, results[OTHER.id].verdict) == (Verdict.KEPT, Verdict.BROKEN)


def test_a_server_that_is_gone_ends_the_run() -> None:
    driver = TinyDriver(answering(200))
    gone = raises(OTHER, Unreachable("http://server takes no connection"))
    run = run_of(holds(MUST), gone, holds(SHOULD), driver=driver)
    first, second, _ = run.checks()
    run.prove(first)
    with pytest.raises(Unreachable):
        run.prove(second)
    run.finish()
    assert run.result(MUST.id).verdict is Verdict.KEPT
    for clause in (OTHER, SHOULD):
        assert run.result(clause.id).verdict is Verdict.UNPROVEN
        assert run.result(clause.id).detail == "http://server takes no connection"
    assert "end run" not in driver.told


def test_a_server_that_is_gone_when_it_should_clean_up_ends_the_run_too() -> None:
    class Gone(TinyDriver):
        def end_check(self) -> None:
            raise Unreachable("http://server takes no connection")

    run = run_of(breaks(MUST), holds(OTHER), driver=Gone(answering(200)))
    with pytest.raises(Unreachable):
        run.prove(run.checks()[0])
    assert run.unreachable == "http://server takes no connection"
    assert run.result(MUST.id).verdict is Verdict.BROKEN
    assert run.result(OTHER.id).detail == "http://server takes no connection"


@pytest.mark.parametrize(
    "check", [holds(MUST), breaks(MUST), raises(MUST, Unproven("x")), raises(MUST, KeyError("x"))]
)
def test_what_a_check_made_is_removed_however_it_ends(check: Check) -> None:
    driver = TinyDriver(answering(200))
    proven(run_of(check, driver=driver))
    assert driver.told[-2:] == ["end check", "end run"]
    assert driver.told.count("end check") == 1


def test_what_a_check_made_is_removed_when_it_is_interrupted() -> None:
    driver = TinyDriver(answering(200))
    run = run_of(raises(MUST, KeyboardInterrupt()), driver=driver)
    with pytest.raises(KeyboardInterrupt):
        run.prove(run.checks()[0])
    assert driver.told[-1] == "end check"
