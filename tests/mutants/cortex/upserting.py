"""Mutants of the documents form that overwrite what they should keep, or keep what they should replace."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.cortex.rewriting import (
    FILTER,
    INSERT,
    around,
    entries_of,
    mishear,
    place_of,
    refusal,
    scope_of,
    sent_chunk_ids,
    sent_documents,
)
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Body, Handle, document_of, saying

NO_UPSERT = "cortex.documents.no-upsert"


@mutant(NO_UPSERT, "An insert that says upsert false replaces what is known")
def false_is_true(patch: pytest.MonkeyPatch) -> None:
    def upsert(body: Body) -> None:
        if body.get("upsert") is False:
            body["upsert"] = True

    mishear(patch, INSERT, upsert)


@mutant(NO_UPSERT, "Known chunks are skipped without a word where upsert is false")
def known_chunks_are_skipped(patch: pytest.MonkeyPatch) -> None:
    _answer_conflict(patch, lambda _handle, ids: Answer(200, _inserted(ids)))


@mutant(NO_UPSERT, "Known chunks are refused where upsert is false, and replaced")
def refused_and_replaced(patch: pytest.MonkeyPatch) -> None:
    def replace_them(upsert: Callable[[], Answer], _ids: list[str]) -> Answer:
        upsert()
        return refusal(409, "exists", "CONFLICT")

    _answer_conflict(patch, replace_them)


@mutant(NO_UPSERT, "Where upsert is false a known chunk is replaced if there are new ones, too")
def replaced_among_new_ones(patch: pytest.MonkeyPatch) -> None:
    def insert(handle: Handle, world: World, call: Call) -> Answer:
        place, document = place_of(world, call), document_of(call)
        known = [place is not None and each in place.chunks for each in sent_chunk_ids(call)]
        mixed = document.get("upsert") is False and any(known) and not all(known)
        return handle(world, saying(call, {**document, "upsert": True}) if mixed else call)

    around(patch, INSERT, insert)


@mutant("cortex.documents.upsert", "An upsert replaces all chunks of a source")
def upsert_replaces_the_source(patch: pytest.MonkeyPatch) -> None:
    def insert(handle: Handle, world: World, call: Call) -> Answer:
        place = place_of(world, call)
        before = {
            document["source_id"]: place.of_source(document["source_id"])
            for document in sent_documents(call)
            if place is not None and isinstance(document.get("source_id"), str)
        }
        answer = handle(world, call)
        if place is not None and document_of(call).get("upsert") is True:
            sent = sent_chunk_ids(call)
            place.remove([each for ids in before.values() for each in ids if each not in sent])
        return answer

    around(patch, INSERT, insert)


@mutant("cortex.documents.upsert", "An upsert stores known chunks once more")
def upsert_stores_twice(patch: pytest.MonkeyPatch) -> None:
    doubled: set[tuple[str, str, str]] = set()

    def insert(handle: Handle, world: World, call: Call) -> Answer:
        place, scope = place_of(world, call), scope_of(world, call)
        known = [each for each in sent_chunk_ids(call) if place is not None and each in place.chunks]
        answer = handle(world, call)
        if scope is not None:
            doubled.update((scope.tenant.id, scope.sub_tenant_id, each) for each in known)
        return answer

    def find(handle: Handle, world: World, call: Call) -> Answer:
        scope, answer = scope_of(world, call), handle(world, call)
        entries = entries_of(answer)
        again = [
            entry
            for entry in entries
            if scope is not None
            and (scope.tenant.id, scope.sub_tenant_id, entry["embedding"]["chunk_id"]) in doubled
        ]
        return replace(answer, body=[*entries, *again])

    around(patch, INSERT, insert)
    around(patch, FILTER, find)


@mutant("cortex.documents.upsert", "An upsert leaves known chunks as they are")
def upsert_only_inserts(patch: pytest.MonkeyPatch) -> None:
    _upsert_only(patch, lambda known: not known)


@mutant("cortex.documents.upsert", "An upsert that updates a chunk inserts none", hardest=True)
def upsert_only_updates(patch: pytest.MonkeyPatch) -> None:
    _upsert_only(patch, lambda known: known, only_if_any=True)


@mutant("cortex.documents.upsert", "An upsert of a known chunk is refused")
def upsert_is_ignored(patch: pytest.MonkeyPatch) -> None:
    mishear(patch, INSERT, lambda body: body.pop("upsert", None))


@mutant("cortex.documents.upsert-default", "Inserts that do not say upsert replace what is known")
def upsert_by_default(patch: pytest.MonkeyPatch) -> None:
    mishear(patch, INSERT, lambda body: body.setdefault("upsert", True))


@mutant("cortex.documents.upsert-default", "An upsert of null stands for true")
def null_is_true(patch: pytest.MonkeyPatch) -> None:
    def upsert(body: Body) -> None:
        if "upsert" in body and body["upsert"] is None:
            body["upsert"] = True

    mishear(patch, INSERT, upsert)


def _inserted(ids: list[str]) -> Mapping[str, Any]:
    return {"insert_count": len(ids), "ids": ids, "success": True, "error": None}


def _answer_conflict(
    patch: pytest.MonkeyPatch, answer: Callable[[Callable[[], Answer], list[str]], Answer]
) -> None:
    """Answers an insert of known chunks that says upsert false, given the upsert to carry out or not."""

    def insert(handle: Handle, world: World, call: Call) -> Answer:
        document = document_of(call)
        try:
            return handle(world, call)
        except Refused as refused:
            if refused.clause != NO_UPSERT or document.get("upsert") is not False:
                raise
            asked = saying(call, {**document, "upsert": True})
            return answer(lambda: handle(world, asked), sent_chunk_ids(call))

    around(patch, INSERT, insert)


def _upsert_only(
    patch: pytest.MonkeyPatch, wanted: Callable[[bool], bool], *, only_if_any: bool = False
) -> None:
    """Lets an upsert store only the chunks chosen by whether they are known, though it answers for all."""

    def insert(handle: Handle, world: World, call: Call) -> Answer:
        place, document = place_of(world, call), document_of(call)
        if document.get("upsert") is not True or place is None:
            return handle(world, call)
        if only_if_any and not any(each in place.chunks for each in sent_chunk_ids(call)):
            return handle(world, call)
        kept = [
            {**each, "embeddings": chunks}
            for each in sent_documents(call)
            if (chunks := [c for c in each["embeddings"] if wanted(c["chunk_id"] in place.chunks)])
        ]
        if kept:
            handle(world, saying(call, {**document, "embeddings": kept}))
        return Answer(200, _inserted(sent_chunk_ids(call)))

    around(patch, INSERT, insert)
