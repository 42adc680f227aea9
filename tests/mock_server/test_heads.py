"""Heads that are known: found again octet for octet, with the whole of their body, and only then."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from mock_server import create_app
from mock_server.arrival import Arrival
from mock_server.heads import KNOWN, LONGEST, Heads

Named = tuple[bytes, bytes]
LINE = b"POST /health HTTP/1.1\r\n"
PLACE = create_app().place("/health", b"/health")


def arrived(headers: Sequence[Named], body: bytes) -> Arrival:
    """Makes a request that is whole."""
    arrival = Arrival("POST", PLACE, b"", headers, 1_000, None)
    arrival.feed(body)
    return arrival


def spelled(headers: Sequence[Named], body: bytes) -> bytes:
    """Spells a request."""
    return LINE + b"".join(b"%b: %b\r\n" % header for header in headers) + b"\r\n" + body


def test_a_head_is_known_with_a_body_of_its_length() -> None:
    heads = Heads()
    headers = [(b"content-length", b"2")]
    heads.learn(spelled(headers, b"{}"), arrived(headers, b"{}"))
    found = heads.find(spelled(headers, b"[]"))
    assert found is not None
    assert (found.method, found.place, found.query, found.headers) == ("POST", PLACE, b"", headers)
    assert (found.body(), found.size) == (b"[]", 2)
    for other in (b"[", b"[ ]", b""):
        assert heads.find(spelled(headers, other)) is None
    assert heads.find(spelled([(b"content-length", b"3")], b"[ ]")) is None


def test_what_more_than_a_length_frames_is_not_learnt() -> None:
    heads = Heads()
    for headers in (
        [(b"transfer-encoding", b"chunked")],
        [(b"content-length", b"2"), (b"content-length", b"2")],
        [(b"content-length", b"2"), (b"transfer-encoding", b"identity")],
    ):
        heads.learn(spelled(headers, b"{}"), arrived(headers, b"{}"))
        assert heads.find(spelled(headers, b"{}")) is None


def test_what_is_more_than_one_request_is_not_learnt() -> None:
    heads = Heads()
    once = spelled([], b"")
    heads.learn(once + once, arrived([], b""))
    assert heads.find(once) is None
    assert heads.find(once + once) is None


def test_long_heads_are_not_learnt_and_not_too_many() -> None:
    heads = Heads()
    long = [(b"a", b"x" * LONGEST)]
    heads.learn(spelled(long, b""), arrived(long, b""))
    assert heads.find(spelled(long, b"")) is None
    for number in range(KNOWN + 1):
        headers = [(b"a", b"%d" % number)]
        heads.learn(spelled(headers, b""), arrived(headers, b""))
    assert heads.find(spelled([(b"a", b"0")], b"")) is None
    assert heads.find(spelled([(b"a", b"%d" % KNOWN)], b"")) is not None


@given(learnt=st.binary(max_size=40), asked=st.binary(max_size=40))
def test_a_head_is_found_only_where_it_stands_octet_for_octet(learnt: bytes, asked: bytes) -> None:
    heads = Heads()
    body = learnt.partition(b"\r\n\r\n")[2]
    heads.learn(learnt, arrived([], body))
    found = heads.find(asked)
    if found is not None:
        assert asked == learnt[: len(learnt) - len(body)] + found.body()
        assert found.size == len(body)
