"""Repeats: what a client sends again, how often, and how long it waits before."""

from itertools import pairwise

from conformance.client.contract import Operation
from conformance.client.expectation import expect, sent
from conformance.client.heard import Heard
from conformance.client.reply import Reply
from conformance.verdict import Unproven

CLOCK = 0.02
"""Seconds by which a pause may seem shorter than it was: two clocks look at it."""


def expect_once(reply: Reply, operation: Operation) -> None:
    """Breaks the clause if a request was sent again."""
    times = len(sent(reply, operation))
    expect(times == 1, "one request", reply, f"{times} requests: {reply.on_the_wire()}")


def expect_same_again(reply: Reply, operation: Operation) -> None:
    """Breaks the clause if what was sent again is something else; needs something sent again."""
    first, *others = _repeated(reply, operation)
    for other in others:
        same = (first.raw_path, first.query, first.value) == (other.raw_path, other.query, other.value)
        expect(same, first.outcome(), reply, other.outcome())


def expect_pause(reply: Reply, operation: Operation, seconds: float) -> None:
    """Breaks the clause unless so many seconds passed before a request was sent again; needs one that was."""
    first, second, *_ = _repeated(reply, operation)
    passed = second.at - first.left_at
    expect(passed >= seconds - CLOCK, f"a pause of {seconds:g} s", reply, f"a pause of {passed:.3f} s")


def expect_pace(reply: Reply, operation: Operation, seconds: float) -> None:
    """Breaks the clause if the same is asked for again less than so many seconds after the last answer.

    It needs something asked for twice. From answer to request, a busy machine can only make a pause longer.
    """
    looks: dict[tuple[str, str], list[Heard]] = {}
    for heard in sent(reply, operation):
        looks.setdefault((heard.raw_path, heard.query), []).append(heard)
    pauses = [later.at - earlier.left_at for same in looks.values() for earlier, later in pairwise(same)]
    if not pauses:
        raise Unproven(f"the client asks {operation.name} once")
    many = f"{len(pauses) + 1} requests, one of them {min(pauses) * 1000:.1f} ms after an answer"
    expect(min(pauses) >= seconds - CLOCK / 2, f"at least {seconds * 1000:g} ms after an answer", reply, many)


def _repeated(reply: Reply, operation: Operation) -> list[Heard]:
    found = list(sent(reply, operation))
    if len(found) < 2:
        raise Unproven("the client sends nothing again")
    return found
