"""Interruption: a user or a CI job who ends a run early is heeded where nothing is lost by it.

An exception that a signal raises at any place can be lost, or printed and forgotten: in a finalizer, in a
callback, in a library that is half through with something. So the first signal is a wish that the suite heeds
before its next request, and at once only where it waits. The second one ends it wherever it is.
"""

import contextlib
import gc
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Protocol

SIGNALS = (signal.SIGINT, signal.SIGTERM)
PACKAGE = Path(__file__).parent
# Where the suite waits for a server, a process or another thread.
WAITING = frozenset({"socket", "ssl", "selectors", "subprocess", "threading", "concurrent.futures._base"})


class Interruptible(Protocol):
    """What can be ended early."""

    interrupted: bool
    is_ending: bool


@contextlib.contextmanager
def interruptible(run: Interruptible) -> Iterator[None]:
    """Lets signals interrupt a run: it is told, and KeyboardInterrupt raised where the suite waits.

    A run that is ending, and only cleans up, is left alone until a second signal.
    """

    def interrupt(_number: int, frame: FrameType | None) -> None:
        again, run.interrupted = run.interrupted, True
        # What a callback of the garbage collector raises is printed and forgotten, and hypothesis has one.
        if not _is_collecting(frame) and (again or (not run.is_ending and _is_waiting(frame))):
            raise KeyboardInterrupt

    # Only the main thread may take signals.
    numbers = SIGNALS if threading.current_thread() is threading.main_thread() else ()
    usual = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)


def _is_waiting(frame: FrameType | None) -> bool:
    """Whether the innermost frame is the suite's own, or one in which the suite may wait."""
    if frame is None:
        return False
    module = frame.f_globals.get("__name__")
    return module in WAITING or Path(frame.f_code.co_filename).is_relative_to(PACKAGE)


def _is_collecting(frame: FrameType | None) -> bool:
    callbacks = [getattr(callback, "__code__", None) for callback in gc.callbacks]
    return frame is not None and (frame.f_code in callbacks or _is_collecting(frame.f_back))
