"""Checks of the area namespaces: creating and listing them."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.expectation import expect, expect_fields, expect_status, expect_values, require
from conformance.moorcheh.basis import Namespace, entry_of, text_namespace, vector_namespace
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.payload import plain_batch
from conformance.moorcheh.refusing import expect_refused_but_twin_accepted

CREATED = (200, 201)
NAME_CHARACTERS = "abcXYZ019-_"
# Letters and digits of other scripts are left out: the documentation does not say whether they are letters.
FOREIGN_CHARACTERS = " .,:;!?/\\@#$%&*+=~^|'\"`()[]{}<>\t\n€©→☃😀"

suffixes = st.text(NAME_CHARACTERS, max_size=20)
dimensions = st.one_of(st.sampled_from((1, 768, 1536, 2048)), st.integers(1, 2048))


@proves("moorcheh.namespaces.create-vector")
@given(suffix=suffixes, dimension=dimensions)
def a_vector_namespace_is_created(server: Moorcheh, suffix: str, dimension: int) -> None:
    """The answer repeats name, type and dimension."""
    name = server.new_name() + suffix
    exchange = server.create_namespace(
        {"namespace_name": name, "type": "vector", "vector_dimension": dimension}
    )
    expect_status(exchange, *CREATED)
    expect_values(exchange, status="success", namespace_name=name, type="vector", vector_dimension=dimension)
    expect_fields(exchange, message=str)


@proves("moorcheh.namespaces.create-text")
@given(suffix=suffixes)
def a_text_namespace_is_created(server: Moorcheh, suffix: str) -> None:
    """The answer repeats name and type; there is no dimension."""
    name = server.new_name() + suffix
    exchange = server.create_namespace({"namespace_name": name, "type": "text"})
    expect_status(exchange, *CREATED)
    expect_values(exchange, status="success", namespace_name=name, type="text", vector_dimension=None)
    expect_fields(exchange, message=str)


@proves("moorcheh.namespaces.name-alias")
def name_stands_for_namespace_name(server: Moorcheh) -> None:
    """A namespace created by its short key is listed."""
    name = server.new_name()
    expect_status(server.create_namespace({"name": name, "type": "vector", "vector_dimension": 2}), *CREATED)
    listing = server.list_namespaces()
    expect(entry_of(server, name) is not None, f"a namespace {name!r} in the list", listing)


@proves("moorcheh.namespaces.name-charset")
@given(place=st.sampled_from(("first", "inside", "last")))
def another_character_in_a_name_is_refused(server: Moorcheh, place: str) -> None:
    """One foreign character anywhere in an otherwise valid name."""
    name = server.new_name()
    for character in FOREIGN_CHARACTERS:
        bad = {"first": character + name, "inside": name + character + "a", "last": name + character}[place]
        body = {"namespace_name": bad, "type": "vector", "vector_dimension": 2}
        expect_status(server.create_namespace(body), 400)
    twin = server.create_namespace({"namespace_name": name, "type": "vector", "vector_dimension": 2})
    require(twin.succeeded, f"the same without the character is not accepted either: {twin.outcome()}")


@proves("moorcheh.namespaces.name-required")
@given(nameless=st.sampled_from(({}, {"namespace_name": ""}, {"name": ""})))
def a_namespace_without_name_is_refused(server: Moorcheh, nameless: dict[str, Any]) -> None:
    """No name under either key, or an empty one."""
    _expect_creation_refused(server, nameless, {"namespace_name": server.new_name()})


@proves("moorcheh.namespaces.type-known")
@given(
    typing=st.sampled_from(
        ({}, {"type": ""}, {"type": "graph"}, {"type": "vectors"}, {"type": "image"}, {"type": "texts"})
    )
)
def an_unknown_type_is_refused(server: Moorcheh, typing: dict[str, Any]) -> None:
    """Neither text nor vector, or no type at all."""
    name = {"namespace_name": server.new_name()}
    for dimension in ({"vector_dimension": 2}, {}):
        expect_status(server.create_namespace({**name, **typing, **dimension}), 400)
    twin = server.create_namespace({**name, "type": "vector", "vector_dimension": 2})
    require(twin.succeeded, f"the same with type vector is not accepted either: {twin.outcome()}")


@proves("moorcheh.namespaces.dimension-required")
def a_vector_namespace_needs_a_dimension(server: Moorcheh) -> None:
    """No vector_dimension."""
    name = {"namespace_name": server.new_name(), "type": "vector"}
    refused = server.create_namespace(name)
    expect_refused_but_twin_accepted(refused, 400, server.create_namespace({**name, "vector_dimension": 2}))


@proves("moorcheh.namespaces.dimension-positive")
@given(dimension=st.one_of(st.sampled_from((0, -1)), st.integers(-(2**31), 0)))
def a_dimension_below_one_is_refused(server: Moorcheh, dimension: int) -> None:
    """Zero and every negative integer."""
    _expect_dimension_refused(server, dimension)


@proves("moorcheh.namespaces.dimension-integer")
@given(dimension=st.sampled_from((1.5, 0.5, "3", "", [3], {}, True)))
def a_dimension_that_is_no_integer_is_refused(server: Moorcheh, dimension: Any) -> None:
    """Fractions and other types."""
    _expect_dimension_refused(server, dimension)


@proves("moorcheh.namespaces.dimension-not-for-text")
@given(dimension=dimensions)
def a_text_namespace_takes_no_dimension(server: Moorcheh, dimension: int) -> None:
    """A dimension sent with type text."""
    name = {"namespace_name": server.new_name(), "type": "text"}
    refused = server.create_namespace({**name, "vector_dimension": dimension})
    expect_refused_but_twin_accepted(refused, 400, server.create_namespace(name))


@proves("moorcheh.namespaces.exists")
@given(
    again=st.sampled_from(
        (
            {"type": "vector", "vector_dimension": 2},
            {"type": "vector", "vector_dimension": 3},
            {"type": "text"},
        )
    ),
    size=st.integers(0, 5),
)
def an_existing_name_is_refused(server: Moorcheh, again: dict[str, Any], size: int) -> None:
    """Whatever the second creation asks for, the first namespace stays as it was."""
    space = vector_namespace(server, 2)
    batch = plain_batch(size + 1, 2)
    space.store(batch)
    entry = _entry(space)
    exchange = server.create_namespace({"namespace_name": space.name, **again})
    expect_status(exchange, 409)
    after = _entry(space)
    for field in ("type", "vector_dimension", "item_count"):
        expect(
            after.get(field) == entry.get(field), f"{field} still {entry.get(field)!r}", exchange, f"{after}"
        )
    found = space.items(item["id"] for item in batch)
    expect(len(found) == len(batch), f"all {len(batch)} items still there", exchange, f"{len(found)} of them")


@proves("moorcheh.namespaces.exists-message")
def the_conflict_says_that_the_name_exists(server: Moorcheh) -> None:
    """Clients tell this 409 from that of the quota by its words and by the missing max_items."""
    space = vector_namespace(server)
    exchange = server.create_namespace(
        {"namespace_name": space.name, "type": "vector", "vector_dimension": 2}
    )
    require(exchange.status == 409, f"an existing name is not refused with 409: {exchange.outcome()}")
    message = str(exchange.body.get("message", "")).lower()
    expect(
        "namespace" in message and "already exists" in message, 'a message with "already exists"', exchange
    )
    expect(not any(word in message for word in ("limit", "tier", "quota")), "no word of a limit", exchange)
    expect("max_items" not in exchange.body, "a body without max_items", exchange)


@proves("moorcheh.namespaces.listed")
@given(dimension=st.one_of(st.none(), dimensions))
def a_created_namespace_is_listed(server: Moorcheh, dimension: int | None) -> None:
    """With its five fields, among others that were made before and after it."""
    others = [vector_namespace(server, 3)]
    space = text_namespace(server) if dimension is None else vector_namespace(server, dimension)
    others.append(text_namespace(server))
    listing = server.list_namespaces()
    expect_status(listing, 200)
    for each in (space, *others):
        entry = next((e for e in _entries(listing.body) if e.get("namespace_name") == each.name), None)
        expect(entry is not None, f"an entry for {each.name!r}", listing)
        kind = "text" if each.dimension is None else "vector"
        described = (entry or {}).get("type"), (entry or {}).get("vector_dimension")
        expect(described == (kind, each.dimension), f"type {kind}, dimension {each.dimension}", listing)
        expect(type((entry or {}).get("item_count")) is int, "an integer item_count", listing)
        expect(isinstance((entry or {}).get("created_at"), str), "a created_at", listing)


@proves("moorcheh.namespaces.item-count")
@given(first=st.integers(1, 30), second=st.integers(0, 10), gone=st.integers(0, 5))
def item_count_counts_what_is_stored(server: Moorcheh, first: int, second: int, gone: int) -> None:
    """After uploads, updates and deletions, and not what a neighbour holds, though its name begins alike."""
    space = vector_namespace(server)
    neighbour = vector_namespace(server, name=f"{space.name}-too")
    one, other = ([f"{prefix}{n}" for n in range(size)] for prefix, size in (("v", first), ("w", second + 1)))
    _expect_count(space, [])
    space.store(plain_batch(first, 2))
    _expect_count(space, one)
    neighbour.store(plain_batch(second + 1, 2, prefix="w"))
    _expect_count(space, one)
    space.store(plain_batch(second + 1, 2, prefix="w"))
    _expect_count(space, [*one, *other])
    gone += 1
    space.delete_items(one[:gone])
    _expect_count(space, [*one[gone:], *other], one[:gone])


@proves("moorcheh.namespaces.item-count")
@given(size=st.integers(1, 3))
def item_count_counts_documents(server: Moorcheh, size: int) -> None:
    """In a text namespace."""
    space = text_namespace(server)
    space.store([{"id": f"d{n}", "text": f"a note on subject {n}"} for n in range(size)])
    _expect_count(space, [f"d{n}" for n in range(size)])


def _expect_count(space: Namespace, ids: Sequence[str], gone: Sequence[str] = ()) -> None:
    """Expects the namespace listed with as many items as these; needs them, and not those that are gone."""
    listing = space.server.list_namespaces()
    entry = next((e for e in _entries(listing.body) if e.get("namespace_name") == space.name), {})
    require(bool(entry), f"the namespace {space.name} is not listed")
    if entry.get("item_count") != len(ids):
        space.require_items(ids, gone)
    expect(entry.get("item_count") == len(ids), f"item_count {len(ids)} of {space.name}", listing, f"{entry}")


def _expect_dimension_refused(server: Moorcheh, dimension: Any) -> None:
    name = {"namespace_name": server.new_name(), "type": "vector"}
    refused = server.create_namespace({**name, "vector_dimension": dimension})
    expect_refused_but_twin_accepted(refused, 400, server.create_namespace({**name, "vector_dimension": 3}))


def _expect_creation_refused(server: Moorcheh, bad: dict[str, Any], good: dict[str, Any]) -> None:
    vector = {"type": "vector", "vector_dimension": 2}
    refused = server.create_namespace({**bad, **vector})
    expect_refused_but_twin_accepted(refused, 400, server.create_namespace({**good, **vector}))


def _entry(space: Namespace) -> dict[str, Any]:
    entry = entry_of(space.server, space.name)
    require(entry is not None, f"the namespace {space.name} is not listed")
    return dict(entry or {})


def _entries(body: Any) -> list[dict[str, Any]]:
    entries = body.get("namespaces")
    return [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
