"""What a check expects of a client: that it tells its caller, and what the mock heard from it."""

from collections.abc import Sequence
from typing import Any

from conformance.client.arrival import difference
from conformance.client.contract import Operation
from conformance.client.heard import Heard
from conformance.client.reply import Reply
from conformance.verdict import Unproven, broken


def expect(holds: object, expected: str, reply: Reply, got: str = "") -> None:
    """Breaks the clause unless something holds; without `got`, the client's answer is what came instead."""
    if not holds:
        raise broken(expected, got or reply.outcome(), reply)


def expect_result(reply: Reply) -> Any:
    """Breaks the clause unless the client answers a result; answers it."""
    expect(reply.succeeded, "a result", reply)
    return reply.result


def expect_error(reply: Reply) -> None:
    """Breaks the clause unless the client answers an error, of whatever kind."""
    expect(reply.error, "an error", reply)


def expect_status(reply: Reply, status: int) -> None:
    """Breaks the clause unless the client answers an error that tells an HTTP status."""
    expect(reply.error and reply.status == status, f"an error with status {status}", reply)


def expect_arrived(given: Any, came: Any, reply: Reply, *, more: bool = False) -> None:
    """Breaks the clause unless a value came as it was given; with `more`, its objects may have more keys."""
    found = difference(given, came, more=more)
    expect(not found, "what was given", reply, found)


def sent(reply: Reply, operation: Operation) -> Sequence[Heard]:
    """The requests for an operation that the mock heard, the first first; needs one.

    Raises:
        Unproven: None was heard, so nothing can be said of it.
    """
    found = [heard for heard in reply.heard if operation.fits(heard)]
    if not found:
        raise Unproven(f"the client sends no {operation.name}: {reply.outcome()}")
    return found


def expect_sent(reply: Reply, operation: Operation) -> Heard:
    """Breaks the clause unless the mock heard a request for an operation; answers the first."""
    found = [heard for heard in reply.heard if operation.fits(heard)]
    expect(found, f"{operation.method} {operation.templates[0]}", reply, reply.on_the_wire())
    return found[0]
