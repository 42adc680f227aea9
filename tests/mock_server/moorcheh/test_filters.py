"""Filters in a text query."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.moorcheh.filters import has_value, has_word, is_filter, parted
from mock_server.moorcheh.store import Item
from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve


def item(text: str = "", **metadata: Any) -> Item:
    return Item(metadata, text, 0, 0.0, False)


@pytest.mark.parametrize(
    ("query", "text", "count"),
    [
        ("animals #source:zoo", "animals", 1),
        ("#a:b  wild\tanimals #house", "wild animals", 2),
        ("#a:b", "", 1),
        ("  C# and\n F#  ", "  C# and\n F#  ", 0),
        ("# heading", "# heading", 0),
        ("## heading", "heading", 1),
        ("a#b #", "a#b #", 0),
    ],
)
def test_filters_are_taken_out_of_the_query(query: str, text: str, count: int) -> None:
    rest, filters = parted(query)
    assert (rest, len(filters)) == (text, count)


@given(st.text())
def test_a_query_without_filters_stays_as_it_is(query: str) -> None:
    rest, filters = parted(query)
    assert bool(filters) == any(map(is_filter, query.split()))
    assert not any(map(is_filter, rest.split()))
    assert filters or rest == query


@pytest.mark.parametrize(
    ("value", "metadata", "holds"),
    [
        ("AI", "ai", True),
        ("straße", "STRASSE", True),
        ("ai", "ai2", False),
        ("a:b", "A:B", True),
        ("7", 7, True),
        ("7.5", 7.5, True),
        ("TRUE", True, True),
        ("1", True, False),
        ("null", None, True),
        ("b", ["a", "B"], True),
        ("c", ["a", "B"], False),
        ("a", [], False),
        ("[]", [[]], True),
        ('{"x":', {"x": 1}, False),
    ],
)
def test_a_value_is_equal_whatever_its_case(value: str, metadata: Any, holds: bool) -> None:
    assert has_value("key", value)(item(key=metadata)) is holds


def test_a_key_is_spelled_exactly_so() -> None:
    assert not has_value("key", "null")(item(Key=None, other=None))


@pytest.mark.parametrize(
    ("word", "text", "holds"),
    [
        ("house", "Their HOUSE.", True),
        ("house", "houses", False),
        ("house", "lighthouse", False),
        ("house", "a (house) is", True),
        ("c++", "in C++ and C", True),
        ("c++", "in C", False),
        ("é", "cafe\u0301 e\u0301", True),
        ("海亀", "海亀は暖かい", True),
        ("海亀", "海は亀を", False),
        ("a.b", "axb", False),
        ("key:", "the key: x", True),
        (":x", "a :x", True),
    ],
)
def test_a_word_stands_between_other_characters(word: str, text: str, holds: bool) -> None:
    (keeps,) = parted(f"#{word}")[1]
    assert keeps(item(text)) is has_word(word)(item(text)) is holds


@pytest.fixture
def zoo(serve: Serve) -> Client:
    client = serve(jobs="instant")
    client.create("notes", None)
    client.create("more", None)
    texts = [
        ("notes", {"id": "turtle", "text": "Turtles carry their house", "source": "zoo"}),
        ("notes", {"id": "swift", "text": "Swifts sleep on the wing", "source": "sky"}),
        ("more", {"id": "snail", "text": "Snails carry their house, too", "source": "Zoo"}),
        ("notes", {"id": "otter", "text": "Otters hold hands", "source": "zoo"}),
    ]
    for name, document in texts:
        client.post(f"/namespaces/{name}/documents", {"documents": [document]})
    return client


def hits(client: Client, query: str, **more: Any) -> list[dict[str, Any]]:
    reply = client.post("/search", {"query": query, "namespaces": ["notes", "more"], **more})
    assert reply.status == 200, reply
    found: list[dict[str, Any]] = reply.body["results"]
    return found


def ids(client: Client, query: str, **more: Any) -> list[str]:
    return [hit["id"] for hit in hits(client, query, **more)]


def test_all_filters_must_hold_over_all_namespaces(zoo: Client) -> None:
    assert {*ids(zoo, "animals #source:ZOO")} == {"turtle", "snail", "otter"}
    assert {*ids(zoo, "#source:zoo who carries #house")} == {"turtle", "snail"}
    assert ids(zoo, "#source:zoo #house #too snails") == ["snail"]
    assert ids(zoo, "#source:none animals") == []


def test_filters_come_before_the_number_of_hits(zoo: Client) -> None:
    assert ids(zoo, "Swifts sleep on the wing #source:zoo #hands", top_k=1) == ["otter"]


def test_filters_are_not_part_of_what_is_sought(zoo: Client) -> None:
    plain = {hit["id"]: hit["score"] for hit in hits(zoo, "who carries a house")}
    assert all(hit["score"] == plain[hit["id"]] for hit in hits(zoo, "who carries a house #source:zoo"))


def test_a_query_of_filters_alone_finds_what_passes_by_age(zoo: Client) -> None:
    found = hits(zoo, "#source:zoo")
    assert [(hit["id"], hit["score"], hit["label"]) for hit in found] == [
        ("turtle", 0.0, "Irrelevant"),
        ("snail", 0.0, "Irrelevant"),
        ("otter", 0.0, "Irrelevant"),
    ]
    assert ids(zoo, "#source:zoo", top_k=2) == ["turtle", "snail"]
    assert ids(zoo, "#source:zoo", kiosk_mode=True, threshold=0.1) == []


def test_a_deleted_item_does_not_come_back_through_a_filter(zoo: Client) -> None:
    zoo.post("/namespaces/notes/items/delete", {"ids": ["turtle"]})
    assert ids(zoo, "#source:zoo") == ["snail", "otter"]
