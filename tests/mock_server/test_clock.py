"""The clock of a session."""

import pytest

from mock_server.clock import Clock, real_time, timestamp


class Hands:
    """A source of time that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_time_runs_with_its_source() -> None:
    hands = Hands()
    clock = Clock(hands)
    hands.now += 5
    assert clock.now() == 1005
    assert not clock.frozen


def test_frozen_time_stands_until_it_is_advanced() -> None:
    hands = Hands()
    clock = Clock(hands)
    clock.freeze()
    hands.now += 5
    assert (clock.frozen, clock.now()) == (True, 1000)
    clock.advance(60)
    assert clock.now() == 1060


def test_thawed_time_runs_on_from_where_it_stood() -> None:
    hands = Hands()
    clock = Clock(hands)
    clock.freeze()
    hands.now += 5
    clock.thaw()
    hands.now += 1
    assert clock.now() == 1001
    clock.thaw()
    assert clock.now() == 1001


def test_running_time_can_be_advanced() -> None:
    clock = Clock(Hands())
    clock.advance(0.5)
    assert clock.now() == 1000.5


@pytest.mark.parametrize("seconds", [-1.0, float("inf"), float("nan"), 1e12])
def test_time_goes_neither_back_nor_beyond_the_calendar(seconds: float) -> None:
    clock = Clock(Hands())
    with pytest.raises(ValueError, match="a clock advances"):
        clock.advance(seconds)
    assert clock.now() == 1000


def test_real_time_never_runs_back() -> None:
    now = real_time()
    moments = [now() for _ in range(100)]
    assert moments == sorted(moments)


def test_a_timestamp_is_iso_8601_in_utc_with_milliseconds() -> None:
    assert timestamp(1779364800.0) == "2026-05-21T12:00:00.000Z"
    assert timestamp(1779364800.25) == "2026-05-21T12:00:00.250Z"
