"""Mutants that search the wrong things, find too much or too little, or search what they should refuse."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from mock_server.moorcheh import retrieval, rules
from mock_server.moorcheh.store import Store
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    DELETE_ITEMS,
    SEARCH,
    VECTORS,
    Body,
    Handle,
    amend,
    around,
    document_of,
    let_pass,
    mishear,
    refusal,
    refuse_with,
    said,
    saying,
)

NOTHING = {"results": [], "execution_time": 0.0}


@mutant("moorcheh.search.top-k-default", "Without top_k five hits come")
def five_by_default(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(retrieval, "TOP_K", 5)


@mutant("moorcheh.search.top-k-default", "Without top_k eleven hits come")
def eleven_by_default(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(retrieval, "TOP_K", 11)


@mutant("moorcheh.search.top-k-clamped", "At most 99 hits come")
def at_most_99(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(retrieval, "MOST_HITS", 99)


@mutant("moorcheh.search.top-k-clamped", "As many hits come as are asked for, beyond 100 too")
def as_many_as_asked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(retrieval, "MOST_HITS", 10_000)


@mutant("moorcheh.search.top-k-clamped", "A top_k of 0 finds nothing")
def no_hits_for_0(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(retrieval, "LEAST_HITS", 0)


@mutant("moorcheh.search.top-k-clamped", "A top_k of 0 is taken for none")
def the_default_for_0(patch: pytest.MonkeyPatch) -> None:
    mishear(patch, SEARCH, lambda body: body.update(top_k=body.get("top_k") or 10))


@mutant("moorcheh.search.top-k-clamped", "A top_k above 100 is refused")
def no_top_k_above_100(patch: pytest.MonkeyPatch) -> None:
    _refuse_search(patch, lambda body: isinstance(body.get("top_k"), int) and body["top_k"] > 100)


@mutant("moorcheh.search.threshold-null", "A threshold of null is refused")
def no_null_for_a_threshold(patch: pytest.MonkeyPatch) -> None:
    _refuse_search(patch, lambda body: "threshold" in body and body["threshold"] is None)


@mutant("moorcheh.search.threshold-null", "A threshold of null lets no hit pass")
def null_lets_nothing_pass(patch: pytest.MonkeyPatch) -> None:
    def drop(handle: Handle, world: World, call: Call) -> Answer:
        answer, document = handle(world, call), document_of(call)
        empty = "threshold" in document and document["threshold"] is None
        return Answer(200, {**said(answer), **NOTHING}) if empty else answer

    around(patch, SEARCH, drop)


@mutant("moorcheh.search.kiosk", "In kiosk_mode nothing is dropped")
def kiosk_drops_nothing(patch: pytest.MonkeyPatch) -> None:
    _hear_kiosk(patch, lambda body: body.update(threshold=0))


@mutant("moorcheh.search.kiosk", "In kiosk_mode scores a little below the threshold pass")
def kiosk_is_lenient(patch: pytest.MonkeyPatch) -> None:
    _hear_kiosk(patch, lambda body: body.update(threshold=max(0, body["threshold"] - 0.1)))


@mutant("moorcheh.search.kiosk", "In kiosk_mode the best and the worst hit pass, whatever they score")
def kiosk_lets_the_worst_pass(patch: pytest.MonkeyPatch) -> None:
    def keep_worst(handle: Handle, world: World, call: Call) -> Answer:
        body, document = said(handle(world, call)), document_of(call)
        if document.get("kiosk_mode") is True:
            everything = said(handle(world, saying(call, {**document, "kiosk_mode": False})))["results"]
            body["results"] += [hit for hit in everything[-1:] if hit not in body["results"]]
        return Answer(200, body)

    around(patch, SEARCH, keep_worst)


@mutant("moorcheh.search.threshold-only-kiosk", "A threshold drops hits in every mode")
def a_threshold_always_drops(patch: pytest.MonkeyPatch) -> None:
    def turn_on(body: Body) -> None:
        if body.get("threshold") is not None:
            body["kiosk_mode"] = True

    mishear(patch, SEARCH, turn_on)


@mutant("moorcheh.search.threshold-only-kiosk", "A threshold drops hits where kiosk_mode is not sent")
def a_threshold_turns_kiosk_on(patch: pytest.MonkeyPatch) -> None:
    def default(body: Body) -> None:
        if body.get("threshold") is not None:
            body.setdefault("kiosk_mode", True)

    mishear(patch, SEARCH, default)


@mutant("moorcheh.search.only-asked", "A search looks into namespaces whose name begins with one asked")
def names_that_begin_alike(patch: pytest.MonkeyPatch) -> None:
    def widen(handle: Handle, world: World, call: Call) -> Answer:
        document, stored = document_of(call), world.part(Store).namespaces
        asked = [name for name in document.get("namespaces") or [] if name in stored]
        shapes = {stored[name].dimension for name in asked}
        alike = [
            name
            for name, namespace in stored.items()
            if any(name.startswith(each) for each in asked) and {namespace.dimension} == shapes
        ]
        return handle(world, saying(call, {**document, "namespaces": alike}) if alike else call)

    around(patch, SEARCH, widen)


@mutant("moorcheh.search.kiosk-needs-threshold", "In kiosk_mode the threshold is 0 where none is sent")
def no_threshold_needed(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.SEARCH, "moorcheh.search.kiosk-needs-threshold")


@mutant("moorcheh.search.several-namespaces", "Only the first namespace is searched")
def only_the_first(patch: pytest.MonkeyPatch) -> None:
    def keep_first(body: Body) -> None:
        if isinstance(body.get("namespaces"), list):
            body["namespaces"] = body["namespaces"][:1]

    mishear(patch, SEARCH, keep_first)


@mutant("moorcheh.search.several-namespaces", "Hits come one namespace after the other", hardest=True)
def one_after_the_other(patch: pytest.MonkeyPatch) -> None:
    def group(body: Body) -> None:
        body["results"].sort(key=lambda hit: str(hit["namespace"]))

    amend(patch, SEARCH, group)


@mutant("moorcheh.search.several-namespaces", "The last hit of the second namespace is lost in merging")
def one_is_lost_in_merging(patch: pytest.MonkeyPatch) -> None:
    def lose(handle: Handle, world: World, call: Call) -> Answer:
        body, asked = said(handle(world, call)), document_of(call)["namespaces"]
        second = [hit for hit in body["results"] if hit["namespace"] in asked[1:2]]
        return Answer(200, {**body, "results": [hit for hit in body["results"] if hit not in second[-1:]]})

    around(patch, SEARCH, lose)


@mutant("moorcheh.search.deleted", "Deleted items are still found, last of all")
def deleted_items_are_found(patch: pytest.MonkeyPatch) -> None:
    _remember_deleted(patch)


@mutant("moorcheh.search.deleted", "Deleted items are found again after the next upload")
def deleted_items_come_back(patch: pytest.MonkeyPatch) -> None:
    awake: set[str] = set()

    def wake(handle: Handle, world: World, call: Call) -> Answer:
        awake.add(call.parameters["namespace"])
        return handle(world, call)

    def sleep(handle: Handle, world: World, call: Call) -> Answer:
        awake.discard(call.parameters["namespace"])
        return handle(world, call)

    around(patch, VECTORS, wake)
    around(patch, DELETE_ITEMS, sleep)
    _remember_deleted(patch, lambda name: name in awake)


@mutant("moorcheh.search.dimension", "A query of another length finds nothing")
def any_length(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.QUESTION, "moorcheh.search.dimension")


@mutant("moorcheh.search.dimension", "A query that is too long is taken")
def too_long_is_taken(patch: pytest.MonkeyPatch) -> None:
    let_pass(
        patch,
        rules.QUESTION,
        "moorcheh.search.dimension",
        lambda asked: isinstance(asked.query, list) and len(asked.query) > (asked.namespace.dimension or 0),
    )


@mutant("moorcheh.search.query-type", "A query of the other type finds nothing")
def any_type(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.QUESTION, "moorcheh.search.query-type")


@mutant("moorcheh.search.query-type", "A vector query on a text namespace finds nothing")
def vectors_find_no_texts(patch: pytest.MonkeyPatch) -> None:
    let_pass(
        patch,
        rules.QUESTION,
        "moorcheh.search.query-type",
        lambda asked: isinstance(asked.query, list),
    )


@mutant("moorcheh.search.unknown-namespace", "An unknown namespace is refused with 404")
def not_found(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "moorcheh.search.unknown-namespace", 404)


@mutant("moorcheh.search.unknown-namespace", "In an unknown namespace nothing is found")
def nothing_in_the_unknown(patch: pytest.MonkeyPatch) -> None:
    def find_nothing(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            if refused.clause != "moorcheh.search.unknown-namespace":
                raise
            return Answer(200, NOTHING)

    around(patch, SEARCH, find_nothing)


@mutant("moorcheh.search.empty", "A search of no namespaces finds nothing")
def no_namespaces(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.SEARCH, "moorcheh.search.empty")


@mutant("moorcheh.search.empty", "A search that names no namespaces looks into all of them")
def all_namespaces(patch: pytest.MonkeyPatch) -> None:
    def find_all(handle: Handle, world: World, call: Call) -> Answer:
        document = document_of(call)
        if "query" not in document or "namespaces" in document:
            return handle(world, call)
        return handle(world, saying(call, {**document, "namespaces": [*world.part(Store).namespaces][:1]}))

    around(patch, SEARCH, find_all)


@mutant("moorcheh.search.empty", "A query vector without numbers finds nothing")
def an_empty_query(patch: pytest.MonkeyPatch) -> None:
    def find_nothing(handle: Handle, world: World, call: Call) -> Answer:
        return Answer(200, NOTHING) if document_of(call).get("query") == [] else handle(world, call)

    around(patch, SEARCH, find_nothing)


def _refuse_search(patch: pytest.MonkeyPatch, refused: Callable[[Body], bool]) -> None:
    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        if refused(document_of(call)):
            return refusal(400, "this server does not search like that", "error")
        return handle(world, call)

    around(patch, SEARCH, refuse)


def _hear_kiosk(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    """Lets a function change a search that has both kiosk_mode and a threshold."""

    def change_kiosk(body: Body) -> None:
        if body.get("kiosk_mode") is True and body.get("threshold") is not None:
            change(body)

    mishear(patch, SEARCH, change_kiosk)


def _remember_deleted(patch: pytest.MonkeyPatch, shown: Callable[[str], bool] = lambda _name: True) -> None:
    """Adds deleted ids to the hits of their namespaces, where a function of the name says so."""
    deleted: dict[str, list[str]] = {}

    def note(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        missing = said(answer)["not_found_ids"]
        ids = [item_id for item_id in document_of(call)["ids"] if item_id not in missing]
        deleted.setdefault(call.parameters["namespace"], []).extend(ids)
        return answer

    def haunt(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        body = said(answer)
        for name in document_of(call)["namespaces"]:
            for item_id in deleted.get(name, []) if shown(name) else []:
                words = {"id": item_id, "namespace": name, "score": 0.0, "label": "Irrelevant"}
                body["results"].append({**words, "metadata": {}, "text": ""})
        return replace(answer, body=body)

    around(patch, DELETE_ITEMS, note)
    around(patch, SEARCH, haunt)
