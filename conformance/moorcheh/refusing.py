"""Refusals and their valid twins: a refusal proves nothing unless the same without the fault is accepted.

An upload must be refused again when it is sent again: a server that refuses now and then, whatever it is
sent, would else be believed to know why.
"""

from conformance.exchange import Exchange
from conformance.expectation import expect_status, require
from conformance.moorcheh.basis import Namespace, text_namespace, vector_namespace
from conformance.moorcheh.breaking import BrokenBatch
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.payload import Batch


class Standing:
    """Namespaces that stay for a whole check, so that a refusal costs no namespace of its own.

    Args:
        server: The driver.
    """

    def __init__(self, server: Moorcheh) -> None:
        self._server = server
        self._vector: dict[int, Namespace] = {}
        self._text: Namespace | None = None

    def vector(self, dimension: int) -> Namespace:
        """The vector namespace of a dimension."""
        if dimension not in self._vector:
            self._vector[dimension] = vector_namespace(self._server, dimension)
            self._server.keep(self._vector[dimension].name)
        return self._vector[dimension]

    def text(self) -> Namespace:
        """The text namespace."""
        if self._text is None:
            self._text = text_namespace(self._server)
            self._server.keep(self._text.name)
        return self._text


def expect_refused_but_twin_accepted(refused: Exchange, status: int, twin: Exchange) -> None:
    """Breaks the clause unless the first has the status; proves nothing unless its twin is accepted."""
    expect_status(refused, status)
    require(twin.succeeded, f"the valid twin of the refused request is not accepted either: {twin.outcome()}")


def expect_broken_batch_refused(space: Namespace, case: BrokenBatch) -> None:
    """Uploads a broken batch, which must be a 400, and its valid twin, which must be accepted."""
    expect_refused_but_stored(space.upload(case.invalid), 400, space, case.valid)


def expect_refused_but_stored(refused: Exchange, status: int, space: Namespace, valid: Batch) -> None:
    """Breaks the clause unless the first has the status, and again; needs the valid batch stored.

    Jobs are seen through, also that of a batch which should have been refused, because one that runs on
    takes up quota.
    """
    if refused.succeeded:
        body = refused.body
        space.server.polls_until_end(str(body.get("namespace_name")), str(body.get("job_id")))
    expect_status(refused, status)
    again = space.server.target.repeat(refused)
    if again.succeeded:
        space.server.polls_until_end(str(again.body.get("namespace_name")), str(again.body.get("job_id")))
    expect_status(again, status)
    space.store(valid)
