"""What the machine tells of processes."""

import os
import sys
import threading
import time

import pytest

from bench import machine


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the time of another process")
def test_the_time_of_threads_that_ended_counts() -> None:
    spent: list[float] = []

    def work() -> None:
        while time.thread_time() < 0.02:
            sum(range(1_000))
        spent.append(time.thread_time())

    before = machine.processor_time(os.getpid())
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    after = machine.processor_time(os.getpid())
    assert before is not None
    assert after is not None
    assert after - before >= spent[0]


def test_a_system_that_does_not_tell_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert machine.processor_time(os.getpid()) is None
