"""A crew proves checks at the same time, and finds what the run alone would find."""

import dataclasses
import threading
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.check import Check, Server, proves
from conformance.crew import MOST_WORKERS, Crew, crew_size, examples_alone
from conformance.plugin import run_checks
from conformance.run import Options, Run
from conformance.target import Target, Unreachable
from conformance.verdict import Verdict, broken
from tests.conformance.serving import (
    ASSUMED,
    CLAUSES,
    MUST,
    OTHER,
    SHOULD,
    TinyDriver,
    answering,
    service_of,
    target_of,
)

PATIENCE = 20
MANY = 1_000_000


class Manned:
    """A run with a crew, and the drivers of its workers."""

    def __init__(self, *checks: Check, size: int | None = 3, target: Target | None = None) -> None:
        self.target = target or answering(200)
        self.drivers: list[TinyDriver] = []
        self.own = TinyDriver(self.target)
        service = dataclasses.replace(service_of(*checks), counting=frozenset({SHOULD.id}))
        self.run = Run(service, self.own, Options(examples=5))
        self.crew = Crew(self.run, self.target, self._connect, size)

    def _connect(self, target: Target) -> Server:
        self.drivers.append(TinyDriver(target))
        return self.drivers[-1]

    def proven(self) -> list[Verdict]:
        """The verdicts of a session."""
        run_checks(self.run, lambda _check: None, self.crew)
        self.run.finish()
        return [self.run.result(clause.id).verdict for clause in CLAUSES]


def check_of(clause_id: str, does: Callable[[Server], object]) -> Check:
    """A check of a clause that does something with its driver."""

    @proves(clause_id)
    def it_is_run(server: Server) -> None:
        does(server)

    return it_is_run


@pytest.mark.parametrize(
    ("seconds", "size"), [(0.0, 1), (0.001, 1), (0.009, 1), (0.01, 2), (0.02, 4), (0.05, 10), (3.0, 16)]
)
def test_a_crew_is_as_large_as_the_servers_time_pays(seconds: float, size: int) -> None:
    assert crew_size(seconds) == size <= MOST_WORKERS


@pytest.mark.parametrize(
    ("examples", "seconds", "tried"),
    [(20, 0.0, 20), (20, 0.02, 20), (20, 0.04, 10), (20, 0.05, 8), (20, 3.0, 8)],
)
def test_a_slow_server_gets_fewer_examples_of_what_goes_alone(
    examples: int, seconds: float, tried: int
) -> None:
    assert examples_alone(examples, seconds) == tried


def test_checks_are_proven_at_the_same_time_each_with_a_driver_of_its_own() -> None:
    together = threading.Barrier(3, timeout=PATIENCE)
    seen: list[Server] = []

    def meet(server: Server) -> None:
        together.wait()
        seen.append(server)

    manned = Manned(*(check_of(clause.id, meet) for clause in (MUST, OTHER, ASSUMED)))
    assert manned.proven()[:2] == [Verdict.KEPT] * 2
    assert {id(server) for server in seen} == {id(driver) for driver in manned.drivers}
    assert len({id(driver.target.history) for driver in manned.drivers}) == 3
    assert [driver.told[-1] for driver in manned.drivers] == ["end run"] * 3


def test_what_looks_at_the_whole_server_comes_when_all_workers_have_gone() -> None:
    def look(server: Server) -> None:
        assert server is manned.own
        assert [driver.told[-1] for driver in manned.drivers] == ["end run"] * 2

    manned = Manned(
        check_of(MUST.id, lambda _server: None),
        check_of(OTHER.id, lambda _server: None),
        check_of(SHOULD.id, look),
    )
    assert manned.proven()[:3] == [Verdict.KEPT] * 3


@pytest.mark.parametrize("size", [1, None])
def test_one_worker_is_no_crew(size: int | None) -> None:
    seen: list[Server] = []
    manned = Manned(*(check_of(clause.id, seen.append) for clause in (MUST, OTHER)), size=size)
    assert manned.proven()[:2] == [Verdict.KEPT] * 2
    assert (seen, manned.drivers) == ([manned.own] * 2, [])


def test_a_crew_finds_what_the_run_alone_finds() -> None:
    def sent(size: int) -> tuple[list[Verdict], dict[str, list[bytes]]]:
        bodies: dict[str, list[bytes]] = {}

        def answer(request: httpx.Request) -> httpx.Response:
            bodies.setdefault(request.url.path, []).append(request.content)
            return httpx.Response(200)

        @proves(MUST.id)
        @given(number=st.integers())
        def it_holds(server: Server, number: int) -> None:
            server.target.send("POST", "/must", json=number)

        @proves(OTHER.id)
        @given(number=st.integers(0, 1000))
        def it_breaks(server: Server, number: int) -> None:
            exchange = server.target.send("POST", "/other", json=number)
            if number > 9:
                raise broken("9", str(number), exchange)

        manned = Manned(it_holds, it_breaks, size=size, target=target_of(answer))
        return manned.proven(), bodies

    assert sent(1) == sent(2)


def test_a_server_that_is_gone_ends_every_worker() -> None:
    def leave(_server: Server) -> None:
        raise Unreachable("gone")

    @proves(OTHER.id)
    @given(number=st.integers())
    def it_asks(server: Server, number: int) -> None:
        for _ in range(MANY):
            server.target.send("POST", "/", json=number)

    manned = Manned(check_of(MUST.id, leave), it_asks)
    assert manned.proven()[:2] == [Verdict.UNPROVEN] * 2
    assert manned.run.unreachable == "gone"
    assert not manned.run.interrupted
    assert all("end run" not in driver.told for driver in manned.drivers)


def test_a_user_who_interrupts_ends_every_worker_and_all_clean_up() -> None:
    def interrupt(_server: Server) -> None:
        manned.run.interrupted = True

    @proves(OTHER.id)
    @given(number=st.integers())
    def it_asks(server: Server, number: int) -> None:
        for _ in range(MANY):
            server.target.send("POST", "/", json=number)

    manned = Manned(check_of(MUST.id, interrupt), it_asks, check_of(ASSUMED.id, print))
    manned.proven()
    assert manned.run.interrupted
    assert manned.run.result(OTHER.id).verdict is Verdict.UNPROVEN
    assert manned.target.requests < MANY
    assert [driver.told[-1] for driver in manned.drivers] == ["end run"] * 3


def test_a_crew_that_was_not_needed_is_dismissed_in_silence() -> None:
    manned = Manned()
    manned.crew.dismiss()
    assert manned.drivers == []
