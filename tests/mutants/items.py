"""Mutants that get or delete items wrongly."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from mock_server.moorcheh import rules
from mock_server.moorcheh.store import Store
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from mock_server.vectors import directions
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    DELETE_ITEMS,
    GET_ITEMS,
    VECTORS,
    Body,
    Handle,
    amend,
    around,
    document_of,
    mishear,
    place_of,
    refusal,
    refuse_with,
    said,
)


@mutant("moorcheh.items.get", 'The status of items/get is "ok"')
def ok_for_success(patch: pytest.MonkeyPatch) -> None:
    amend(patch, GET_ITEMS, lambda body: body.update(status="ok"))


@mutant("moorcheh.items.get", "The found_items of items/get counts all items of the namespace")
def found_counts_all(patch: pytest.MonkeyPatch) -> None:
    def count(handle: Handle, world: World, call: Call) -> Answer:
        answer, namespace = handle(world, call), place_of(world, call)
        return replace(
            answer, body={**said(answer), "found_items": len(namespace.items if namespace else ())}
        )

    around(patch, GET_ITEMS, count)


@mutant("moorcheh.items.get", "An item that is got alone comes twice")
def one_comes_twice(patch: pytest.MonkeyPatch) -> None:
    def double(body: Body) -> None:
        if len(body["items"]) == 1:
            body["items"] *= 2

    amend(patch, GET_ITEMS, double)


@mutant("moorcheh.items.get-missing", "An unknown id among those to be got is answered with 404")
def not_found_among_others(patch: pytest.MonkeyPatch) -> None:
    _refuse_found(patch, GET_ITEMS, lambda body: body["found_items"] < body["requested_ids"])


@mutant("moorcheh.items.get-missing", "Getting unknown ids alone is answered with 404")
def not_found_at_all(patch: pytest.MonkeyPatch) -> None:
    _refuse_found(patch, GET_ITEMS, lambda body: body["found_items"] == 0)


@mutant("moorcheh.items.get-missing", "An id that is unknown is looked for in the namespace created next")
def found_next_door(patch: pytest.MonkeyPatch) -> None:
    def look(handle: Handle, world: World, call: Call) -> Answer:
        body, namespaces = said(handle(world, call)), world.part(Store).namespaces
        names, got = [*namespaces], {item["id"] for item in body["items"]}
        for name in names[names.index(call.parameters["namespace"]) + 1 :][:1]:
            for item_id, item in namespaces[name].items.items():
                if item_id in document_of(call)["ids"] and item_id not in got:
                    body["items"].append({"id": item_id, "metadata": item.metadata})
        return Answer(200, body)

    around(patch, GET_ITEMS, look)


@mutant("moorcheh.items.get-missing", "The found_items of items/get counts unknown ids")
def found_counts_the_unknown(patch: pytest.MonkeyPatch) -> None:
    amend(patch, GET_ITEMS, lambda body: body.update(found_items=body["requested_ids"]))


@mutant("moorcheh.items.get-no-vector", "Items come with their vector")
def items_with_vectors(patch: pytest.MonkeyPatch) -> None:
    _give_vectors(patch, lambda _items: True)


@mutant("moorcheh.items.get-no-vector", "An item that is got alone comes with its vector")
def one_item_with_vector(patch: pytest.MonkeyPatch) -> None:
    _give_vectors(patch, lambda items: len(items) == 1)


@mutant("moorcheh.items.get-text", "Items come without their text")
def items_without_text(patch: pytest.MonkeyPatch) -> None:
    _change_items(patch, lambda item: item.pop("text", None))


@mutant("moorcheh.items.get-text", "Blanks and line breaks around a text are cut off")
def texts_are_trimmed(patch: pytest.MonkeyPatch) -> None:
    _change_texts(patch, str.strip)


@mutant("moorcheh.items.get-text", "A text is cut after 100 characters")
def texts_are_cut(patch: pytest.MonkeyPatch) -> None:
    _change_texts(patch, lambda text: text[:100])


@mutant("moorcheh.items.ids-empty", "No ids may be sent")
def no_ids(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.IDS, "moorcheh.items.ids-empty")


@mutant("moorcheh.items.ids-empty", "No ids mean all items, for items/get")
def no_ids_are_all(patch: pytest.MonkeyPatch) -> None:
    def ask_all(handle: Handle, world: World, call: Call) -> Answer:
        if document_of(call).get("ids") == []:
            return Answer(200, {"status": "success", "message": "all", "requested_ids": 0, "items": []})
        return handle(world, call)

    around(patch, GET_ITEMS, ask_all)


@mutant("moorcheh.items.ids-empty", "A deletion without ids deletes nothing, and succeeds")
def deleting_no_ids(patch: pytest.MonkeyPatch) -> None:
    mishear(patch, DELETE_ITEMS, lambda body: body.update(ids=body.get("ids") or ["none"]))


@mutant("moorcheh.items.ids-100", "Any number of ids may be sent")
def any_number_of_ids(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.IDS, "moorcheh.items.ids-100")


@mutant("moorcheh.items.ids-100", "101 ids may be sent")
def one_id_more(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "MOST_IDS", 101)


@mutant("moorcheh.items.ids-100", "At most 99 ids may be sent")
def one_id_fewer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "MOST_IDS", 99)


@mutant("moorcheh.items.ids-100", "A deletion takes the first hundred ids and forgets the others")
def the_first_hundred(patch: pytest.MonkeyPatch) -> None:
    mishear(patch, DELETE_ITEMS, _keep_ids(lambda ids: ids[:100]))


@mutant("moorcheh.items.id-empty", "An empty id is as good as any")
def an_empty_id_among_others(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.IDS, "moorcheh.items.id-empty")


@mutant("moorcheh.items.id-empty", "An empty id among others is passed over")
def empty_ids_are_passed_over(patch: pytest.MonkeyPatch) -> None:
    passing = _keep_ids(lambda ids: [each for each in ids if each != ""] if len(ids) > 1 else ids)
    for path in (GET_ITEMS, DELETE_ITEMS):
        mishear(patch, path, passing)


@mutant("moorcheh.items.unknown-namespace", "Items of an unknown namespace are refused with 400")
def bad_request_for_unknown(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "moorcheh.items.unknown-namespace", 400)


@mutant("moorcheh.items.unknown-namespace", "An unknown namespace is one without items, for items/get")
def nothing_in_the_unknown(patch: pytest.MonkeyPatch) -> None:
    _answer_unknown(patch, lambda _world, _name: True)


@mutant("moorcheh.items.unknown-namespace", "A deleted namespace is one without items, for items/get")
def nothing_in_the_deleted(patch: pytest.MonkeyPatch) -> None:
    def was_deleted(world: World, name: str) -> bool:
        return any(name == deleted for deleted, _ in world.part(Store).deletions)

    _answer_unknown(patch, was_deleted)


@mutant("moorcheh.items.delete", "A deletion counts unknown ids as deleted")
def unknown_ids_are_deleted(patch: pytest.MonkeyPatch) -> None:
    def count(body: Body) -> None:
        if body["deleted"]:
            body["deleted"] = body["requested"]

    amend(patch, DELETE_ITEMS, count)


@mutant("moorcheh.items.delete", "A deletion does not name unknown ids")
def unknown_ids_are_not_named(patch: pytest.MonkeyPatch) -> None:
    def hide(body: Body) -> None:
        if body["deleted"]:
            body["not_found_ids"] = []

    amend(patch, DELETE_ITEMS, hide)


@mutant("moorcheh.items.delete", "Deleted items can be got until the next upload")
def deleted_items_linger(patch: pytest.MonkeyPatch) -> None:
    lingering: dict[str, dict[str, Body]] = {}

    def delete(handle: Handle, world: World, call: Call) -> Answer:
        namespace, gone = place_of(world, call), document_of(call).get("ids")
        held = dict(namespace.items) if namespace is not None else {}
        answer = handle(world, call)
        lingering[call.parameters["namespace"]] = {
            each: {"id": each, "metadata": held[each].metadata} for each in gone or [] if each in held
        }
        return answer

    def get(handle: Handle, world: World, call: Call) -> Answer:
        answer, held = handle(world, call), lingering.get(call.parameters["namespace"], {})
        back = [held[each] for each in document_of(call)["ids"] if each in held]
        return replace(answer, body={**said(answer), "items": [*said(answer)["items"], *back]})

    def upload(handle: Handle, world: World, call: Call) -> Answer:
        lingering.pop(call.parameters["namespace"], None)
        return handle(world, call)

    around(patch, DELETE_ITEMS, delete)
    around(patch, GET_ITEMS, get)
    around(patch, VECTORS, upload)


@mutant("moorcheh.items.delete", "Of more than ten ids the last is not deleted")
def the_last_of_many_stays(patch: pytest.MonkeyPatch) -> None:
    def spare(handle: Handle, world: World, call: Call) -> Answer:
        namespace, ids = place_of(world, call), document_of(call).get("ids") or []
        item = namespace.items.get(ids[-1]) if namespace is not None and 10 < len(ids) < 30 else None
        answer = handle(world, call)
        if namespace is not None and item is not None:
            namespace.items[ids[-1]] = item
            namespace.vectors.put([ids[-1]], directions(np.ones((1, namespace.vectors.dimension))))
        return answer

    around(patch, DELETE_ITEMS, spare)


@mutant("moorcheh.items.delete-none", "Deleting unknown ids alone is answered with 404")
def nothing_to_delete(patch: pytest.MonkeyPatch) -> None:
    _refuse_found(patch, DELETE_ITEMS, lambda body: body["deleted"] == 0)


@mutant("moorcheh.items.delete-none", "Deleting unknown ids alone counts them as deleted")
def nothing_counts_as_deleted(patch: pytest.MonkeyPatch) -> None:
    amend(patch, DELETE_ITEMS, lambda body: body["deleted"] or body.update(deleted=body["requested"]))


def _refuse_found(patch: pytest.MonkeyPatch, path: str, refused: Callable[[Body], bool]) -> None:
    """Answers 404 where a function finds too little in what would be the answer."""

    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        return refusal(404, "items not found") if refused(said(answer)) else answer

    around(patch, path, refuse)


def _give_vectors(patch: pytest.MonkeyPatch, given: Callable[[list[Body]], bool]) -> None:
    def give(handle: Handle, world: World, call: Call) -> Answer:
        body, namespace = said(handle(world, call)), place_of(world, call)
        for item in body["items"] if given(body["items"]) else []:
            item["vector"] = [0.5] * ((namespace.dimension if namespace else None) or 1)
        return Answer(200, body)

    around(patch, GET_ITEMS, give)


def _change_items(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    def change_all(body: Body) -> None:
        for item in body["items"]:
            change(item)

    amend(patch, GET_ITEMS, change_all)


def _change_texts(patch: pytest.MonkeyPatch, change: Callable[[str], str]) -> None:
    _change_items(patch, lambda item: item.update(text=change(item["text"])) if "text" in item else None)


def _keep_ids(kept: Callable[[list[object]], list[object]]) -> Callable[[Body], None]:
    def keep(body: Body) -> None:
        if isinstance(body.get("ids"), list):
            body["ids"] = kept(body["ids"])

    return keep


def _answer_unknown(patch: pytest.MonkeyPatch, is_empty: Callable[[World, str], bool]) -> None:
    """Lets items/get find nothing, instead of refusing, in unknown namespaces that a function picks out."""

    def answer(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            unknown = refused.clause == "moorcheh.items.unknown-namespace"
            if not (unknown and is_empty(world, call.parameters["namespace"])):
                raise
            asked = len(document_of(call).get("ids") or [])
            words = {"status": "success", "message": "Get by ids completed."}
            return Answer(200, {**words, "requested_ids": asked, "found_items": 0, "items": []})

    around(patch, GET_ITEMS, answer)
