"""A signal is heeded where nothing is lost by it, and a second one at once."""

import gc
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from conformance.interruption import SIGNALS, interruptible
from conformance.target import Target
from tests.misbehaving.serving import misbehaving


@dataclass
class Ending:
    """What can be ended early."""

    interrupted: bool = False
    is_ending: bool = False


def signal_in(module: str) -> None:
    """Raises the signal in a frame of a module of this name."""
    code = compile("signal.raise_signal(signal.SIGINT)", f"{module}.py", "exec")
    exec(code, {"__name__": module, "signal": signal})


@pytest.mark.parametrize("number", SIGNALS)
def test_the_usual_handlers_are_back_afterwards(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with interruptible(Ending()):
        assert signal.getsignal(number) is not before
    assert signal.getsignal(number) is before


def test_a_signal_in_the_middle_of_something_is_only_told() -> None:
    run = Ending()
    with interruptible(run):
        signal_in("elsewhere")
    assert run.interrupted


@pytest.mark.parametrize("module", ["socket", "threading", "subprocess"])
def test_a_signal_where_the_suite_waits_is_heeded_at_once(module: str) -> None:
    run = Ending()
    with interruptible(run), pytest.raises(KeyboardInterrupt):
        signal_in(module)
    assert run.interrupted


def test_a_second_signal_is_heeded_wherever_it_comes() -> None:
    run = Ending()
    with interruptible(run):
        signal_in("elsewhere")
        with pytest.raises(KeyboardInterrupt):
            signal_in("elsewhere")


def test_a_clean_up_is_interrupted_by_the_second_signal_only() -> None:
    run = Ending(is_ending=True)
    with interruptible(run):
        signal_in("socket")
        assert run.interrupted
        with pytest.raises(KeyboardInterrupt):
            signal_in("socket")


def test_no_signal_is_heeded_while_garbage_is_collected() -> None:
    def interrupt(_phase: str, _info: dict[str, int]) -> None:
        signal_in("socket")

    run = Ending()
    gc.callbacks.append(interrupt)
    try:
        with interruptible(run):
            gc.collect()
    finally:
        gc.callbacks.remove(interrupt)
    assert run.interrupted


def test_a_request_that_waits_for_its_answer_is_interrupted() -> None:
    main = threading.get_ident()

    def interrupt(connection: socket.socket, _request: bytes) -> None:
        signal.pthread_kill(main, signal.SIGINT)
        connection.recv(1)

    run = Ending()
    with (
        misbehaving(interrupt) as url,
        Target(url) as target,
        interruptible(run),
        pytest.raises(KeyboardInterrupt),
    ):
        target.send("GET", "/")
    assert run.interrupted


def test_in_another_thread_signals_are_left_alone() -> None:
    def handlers() -> list[object]:
        with interruptible(Ending()):
            return [signal.getsignal(number) for number in SIGNALS]

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(handlers).result() == [signal.getsignal(number) for number in SIGNALS]
