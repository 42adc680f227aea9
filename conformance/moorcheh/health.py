"""Checks of the area health: the quota in numbers, and who embeds and answers."""

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.expectation import (
    expect,
    expect_fields,
    expect_status,
    expect_values,
    is_of,
    require,
    require_success,
)
from conformance.moorcheh.basis import (
    PROVIDERS,
    health_of,
    text_namespace,
    vector_namespace,
)
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.generation import Offer
from conformance.moorcheh.payload import plain_batch


@proves("moorcheh.health.answers")
def health_is_ok_with_three_integers(server: Moorcheh) -> None:
    """GET /health is 200 and counts."""
    exchange = server.health()
    expect_status(exchange, 200)
    expect_values(exchange, status="ok")
    expect_fields(exchange, items=int, max_items=int, remaining=int)


@proves("moorcheh.health.remaining")
@given(size=st.integers(0, 12))
def remaining_is_what_is_left(server: Moorcheh, size: int) -> None:
    """While an upload runs and when it is completed, on an instance that holds more each time."""
    space = vector_namespace(server)
    job_id = space.upload_needed(plain_batch(size + 1, 2))
    _expect_difference(server)
    space.await_job(job_id)
    _expect_difference(server)


@proves("moorcheh.health.counts-all")
@given(vectors=st.integers(1, 12), documents=st.integers(1, 3))
def health_counts_vectors_and_texts(server: Moorcheh, vectors: int, documents: int) -> None:
    """Items grow by what is stored, in two vector namespaces and a text one."""
    before = health_of(server)["items"]
    vector_namespace(server).store(plain_batch(vectors, 2))
    vector_namespace(server, 3).store(plain_batch(1, 3))
    _expect_items(server, before + vectors + 1)
    text_namespace(server).store(
        [{"id": f"d{n}", "text": f"a note on subject {n}"} for n in range(documents)]
    )
    _expect_items(server, before + vectors + 1 + documents)


@proves("moorcheh.health.providers")
def health_names_the_providers(server: Moorcheh) -> None:
    """The four names are strings; a server of the first generation has none of them."""
    server.memo(Offer).require_second_generation()
    expect_fields(server.health(), **dict.fromkeys(PROVIDERS, str))


def _expect_difference(server: Moorcheh) -> None:
    exchange = require_success(server.health(), "/health does not answer")
    items, max_items = (exchange.body.get(name) for name in ("items", "max_items"))
    require(is_of(items, int) and is_of(max_items, int), f"/health does not count: {exchange.outcome()}")
    left = int(max_items or 0) - int(items or 0)
    expect(exchange.body.get("remaining") == left, f"remaining = {max_items} - {items}", exchange)


def _expect_items(server: Moorcheh, items: int) -> None:
    exchange = server.health()
    expect(exchange.body.get("items") == items, f"items = {items}", exchange)
