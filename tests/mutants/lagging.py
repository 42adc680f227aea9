"""Mutants that show the past for a second, and muddle items, labels and names that begin alike."""

import time
from collections.abc import Mapping
from typing import Any

import pytest

from mock_server.moorcheh.store import Namespace, Store
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    DELETE_ITEMS,
    GET_ITEMS,
    SEARCH,
    VECTORS,
    Body,
    Handle,
    around,
    document_of,
    place_of,
    said,
    sent_items,
)

LAG = 1.0
Key = tuple[str, str]


class Past:
    """What was so of an item until a moment ago, by namespace and id."""

    def __init__(self) -> None:
        self._kept: dict[Key, tuple[float, Any]] = {}

    def keep(self, namespace: str, item_id: str, value: Any = True) -> None:
        """Keeps it for as long as readers lag behind; what is kept already stays."""
        if self.of(namespace, item_id) is None:
            self._kept[namespace, item_id] = time.monotonic() + LAG, value

    def of(self, namespace: str, item_id: str) -> Any:
        """What readers still see; None where they see the present."""
        until, value = self._kept.get((namespace, item_id), (0.0, None))
        return value if time.monotonic() < until else None


@mutant(
    "moorcheh.vectors.stored-when-completed",
    "For a second after its upload a batch of 41 to 100 items is not found by search",
)
def found_a_second_later(patch: pytest.MonkeyPatch) -> None:
    past = Past()

    def note(handle: Handle, world: World, call: Call) -> Answer:
        items = sent_items(call)
        for item in items if 40 < len(items) <= 100 else ():
            past.keep(call.parameters["namespace"], str(item.get("id")))
        return handle(world, call)

    around(patch, VECTORS, note)
    _hide(patch, past)


@mutant("moorcheh.vectors.upsert-replaces", "For a second after an update items/get answers the old metadata")
def updated_a_second_later(patch: pytest.MonkeyPatch) -> None:
    past = Past()

    def note(handle: Handle, world: World, call: Call) -> Answer:
        namespace, store = place_of(world, call), world.part(Store)
        if namespace is not None and store.items < world.settings.max_items:
            for item_id in (str(item.get("id")) for item in sent_items(call)):
                if item_id in namespace.items:
                    past.keep(namespace.name, item_id, namespace.items[item_id].metadata)
        return handle(world, call)

    def look_back(handle: Handle, world: World, call: Call) -> Answer:
        body, name = said(handle(world, call)), call.parameters["namespace"]
        for item in body["items"]:
            old = past.of(name, item["id"])
            item["metadata"] = item["metadata"] if old is None else old
        return Answer(200, body)

    around(patch, VECTORS, note)
    around(patch, GET_ITEMS, look_back)


@mutant("moorcheh.items.delete", "For a second after its deletion an item can still be got")
def got_a_second_longer(patch: pytest.MonkeyPatch) -> None:
    past = _buried(patch)

    def look_back(handle: Handle, world: World, call: Call) -> Answer:
        body, name = said(handle(world, call)), call.parameters["namespace"]
        asked = [each for each in document_of(call)["ids"] if past.of(name, each) is not None]
        came = {item["id"] for item in body["items"]}
        body["items"] += [{"id": each, "metadata": past.of(name, each)} for each in asked if each not in came]
        return Answer(200, {**body, "found_items": len(body["items"])})

    around(patch, GET_ITEMS, look_back)


@mutant("moorcheh.search.deleted", "For a second after its deletion an item is still found by search")
def found_a_second_longer(patch: pytest.MonkeyPatch) -> None:
    past = _buried(patch)
    graves: dict[str, set[str]] = {}

    def note(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        graves.setdefault(call.parameters["namespace"], set()).update(document_of(call)["ids"])
        return answer

    def haunt(handle: Handle, world: World, call: Call) -> Answer:
        body = said(handle(world, call))
        came = {(hit["namespace"], hit["id"]) for hit in body["results"]}
        for name in document_of(call)["namespaces"]:
            ghosts = [each for each in graves.get(name, ()) if past.of(name, each) is not None]
            body["results"] += [_ghost(name, each) for each in ghosts if (name, each) not in came]
        return Answer(200, body)

    around(patch, DELETE_ITEMS, note)
    around(patch, SEARCH, haunt)


def _ghost(namespace: str, item_id: str) -> Body:
    facts: Mapping[str, Any] = {"score": 0.0, "label": "Irrelevant", "metadata": {}, "text": ""}
    return {"id": item_id, "namespace": namespace, **facts}


def _buried(patch: pytest.MonkeyPatch) -> Past:
    """The items that were deleted a moment ago, with their metadata."""
    past = Past()
    remove = Namespace.remove

    def bury(self: Namespace, ids: Any) -> list[str]:
        for item_id in ids:
            if item_id in self.items and self.type == "vector":
                past.keep(self.name, item_id, self.items[item_id].metadata)
        return remove(self, ids)

    patch.setattr(Namespace, "remove", bury)
    return past


def _hide(patch: pytest.MonkeyPatch, past: Past) -> None:
    """Leaves items out of the hits of a search for as long as readers lag behind."""

    def hide(handle: Handle, world: World, call: Call) -> Answer:
        body = said(handle(world, call))
        body["results"] = [hit for hit in body["results"] if past.of(hit["namespace"], hit["id"]) is None]
        return Answer(200, body)

    around(patch, SEARCH, hide)
