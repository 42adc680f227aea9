"""Checks of the area metadata, and of documents: what callers keep beside their vectors, there and back."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.client.arrival import respelled_integers
from conformance.client.driver import Client
from conformance.client.expectation import expect, expect_arrived, expect_result, expect_sent
from conformance.moorcheh.client.scene import OPERATIONS, UPLOAD, store, text_namespace, vector_namespace
from conformance.moorcheh.client.vectors import arrived, floats, tidied, unusual_ids, upload
from conformance.moorcheh.payload import metadata

integers = st.integers(-(2**53), 2**53)
texts = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(str.strip), tidied
)

# What is nothing that 32 bits or a few decimals can hold is tried in nearly every example.
ratios = st.one_of(st.sampled_from((0.1, 1 / 3, 1e-7)), floats)


@st.composite
def rich_metadata(draw: st.DrawFn) -> dict[str, Any]:
    """Metadata with a float and an integer among what else there may be."""
    return {**draw(metadata()), "ratio": draw(ratios), "count": draw(integers)}


@proves("moorcheh.client.metadata.sent")
@given(free=rich_metadata())
def metadata_arrives_unchanged(client: Client, free: dict[str, Any]) -> None:
    """Every key beside id and vector."""
    batch = [{"id": "item", "vector": [1.0, 0.5], **free}]
    reply = upload(client, vector_namespace(client), batch)
    expect_arrived(batch, arrived(reply), reply)


@proves("moorcheh.client.metadata.integers")
@given(number=integers, nested=st.lists(integers, max_size=3))
def an_integer_in_metadata_arrives_as_one(client: Client, number: int, nested: list[int]) -> None:
    """Nested or not."""
    item = {"id": "item", "vector": [1.0, 0.5], "n": number, "deep": {"list": nested}}
    _expect_integers(client, item)


@proves("moorcheh.client.metadata.big-integers")
@given(number=st.integers(2**53 + 1, 2**64 - 1), negative=st.booleans())
def a_big_integer_arrives_exactly(client: Client, number: int, negative: bool) -> None:
    """To its last digit."""
    number = -(number // 2) if negative else number
    item = {"id": "item", "vector": [1.0, 0.5], "n": number}
    _expect_integers(client, item)


@proves("moorcheh.client.metadata.returned")
@given(free=rich_metadata(), word=texts)
def metadata_comes_back_unchanged(client: Client, free: dict[str, Any], word: str) -> None:
    """From items/get and from search, with the text of a document."""
    vectors, documents = vector_namespace(client), text_namespace(client)
    store(client, vectors, vectors=[{"id": "item", "vector": [1.0, 0.5], **free}])
    store(client, documents, documents=[{"id": "item", "text": word, **free}])
    reply = client.ask("getItems", {"namespace_name": documents, "ids": ["item"]})
    expect_result(reply)
    expect_arrived(
        {"items": [{"id": "item", "metadata": free, "text": word}]}, reply.result, reply, more=True
    )
    reply = client.ask("search", {"namespaces": [vectors], "query": [1.0, 0.5], "top_k": 1})
    expect_result(reply)
    expect_arrived({"results": [{"id": "item", "metadata": free}]}, reply.result, reply, more=True)


@proves("moorcheh.client.documents.text")
@given(id_=unusual_ids, text=texts, free=rich_metadata())
def a_document_arrives_unchanged(client: Client, id_: str, text: str, free: dict[str, Any]) -> None:
    """Id, text and metadata."""
    documents = [{"id": id_, "text": text, **free}]
    reply = client.ask("uploadDocuments", {"namespace_name": text_namespace(client), "documents": documents})
    heard = expect_sent(reply, OPERATIONS["uploadDocuments"])[0]
    expect_arrived({"documents": documents}, heard.value, reply)


def _expect_integers(client: Client, item: dict[str, Any]) -> None:
    reply = upload(client, vector_namespace(client), [item])
    heard = expect_sent(reply, UPLOAD)[0]
    wrong = next(respelled_integers({"vectors": [item]}, heard.spelled), "")
    expect(not wrong, "integers as integers", reply, wrong)
    expect_arrived({"vectors": [item]}, heard.value, reply)
