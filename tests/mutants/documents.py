"""Mutants that take texts they should refuse, refuse texts they should take, or do not find them."""

from collections.abc import Callable
from typing import Any

import pytest

from mock_server.moorcheh import rules
from mock_server.moorcheh.store import Namespace, Store
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    DOCUMENTS,
    SEARCH,
    Body,
    Handle,
    amend,
    around,
    document_of,
    items_in,
    let_pass,
    mishear,
    place_of,
    put_status,
    refusal,
    refuse_also,
    refuse_with,
    said,
)

JOB_ID = "job-" + "0" * 32


@mutant("moorcheh.documents.accepted", "An upload of documents is answered with 200")
def an_upload_of_documents_is_ok(patch: pytest.MonkeyPatch) -> None:
    put_status(patch, DOCUMENTS, 200)


@mutant("moorcheh.documents.accepted", "An upload of documents has no message")
def no_message(patch: pytest.MonkeyPatch) -> None:
    amend(patch, DOCUMENTS, lambda body: body.pop("message"))


@mutant("moorcheh.documents.accepted", "The total of an upload of documents is one too many")
def total_counts_from_one(patch: pytest.MonkeyPatch) -> None:
    amend(patch, DOCUMENTS, lambda body: body.update(total=body["total"] + 1))


@mutant("moorcheh.documents.accepted", "Texts of more than 500 characters are refused")
def no_long_texts(patch: pytest.MonkeyPatch) -> None:
    _refuse_texts(patch, lambda text: len(text) > 500)


@mutant("moorcheh.documents.accepted", "Texts with characters beyond the basic plane are refused")
def one_plane_of_unicode(patch: pytest.MonkeyPatch) -> None:
    _refuse_texts(patch, lambda text: any(ord(character) > 0xFFFF for character in text))


@mutant("moorcheh.documents.accepted", "Texts that begin like a filter are refused")
def no_texts_like_filters(patch: pytest.MonkeyPatch) -> None:
    _refuse_texts(patch, lambda text: text.startswith("#"))


@mutant("moorcheh.documents.empty", "An upload without documents is taken")
def an_empty_upload(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.DOCUMENTS, "moorcheh.documents.empty")


@mutant("moorcheh.documents.empty", "An upload of no documents is taken where there is an array")
def an_empty_array(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.DOCUMENTS, "moorcheh.documents.empty", lambda body: body.get("documents") == [])


@mutant("moorcheh.documents.empty", "Documents are taken under the name of vectors, too")
def vectors_for_documents(patch: pytest.MonkeyPatch) -> None:
    def rename(body: Body) -> None:
        if "documents" not in body and "vectors" in body:
            body["documents"] = body.pop("vectors")

    mishear(patch, DOCUMENTS, rename)


@mutant("moorcheh.documents.id-required", "A document without id is taken")
def no_id_needed(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.DOCUMENT, "moorcheh.documents.id-required")


@mutant(
    "moorcheh.documents.id-required",
    "Documents but the first are given an id if they have none",
    hardest=True,
)
def ids_are_made_up(patch: pytest.MonkeyPatch) -> None:
    def number(body: Body) -> None:
        for place, item in enumerate(items_in(body, "documents")[1:], 1):
            item.setdefault("id", f"document-{place}")

    mishear(patch, DOCUMENTS, number)


@mutant("moorcheh.documents.id-required", "A document without id is refused with 422")
def unprocessable_without_id(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "moorcheh.documents.id-required", 422)


@mutant("moorcheh.documents.id-string", "Any value is the id of a document")
def anything_is_an_id(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.DOCUMENT, "moorcheh.documents.id-string")


@mutant("moorcheh.documents.id-string", "A whole number is the id of a document", hardest=True)
def numbers_are_ids(patch: pytest.MonkeyPatch) -> None:
    _let_ids_pass(patch, lambda item_id: type(item_id) is int)


@mutant("moorcheh.documents.id-string", "The empty string is the id of a document")
def nothing_is_an_id(patch: pytest.MonkeyPatch) -> None:
    _let_ids_pass(patch, lambda item_id: item_id == "")


@mutant("moorcheh.documents.text-required", "A document without text is stored with a blank one")
def blank_texts(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.DOCUMENT, "moorcheh.documents.text-required")


@mutant(
    "moorcheh.documents.text-required",
    "The text of a document but the first is its id if it has none",
    hardest=True,
)
def ids_for_texts(patch: pytest.MonkeyPatch) -> None:
    def repeat(body: Body) -> None:
        for item in items_in(body, "documents")[1:]:
            item.setdefault("text", str(item.get("id")))

    mishear(patch, DOCUMENTS, repeat)


@mutant("moorcheh.documents.text-required", "A document without text is left out, and the rest is taken")
def textless_documents_are_left_out(patch: pytest.MonkeyPatch) -> None:
    def leave_out(body: Body) -> None:
        body["documents"] = [item for item in items_in(body, "documents") if "text" in item]

    def drop(handle: Handle, world: World, call: Call) -> Answer:
        items = items_in(document_of(call), "documents")
        if items and not any("text" in item for item in items):
            return _taken(call, len(items))
        return handle(world, call)

    mishear(patch, DOCUMENTS, leave_out)
    around(patch, DOCUMENTS, drop)


@mutant("moorcheh.documents.wrong-namespace-type", "A vector namespace takes documents")
def texts_among_vectors(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.DOCUMENTS_TARGET, "moorcheh.documents.wrong-namespace-type")


@mutant("moorcheh.documents.wrong-namespace-type", "Documents for a vector namespace are refused with 404")
def not_found_among_vectors(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "moorcheh.documents.wrong-namespace-type", 404)


@mutant("moorcheh.documents.unknown-namespace", "Documents for an unknown namespace are refused with 400")
def bad_request_for_nowhere(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "moorcheh.documents.unknown-namespace", 400)


@mutant("moorcheh.documents.unknown-namespace", "An upload of documents makes the namespace it names")
def namespaces_make_themselves(patch: pytest.MonkeyPatch) -> None:
    def make(handle: Handle, world: World, call: Call) -> Answer:
        store, name = world.part(Store), call.parameters["namespace"]
        if name not in store.namespaces:
            store.namespaces[name] = Namespace(name, None, world.clock.now(), store.ages, store.embedder)
        return handle(world, call)

    around(patch, DOCUMENTS, make)


@mutant(
    "moorcheh.documents.unknown-namespace", "Documents for a namespace that was deleted are refused with 410"
)
def gone_for_documents(patch: pytest.MonkeyPatch) -> None:
    def remember(handle: Handle, world: World, call: Call) -> Answer:
        name = call.parameters["namespace"]
        deleted = any(name == each for each, _ in world.part(Store).deletions)
        if place_of(world, call) is None and deleted:
            return refusal(410, f"namespace {name} was deleted")
        return handle(world, call)

    around(patch, DOCUMENTS, remember)


@mutant(
    "moorcheh.documents.found", "Texts are not embedded: all documents are alike to a search", hardest=True
)
def texts_are_not_embedded(patch: pytest.MonkeyPatch) -> None:
    embed = Namespace.embed

    def embed_nothing(self: Namespace, texts: list[str]) -> Any:
        return embed(self, ["the same"] * len(texts))

    patch.setattr(Namespace, "embed", embed_nothing)


@mutant("moorcheh.documents.found", "The last document of a batch is not found before the next upload")
def the_last_is_found_late(patch: pytest.MonkeyPatch) -> None:
    latest: dict[str, object] = {}

    def note(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        latest[call.parameters["namespace"]] = document_of(call)["documents"][-1]["id"]
        return answer

    def hide(handle: Handle, world: World, call: Call) -> Answer:
        body = said(handle(world, call))
        results = [hit for hit in body["results"] if hit["id"] != latest.get(hit["namespace"])]
        return Answer(200, {**body, "results": results})

    around(patch, DOCUMENTS, note)
    around(patch, SEARCH, hide)


@mutant("moorcheh.documents.found", "A hit shows the first 40 characters of its document")
def hits_show_beginnings(patch: pytest.MonkeyPatch) -> None:
    def cut(body: Body) -> None:
        for hit in body["results"]:
            if "_chunk_" not in hit["id"]:
                hit["text"] = hit["text"][:40]

    amend(patch, SEARCH, cut)


def _taken(call: Call, total: int) -> Answer:
    """Answers an upload as if it had started a job."""
    name = call.parameters["namespace"]
    body = {"message": "Documents upload started.", "job_id": JOB_ID, "namespace_name": name, "total": total}
    return Answer(202, {"status": "success", **body})


def _refuse_texts(patch: pytest.MonkeyPatch, refused: Callable[[str], bool]) -> None:
    """Refuses documents whose text a function picks out."""

    def is_refused(candidate: rules.Candidate) -> bool:
        return (
            candidate.has("text")
            and isinstance(candidate.item["text"], str)
            and refused(candidate.item["text"])
        )

    refuse_also(patch, rules.DOCUMENT, "moorcheh.documents.text-required", is_refused)


def _let_ids_pass(patch: pytest.MonkeyPatch, excused: Callable[[Any], bool]) -> None:
    """Takes the ids of documents that a function picks out."""
    let_pass(
        patch,
        rules.DOCUMENT,
        "moorcheh.documents.id-string",
        lambda candidate: candidate.has("id") and excused(candidate.item["id"]),
    )
