"""Checks of the area documents: what an upload of texts takes and what it refuses."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.expectation import expect, expect_fields, expect_status, expect_values
from conformance.moorcheh.basis import by_id, hits_of, text_namespace, vector_namespace
from conformance.moorcheh.breaking import NON_STRINGS
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.payload import Batch
from conformance.moorcheh.refusing import Standing, expect_refused_but_stored
from conformance.moorcheh.writing import about, document_batches, made_up_words

places = st.sampled_from((0, -1))


@proves("moorcheh.documents.accepted")
@given(batch=document_batches())
def a_valid_upload_of_texts_is_accepted(server: Moorcheh, batch: Batch) -> None:
    """202 with a job and the number of documents sent."""
    space = text_namespace(server)
    exchange = space.upload(batch)
    expect_status(exchange, 202)
    expect_values(exchange, status="success", namespace_name=space.name, total=len(batch))
    expect_fields(exchange, message=str, job_id=str)


@proves("moorcheh.documents.empty")
@given(body=st.sampled_from(({"documents": []}, {}, {"vectors": [about("stray")]})))
def an_upload_without_documents_is_refused(server: Moorcheh, body: Any) -> None:
    """An empty array, or none."""
    space = server.memo(Standing).text()
    refused = server.post(space.name, "documents", body)
    expect_refused_but_stored(refused, 400, space, [about("twin")])


@proves("moorcheh.documents.id-required")
@given(batch=document_batches(), place=places)
def a_document_without_id_is_refused(server: Moorcheh, batch: Batch, place: int) -> None:
    """First or last of the batch."""
    invalid = copy.deepcopy(batch)
    del invalid[place]["id"]
    _expect_refused(server, invalid, batch)


@proves("moorcheh.documents.id-string")
@given(batch=document_batches(), place=places, bad=st.sampled_from(("", *NON_STRINGS)))
def a_document_id_that_is_no_string_is_refused(server: Moorcheh, batch: Batch, place: int, bad: Any) -> None:
    """Nor is the empty string an id."""
    invalid = copy.deepcopy(batch)
    invalid[place]["id"] = bad
    _expect_refused(server, invalid, batch)


@proves("moorcheh.documents.text-required")
@given(batch=document_batches(), place=places)
def a_document_without_text_is_refused(server: Moorcheh, batch: Batch, place: int) -> None:
    """First or last of the batch."""
    invalid = copy.deepcopy(batch)
    del invalid[place]["text"]
    _expect_refused(server, invalid, batch)


@proves("moorcheh.documents.wrong-namespace-type")
@given(batch=document_batches())
def texts_in_a_vector_namespace_are_refused(server: Moorcheh, batch: Batch) -> None:
    """The same batch is fine in a text namespace."""
    refused = server.upload_documents(server.memo(Standing).vector(2).name, batch)
    expect_refused_but_stored(refused, 400, server.memo(Standing).text(), batch)


@proves("moorcheh.documents.unknown-namespace")
@given(batch=document_batches(max_size=2))
def texts_for_an_unknown_namespace_are_refused(server: Moorcheh, batch: Batch) -> None:
    """A name never used, and one that was deleted."""
    gone = vector_namespace(server)
    gone.drop()
    for name in (server.new_name(), gone.name):
        refused = server.upload_documents(name, batch)
        expect_refused_but_stored(refused, 404, server.memo(Standing).text(), batch)


@proves("moorcheh.documents.found")
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 16))
def a_document_is_found_by_its_own_words(server: Moorcheh, seed: int, size: int) -> None:
    """First and last of a batch, also of one larger than what a search answers, once the job is completed."""
    space = text_namespace(server)
    batch = [about(word) for word in made_up_words(seed, size)]
    space.store(batch)
    for document in (batch[0], batch[-1]):
        exchange = server.search(document["text"], [space.name])
        found = {each: hit.get("text") for each, hit in by_id(hits_of(exchange)).items()}
        expect(document["id"] in found, f"a hit {document['id']!r}", exchange)
        text = found[document["id"]]
        expect(text == document["text"], "the hit with its text", exchange, f"text {text!r}")


def _expect_refused(server: Moorcheh, invalid: Batch, valid: Batch) -> None:
    space = server.memo(Standing).text()
    expect_refused_but_stored(space.upload(invalid), 400, space, valid)
