"""Checks of the areas repeats and timeouts: what a client sends again, and when it gives up."""

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.client.driver import Client, Limits
from conformance.client.expectation import expect, expect_error
from conformance.client.repeating import expect_once, expect_pause, expect_same_again
from conformance.client.reply import Reply
from conformance.moorcheh.client.scene import UPLOAD, UPLOADS, count, stored, vector_namespace
from conformance.moorcheh.payload import plain_batch

BATCH = plain_batch(3, 2)
IDS = [item["id"] for item in BATCH]
REFUSAL = {"status": "failure", "message": "That cannot be."}
PATIENT = Limits(answer=2.0, operation=8.0)
HASTE = Limits(answer=0.4, operation=2.0)
SILENCE = 4.0
LATE = 4 * HASTE.answer


@proves("moorcheh.client.repeats.refusals")
@given(status=st.sampled_from((400, 401, 403, 404, 409, 413, 422)))
def a_refused_upload_is_not_sent_again(client: Client, status: int) -> None:
    """Once is enough."""
    name = vector_namespace(client)
    client.world.fault("status", "POST", UPLOADS, status=status, body=REFUSAL)
    expect_once(_upload(client, name, PATIENT), UPLOAD)


@proves("moorcheh.client.repeats.lost-answer")
@given(when=st.sampled_from(("before", "after")))
def an_upload_whose_answer_is_lost_is_not_lost(client: Client, when: str) -> None:
    """Whether or not the work was done."""
    name = vector_namespace(client)
    client.world.fault("reset", "POST", UPLOADS, when=when, times=1)
    _expect_stored_or_error(client, name, _upload(client, name, PATIENT))


@proves("moorcheh.client.repeats.no-duplicate")
def an_upload_sent_again_is_stored_once(client: Client) -> None:
    """Though the first try was carried out already."""
    name = vector_namespace(client)
    client.world.fault("reset", "POST", UPLOADS, when="after", times=1)
    reply = _upload(client, name, PATIENT)
    there = sorted(stored(client, name, IDS))
    expect(
        there == sorted(IDS) and count(client) == len(IDS), f"{IDS} stored", reply, f"{count(client)} items"
    )


@proves("moorcheh.client.repeats.same")
def what_is_sent_again_is_the_same(client: Client) -> None:
    """To the same place."""
    name = vector_namespace(client)
    client.world.fault("unavailable", "POST", UPLOADS, retry_after=0, times=1)
    expect_same_again(_upload(client, name, PATIENT), UPLOAD)


@proves("moorcheh.client.repeats.bounded")
def a_server_that_stays_unavailable_is_given_up(client: Client) -> None:
    """Within the time limit of the caller."""
    name = vector_namespace(client)
    client.world.fault("unavailable", "POST", UPLOADS, retry_after=0)
    expect_error(_upload(client, name, HASTE))


@proves("moorcheh.client.repeats.retry-after")
def the_seconds_of_retry_after_pass(client: Client) -> None:
    """Of a rate limit and of a server that is unavailable."""
    _expect_patience(client, "rate-limit", 1, "seconds", 1.0)
    client.begin_example()
    _expect_patience(client, "unavailable", 1, "seconds", 1.0)


@proves("moorcheh.client.repeats.retry-after-date")
def the_date_of_retry_after_passes(client: Client) -> None:
    """A date knows whole seconds: of two, at least one is left."""
    _expect_patience(client, "unavailable", 2, "date", 1.0)


@proves("moorcheh.client.timeouts.silence")
def a_request_that_is_never_answered_ends(client: Client) -> None:
    """Within the time limit of the caller."""
    name = vector_namespace(client)
    client.world.fault("delay", "POST", UPLOADS, seconds=SILENCE, when="before")
    expect_error(_upload(client, name, HASTE))


@proves("moorcheh.client.timeouts.late")
@given(when=st.sampled_from(("before", "after")))
def an_upload_answered_too_late_is_not_lost(client: Client, when: str) -> None:
    """The work may be done or not: a success means it is."""
    name = vector_namespace(client)
    client.world.fault("delay", "POST", UPLOADS, seconds=LATE, when=when, times=1)
    _expect_stored_or_error(client, name, _upload(client, name, HASTE))


def _upload(client: Client, name: str, limits: Limits) -> Reply:
    return client.ask("uploadVectors", {"namespace_name": name, "vectors": BATCH}, limits)


def _expect_stored_or_error(client: Client, name: str, reply: Reply) -> None:
    there = sorted(stored(client, name, IDS))
    kept = reply.error or (reply.succeeded and there == sorted(IDS))
    expect(kept, f"an error, or {IDS} stored", reply, f"{reply.outcome()} with {there} stored")


def _expect_patience(client: Client, effect: str, retry_after: int, spelling: str, seconds: float) -> None:
    name = vector_namespace(client)
    client.world.fault(effect, "POST", UPLOADS, retry_after=retry_after, times=1, **{"as": spelling})
    expect_pause(_upload(client, name, PATIENT), UPLOAD, seconds)
