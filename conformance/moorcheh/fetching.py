"""Checks of the area fetch: reading a text namespace page by page."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance import wire
from conformance.check import proves
from conformance.exchange import Exchange
from conformance.expectation import expect, expect_fields, expect_status, expect_values, is_of, require
from conformance.moorcheh.basis import Namespace, text_namespace
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.generation import Offer
from conformance.moorcheh.refusing import Standing, expect_refused_but_twin_accepted

MOST = 100
SUBJECT = "a subject"
STATISTICS: dict[str, Any] = {
    "total_items": int,
    "total_text_chunks": int,
    "total_summary_chunks": int,
    "created_at_min": (str, type(None)),
    "created_at_max": (str, type(None)),
    "source_counts": dict,
}
ITEM: dict[str, Any] = {
    "id": str,
    "text": str,
    "metadata": dict,
    "created_at": (str, type(None)),
    "is_summary": bool,
}
PAGINATION: dict[str, Any] = {"limit": int, "has_more": bool, "next_token": (str, type(None))}

sizes = st.integers(1, 12)


@proves("moorcheh.fetch.shape")
@given(size=st.integers(0, 6), limit=st.integers(1, 6))
def a_page_has_the_documented_shape(server: Moorcheh, size: int, limit: int) -> None:
    """Statistics of this page, items as they were uploaded, pagination; also of an empty namespace."""
    space = _space_of(server, size)
    whole, page = server.fetch_text_data(space.name), server.fetch_text_data(space.name, limit=limit)
    for exchange in (whole, page):
        expect_status(exchange, 200)
        expect_values(exchange, status="success", namespace=space.name)
        expect_fields(exchange, message=str, statistics=dict, items=list, pagination=dict)
        expect_fields(exchange, execution_time=(int, float))
        _expect_shape(exchange, "statistics", exchange.body["statistics"], STATISTICS)
        _expect_shape(exchange, "pagination", exchange.body["pagination"], PAGINATION)
        for item in exchange.body["items"]:
            _expect_shape(exchange, "an item", item, ITEM)
            stored = any(
                (item["id"], item["text"]) == (f"d{n}", _text(n)) and wire.same(item["metadata"].get("n"), n)
                for n in range(size)
            )
            expect(stored, "an item with its id, text and metadata", exchange, f"{item}")
        count, told = len(exchange.body["items"]), exchange.body["statistics"]["total_items"]
        expect(told == count, f"total_items = {count}, the items of the page", exchange, f"{told}")
    expect(len(whole.body["items"]) == size, f"{size} items", whole)


@proves("moorcheh.fetch.pages")
@given(size=sizes, limit=st.integers(1, 8))
def the_pages_hold_every_item_once(server: Moorcheh, size: int, limit: int) -> None:
    """Following next_token to the end, one item uploaded twice, and a neighbour read meanwhile."""
    other, space = _space_of(server, 2, "other"), _space_of(server, size)
    space.store([_document(0)])
    came: list[str] = []
    token: dict[str, str] = {}
    for _ in range(size + 2):
        exchange = server.fetch_text_data(space.name, limit=limit, **token)
        expect_status(exchange, 200)
        came += [str(item.get("id")) for item in _items(exchange)]
        pagination: Any = exchange.body.get("pagination")
        require(isinstance(pagination, dict), f"a page has no pagination: {exchange.outcome()}")
        next_token = pagination.get("next_token")
        expect(bool(next_token) == pagination.get("has_more"), "a next_token if has_more", exchange)
        if not next_token:
            break
        token = {"next_token": next_token}
        server.fetch_text_data(other.name, limit=1)
    else:
        expect(False, f"an end after {size} items", exchange, f"page after page: {came}")
    whole = sorted(f"d{n}" for n in range(size))
    expect(sorted(came) == whole, f"{size} items, each once", exchange, f"{came}")


@proves("moorcheh.fetch.limit")
@given(size=sizes, limit=st.integers(1, 12))
def a_page_holds_at_most_its_limit(server: Moorcheh, size: int, limit: int) -> None:
    """And tells which limit it kept."""
    space = _space_of(server, size)
    exchange = server.fetch_text_data(space.name, limit=limit)
    expect_status(exchange, 200)
    count = len(_items(exchange))
    require(count > 0, "a page of a namespace with items is empty")
    expect(count <= limit, f"at most {limit} items", exchange, f"{count} items")
    pagination: Any = exchange.body.get("pagination")
    require(isinstance(pagination, dict), f"a page has no pagination: {exchange.outcome()}")
    expect(pagination.get("limit") == limit, f"a pagination with limit = {limit}", exchange)


@proves("moorcheh.fetch.limit-bounds")
@given(limit=st.sampled_from((0, "many")))
def a_limit_that_means_nothing_is_refused(server: Moorcheh, limit: int | str) -> None:
    """0 and words."""
    server.memo(Offer).require("fetch-text-data")
    space = server.memo(Standing).text()
    refused = server.fetch_text_data(space.name, limit=limit)
    expect_refused_but_twin_accepted(refused, 400, server.fetch_text_data(space.name, limit=MOST))


@proves("moorcheh.fetch.limit-bounds")
def a_limit_above_100_acts_as_100(server: Moorcheh) -> None:
    """Or is refused: one more than that, and many more, of a namespace with 101 items."""
    space = _space_of(server, MOST + 1)
    for limit in (MOST + 1, 10 * MOST):
        exchange = server.fetch_text_data(space.name, limit=limit)
        expect_status(exchange, 200, 400)
        if exchange.succeeded:
            count = len(_items(exchange))
            expect(count <= MOST, f"at most {MOST} items", exchange, f"{count} items")


@proves("moorcheh.fetch.vector-namespace")
def vectors_have_no_texts_to_fetch(server: Moorcheh) -> None:
    """A text namespace is answered."""
    server.memo(Offer).require("fetch-text-data")
    refused = server.fetch_text_data(server.memo(Standing).vector(2).name)
    twin = server.fetch_text_data(server.memo(Standing).text().name)
    expect_refused_but_twin_accepted(refused, 400, twin)


def _space_of(server: Moorcheh, size: int, subject: str = SUBJECT) -> Namespace:
    server.memo(Offer).require("fetch-text-data")
    space = text_namespace(server)
    if size:
        space.store([_document(n, subject) for n in range(size)])
    return space


def _document(n: int, subject: str = SUBJECT) -> dict[str, Any]:
    return {"id": f"d{n}", "text": _text(n, subject), "n": n}


def _text(n: int, subject: str = SUBJECT) -> str:
    return f"A note on {subject} {n}."


def _items(exchange: Exchange) -> list[dict[str, Any]]:
    items = exchange.body.get("items")
    require(isinstance(items, list), f"a page holds no items: {exchange.outcome()}")
    return [item for item in items or [] if isinstance(item, dict)]


def _expect_shape(exchange: Exchange, what: str, value: Any, types: dict[str, Any]) -> None:
    expect(isinstance(value, dict), f"{what} as an object", exchange)
    for name, kind in types.items():
        expect(name in value and is_of(value[name], kind), f"{what} with {name!r} of its type", exchange)
