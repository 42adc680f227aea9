"""Checks of the areas search and items: what is asked for, and what of the answer reaches the caller."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.client.driver import Client
from conformance.client.expectation import accepted, expect_arrived, expect_result, expect_sent
from conformance.moorcheh.client.metadata import texts
from conformance.moorcheh.client.scene import (
    DOCUMENTS,
    OPERATIONS,
    VECTORS,
    store,
    text_namespace,
    vector_namespace,
)
from conformance.moorcheh.client.vectors import floats, unusual_ids

SEARCH = OPERATIONS["search"]
FILTERS = (" #team:ai", " #bird", " C#", "")
thresholds = st.floats(0, 1).map(abs)


@proves("moorcheh.client.search.query")
@given(numbers=st.lists(floats, min_size=1, max_size=8))
def a_vector_query_arrives_unchanged(client: Client, numbers: list[float]) -> None:
    """As the same 64-bit floats."""
    name = vector_namespace(client, len(numbers))
    reply = client.ask("search", {"namespaces": [name], "query": numbers})
    expect_arrived({"query": numbers}, expect_sent(reply, SEARCH)[0].value, reply, more=True)


@proves("moorcheh.client.search.query")
@given(words=texts, filter_=st.sampled_from(FILTERS))
def a_text_query_arrives_unchanged(client: Client, words: str, filter_: str) -> None:
    """With its filters."""
    reply = client.ask("search", {"namespaces": [text_namespace(client)], "query": words + filter_})
    expect_arrived({"query": words + filter_}, expect_sent(reply, SEARCH)[0].value, reply, more=True)


@proves("moorcheh.client.search.options")
@given(top_k=st.integers(1, 100), threshold=thresholds, kiosk=st.booleans(), several=st.booleans())
def the_options_of_a_search_arrive(
    client: Client, top_k: int, threshold: float, kiosk: bool, several: bool
) -> None:
    """kiosk_mode may be left out where it is false, as it is without it."""
    names = [vector_namespace(client), *([vector_namespace(client, name="others")] if several else [])]
    options = {"top_k": top_k, "threshold": threshold, "kiosk_mode": kiosk}
    reply = client.ask("search", {"query": [1.0, 0.5], "namespaces": names, **options})
    body = expect_sent(reply, SEARCH)[0].value
    came = {"kiosk_mode": False, **body} if isinstance(body, dict) else {}
    expect_arrived(options, came, reply, more=True)
    asked = came.get("namespaces")
    expect_arrived(sorted(names), sorted(map(str, asked)) if isinstance(asked, list) else asked, reply)


@proves("moorcheh.client.search.hits")
def hits_reach_the_caller_in_order(client: Client) -> None:
    """Of vectors and of texts."""
    vectors, documents = vector_namespace(client), text_namespace(client)
    store(client, vectors, vectors=VECTORS)
    store(client, documents, documents=DOCUMENTS)
    for name, query in ((vectors, [1.0, 0.25]), (documents, "two birds")):
        reply = client.ask("search", {"namespaces": [name], "query": query, "top_k": 5})
        expect_result(reply)
        hits = accepted(reply, SEARCH)["results"]
        wanted = [{key: hit[key] for key in ("id", "score", "label", "metadata", "text")} for hit in hits]
        expect_arrived({"results": wanted}, reply.result, reply, more=True)


@proves("moorcheh.client.items.ids")
@given(ids=st.lists(unusual_ids, min_size=1, max_size=6, unique=True), deletes=st.booleans())
def ids_to_get_or_delete_arrive_unchanged(client: Client, ids: list[str], deletes: bool) -> None:
    """All of them, in whatever order."""
    name = vector_namespace(client)
    operation = "deleteItems" if deletes else "getItems"
    reply = client.ask(operation, {"namespace_name": name, "ids": ids})
    body = expect_sent(reply, OPERATIONS[operation])[0].value
    came = body.get("ids") if isinstance(body, dict) else None
    expect_arrived(sorted(ids), sorted(map(str, came)) if isinstance(came, list) else came, reply)


@proves("moorcheh.client.items.told")
def the_caller_learns_what_was_found_and_deleted(client: Client) -> None:
    """And what was not."""
    name = vector_namespace(client)
    store(client, name, vectors=VECTORS)
    for operation in ("getItems", "deleteItems"):
        reply = client.ask(operation, {"namespace_name": name, "ids": ["missing", "two", "one"]})
        expect_result(reply)
        told: dict[str, Any] = dict(accepted(reply, OPERATIONS[operation]))
        expect_arrived(told, reply.result, reply, more=True)
