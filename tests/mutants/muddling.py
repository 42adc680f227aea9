"""Mutants that take one thing for its neighbour: the next item, the next label, an id that begins alike."""

from collections.abc import Callable

import pytest

from mock_server.moorcheh import search as searching
from mock_server.moorcheh.store import Namespace
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    DELETE_ITEMS,
    GET_ITEMS,
    VECTORS,
    Body,
    Handle,
    around,
    document_of,
    mishear,
    mishear_items,
    place_of,
    saying,
)

LABEL = "moorcheh.search.label"
METADATA = "moorcheh.vectors.metadata"


@mutant(METADATA, "The last two items of a batch of more than ten have each other's metadata")
def metadata_of_the_neighbour(patch: pytest.MonkeyPatch) -> None:
    def swap(items: list[Body]) -> None:
        one, other = items[-2:]
        items[-2:] = [
            {**{key: value for key, value in theirs.items() if key not in FIXED}, **_fixed(mine)}
            for mine, theirs in ((one, other), (other, one))
        ]

    _swap_at_the_end(patch, swap)


@mutant("moorcheh.search.nearest", "The last two items of a batch of more than ten have each other's vector")
def vector_of_the_neighbour(patch: pytest.MonkeyPatch) -> None:
    def swap(items: list[Body]) -> None:
        one, other = items[-2:]
        one["vector"], other["vector"] = other["vector"], one["vector"]

    _swap_at_the_end(patch, swap)


@mutant(METADATA, "Metadata numbers have nine significant digits")
def nine_digits(patch: pytest.MonkeyPatch) -> None:
    def shorten(item: Body) -> None:
        for key, value in item.items():
            if isinstance(value, float) and key not in FIXED:
                item[key] = float(f"{value:.9g}")

    mishear_items(patch, shorten)


@mutant(LABEL, "Every label is that of the next lower score")
def one_label_too_low(patch: pytest.MonkeyPatch) -> None:
    names = [name for _, name in searching.LABELS]
    table = [(bound, names[min(n + 1, len(names) - 1)]) for n, (bound, _) in enumerate(searching.LABELS)]
    patch.setattr(searching, "LABELS", table)


@mutant(LABEL, "Close Match begins a hundredth too low")
def close_match_a_hundredth_too_low(patch: pytest.MonkeyPatch) -> None:
    _move(patch, "Close Match", -0.01)


@mutant(LABEL, "Low Relevance begins a hundredth too high")
def low_relevance_a_hundredth_too_high(patch: pytest.MonkeyPatch) -> None:
    _move(patch, "Low Relevance", 0.01)


@mutant(LABEL, "Very Low Relevance begins a hundredth too high")
def very_low_relevance_a_hundredth_too_high(patch: pytest.MonkeyPatch) -> None:
    _move(patch, "Very Low Relevance", 0.01)


@mutant("moorcheh.items.delete", "Deleting an id deletes those that have one or two digits more")
def deleted_by_the_beginning(patch: pytest.MonkeyPatch) -> None:
    def delete(handle: Handle, world: World, call: Call) -> Answer:
        answer, namespace = handle(world, call), place_of(world, call)
        ids = {each for each in document_of(call)["ids"] if isinstance(each, str)}
        if namespace is not None:
            longer = [each for each in namespace.items if {each[:-1], each[:-2]} & ids]
            namespace.remove([each for each in longer if each[-2:].isdigit()])
        return answer

    around(patch, DELETE_ITEMS, delete)


@mutant("moorcheh.items.get-missing", "An unknown id brings the first item whose id begins with it")
def got_by_the_beginning(patch: pytest.MonkeyPatch) -> None:
    def get(handle: Handle, world: World, call: Call) -> Answer:
        namespace, body = place_of(world, call), document_of(call)
        ids = body.get("ids")
        if namespace is not None and isinstance(ids, list) and all(isinstance(each, str) for each in ids):
            body["ids"] = [_known(namespace, each) if each else each for each in ids]
            return handle(world, saying(call, body))
        return handle(world, call)

    around(patch, GET_ITEMS, get)


@mutant("moorcheh.vectors.id-any-string", "Of an id the first 150 characters count")
def long_ids_are_cut(patch: pytest.MonkeyPatch) -> None:
    def cut(item: Body) -> None:
        if isinstance(item.get("id"), str) and len(item["id"]) <= 200:
            item["id"] = item["id"][:150]

    def cut_all(body: Body) -> None:
        if isinstance(body.get("ids"), list):
            short = (
                each[:150] if isinstance(each, str) and len(each) <= 200 else each for each in body["ids"]
            )
            body["ids"] = [*short]

    mishear_items(patch, cut)
    mishear(patch, GET_ITEMS, cut_all)
    mishear(patch, DELETE_ITEMS, cut_all)


FIXED = ("id", "vector")


def _fixed(item: Body) -> Body:
    return {key: value for key, value in item.items() if key in FIXED}


def _known(namespace: Namespace, item_id: str) -> str:
    if item_id in namespace.items:
        return item_id
    return next((each for each in namespace.items if each.startswith(item_id)), item_id)


def _swap_at_the_end(patch: pytest.MonkeyPatch, swap: Callable[[list[Body]], None]) -> None:
    """Lets a function swap something between the last two items of a sound batch of more than ten."""

    def change(body: Body) -> None:
        items = body.get("vectors")
        if isinstance(items, list) and len(items) > 10 and all(_is_sound(item) for item in items[-2:]):
            swap(items)

    mishear(patch, VECTORS, change)


def _is_sound(item: object) -> bool:
    return isinstance(item, dict) and {*FIXED} <= item.keys()


def _move(patch: pytest.MonkeyPatch, label: str, by: float) -> None:
    """Moves the bound at which a label begins."""
    table = [(bound + by if name == label else bound, name) for bound, name in searching.LABELS]
    patch.setattr(searching, "LABELS", table)
