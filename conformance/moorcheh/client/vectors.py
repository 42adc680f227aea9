"""Checks of the area vectors: the numbers, ids and batches of an upload, as they arrive."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.client.arrival import respelled_integers
from conformance.client.driver import Client
from conformance.client.expectation import (
    expect,
    expect_arrived,
    expect_nothing_sent,
    expect_result,
    expect_sent,
)
from conformance.client.heard import Heard, Number
from conformance.client.reply import Reply
from conformance.moorcheh.client.scene import UPLOAD, count, stored, vector_namespace
from conformance.moorcheh.payload import PRINTABLE, Batch, plain_batch

LARGE = 10_000
LARGEST = 20
NON_FINITE = (math.nan, math.inf, -math.inf)
floats = st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda number: math.copysign(1, number) > 0 or number
)
# What a client that tidies texts up would change: blanks at the ends, letters that are composed or folded.
tidied = st.sampled_from(
    (" a", "a ", "a  b", "\u3000a", "e\u0301", "\ufb01", "\u0130", "A/a", "a\u00a0b", "\u200ba")
)
unusual_ids = st.one_of(
    st.text(st.characters(categories=PRINTABLE), min_size=1, max_size=60).filter(str.strip), tidied
)


def upload(client: Client, name: str, vectors: Batch) -> Reply:
    """Asks the client to upload vectors."""
    return client.ask("uploadVectors", {"namespace_name": name, "vectors": vectors})


def arrived(reply: Reply) -> list[Any]:
    """The vectors that arrived, in order, whether in one request or several; each request once."""
    found: list[Any] = []
    for heard in expect_sent(reply, UPLOAD):
        vectors = heard.value.get("vectors") if isinstance(heard.value, dict) else None
        found += vectors if isinstance(vectors, list) else []
    return found


@proves("moorcheh.client.vectors.numbers")
@given(numbers=st.lists(floats, min_size=1, max_size=16))
def every_float_arrives_exactly(client: Client, numbers: list[float]) -> None:
    """From the smallest subnormal to the largest float."""
    name = vector_namespace(client, len(numbers))
    reply = upload(client, name, [{"id": "numbers", "vector": numbers}])
    expect_arrived([{"id": "numbers", "vector": numbers}], arrived(reply), reply)


@proves("moorcheh.client.vectors.integers")
@given(numbers=st.lists(st.integers(-(2**53), 2**53), min_size=1, max_size=8))
def an_integer_arrives_as_one(client: Client, numbers: list[int]) -> None:
    """Without a fraction or an exponent."""
    name = vector_namespace(client, len(numbers))
    reply = upload(client, name, [{"id": "numbers", "vector": numbers}])
    _expect_integers({"vectors": [{"vector": numbers}]}, reply)


@proves("moorcheh.client.vectors.negative-zero")
def a_negative_zero_keeps_its_sign(client: Client) -> None:
    """A float is more than its value."""
    name = vector_namespace(client)
    reply = upload(client, name, [{"id": "zero", "vector": [-0.0, 1.0]}])
    vector = next((each.get("vector") for each in _spelled(expect_sent(reply, UPLOAD)[0])), None)
    zero = vector[0] if isinstance(vector, list) and vector else None
    expect(isinstance(zero, Number) and zero.startswith("-"), "-0.0", reply, str(zero))


@proves("moorcheh.client.vectors.non-finite")
@given(number=st.sampled_from(NON_FINITE), place=st.integers(0, 2), item=st.integers(0, 2))
def a_number_that_json_has_not_is_an_error(client: Client, number: float, place: int, item: int) -> None:
    """Nor is it turned into something else on the way."""
    name = vector_namespace(client, 3)
    batch = plain_batch(3, 3)
    batch[item]["vector"][place] = number
    reply = upload(client, name, batch)
    expect_nothing_sent(reply)


@proves("moorcheh.client.vectors.ids")
@given(ids=st.lists(unusual_ids, min_size=1, max_size=5, unique=True))
def an_id_arrives_unchanged(client: Client, ids: list[str]) -> None:
    """To the code point."""
    name = vector_namespace(client)
    batch = [{"id": each, "vector": [1.0, 0.5]} for each in ids]
    reply = upload(client, name, batch)
    expect_arrived(batch, arrived(reply), reply)


@proves("moorcheh.client.vectors.batch")
@given(size=st.integers(1, LARGEST), seed=st.integers(0, 2**32 - 1))
def every_vector_arrives_once(client: Client, size: int, seed: int) -> None:
    """The last one too, in whatever order."""
    name = vector_namespace(client, 3)
    batch = plain_batch(size, 3, seed=seed)
    reply = upload(client, name, batch)
    expect_result(reply)
    expect_arrived(sorted(item["id"] for item in batch), sorted(_ids(arrived(reply))), reply)


@proves("moorcheh.client.vectors.large")
def a_large_upload_arrives_whole(client: Client) -> None:
    """And no vector of it twice."""
    name, reply = _large(client)
    expect_result(reply)
    ids = _ids(arrived(reply))
    expect(len(ids) == len(set(ids)), "each vector once", reply, f"{len(ids) - len(set(ids)):,} came again")
    expect(len(ids) == LARGE, f"{LARGE:,} vectors", reply, f"{len(ids):,} arrived")
    stored(client, name, ["v0"])
    expect(count(client) == LARGE, f"{LARGE:,} vectors stored", reply, f"{count(client):,} are")


@proves("moorcheh.client.vectors.large-order")
def a_large_upload_arrives_in_order(client: Client) -> None:
    """Batch by batch."""
    _, reply = _large(client)
    places = [int(each.removeprefix("v")) for each in _ids(arrived(reply))]
    fall = next((pair for pair in pairwise(places) if pair[0] > pair[1]), None)
    expect(fall is None, "the caller's order", reply, f"v{fall[1]} after v{fall[0]}" if fall else "")


def _large(client: Client) -> tuple[str, Reply]:
    client.world.keep_large_bodies()
    name = vector_namespace(client)
    batch = [{"id": f"v{n}", "vector": [n / 8, 1.0]} for n in range(LARGE)]
    return name, upload(client, name, batch)


def _ids(vectors: Sequence[Any]) -> list[str]:
    return [str(each.get("id")) for each in vectors if isinstance(each, dict)]


def _spelled(heard: Heard) -> list[Any]:
    vectors = heard.spelled.get("vectors") if isinstance(heard.spelled, dict) else None
    return [each for each in vectors if isinstance(each, dict)] if isinstance(vectors, list) else []


def _expect_integers(given_: Any, reply: Reply) -> None:
    wrong = next(respelled_integers(given_, expect_sent(reply, UPLOAD)[0].spelled), "")
    expect(not wrong, "integers as integers", reply, wrong)
