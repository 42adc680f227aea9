"""Mutants of the matrix form that give rows back, delete or count them wrongly."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from mock_server.cortex import rules
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.cortex.rewriting import (
    DELETE,
    RETRIEVE,
    SEARCH,
    STATS,
    UPLOAD,
    amend,
    around,
    mishear,
    place_of,
    refusal,
    refuse_with,
    scope_of,
)
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Body, Handle, document_of, let_pass, said, saying

LARGEST_OF_16_BITS = 65_504.0


@mutant("cortex.retrieve.vectors", "Vectors come back rounded to three digits")
def three_digits(patch: pytest.MonkeyPatch) -> None:
    _change_numbers(patch, lambda number: round(number, 3))


@mutant("cortex.retrieve.vectors", "Numbers beyond what 16 bits hold come back as the largest that they do")
def half_precision(patch: pytest.MonkeyPatch) -> None:
    _change_numbers(patch, lambda number: max(-LARGEST_OF_16_BITS, min(number, LARGEST_OF_16_BITS)))


@mutant("cortex.retrieve.vectors", "Integers in a row are stored as 0")
def integers_are_lost(patch: pytest.MonkeyPatch) -> None:
    def blank(body: Body) -> None:
        if isinstance(body.get("embeddings"), list):
            body["embeddings"] = [_without_integers(row) for row in body["embeddings"]]

    mishear(patch, UPLOAD, blank)


@mutant("cortex.retrieve.not-found", "The last of the unknown ids is not listed")
def the_last_is_not_listed(patch: pytest.MonkeyPatch) -> None:
    _change_missing(patch, lambda missing: missing[:-1])


@mutant("cortex.retrieve.not-found", "Only the first of the unknown ids is listed", hardest=True)
def the_first_is_listed(patch: pytest.MonkeyPatch) -> None:
    _change_missing(patch, lambda missing: missing[:1])


@mutant("cortex.retrieve.not-found", "Unknown ids are counted, not listed")
def unknown_ids_are_counted(patch: pytest.MonkeyPatch) -> None:
    _change_missing(patch, len)


@mutant("cortex.retrieve.not-found", "Every id asked for is listed as not found")
def every_id_is_listed(patch: pytest.MonkeyPatch) -> None:
    def list_all(body: Body) -> None:
        body["not_found_chunk_ids"] += body["embeddings"]

    amend(patch, RETRIEVE, list_all)


@mutant("cortex.retrieve.not-found", "Unknown ids come with null for a vector")
def null_for_the_unknown(patch: pytest.MonkeyPatch) -> None:
    def fill(body: Body) -> None:
        body["embeddings"] |= dict.fromkeys(body["not_found_chunk_ids"])

    amend(patch, RETRIEVE, fill)


@mutant("cortex.retrieve.not-found", "Retrieving an unknown id among others is refused with 404")
def unknown_ids_are_refused(patch: pytest.MonkeyPatch) -> None:
    _answer_missing(patch, lambda _answer: refusal(404, "not found", "EMBEDDINGS_NOT_FOUND"))


@mutant("cortex.retrieve.not-found", "A retrieval that misses an id is 206")
def partial_content(patch: pytest.MonkeyPatch) -> None:
    _answer_missing(patch, lambda answer: replace(answer, status=206))


@mutant("cortex.delete.truthful", "Unknown ids count as deleted")
def unknown_ids_count(patch: pytest.MonkeyPatch) -> None:
    amend(patch, DELETE, lambda body: body.update(total_deleted=len(body["status"])))


@mutant("cortex.delete.truthful", "A deletion says that it deleted one chunk at most")
def one_at_most(patch: pytest.MonkeyPatch) -> None:
    amend(patch, DELETE, lambda body: body.update(total_deleted=min(body["total_deleted"], 1)))


@mutant("cortex.delete.truthful", "Unknown ids are true in the status of a deletion")
def true_for_the_unknown(patch: pytest.MonkeyPatch) -> None:
    amend(patch, DELETE, lambda body: body.update(status=dict.fromkeys(body["status"], True)))


@mutant("cortex.delete.truthful", "The status of a deletion is false for the last id")
def false_for_the_last(patch: pytest.MonkeyPatch) -> None:
    def deny(body: Body) -> None:
        body["status"] |= dict.fromkeys([*body["status"]][-1:], False)

    amend(patch, DELETE, deny)


@mutant("cortex.delete.truthful", "A deletion with an unknown id is refused with 404, the rest deleted")
def unknown_ids_are_not_deleted(patch: pytest.MonkeyPatch) -> None:
    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        missed = not all(said(answer)["status"].values())
        return refusal(404, "not found", "EMBEDDINGS_NOT_FOUND") if missed else answer

    around(patch, DELETE, refuse)


@mutant("cortex.delete.truthful", "Deleting says so, and the last of the chunks stays")
def the_last_chunk_stays(patch: pytest.MonkeyPatch) -> None:
    def spare(handle: Handle, world: World, call: Call) -> Answer:
        place, asked = place_of(world, call), _asked(call)
        known = [each for each in asked if place is not None and each in place.chunks]
        if not known:
            return handle(world, call)
        kept = {each: each in known for each in asked}
        spared = [each for each in asked if each != known[-1]] or ["-"]
        body = said(handle(world, saying(call, {**document_of(call), "chunk_ids": spared})))
        return Answer(200, {**body, "status": kept, "total_deleted": len(known)})

    around(patch, DELETE, spare)


@mutant("cortex.delete.truthful", "Chunks are deleted whose ids begin with one that is given", hardest=True)
def deletion_by_prefix(patch: pytest.MonkeyPatch) -> None:
    _delete_also(patch, lambda stored, asked: stored.startswith(asked))


@mutant("cortex.delete.truthful", "Deleting a chunk deletes its whole file")
def deletion_by_file(patch: pytest.MonkeyPatch) -> None:
    _delete_also(patch, lambda stored, asked: stored.rpartition("_")[0] == asked.rpartition("_")[0])


@mutant("cortex.delete.truthful", "A deleted chunk is still found by search")
def found_when_deleted(patch: pytest.MonkeyPatch) -> None:
    graves: dict[tuple[str, str], list[str]] = {}

    def bury(handle: Handle, world: World, call: Call) -> Answer:
        scope, answer = scope_of(world, call), handle(world, call)
        if scope is not None:
            deleted = [name for name, done in said(answer)["status"].items() if done]
            graves.setdefault((scope.tenant.id, scope.sub_tenant_id), []).extend(deleted)
        return answer

    def haunt(handle: Handle, world: World, call: Call) -> Answer:
        scope, body = scope_of(world, call), said(handle(world, call))
        if scope is not None:
            buried = graves.get((scope.tenant.id, scope.sub_tenant_id), [])
            body["chunk_ids"] += [each for each in buried if each not in scope.sub_tenant.chunks]
            body["scores"] += [0.0] * (len(body["chunk_ids"]) - len(body["scores"]))
        return Answer(200, body)

    around(patch, DELETE, bury)
    around(patch, SEARCH, haunt)


@mutant("cortex.delete.empty", "Deleting no chunk is no fault")
def deleting_nothing(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.DELETION, "cortex.delete.empty", lambda body: body.get("chunk_ids") == [])


@mutant("cortex.delete.empty", "An empty string among the ids to delete is overlooked")
def an_empty_id_is_overlooked(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.DELETION, "cortex.delete.empty", lambda body: "" in (body.get("chunk_ids") or ()))


@mutant("cortex.delete.empty", "Only the first of the ids to delete has to be no empty string", hardest=True)
def the_first_id_is_looked_at(patch: pytest.MonkeyPatch) -> None:
    let_pass(
        patch, rules.DELETION, "cortex.delete.empty", lambda body: bool((body.get("chunk_ids") or [""])[0])
    )


@mutant("cortex.delete.empty", "Deleting no chunk is refused with 422")
def deleting_nothing_is_unprocessable(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "cortex.delete.empty", 422)


@mutant("cortex.stats.count", "The vector_dimension of an empty tenant is 0")
def no_dimension_is_zero(patch: pytest.MonkeyPatch) -> None:
    amend(patch, STATS, lambda body: body.update(vector_dimension=body["vector_dimension"] or 0))


@mutant("cortex.stats.count", "The vector_dimension is null for ever")
def no_dimension_at_all(patch: pytest.MonkeyPatch) -> None:
    amend(patch, STATS, lambda body: body.update(vector_dimension=None))


@mutant("cortex.stats.count", "The vector_dimension is text")
def dimension_as_text(patch: pytest.MonkeyPatch) -> None:
    def spell(body: Body) -> None:
        if body["vector_dimension"] is not None:
            body["vector_dimension"] = str(body["vector_dimension"])

    amend(patch, STATS, spell)


@mutant("cortex.stats.count", "The object_count never exceeds 20", hardest=True)
def counted_up_to_20(patch: pytest.MonkeyPatch) -> None:
    amend(patch, STATS, lambda body: body.update(object_count=min(body["object_count"], 20)))


@mutant("cortex.stats.count", "The object_count of a tenant is that of its last file")
def the_last_file_is_counted(patch: pytest.MonkeyPatch) -> None:
    def count(handle: Handle, world: World, call: Call) -> Answer:
        scope, body = scope_of(world, call), said(handle(world, call))
        if scope is not None and not any(call.query.get("sub_tenant_id", ())) and body["object_count"]:
            last = [*scope.sub_tenant.sources.values()][-1:]
            body["object_count"] = sum(len(source.chunk_ids) for source in last)
        return Answer(200, body)

    around(patch, STATS, count)


@mutant("cortex.stats.count", "The object_count of a sub-tenant includes the rows of the default one")
def the_default_is_counted_too(patch: pytest.MonkeyPatch) -> None:
    def count(handle: Handle, world: World, call: Call) -> Answer:
        scope, body = scope_of(world, call), said(handle(world, call))
        if scope is not None and any(call.query.get("sub_tenant_id", ())):
            tenant = scope.tenant
            body["object_count"] += (
                len(tenant.look(tenant.id).chunks) if scope.sub_tenant_id != tenant.id else 0
            )
        return Answer(200, body)

    around(patch, STATS, count)


def _change_numbers(patch: pytest.MonkeyPatch, change: Callable[[float], float]) -> None:
    """Changes every number of the vectors retrieved."""

    def change_all(body: Body) -> None:
        body["embeddings"] = {
            name: [change(number) for number in vector] for name, vector in body["embeddings"].items()
        }

    amend(patch, RETRIEVE, change_all)


def _without_integers(row: Any) -> Any:
    return [0.0 if type(value) is int else value for value in row] if isinstance(row, list) else row


def _change_missing(patch: pytest.MonkeyPatch, change: Callable[[list[str]], object]) -> None:
    """Changes the ids that a retrieval lists as not found."""
    amend(patch, RETRIEVE, lambda body: body.update(not_found_chunk_ids=change(body["not_found_chunk_ids"])))


def _answer_missing(patch: pytest.MonkeyPatch, change: Callable[[Answer], Answer]) -> None:
    """Changes the answer of a retrieval that does not find every id."""

    def answer_it(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        return change(answer) if said(answer)["not_found_chunk_ids"] else answer

    around(patch, RETRIEVE, answer_it)


def _delete_also(patch: pytest.MonkeyPatch, doomed: Callable[[str, str], bool]) -> None:
    """Deletes further chunks in silence: those for which a function of their id and of one given holds."""

    def delete(handle: Handle, world: World, call: Call) -> Answer:
        place, asked = place_of(world, call), _asked(call)
        answer = handle(world, call)
        if place is not None:
            place.remove([stored for stored in place.chunks if any(doomed(stored, each) for each in asked)])
        return answer

    around(patch, DELETE, delete)


def _asked(call: Call) -> Sequence[str]:
    chunk_ids = document_of(call).get("chunk_ids")
    return [each for each in chunk_ids if isinstance(each, str)] if isinstance(chunk_ids, list) else []
