"""Checks of the area items: getting items and deleting them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.exchange import Exchange
from conformance.expectation import expect, expect_fields, expect_status, expect_values, require
from conformance.moorcheh.basis import (
    MOST_IDS,
    Namespace,
    by_id,
    health_of,
    text_namespace,
    vector_namespace,
)
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.payload import plain_batch
from conformance.moorcheh.refusing import Standing, expect_refused_but_twin_accepted
from conformance.moorcheh.writing import texts

sizes = st.integers(1, 20)
ENDPOINTS = ("items/get", "items/delete")
endpoints = st.sampled_from(ENDPOINTS)
# What ids begin with: plain, beyond ASCII, beyond the basic plane, and with a character of two code points.
PREFIXES = ("v", "v", "\u00e9-", "\U0001f41d ", "n\u0303")
NO_IDS: tuple[Any, ...] = ({"ids": []}, {}, {"ids": None})


@proves("moorcheh.items.get")
@given(size=sizes, asked=sizes)
def items_are_got_by_id(server: Moorcheh, size: int, asked: int) -> None:
    """As many as were asked for, each once, with id and metadata."""
    space = _space_of(server, size)
    ids = [f"v{n}" for n in range(min(size, asked))]
    exchange = server.get_items(space.name, ids)
    expect_status(exchange, 200)
    expect_values(exchange, status="success", requested_ids=len(ids), found_items=len(ids))
    expect_fields(exchange, message=str, items=list)
    _expect_items(exchange, ids)


@proves("moorcheh.items.get-missing")
@given(known=st.integers(0, 8), unknown=st.integers(1, 8))
def unknown_ids_are_left_out(server: Moorcheh, known: int, unknown: int) -> None:
    """The answer is 200 also when none is known; an id of another namespace is unknown, and half an id."""
    space, other = _space_of(server, known), vector_namespace(server)
    other.store(plain_batch(unknown, 2, prefix="x"))
    ids = [f"v{n}" for n in range(known)]
    strangers = [*(f"x{n}" for n in range(unknown)), "v", "v0-"]
    exchange = server.get_items(space.name, [*strangers, *ids])
    expect_status(exchange, 200)
    expect_values(exchange, requested_ids=known + len(strangers), found_items=known)
    _expect_items(exchange, ids)
    none = server.get_items(space.name, strangers)
    expect_status(none, 200)
    expect_values(none, requested_ids=len(strangers), found_items=0)
    _expect_items(none, [])


@proves("moorcheh.items.get-no-vector")
@given(size=sizes)
def items_come_without_vectors(server: Moorcheh, size: int) -> None:
    """Neither beside the metadata nor in it."""
    space = _space_of(server, size)
    exchange = server.get_items(space.name, [f"v{n}" for n in range(size)])
    items = exchange.body.get("items")
    require(isinstance(items, list) and bool(items), f"items/get finds nothing: {exchange.outcome()}")
    for item in items or []:
        places = (item, item.get("metadata")) if isinstance(item, dict) else ()
        expect(not any(isinstance(each, dict) and "vector" in each for each in places), "no vector", exchange)


@proves("moorcheh.items.get-text")
@given(texts=st.lists(texts(), min_size=1, max_size=3))
def items_come_with_their_text(server: Moorcheh, texts: list[str]) -> None:
    """In a text namespace, as it was uploaded."""
    space = text_namespace(server)
    texts = [*texts, "\n a note with blanks around it\t "]
    space.store([{"id": f"d{n}", "text": text, "n": n} for n, text in enumerate(texts)])
    exchange = server.get_items(space.name, [f"d{n}" for n in range(len(texts))])
    expect_status(exchange, 200)
    found = by_id(exchange.body.get("items"))
    for n, text in enumerate(texts):
        expect(found.get(f"d{n}", {}).get("text") == text, f"d{n} with the text {text!r}", exchange)


@proves("moorcheh.items.ids-empty")
@given(endpoint=endpoints, body=st.sampled_from(NO_IDS))
def no_ids_are_refused(server: Moorcheh, endpoint: str, body: Any) -> None:
    """An empty array, or none."""
    _expect_refused(server, endpoint, body)


@proves("moorcheh.items.ids-100")
@given(endpoint=endpoints, more=st.sampled_from((1, 2, 50, 900)))
def a_hundred_ids_are_the_most(server: Moorcheh, endpoint: str, more: int) -> None:
    """100 are accepted, more are refused."""
    space = _space_of(server, MOST_IDS)
    too_many = server.post(space.name, endpoint, {"ids": [f"v{n}" for n in range(MOST_IDS + more)]})
    expect_status(too_many, 400)
    at_most = server.post(space.name, endpoint, {"ids": [f"v{n}" for n in range(MOST_IDS)]})
    expect_status(at_most, 200)


@proves("moorcheh.items.id-empty")
@given(endpoint=endpoints, before=st.integers(0, 4), after=st.integers(0, 4))
def an_empty_id_is_refused(server: Moorcheh, endpoint: str, before: int, after: int) -> None:
    """Wherever it stands among the others."""
    ids = [*(f"x{n}" for n in range(before)), "", *(f"y{n}" for n in range(after))]
    _expect_refused(server, endpoint, {"ids": ids})


@proves("moorcheh.items.unknown-namespace")
@given(endpoint=endpoints)
def items_of_an_unknown_namespace_are_refused(server: Moorcheh, endpoint: str) -> None:
    """A name never used, and one that was deleted."""
    space, gone = vector_namespace(server), _space_of(server, 1)
    gone.drop()
    twin = server.post(space.name, endpoint, {"ids": ["v0"]})
    for name in (server.new_name(), gone.name):
        expect_refused_but_twin_accepted(server.post(name, endpoint, {"ids": ["v0"]}), 404, twin)


@proves("moorcheh.items.delete")
@given(size=sizes, gone=sizes, unknown=st.integers(0, 4), prefix=st.sampled_from(PREFIXES))
def items_are_deleted_at_once(server: Moorcheh, size: int, gone: int, unknown: int, prefix: str) -> None:
    """The answer tells how many there were and which were not; every read agrees."""
    space = _space_of(server, size, prefix)
    before = health_of(server)["items"]
    ids = [f"{prefix}{n}" for n in range(min(size, gone))]
    missing = [f"x{n}" for n in range(unknown)]
    exchange = server.delete_items(space.name, [*missing, *ids])
    expect_status(exchange, 200)
    expect_values(exchange, status="success", requested=len(ids) + unknown, deleted=len(ids))
    expect_values(exchange, namespace_name=space.name)
    not_found = exchange.body.get("not_found_ids")
    expect(
        isinstance(not_found, list) and sorted(map(str, not_found)) == missing,
        f"not_found_ids {missing}",
        exchange,
    )
    left = space.items(f"{prefix}{n}" for n in range(size))
    kept = {f"{prefix}{n}" for n in range(len(ids), size)}
    expect(set(left) == kept, f"{len(kept)} items left", exchange, f"items/get finds {sorted(left)}")
    expect(space.count() == len(kept), f"item_count {len(kept)}", exchange, f"item_count {space.count()}")
    items = health_of(server)["items"]
    expect(
        items == before - len(ids), f"items = {before} - {len(ids)} in /health", exchange, f"items = {items}"
    )


@proves("moorcheh.items.delete-none")
@given(unknown=st.integers(1, 10))
def deleting_nothing_succeeds(server: Moorcheh, unknown: int) -> None:
    """Only unknown ids: 200, and nothing is deleted."""
    space = _space_of(server, 2)
    exchange = server.delete_items(space.name, [f"x{n}" for n in range(unknown)])
    expect_status(exchange, 200)
    expect_values(exchange, deleted=0)
    expect(space.count() == 2, "item_count still 2", exchange, f"item_count {space.count()}")


def _space_of(server: Moorcheh, size: int, prefix: str = "v") -> Namespace:
    space = vector_namespace(server)
    if size:
        space.store(plain_batch(size, 2, prefix=prefix))
    return space


def _expect_refused(server: Moorcheh, endpoint: str, body: Any) -> None:
    space = server.memo(Standing).vector(2)
    refused = server.post(space.name, endpoint, body)
    expect_refused_but_twin_accepted(refused, 400, server.post(space.name, endpoint, {"ids": ["x0"]}))


def _expect_items(exchange: Exchange, ids: list[str]) -> None:
    items = exchange.body.get("items")
    came = [item.get("id") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    expect(sorted(map(str, came)) == sorted(ids), f"the items {ids}, each once", exchange)
    found = by_id(items)
    expect(
        all(isinstance(found[each].get("metadata"), dict) for each in ids), "metadata in each item", exchange
    )
