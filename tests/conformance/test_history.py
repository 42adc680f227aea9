"""A history holds what led to a failure: the example's own calls, and those that made what it stands on."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from conformance.exchange import Exchange
from conformance.history import Call, History, abridged, rule, told
from tests.conformance.serving import TinyDriver, answering

NAME = "vecpact-0123abcd-{}"


def call(method: str = "GET", path: str = "/", content: bytes | None = None, status: int = 200) -> Exchange:
    """An exchange."""
    return Exchange(method, f"http://server{path}", {}, content, status)


def history_of(*exchanges: Exchange) -> History:
    """A history with these calls."""
    history = History()
    for exchange in exchanges:
        history.add(exchange)
    return history


def test_an_example_has_its_own_calls_alone() -> None:
    history = history_of(call(path="/a"))
    history.begin()
    history.add(call(path="/b"))
    assert [each.exchange.url for each in history.calls()] == ["http://server/b"]


def test_what_an_example_stands_on_belongs_to_it() -> None:
    create = call("POST", "/spaces", f'{{"name": "{NAME.format(1)}"}}'.encode(), 201)
    other = call("POST", "/spaces", f'{{"name": "{NAME.format(2)}"}}'.encode(), 201)
    first_use = call("POST", f"/spaces/{NAME.format(1)}/items", b"{}")
    history = history_of(create, other, first_use)
    history.begin()
    use = call("GET", f"/spaces/{NAME.format(1)}")
    history.add(use)
    assert [each.exchange for each in history.calls()] == [create, use]


def test_what_an_example_has_made_itself_is_told_once() -> None:
    create = call("POST", "/spaces", NAME.format(1).encode())
    assert history_of(create, create, call()).calls() == (Call(create, times=2), Call(call()))


def test_a_name_that_was_only_asked_for_founds_nothing() -> None:
    history = history_of(call("GET", f"/spaces/{NAME.format(1)}"))
    history.begin()
    assert history.calls() == ()


def test_the_same_again_and_again_is_told_once_with_its_last_answer() -> None:
    running, done = call(path="/jobs/1", status=202), call(path="/jobs/1", status=200)
    assert history_of(running, running, done, call()).calls() == (Call(done, times=3), Call(call()))


def test_a_step_is_told_before_its_calls() -> None:
    history = History()
    history.add(call("POST"))
    history.step("upload(place=0)")
    history.add(call("PUT", content=b"{}", status=400))
    history.add(call("DELETE"))
    history.step("poll()")
    history.step("get()")
    history.add(call())
    assert list(told(history.calls())) == [
        "curl -sS -X POST http://server/  # 200",
        "# upload(place=0)",
        "curl -sS -X PUT http://server/ --data-raw '{}'  # 400",
        "curl -sS -X DELETE http://server/  # 200",
        "# get()",
        "curl -sS -X GET http://server/  # 200",
    ]


def test_what_is_too_much_to_list_is_told_in_a_comment() -> None:
    history = History()
    history.add(call("POST"))
    with history.summed_up("filled with 1,000 items"):
        for _ in range(100):
            history.add(call("PUT"))
    history.add(call("DELETE"))
    assert list(told(history.calls())) == [
        "curl -sS -X POST http://server/  # 200",
        "# filled with 1,000 items",
        "curl -sS -X DELETE http://server/  # 200",
    ]


def test_a_repeated_call_says_how_often() -> None:
    assert list(told([Call(call(), times=3)])) == ["curl -sS -X GET http://server/  # 3 times, at last 200"]


def test_a_rule_tells_its_step() -> None:
    driver = TinyDriver(answering(200))
    steps: list[str] = []

    class Machine(RuleBasedStateMachine):
        server: Any = driver

        @rule(number=st.just(7), words=st.just(["a"]))
        def count(self, number: int, words: list[str]) -> None:
            """Counts."""
            self.server.target.send("GET", f"/{number}{words[0]}")
            steps.extend(each.step for each in self.server.target.history.calls())

    run_state_machine_as_test(Machine)
    assert set(steps) == {"count(number=7, words=['a'])"}
    assert Machine.count.__doc__ == "Counts."


def test_many_lines_are_abridged_in_the_middle() -> None:
    lines = [f"{n}" for n in range(20)]
    assert abridged(lines, 20) == lines
    assert abridged(lines, 6) == ["0", "1", "# and 15 more lines", "17", "18", "19"]
