"""Asking: one operation after another, whichever of them the client offers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.client.contract import Operation
from conformance.client.driver import Client, Limits
from conformance.client.expectation import sent
from conformance.client.heard import Heard
from conformance.client.reply import Reply
from conformance.verdict import Unproven

Arguments = Mapping[str, Any]


def one_by_one(client: Client, asked: Iterable[tuple[str, Arguments]]) -> Iterator[tuple[str, Reply]]:
    """Asks for every operation that the client offers; needs one, and remarks on the others."""
    offered, missing = 0, []
    for operation, arguments in asked:
        try:
            reply = client.ask(operation, arguments)
        except Unproven:
            missing.append(operation)
            continue
        offered += 1
        yield operation, reply
    if not offered:
        raise Unproven(f"the client offers none of {', '.join(dict.fromkeys(missing))}")
    if missing:
        client.remarks.append(f"not offered: {', '.join(dict.fromkeys(missing))}")


def first_offered(
    client: Client, asked: Iterable[tuple[str, Arguments]], limits: Limits | None = None
) -> Reply:
    """Asks for the first of some operations that the client offers; needs one."""
    missing = []
    for operation, arguments in asked:
        try:
            return client.ask(operation, arguments, limits)
        except Unproven:
            missing.append(operation)
    raise Unproven(f"the client offers none of {', '.join(dict.fromkeys(missing))}")


def turned_down(
    client: Client, asked: Iterable[tuple[str, Arguments]], operations: Mapping[str, Operation]
) -> Iterator[tuple[Heard, Reply]]:
    """Asks for what the service refuses: its last refusal, and the client's reply.

    A client that knows better and sends nothing tells its caller in its own way: of that nothing is said.
    """
    for name, reply in one_by_one(client, asked):
        refused = [heard for heard in reply.heard if operations[name].fits(heard)]
        if refused or reply.kind != "argument":
            yield sent(reply, operations[name])[-1], reply
