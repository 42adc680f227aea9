"""A broom removes at once where that is quick, and beside what goes on where it is not."""

import threading

import pytest

from conformance.broom import SLOW, Broom
from conformance.target import Target, Unreachable
from tests.conformance.serving import answering

PATIENCE = 20


class Timed(Target):
    """A target on a server that takes its time, or so it seems."""

    @property
    def seconds(self) -> float:
        """Just long enough."""
        return SLOW


def slow_broom() -> Broom:
    """A broom at a slow server."""
    return Broom(Timed("http://server", transport=None))


def test_at_a_quick_server_it_sweeps_at_once_and_in_order() -> None:
    swept: list[int] = []
    broom = Broom(answering(200))
    broom.sweep([lambda _target: swept.append(1), lambda _target: swept.append(2)])
    assert swept == [1, 2]
    broom.settle()
    broom.close()


def test_what_it_sends_belongs_to_no_history() -> None:
    target = answering(200)
    Broom(target).sweep([lambda twin: (twin.send("DELETE", "/"), None)[1]])
    assert (target.requests, target.history.calls()) == (1, ())


def test_at_a_slow_server_it_sweeps_beside_what_goes_on() -> None:
    go_on, swept = threading.Event(), threading.Event()

    def remove(_target: Target) -> None:
        go_on.wait(PATIENCE)
        swept.set()

    broom = slow_broom()
    broom.sweep([remove])
    assert not swept.is_set()
    go_on.set()
    broom.settle()
    assert swept.is_set()
    broom.close()


def test_it_sweeps_several_things_at_the_same_time() -> None:
    together = threading.Barrier(2, timeout=PATIENCE)
    broom = slow_broom()
    broom.sweep([lambda _target: (together.wait(), None)[1]] * 2)
    broom.settle()
    broom.close()


def test_a_server_that_is_gone_is_told_when_it_settles() -> None:
    def remove(_target: Target) -> None:
        raise Unreachable("gone")

    broom = slow_broom()
    broom.sweep([remove])
    with pytest.raises(Unreachable, match="gone"):
        broom.settle()
    broom.close()
    broom.close()
