"""Refusals and their valid twins: a refusal proves nothing unless the same without the fault is accepted.

An upload must be refused again when it is sent again: a server that refuses now and then, whatever it is
sent, would else be believed to know why.
"""

from conformance.cortex.basis import Documents, Matrices
from conformance.cortex.payload import Document, Matrix
from conformance.exchange import Exchange
from conformance.expectation import expect_status, require

INVALID = (400,)
UNPROCESSABLE = (422, 400)


def expect_refused_but_twin_accepted(refused: Exchange, statuses: tuple[int, ...], twin: Exchange) -> None:
    """Breaks the clause unless the first has one of the statuses; needs its twin accepted."""
    expect_status(refused, *statuses)
    accepted = twin.succeeded and twin.body.get("success") is not False
    require(accepted, f"the valid twin of the refused request is not accepted either: {twin.outcome()}")


def expect_matrix_refused(place: Matrices, refused: Exchange, valid: Matrix) -> None:
    """Breaks the clause unless a matrix was refused with 400; needs the valid one accepted there."""
    _expect_refused_again(place, refused, INVALID)
    expect_refused_but_twin_accepted(refused, INVALID, place.upload(valid))


def expect_documents_refused(
    place: Documents, invalid: object, valid: list[Document], statuses: tuple[int, ...]
) -> Exchange:
    """Breaks the clause unless the documents are refused; needs the valid ones accepted there."""
    refused = place.insert(invalid)
    _expect_refused_again(place, refused, statuses)
    expect_refused_but_twin_accepted(refused, statuses, place.insert(valid))
    return refused


def _expect_refused_again(place: Matrices | Documents, refused: Exchange, statuses: tuple[int, ...]) -> None:
    expect_status(refused, *statuses)
    expect_status(place.server.target.repeat(refused), *statuses)
