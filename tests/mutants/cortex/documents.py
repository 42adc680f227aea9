"""Mutants of the documents form that take, refuse, store or answer inserts wrongly."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mock_server.cortex import rules
from mock_server.cortex.shapes import Candidate
from mock_server.numbers import NUMBERS
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.cortex.rewriting import (
    INSERT,
    around,
    mishear,
    refusal,
    refuse_with,
    sent_documents,
)
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Body, Handle, document_of, items_in, let_pass, said, saying

SHAPE = "cortex.documents.shape-required"
NUMERIC = "cortex.documents.numeric"
FINITE = "cortex.documents.finite"
DIMENSION = "cortex.documents.dimension"
CHUNK_PLACE = re.compile(r"embeddings\[(\d+)\].*?\.embeddings\[(\d+)\]", re.DOTALL)


@mutant("cortex.documents.accepted", "The insert_count is that of the documents")
def documents_are_counted(patch: pytest.MonkeyPatch) -> None:
    _amend_insert(patch, lambda body, documents: body.update(insert_count=len(documents)))


@mutant("cortex.documents.accepted", "The ids of an insert come in reverse order")
def ids_in_reverse(patch: pytest.MonkeyPatch) -> None:
    _amend_insert(patch, lambda body, _documents: body.update(ids=body["ids"][::-1]))


@mutant("cortex.documents.accepted", "The ids of an insert are those of the last document")
def ids_of_the_last_document(patch: pytest.MonkeyPatch) -> None:
    def cut(body: Body, documents: list[Body]) -> None:
        body["ids"] = body["ids"][-len(documents[-1]["embeddings"]) :]

    _amend_insert(patch, cut)


@mutant("cortex.documents.accepted", "The ids of an insert are source ids")
def ids_of_sources(patch: pytest.MonkeyPatch) -> None:
    _amend_insert(
        patch, lambda body, documents: body.update(ids=[document["source_id"] for document in documents])
    )


@mutant("cortex.documents.accepted", "An insert does not say success")
def no_success(patch: pytest.MonkeyPatch) -> None:
    _amend_insert(patch, lambda body, _documents: body.pop("success"))


@mutant("cortex.documents.accepted", "An insert of documents is answered with 201")
def documents_are_created(patch: pytest.MonkeyPatch) -> None:
    def create(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        return replace(answer, status=201) if sent_documents(call) else answer

    around(patch, INSERT, create)


@mutant(SHAPE, "A document without source_id is taken")
def no_source_id(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.DOCUMENT, SHAPE, lambda document: not document.has("source_id"))


@mutant(SHAPE, "A document without chunks is taken")
def no_chunks(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.DOCUMENT, SHAPE, lambda document: not document.has("embeddings"))


@mutant(SHAPE, "A chunk without chunk_id is taken")
def no_chunk_id(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.CHUNK, SHAPE, lambda chunk: not chunk.has("chunk_id"))


@mutant(SHAPE, "A chunk without vector is stored with zeros")
def no_vector(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.CHUNK, SHAPE, lambda chunk: not chunk.has("embedding"))


@mutant(SHAPE, "A document or chunk that lacks a field is refused with 409")
def shapes_conflict(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, SHAPE, 409)


@mutant(NUMERIC, "What is no number in a chunk's vector is stored as 0")
def anything_for_a_number(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.CHUNK, NUMERIC)


@mutant(NUMERIC, "Strings in a chunk's vector are taken")
def strings_for_numbers(patch: pytest.MonkeyPatch) -> None:
    _take_values(patch, str)


@mutant(NUMERIC, "Booleans in a chunk's vector are taken")
def booleans_for_numbers(patch: pytest.MonkeyPatch) -> None:
    _take_values(patch, bool)


@mutant(NUMERIC, "Nulls in a chunk's vector are taken")
def nulls_for_numbers(patch: pytest.MonkeyPatch) -> None:
    _take_values(patch, type(None))


@mutant(NUMERIC, "What is no number in a chunk's vector is refused with 409")
def values_conflict(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, NUMERIC, 409)


@mutant(FINITE, "NaN and infinities in a chunk's vector are stored as 0")
def anything_but_finite(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.CHUNK, FINITE)


@mutant(FINITE, "NaN in a chunk's vector is taken")
def nan_is_taken(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.CHUNK, FINITE, lambda chunk: any(value != value for value in _vector_of(chunk)))


@mutant(FINITE, "Infinities in a chunk's vector are taken")
def infinities_are_taken(patch: pytest.MonkeyPatch) -> None:
    infinities = (float("inf"), float("-inf"))
    let_pass(
        patch, rules.CHUNK, FINITE, lambda chunk: any(value in infinities for value in _vector_of(chunk))
    )


@mutant(DIMENSION, "A chunk's vector of another length is cut or filled with zeros")
def any_dimension(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.CHUNK, DIMENSION)


@mutant(DIMENSION, "A chunk's vector that is too long is cut")
def long_vectors_are_cut(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.CHUNK, DIMENSION, lambda chunk: len(_vector_of(chunk)) > (chunk.dimension or 0))


@mutant(DIMENSION, "A chunk's vector that is too short is filled with zeros")
def short_vectors_are_filled(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.CHUNK, DIMENSION, lambda chunk: len(_vector_of(chunk)) < (chunk.dimension or 0))


@mutant(DIMENSION, "A chunk's vector of another length is refused with 400")
def dimensions_are_bad_requests(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, DIMENSION, 400)


@mutant(
    "cortex.documents.refused-whole", "Of a refused insert the documents before the faulty one are stored"
)
def stored_up_to_the_faulty_document(patch: pytest.MonkeyPatch) -> None:
    _store_of_refused(patch, lambda documents, at, _row: documents[:at])


@mutant("cortex.documents.refused-whole", "Of a refused insert the chunks before the faulty one are stored")
def stored_up_to_the_faulty_chunk(patch: pytest.MonkeyPatch) -> None:
    def before(documents: list[Body], at: int, row: int) -> list[Body]:
        faulty = documents[at]
        begun = [{**faulty, "embeddings": faulty["embeddings"][:row]}] if row else []
        return [*documents[:at], *begun]

    _store_of_refused(patch, before)


@mutant("cortex.documents.refused-whole", "A refused upsert still updates the chunks that are known")
def updated_though_refused(patch: pytest.MonkeyPatch) -> None:
    def known(documents: list[Body], at: int, row: int) -> list[Body]:
        faulty = documents[at]
        sound = [each for n, each in enumerate(faulty["embeddings"]) if n != row]
        return [*documents[:at], *([{**faulty, "embeddings": sound}] if sound else []), *documents[at + 1 :]]

    _store_of_refused(patch, known, upsert=True)


@mutant(
    "cortex.documents.server-fields",
    "The sub_tenant_id inside a document is where all documents go",
    hardest=True,
)
def the_inner_sub_tenant_counts(patch: pytest.MonkeyPatch) -> None:
    _obey(patch, "sub_tenant_id")


@mutant("cortex.documents.server-fields", "The tenant_id inside a document is where all documents go")
def the_inner_tenant_counts(patch: pytest.MonkeyPatch) -> None:
    _obey(patch, "tenant_id")


@mutant("cortex.documents.server-fields", "A tenant_id inside a document is refused")
def inner_tenants_are_refused(patch: pytest.MonkeyPatch) -> None:
    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        if any("tenant_id" in document for document in sent_documents(call)):
            return refusal(422, "tenant_id: extra field", "VALIDATION_ERROR")
        return handle(world, call)

    around(patch, INSERT, refuse)


def _amend_insert(patch: pytest.MonkeyPatch, change: Callable[[Body, list[Body]], object]) -> None:
    """Changes the answer of an insert in place, told its documents."""

    def amended(handle: Handle, world: World, call: Call) -> Answer:
        answer, documents = handle(world, call), sent_documents(call)
        body = said(answer)
        if documents:
            change(body, documents)
        return replace(answer, body=body)

    around(patch, INSERT, amended)


def _vector_of(chunk: Candidate) -> list[Any]:
    vector = chunk.item.get("embedding") if isinstance(chunk.item, dict) else None
    return vector if isinstance(vector, list) else []


def _take_values(patch: pytest.MonkeyPatch, kind: type) -> None:
    """Takes chunks whose vectors hold values of a type beside their numbers."""

    def takes(chunk: Candidate) -> bool:
        return {*map(type, _vector_of(chunk))} <= {*NUMBERS, kind}

    let_pass(patch, rules.CHUNK, NUMERIC, takes)


def _store_of_refused(
    patch: pytest.MonkeyPatch, chosen: Callable[[list[Body], int, int], list[Body]], *, upsert: bool = False
) -> None:
    """Stores what a function chooses of an insert refused for a chunk, told the document's place and its."""

    def store(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            document, place = document_of(call), CHUNK_PLACE.match(refused.detail)
            kept = chosen(document["embeddings"], int(place[1]), int(place[2])) if place else []
            if kept and (document.get("upsert") is True) is upsert:
                handle(world, saying(call, {**document, "embeddings": kept}))
            raise

    around(patch, INSERT, store)


def _obey(patch: pytest.MonkeyPatch, field: str) -> None:
    """Lets a field of the first document that has it stand over the one of the call."""

    def obey(body: Body) -> None:
        for document in items_in(body, "embeddings")[:1]:
            body[field] = document.get(field, body.get(field))

    mishear(patch, INSERT, obey)
