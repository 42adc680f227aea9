"""Checks of the areas repeats and timeouts: what a client sends again, and when it gives up."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.client.driver import Client, Limits
from conformance.client.expectation import expect, expect_error
from conformance.client.repeating import expect_once, expect_pause, expect_same_again
from conformance.client.reply import Reply
from conformance.cortex.client.scene import count, fault, tenant, upload, upload_operation

REFUSAL = {"detail": {"success": False, "message": "That cannot be.", "error_code": "INVALID_PARAMETERS"}}
PATIENT = Limits(answer=2.0, operation=8.0)
HASTE = Limits(answer=0.4, operation=2.0)
SILENCE = 4.0
LATE = 4 * HASTE.answer
ROWS = 2


@proves("cortex.client.repeats.refusals")
@given(status=st.sampled_from((400, 401, 403, 404, 409, 413, 422)))
def a_refused_upload_is_not_sent_again(client: Client, status: int) -> None:
    """Once is enough."""
    reply = _upload_met_by(client, PATIENT, "status", status=status, body=REFUSAL)
    expect_once(reply, upload_operation(reply))


@proves("cortex.client.repeats.lost-answer")
@given(when=st.sampled_from(("before", "after")))
def an_upload_whose_answer_is_lost_is_not_lost(client: Client, when: str) -> None:
    """Whether or not the work was done."""
    _expect_stored_or_error(client, _upload_met_by(client, PATIENT, "reset", when=when, times=1))


@proves("cortex.client.repeats.no-duplicate")
def an_upload_sent_again_is_stored_once(client: Client) -> None:
    """Though the first try was carried out already, and made a file."""
    reply = _upload_met_by(client, PATIENT, "reset", when="after", times=1)
    there = count(client)
    expect(there == ROWS, f"{ROWS} rows stored", reply, f"{there} rows: {reply.on_the_wire()}")


@proves("cortex.client.repeats.same")
def what_is_sent_again_is_the_same(client: Client) -> None:
    """To the same place."""
    reply = _upload_met_by(client, PATIENT, "unavailable", retry_after=0, times=1)
    expect_same_again(reply, upload_operation(reply))


@proves("cortex.client.repeats.bounded")
def a_server_that_stays_unavailable_is_given_up(client: Client) -> None:
    """Within the time limit of the caller."""
    expect_error(_upload_met_by(client, HASTE, "unavailable", retry_after=0))


@proves("cortex.client.repeats.retry-after")
def the_seconds_of_retry_after_pass(client: Client) -> None:
    """Of a rate limit and of a server that is unavailable."""
    _expect_patience(client, "rate-limit", 1, "seconds")
    client.begin_example()
    _expect_patience(client, "unavailable", 1, "seconds")


@proves("cortex.client.repeats.retry-after-date")
def the_date_of_retry_after_passes(client: Client) -> None:
    """A date knows whole seconds: of two, at least one is left."""
    _expect_patience(client, "unavailable", 2, "date")


@proves("cortex.client.timeouts.silence")
def a_request_that_is_never_answered_ends(client: Client) -> None:
    """Within the time limit of the caller."""
    expect_error(_upload_met_by(client, HASTE, "delay", seconds=SILENCE, when="before"))


@proves("cortex.client.timeouts.late")
@given(when=st.sampled_from(("before", "after")))
def an_upload_answered_too_late_is_not_lost(client: Client, when: str) -> None:
    """The work may be done or not: a success means it is."""
    _expect_stored_or_error(client, _upload_met_by(client, HASTE, "delay", seconds=LATE, when=when, times=1))


def _upload_met_by(client: Client, limits: Limits, effect: str, **fields: Any) -> Reply:
    tenant(client)
    fault(client, effect, **fields)
    return upload(client, limits)


def _expect_stored_or_error(client: Client, reply: Reply) -> None:
    there = count(client)
    kept = reply.error or (reply.succeeded and there >= ROWS)
    expect(kept, f"an error, or {ROWS} rows stored", reply, f"{reply.outcome()} with {there} rows stored")


def _expect_patience(client: Client, effect: str, retry_after: int, spelling: str) -> None:
    fields = {"retry_after": retry_after, "as": spelling, "times": 1}
    reply = _upload_met_by(client, PATIENT, effect, **fields)
    expect_pause(reply, upload_operation(reply), 1.0)
