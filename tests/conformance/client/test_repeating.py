"""Repeats: counted, compared, and timed by what the mock heard."""

import pytest

from conformance.client.contract import operations
from conformance.client.repeating import expect_once, expect_pace, expect_pause, expect_same_again
from conformance.verdict import Broken, Unproven
from tests.conformance.client.replies import heard, reply

UPLOAD = operations("moorcheh")["uploadVectors"]
ONCE = reply({}, heard())
# Each answer takes half a second: what is sent at 11.0 comes half a second after the first was answered.
AGAIN = reply({}, heard(), heard(raw_path="/health"), heard(monotonic=11.0))


def test_one_request_is_once() -> None:
    expect_once(ONCE, UPLOAD)
    with pytest.raises(Broken, match=r"expected one request, got 2 requests: POST"):
        expect_once(AGAIN, UPLOAD)


def test_what_is_sent_again_is_compared() -> None:
    expect_same_again(AGAIN, UPLOAD)
    with pytest.raises(Broken, match=r'got POST .* {"n": 2} -> 202'):
        expect_same_again(reply({}, heard(), heard(body='{"n": 2}')), UPLOAD)


def test_a_pause_is_from_an_answer_to_a_request() -> None:
    expect_pause(AGAIN, UPLOAD, 0.5)
    with pytest.raises(Broken, match=r"expected a pause of 0\.6 s, got a pause of 0\.500 s"):
        expect_pause(AGAIN, UPLOAD, 0.6)


def test_the_shortest_pause_tells_the_pace() -> None:
    three = reply({}, heard(), heard(monotonic=11.0), heard(monotonic=11.6))
    expect_pace(three, UPLOAD, 0.1)
    with pytest.raises(Broken, match=r"got 3 requests, one of them 100\.0 ms after an answer"):
        expect_pace(three, UPLOAD, 0.4)


def test_what_is_sent_once_says_nothing_of_repeats() -> None:
    with pytest.raises(Unproven, match=r"^the client sends nothing again$"):
        expect_same_again(ONCE, UPLOAD)
    with pytest.raises(Unproven, match=r"^the client sends nothing again$"):
        expect_pause(ONCE, UPLOAD, 0.0)
    with pytest.raises(Unproven, match=r"^the client asks uploadVectors once$"):
        expect_pace(ONCE, UPLOAD, 0.1)


def test_what_is_not_sent_says_nothing() -> None:
    with pytest.raises(Unproven, match=r"^the client sends no uploadVectors: {}$"):
        expect_once(reply({}), UPLOAD)
