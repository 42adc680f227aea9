"""Checks of the area documents: sources and their chunks, as they arrive."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.client.driver import Client
from conformance.client.expectation import (
    expect,
    expect_arrived,
    expect_nothing_sent,
    expect_result,
    expect_sent,
)
from conformance.client.reply import Reply
from conformance.cortex.client.matrix import NON_FINITE, doubles, metadata
from conformance.cortex.client.scene import DOCUMENTS, SOURCES, TENANT, count, tenant
from conformance.cortex.payload import Document, chunk, document

LARGE = 10_000
PER_SOURCE = 100
# What a client that tidies texts up would change: blanks at the ends, letters that are composed or folded.
tidied = st.sampled_from((" a", "a ", "a  b", "\u3000a", "e\u0301", "\ufb01", "\u0130", "A/a", "a,b"))
printable = st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs")), min_size=1, max_size=40)
ids = st.one_of(printable.filter(str.strip), tidied)


@st.composite
def unusual(draw: st.DrawFn) -> list[Document]:
    """Documents with ids of any script, metadata of any kind, and a few chunks each."""
    sources = draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    chunks = draw(st.lists(ids, min_size=len(sources), max_size=6, unique=True))
    shares = [chunks[n :: len(sources)] for n in range(len(sources))]
    return [
        {
            "source_id": source,
            "metadata": draw(metadata),
            "embeddings": [chunk(each, [1.0, 0.5]) for each in share],
        }
        for source, share in zip(sources, shares, strict=True)
    ]


@proves("cortex.client.documents.sent")
@given(documents=unusual())
def documents_arrive_unchanged(client: Client, documents: list[Document]) -> None:
    """With their chunks in order."""
    reply = _insert(client, documents)
    expect_arrived(documents, _documents(reply), reply)


@proves("cortex.client.documents.numbers")
@given(numbers=st.lists(doubles, min_size=1, max_size=12))
def every_number_arrives_exactly(client: Client, numbers: list[float]) -> None:
    """Rounding it is the service's to do."""
    documents = [{"source_id": "s", "metadata": {}, "embeddings": [chunk("c", numbers)]}]
    reply = _insert(client, documents, len(numbers))
    expect_arrived(documents, _documents(reply), reply)


@proves("cortex.client.documents.non-finite")
@given(number=st.sampled_from(NON_FINITE), place=st.integers(0, 1), last=st.booleans())
def a_number_that_json_has_not_is_an_error(client: Client, number: float, place: int, last: bool) -> None:
    """Nor is it turned into something else on the way."""
    documents = [document("s", 2, 2)]
    documents[0]["embeddings"][-1 if last else 0]["embedding"][place] = number
    expect_nothing_sent(_insert(client, documents))


@proves("cortex.client.documents.upsert")
@given(upsert=st.booleans())
def upsert_arrives_as_it_was_given(client: Client, upsert: bool) -> None:
    """False is what it is without."""
    reply = _insert(client, [SOURCES[0]], upsert=upsert)
    value = expect_sent(reply, DOCUMENTS)[0].value
    came = value.get("upsert") or False if isinstance(value, dict) else None
    expect(came is upsert, f"upsert {upsert}", reply, f"upsert {came}")


@proves("cortex.client.documents.large")
def a_large_insert_arrives_whole(client: Client) -> None:
    """And no chunk of it twice."""
    reply = _large(client)
    expect_result(reply)
    came = _chunk_ids(reply)
    expect(
        len(came) == len(set(came)), "each chunk once", reply, f"{len(came) - len(set(came)):,} came again"
    )
    expect(len(came) == LARGE, f"{LARGE:,} chunks", reply, f"{len(came):,} arrived")
    expect(count(client) == LARGE, f"{LARGE:,} chunks stored", reply, f"{count(client):,} are")


@proves("cortex.client.documents.large-order")
def a_large_insert_arrives_in_order(client: Client) -> None:
    """Batch by batch."""
    reply = _large(client)
    places = [int(each.removeprefix("c")) for each in _chunk_ids(reply)]
    fall = next((pair for pair in pairwise(places) if pair[0] > pair[1]), None)
    expect(fall is None, "the caller's order", reply, f"c{fall[1]} after c{fall[0]}" if fall else "")


def _large(client: Client) -> Reply:
    client.world.keep_large_bodies()
    documents = [
        {
            "source_id": f"s{start}",
            "metadata": {},
            "embeddings": [chunk(f"c{start + n}", [(start + n) / 8, 1.0]) for n in range(PER_SOURCE)],
        }
        for start in range(0, LARGE, PER_SOURCE)
    ]
    return _insert(client, documents)


def _insert(client: Client, documents: list[Document], dimension: int = 2, **beside: Any) -> Reply:
    tenant(client, dimension)
    return client.ask("insertRawEmbeddings", {"tenant_id": TENANT, "embeddings": documents, **beside})


def _documents(reply: Reply) -> list[Any]:
    found: list[Any] = []
    for heard in expect_sent(reply, DOCUMENTS):
        documents = heard.value.get("embeddings") if isinstance(heard.value, dict) else None
        found += documents if isinstance(documents, list) else []
    return found


def _chunk_ids(reply: Reply) -> list[str]:
    return [str(each["chunk_id"]) for document_ in _documents(reply) for each in document_["embeddings"]]
