"""Mutants of the documents form that give or remove other chunks than those named by source or by id."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from mock_server.cortex import chunks, rules
from mock_server.cortex.search import asked_limit
from mock_server.cortex.subtenant import SubTenant
from mock_server.rules import Document
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.cortex.rewriting import (
    FILTER,
    FIND,
    REMOVE,
    around,
    entries_of,
    place_of,
    refusal,
    refuse_with,
    scope_of,
)
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Body, Handle, document_of, let_pass, said, saying

ONE_OF_FILTER = "cortex.filter.one-of"
ONE_OF_REMOVAL = "cortex.remove.one-of"
LIMIT = "cortex.filter.limit"

Named = Callable[[SubTenant, list[str]], Sequence[str]]


@mutant("cortex.filter.by-source", "A source brings those whose ids begin with its own")
def sources_that_begin_alike(patch: pytest.MonkeyPatch) -> None:
    _give_by_source(patch, _chunks_by_prefix)


@mutant("cortex.filter.by-source", "A source brings at most four of its chunks")
def four_chunks_of_a_source(patch: pytest.MonkeyPatch) -> None:
    _give_by_source(patch, lambda place, source_id: place.of_source(source_id)[:4])


@mutant("cortex.filter.by-source", "A source does not bring its first chunk if it has others")
def all_but_the_first(patch: pytest.MonkeyPatch) -> None:
    _give_by_source(
        patch, lambda place, source_id: place.of_source(source_id)[1:] or place.of_source(source_id)
    )


@mutant("cortex.filter.by-source", "The last chunk of a source comes twice")
def the_last_comes_twice(patch: pytest.MonkeyPatch) -> None:
    def repeat(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        entries = entries_of(answer)
        again = entries[-1:] if document_of(call).get("source_id") else []
        return replace(answer, body=[*entries, *again])

    around(patch, FILTER, repeat)


@mutant("cortex.filter.by-ids", "Only the first of the ids asked for counts")
def the_first_id_is_given(patch: pytest.MonkeyPatch) -> None:
    _give_by_ids(patch, lambda _place, ids: ids[:1])


@mutant("cortex.filter.by-ids", "The last of the ids asked for does not count")
def the_last_id_is_not_given(patch: pytest.MonkeyPatch) -> None:
    _give_by_ids(patch, lambda _place, ids: ids[:-1] or ids)


@mutant("cortex.filter.by-ids", "An id brings all that begin with it")
def ids_that_begin_alike(patch: pytest.MonkeyPatch) -> None:
    _give_by_ids(patch, lambda place, ids: [*_begun_by(place, ids), *ids])


@mutant("cortex.filter.by-ids", "An id brings all chunks of its source")
def sources_of_the_ids(patch: pytest.MonkeyPatch) -> None:
    def whole(place: SubTenant, ids: list[str]) -> Sequence[str]:
        sources = {place.chunks[each].source_id for each in ids if each in place.chunks}
        return [*ids, *(each for source_id in sources for each in place.of_source(source_id))]

    _give_by_ids(patch, whole)


@mutant("cortex.filter.by-ids", "Asking for an unknown id among others is refused with 404")
def unknown_ids_are_refused(patch: pytest.MonkeyPatch) -> None:
    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        place, ids = place_of(world, call), document_of(call).get("chunk_ids") or []
        known = [each for each in ids if place is not None and each in place.chunks]
        partly = bool(known) and len(known) < len(ids)
        return refusal(404, "not found", "EMBEDDINGS_NOT_FOUND") if partly else handle(world, call)

    around(patch, FILTER, refuse)


@mutant("cortex.filter.by-ids", "Unknown ids come with empty vectors")
def unknown_ids_come(patch: pytest.MonkeyPatch) -> None:
    def fill(handle: Handle, world: World, call: Call) -> Answer:
        answer, ids = handle(world, call), document_of(call).get("chunk_ids") or []
        entries = entries_of(answer)
        found = {entry["embedding"]["chunk_id"] for entry in entries}
        unknown = [_empty(each) for each in ids if each not in found] if found else []
        return replace(answer, body=[*entries, *unknown])

    around(patch, FILTER, fill)


@mutant(ONE_OF_FILTER, "Where a source and ids are asked for the source counts")
def source_before_ids(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.FILTER, ONE_OF_FILTER, _names_both)


@mutant(ONE_OF_FILTER, "Asking for neither a source nor ids gives nothing")
def nothing_for_neither(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.FILTER, ONE_OF_FILTER, _names_neither)


@mutant(ONE_OF_FILTER, "Asking for both or neither of a source and ids is refused with 422")
def a_choice_is_unprocessable(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, ONE_OF_FILTER, 422)


@mutant(LIMIT, "The limit of a filter is overlooked")
def no_limit(patch: pytest.MonkeyPatch) -> None:
    _change_limit(patch, lambda _limit: rules.MAX_FILTERED)


@mutant(LIMIT, "A filter gives one chunk more than its limit")
def one_too_many(patch: pytest.MonkeyPatch) -> None:
    _change_limit(patch, lambda limit: limit + 1)


@mutant(LIMIT, "A filter's limit of 0 is taken for 1")
def zero_is_taken(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.FILTER, LIMIT, lambda body: body.get("limit") == 0)


@mutant(LIMIT, "A filter's limit of 10,001 is taken for 10,000")
def ten_thousand_and_one_is_taken(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.FILTER, LIMIT, lambda body: body.get("limit") == 10_001)


@mutant(LIMIT, "A filter's limit out of bounds is refused with 413")
def limits_are_too_large(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, LIMIT, 413)


@mutant("cortex.remove.by-source", "Sources are removed whose ids begin with the one given")
def removal_of_sources_that_begin_alike(patch: pytest.MonkeyPatch) -> None:
    _remove_also(patch, "source_id", _chunks_by_prefix_of_all)


@mutant("cortex.remove.by-source", "Removing a source leaves its last chunk if it has others")
def the_last_chunk_is_left(patch: pytest.MonkeyPatch) -> None:
    def leave(handle: Handle, world: World, call: Call) -> Answer:
        place, source_id = place_of(world, call), (call.query.get("source_id") or [""])[0]
        ids = [*place.of_source(source_id)] if place is not None else []
        if len(ids) < 2:
            return handle(world, call)
        without = {name: values for name, values in call.query.items() if name != "source_id"}
        answer = handle(world, replace(call, query={**without, "chunk_ids": ids[:-1]}))
        return replace(answer, body={**said(answer), "delete_count": len(ids)})

    around(patch, REMOVE, leave)


@mutant("cortex.remove.by-source", "Removing a source counts it as one")
def a_source_counts_once(patch: pytest.MonkeyPatch) -> None:
    _recount(patch, "source_id", lambda count, _asked: min(count, 1))


@mutant("cortex.remove.by-source", "The chunks of a removed source are still found by search")
def found_when_removed(patch: pytest.MonkeyPatch) -> None:
    _haunt(patch, "source_id")


@mutant("cortex.remove.by-ids", "Only the first of several repeated chunk_ids is removed")
def the_first_id_is_removed(patch: pytest.MonkeyPatch) -> None:
    _remove_ids(patch, lambda _place, ids: ids[:1])


@mutant("cortex.remove.by-ids", "Only the last of several repeated chunk_ids is removed")
def the_last_id_is_removed(patch: pytest.MonkeyPatch) -> None:
    _remove_ids(patch, lambda _place, ids: ids[-1:])


@mutant("cortex.remove.by-ids", "Chunks are removed whose ids begin with one given")
def removal_of_ids_that_begin_alike(patch: pytest.MonkeyPatch) -> None:
    _remove_also(patch, "chunk_ids", _begun_by)


@mutant("cortex.remove.by-ids", "Unknown chunk_ids count as removed")
def unknown_ids_count(patch: pytest.MonkeyPatch) -> None:
    _recount(patch, "chunk_ids", lambda count, asked: count and len(asked))


@mutant("cortex.remove.by-ids", "Nothing is removed where one of the chunk_ids is unknown")
def all_or_nothing(patch: pytest.MonkeyPatch) -> None:
    _remove_ids(patch, lambda place, ids: ids if all(each in place.chunks for each in ids) else ["-"])


@mutant("cortex.remove.by-ids", "The chunks removed by id are still found by search")
def found_when_removed_by_id(patch: pytest.MonkeyPatch) -> None:
    _haunt(patch, "chunk_ids")


@mutant("cortex.remove.again", "Removing what is gone is refused with 404")
def gone_is_not_found(patch: pytest.MonkeyPatch) -> None:
    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        nothing = said(answer)["delete_count"] == 0
        return refusal(404, "not found", "EMBEDDINGS_NOT_FOUND") if nothing else answer

    around(patch, REMOVE, refuse)


@mutant("cortex.remove.again", "Removing what is gone is 204")
def no_content(patch: pytest.MonkeyPatch) -> None:
    def empty(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        return answer if said(answer)["delete_count"] else replace(answer, status=204)

    around(patch, REMOVE, empty)


@mutant("cortex.remove.again", "Removing again counts what was removed before")
def counted_again(patch: pytest.MonkeyPatch) -> None:
    counted: dict[str, int] = {}

    def count(handle: Handle, world: World, call: Call) -> Answer:
        body, asked = said(handle(world, call)), str(sorted(call.query.items()))
        counted[asked] = body["delete_count"] = body["delete_count"] or counted.get(asked, 0)
        return Answer(200, body)

    around(patch, REMOVE, count)


@mutant(ONE_OF_REMOVAL, "Where a source and ids are to be removed the source counts")
def removal_of_both(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.REMOVAL, ONE_OF_REMOVAL, _names_both)


@mutant(ONE_OF_REMOVAL, "Removing neither a source nor ids removes nothing")
def removal_of_neither(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.REMOVAL, ONE_OF_REMOVAL, _names_neither)


@mutant(ONE_OF_REMOVAL, "Removing both or neither of a source and ids is refused with 422")
def a_removal_is_unprocessable(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, ONE_OF_REMOVAL, 422)


def _names_both(asked: Document) -> bool:
    return bool(asked.get("source_id")) and bool(asked.get("chunk_ids"))


def _names_neither(asked: Document) -> bool:
    return not asked.get("source_id") and not asked.get("chunk_ids")


def _chunks_by_prefix(place: SubTenant, source_id: str) -> Sequence[str]:
    return [each for name in place.sources if name.startswith(source_id) for each in place.of_source(name)]


def _chunks_by_prefix_of_all(place: SubTenant, source_ids: list[str]) -> Sequence[str]:
    return [each for source_id in source_ids for each in _chunks_by_prefix(place, source_id)]


def _begun_by(place: SubTenant, ids: list[str]) -> Sequence[str]:
    return [each for each in place.chunks if any(map(each.startswith, ids))]


def _empty(chunk_id: str) -> Body:
    chunk = {"chunk_id": chunk_id, "embedding": []}
    return {"source_id": "", "embedding": chunk, "score": 0.0, "distance": 0.0, "metadata": {}}


def _give_by_source(patch: pytest.MonkeyPatch, given: Callable[[SubTenant, str], Sequence[str]]) -> None:
    """Answers a filter by source with the chunks that a function names."""

    def give(handle: Handle, world: World, call: Call) -> Answer:
        place, document = place_of(world, call), document_of(call)
        source_id = document.get("source_id")
        if place is None or not source_id or document.get("chunk_ids"):
            return handle(world, call)
        ids = [*given(place, source_id)] or ["-"]
        return handle(world, saying(call, {**document, "source_id": None, "chunk_ids": ids}))

    around(patch, FILTER, give)


def _give_by_ids(patch: pytest.MonkeyPatch, given: Named) -> None:
    """Answers a filter by ids with the chunks that a function names."""

    def give(handle: Handle, world: World, call: Call) -> Answer:
        place, document = place_of(world, call), document_of(call)
        ids = document.get("chunk_ids")
        if place is None or not ids:
            return handle(world, call)
        return handle(world, saying(call, {**document, "chunk_ids": [*given(place, ids)]}))

    around(patch, FILTER, give)


def _change_limit(patch: pytest.MonkeyPatch, change: Callable[[int], int]) -> None:
    def changed(body: Document, field: str, most: int, usual: int) -> int:
        return change(asked_limit(body, field, most, usual))

    patch.setattr(chunks, "asked_limit", changed)


def _remove_ids(patch: pytest.MonkeyPatch, chosen: Named) -> None:
    """Removes of the chunk_ids of a call those that a function chooses."""

    def remove(handle: Handle, world: World, call: Call) -> Answer:
        place, ids = place_of(world, call), call.query.get("chunk_ids")
        if place is None or not ids:
            return handle(world, call)
        return handle(world, replace(call, query={**call.query, "chunk_ids": chosen(place, [*ids])}))

    around(patch, REMOVE, remove)


def _remove_also(patch: pytest.MonkeyPatch, field: str, doomed: Named) -> None:
    """Removes in silence what a function finds for the values of a field, once these are removed."""

    def remove(handle: Handle, world: World, call: Call) -> Answer:
        place, answer = place_of(world, call), handle(world, call)
        if place is not None:
            place.remove(doomed(place, [*call.query.get(field, ())]))
        return answer

    around(patch, REMOVE, remove)


def _recount(patch: pytest.MonkeyPatch, field: str, change: Callable[[int, Sequence[str]], int]) -> None:
    """Changes the delete_count of removals by a field, told the values of it."""

    def recount(handle: Handle, world: World, call: Call) -> Answer:
        body, asked = said(handle(world, call)), call.query.get(field, ())
        if asked:
            body["delete_count"] = change(body["delete_count"], asked)
        return Answer(200, body)

    around(patch, REMOVE, recount)


def _haunt(patch: pytest.MonkeyPatch, field: str) -> None:
    """Lets searches find what was removed by a field, though nothing else knows of it."""
    graves: dict[tuple[str, str], dict[str, str]] = {}

    def bury(handle: Handle, world: World, call: Call) -> Answer:
        scope = scope_of(world, call)
        before = (
            {} if scope is None else {name: each.source_id for name, each in scope.sub_tenant.chunks.items()}
        )
        answer = handle(world, call)
        if scope is not None and call.query.get(field):
            left = scope.sub_tenant.chunks
            grave = graves.setdefault((scope.tenant.id, scope.sub_tenant_id), {})
            grave |= {name: source_id for name, source_id in before.items() if name not in left}
        return answer

    def haunt(handle: Handle, world: World, call: Call) -> Answer:
        scope, answer = scope_of(world, call), handle(world, call)
        buried = {} if scope is None else graves.get((scope.tenant.id, scope.sub_tenant_id), {})
        ghosts = [
            {**_empty(name), "source_id": source_id, "distance": 1.0} for name, source_id in buried.items()
        ]
        return replace(answer, body=[*entries_of(answer), *ghosts])

    around(patch, REMOVE, bury)
    around(patch, FIND, haunt)
