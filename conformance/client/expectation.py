"""What a check expects of a client: that it tells its caller, and what the mock heard from it."""

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.client.arrival import difference
from conformance.client.contract import Operation, wrong_with
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


def expect_status(reply: Reply, status: int | None) -> None:
    """Breaks the clause unless the client answers an error that tells an HTTP status."""
    expect(reply.error and reply.status == status, f"an error with status {status}", reply)


def expect_tells(reply: Reply, text: str) -> None:
    """Breaks the clause unless the client answers an error in which a text stands."""
    expect(reply.error and reply.tells(text), f"an error that tells {text!r}", reply)


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


def accepted(reply: Reply, operation: Operation) -> Any:
    """What the service answered to an operation at last; needs an answer of success.

    Raises:
        Unproven: The service had none for what the client sent.
    """
    return _answered(reply, operation, range(200, 300), "accepts")


def refused(reply: Reply, operation: Operation) -> Any:
    """What the service answered to an operation at last; needs a refusal.

    Raises:
        Unproven: The service refused nothing.
    """
    return _answered(reply, operation, range(400, 500), "refuses")


def expect_sent(reply: Reply, operation: Operation) -> Sequence[Heard]:
    """Breaks the clause unless the mock heard requests for an operation; answers them, the first first."""
    found = [heard for heard in reply.heard if operation.fits(heard)]
    got = reply.on_the_wire() if reply.heard else f"no request: {reply.outcome()}"
    expect(found, f"{operation.method} {operation.templates[0]}", reply, got)
    return found


def expect_endpoint(reply: Reply, operation: Operation) -> None:
    """Breaks the clause unless a request went to an operation's endpoint, with the caller's names in it."""
    heard = expect_sent(reply, operation)[0]
    for key, text in operation.parameters(heard).items():
        wanted = reply.arguments[key]
        expect(text == wanted, f"{key} {wanted!r} in the path", reply, heard.raw_path)


def expect_body_fits(reply: Reply, operation: Operation, service: str) -> None:
    """Breaks the clause unless the body of a request, where it has one, fits the operation's schema."""
    if operation.body is not None:
        heard = sent(reply, operation)[0]
        wrong = wrong_with(service, operation.body, heard.value)
        expect(not wrong, f"a body that fits {operation.body}", reply, f"{wrong}: {heard.outcome()}")


def expect_json_type(reply: Reply, operation: Operation) -> None:
    """Breaks the clause unless a request with a body says that it is JSON, with or without a charset."""
    if operation.body is not None:
        said = sent(reply, operation)[0].headers.get("content-type", "nothing")
        is_json = said.partition(";")[0].strip().lower() == "application/json"
        expect(is_json, "content-type: application/json", reply, f"content-type: {said}")


def expect_told(reply: Reply, operation: Operation, service: str) -> None:
    """Breaks the clause unless all that the service answered reached the caller, in its documented shape."""
    expect_result(reply)
    expect_arrived(accepted(reply, operation), reply.result, reply, more=True)
    wrong = wrong_with(service, operation.answer, reply.result)
    expect(not wrong, f"a result that fits {operation.answer}", reply, wrong)


def expect_nothing_sent(reply: Reply) -> None:
    """Breaks the clause unless the client answers an error and no body reached the wire."""
    for heard in reply.heard:
        expect(not heard.body, "nothing on the wire", reply, heard.outcome())
    expect_error(reply)


def expect_harmless(reply: Reply, operation: Operation, unknown: Mapping[str, Any]) -> None:
    """Breaks the clause unless a result came whose plain fields, the unknown ones aside, are as answered."""
    expect_result(reply)
    expect_arrived(
        _plain(accepted(reply, operation), unknown), _plain(reply.result, unknown), reply, more=True
    )


def _answered(reply: Reply, operation: Operation, statuses: range, verb: str) -> Any:
    last = sent(reply, operation)[-1]
    if last.status not in statuses or last.answered is None:
        raise Unproven(f"the service {verb} no {operation.name} of the client: {last.outcome()}")
    return last.answered


def _plain(answer: Any, unknown: Mapping[str, Any]) -> Mapping[str, Any]:
    fields = answer if isinstance(answer, dict) else {}
    return {
        key: value
        for key, value in fields.items()
        if key not in unknown and not isinstance(value, dict | list)
    }
