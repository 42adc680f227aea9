"""A history is what an example has sent so far: it is told with a failure, so that a person can replay it."""

import contextlib
import functools
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from hypothesis import stateful

from conformance.exchange import Exchange

MOST_CALLS = 500
LONGEST_OUTCOME = 100
LONGEST_SCANNED = 4_000
# The names that drivers make up; each is used for one thing in one run.
MADE_UP = re.compile(rb"vecpact-[0-9a-f]{8}-\d+")


@dataclass(frozen=True, slots=True)
class Call:
    """A request of an example, with the step of a state machine that sent it.

    Attributes:
        exchange: The request and its answer, the last one where it was sent several times.
        step: The step, as `upload(place=0, chosen=['i1'])`; empty outside of a state machine.
        times: How often it was sent in a row.
    """

    exchange: Exchange
    step: str = ""
    times: int = 1


class History:
    """The calls since an example began, and those that made what it stands on.

    What stays for a whole run, such as a namespace that several checks use, was made by an earlier example:
    the first call that named it is remembered, and belongs to each example that names it again.

    Attributes:
        is_whole: Whether all is listed, however much it is; twins of the target then add to it too.
    """

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=MOST_CALLS)
        self._founding: dict[bytes, Call] = {}
        self._step = ""
        self._is_listing = True
        self.is_whole = False

    def begin(self) -> None:
        """Begins with the next example."""
        self._calls.clear()
        self._step = ""

    def step(self, text: str) -> None:
        """Takes note of the step that the next calls belong to."""
        self._step = text

    @contextlib.contextmanager
    def summed_up(self, text: str) -> Iterator[None]:
        """Tells in a comment what is sent within: too much to list, and more than one way leads there."""
        self._is_listing, before = self.is_whole, self._is_listing
        try:
            yield
        finally:
            self._is_listing = before
            self.step(text)

    def add(self, exchange: Exchange) -> None:
        """Takes note of an exchange."""
        if not self._is_listing:
            return
        call = Call(exchange, self._step)
        self._calls.append(call)
        if exchange.method != "GET":
            for name in _names(exchange):
                self._founding.setdefault(name, call)

    def calls(self) -> tuple[Call, ...]:
        """What to send to come to where the example is: first what it stands on, then its own calls."""
        own = list(self._calls)
        named = {name for call in own for name in _names(call.exchange)}
        founding = {id(call): call for name, call in self._founding.items() if name in named}
        for call in own:
            founding.pop(id(call), None)
        # What was made for an earlier example belongs to no step of this one.
        before = [replace(call, step="") for call in founding.values()]
        return tuple(_joined([*before, *own]))


def rule(**drawn: Any) -> Callable[[Callable[..., None]], Any]:
    """Declares a rule of a state machine, as hypothesis's own does; its steps are told with failures."""
    declared: Callable[[Callable[..., None]], Any] = stateful.rule(**drawn)
    return lambda function: declared(_telling(function))


def _telling(function: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(function)
    def telling(machine: Any, **given: Any) -> None:
        arguments = ", ".join(f"{name}={value!r}" for name, value in given.items())
        machine.server.target.history.step(f"{function.__name__}({arguments})")
        function(machine, **given)

    return telling


def _names(exchange: Exchange) -> Iterator[bytes]:
    yield from MADE_UP.findall(exchange.url.encode())
    if exchange.content and len(exchange.content) <= LONGEST_SCANNED:
        yield from MADE_UP.findall(exchange.content)


def _joined(calls: Sequence[Call]) -> Iterator[Call]:
    """The calls, those that send the same again and again as one."""
    for _, same in groupby(
        calls, lambda call: (call.step, call.exchange.method, call.exchange.url, call.exchange.content)
    ):
        last = list(same)
        yield replace(last[-1], times=len(last))


def told(calls: Sequence[Call]) -> Iterator[str]:
    """The calls as lines for a shell: a command with its outcome behind it, a step in a line of its own."""
    step = ""
    for call in calls:
        if call.step != step:
            step = call.step
            yield f"# {step}"
        often = f"{call.times} times, at last " if call.times > 1 else ""
        yield f"{call.exchange.curl()}  # {often}{call.exchange.outcome(LONGEST_OUTCOME)}"


def abridged(lines: Sequence[str], most: int) -> list[str]:
    """At most so many lines: the first and the last of them, with a line on those between."""
    if len(lines) <= most:
        return list(lines)
    first = most // 3
    last = most - first - 1
    return [*lines[:first], f"# and {len(lines) - first - last} more lines", *lines[-last:]]
