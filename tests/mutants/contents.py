"""Mutants that store something else than was sent, under another id, or update it wrongly."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from mock_server.moorcheh import rules
from mock_server.moorcheh.bodies import vectors_batch
from mock_server.moorcheh.store import Batch, Namespace, Store
from mock_server.service import Answer, Call
from mock_server.session import World
from mock_server.vectors import Directions, Vectors
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    DELETE_ITEMS,
    GET_ITEMS,
    SEARCH,
    UPLOAD_JOB,
    VECTORS,
    Body,
    Handle,
    amend,
    around,
    document_of,
    mishear,
    mishear_items,
    place_of,
    refusal,
    refuse_also,
    said,
    saying,
    sent_items,
)

CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@mutant("moorcheh.vectors.id-any-string", "Ids are brought into one Unicode form")
def ids_are_composed(patch: pytest.MonkeyPatch) -> None:
    _hear_ids(patch, lambda item_id: unicodedata.normalize("NFC", item_id))


@mutant("moorcheh.vectors.id-any-string", "Ids that look alike are one")
def compatible_ids_are_one(patch: pytest.MonkeyPatch) -> None:
    _hear_ids(patch, lambda item_id: unicodedata.normalize("NFKC", item_id))


@mutant("moorcheh.vectors.id-any-string", "Ids differ in more than case")
def ids_in_lower_case(patch: pytest.MonkeyPatch) -> None:
    _hear_ids(patch, str.casefold)


@mutant("moorcheh.vectors.id-any-string", "Blanks around an id are cut off")
def ids_are_trimmed(patch: pytest.MonkeyPatch) -> None:
    _hear_ids(patch, lambda item_id: item_id.strip(" "))


@mutant("moorcheh.vectors.id-any-string", "Two blanks within an id are one")
def blanks_are_collapsed(patch: pytest.MonkeyPatch) -> None:
    _hear_ids(patch, lambda item_id: re.sub(r"  +", " ", item_id))


@mutant("moorcheh.vectors.id-any-string", "An id of 200 characters is refused")
def ids_below_200(patch: pytest.MonkeyPatch) -> None:
    _refuse_ids(patch, lambda item_id: len(item_id) == 200)


@mutant("moorcheh.vectors.id-any-string", "A slash in an id is refused")
def no_slash_in_an_id(patch: pytest.MonkeyPatch) -> None:
    _refuse_ids(patch, lambda item_id: "/" in item_id)


@mutant("moorcheh.vectors.id-extreme", "An id of more than 999 characters is refused")
def ids_below_1000(patch: pytest.MonkeyPatch) -> None:
    _refuse_ids(patch, lambda item_id: len(item_id) > 999)


@mutant("moorcheh.vectors.id-extreme", "A control character in an id is refused")
def no_control_in_an_id(patch: pytest.MonkeyPatch) -> None:
    _refuse_ids(patch, lambda item_id: bool(CONTROL.search(item_id)))


@mutant("moorcheh.vectors.id-extreme", "Control characters are left out of an id")
def control_is_left_out(patch: pytest.MonkeyPatch) -> None:
    _hear_ids(patch, lambda item_id: CONTROL.sub("", item_id) or item_id)


@mutant("moorcheh.vectors.metadata", "A key whose value is null is dropped")
def null_is_nothing(patch: pytest.MonkeyPatch) -> None:
    _hear_metadata(patch, lambda value: {k: v for k, v in value.items() if v is not None}, dict)


@mutant("moorcheh.vectors.metadata", "Empty arrays in metadata become null")
def empty_is_null(patch: pytest.MonkeyPatch) -> None:
    _hear_metadata(patch, lambda value: value or None, list)


@mutant("moorcheh.vectors.metadata", "Metadata numbers are rounded to six decimals")
def metadata_is_rounded(patch: pytest.MonkeyPatch) -> None:
    _hear_metadata(patch, lambda value: round(value, 6), float)


@mutant("moorcheh.vectors.metadata", "Metadata integers pass through a 32-bit float")
def integers_lose_digits(patch: pytest.MonkeyPatch) -> None:
    _hear_metadata(patch, lambda value: int(np.float32(value)) if abs(value) <= 2**53 else value, int)


@mutant("moorcheh.vectors.metadata", "Booleans in metadata become 0 and 1")
def booleans_become_numbers(patch: pytest.MonkeyPatch) -> None:
    _hear_metadata(patch, int, bool)


@mutant("moorcheh.vectors.metadata", "Objects within metadata are written out as text")
def objects_become_text(patch: pytest.MonkeyPatch) -> None:
    def write_out(item: Body) -> None:
        for key, value in item.items():
            if isinstance(value, dict) and key not in ("id", "vector"):
                item[key] = str(value)

    mishear_items(patch, write_out)


@mutant("moorcheh.vectors.metadata", "Metadata keys are in lower case")
def keys_in_lower_case(patch: pytest.MonkeyPatch) -> None:
    _hear_metadata(patch, lambda value: {key.lower(): entry for key, entry in value.items()}, dict)


@mutant("moorcheh.vectors.metadata", "Hits of a search have an empty metadata")
def hits_without_metadata(patch: pytest.MonkeyPatch) -> None:
    def empty(body: Body) -> None:
        for hit in body["results"]:
            hit["metadata"] = {}

    amend(patch, SEARCH, empty)


@mutant("moorcheh.vectors.metadata-big-integers", "Metadata integers beyond 2^53 become floats")
def big_integers_become_floats(patch: pytest.MonkeyPatch) -> None:
    _hear_metadata(patch, lambda value: float(value) if abs(value) > 2**53 else value, int)


@mutant("moorcheh.vectors.metadata-big-integers", "A metadata integer of 64 bits without sign is refused")
def signed_integers_alone(patch: pytest.MonkeyPatch) -> None:
    def too_big(candidate: rules.Candidate) -> bool:
        values = candidate.item.values() if isinstance(candidate.item, dict) else ()
        return any(isinstance(value, int) and value >= 2**63 for value in values)

    refuse_also(patch, rules.VECTOR, "moorcheh.vectors.id-string", too_big)


@mutant("moorcheh.vectors.stored-when-completed", "The hundredth item of a batch is lost")
def the_hundredth_is_lost(patch: pytest.MonkeyPatch) -> None:
    keep = Namespace.keep

    def lose(self: Namespace, batch: Batch, upload: int, first: int, stop: int) -> list[str]:
        faults = keep(self, batch, upload, first, stop)
        if first <= 99 < stop:
            self.remove([batch.ids[99]])
        return faults

    patch.setattr(Namespace, "keep", lose)


@mutant(
    "moorcheh.vectors.stored-when-completed",
    "A job of 51 to 100 items says completed when it is half done",
)
def completed_too_early(patch: pytest.MonkeyPatch) -> None:
    def hurry(body: Body) -> None:
        if 50 < body["total"] <= 100:
            total = body["total"]
            body.update(status="completed", processed=total, successful=total, finished_at=body["updated_at"])

    amend(patch, UPLOAD_JOB, hurry, "GET")


@mutant("moorcheh.vectors.stored-when-completed", "Search overlooks the last item of a batch of 31 to 100")
def search_overlooks_the_last(patch: pytest.MonkeyPatch) -> None:
    overlooked: set[tuple[str, str]] = set()

    def note(handle: Handle, world: World, call: Call) -> Answer:
        items = sent_items(call)
        if 30 < len(items) <= 100:
            overlooked.add((call.parameters["namespace"], str(items[-1].get("id"))))
        return handle(world, call)

    def overlook(body: Body) -> None:
        body["results"] = [hit for hit in body["results"] if (hit["namespace"], hit["id"]) not in overlooked]

    around(patch, VECTORS, note)
    amend(patch, SEARCH, overlook)


@mutant("moorcheh.vectors.upsert", "An update of more than five items adds the last of them", hardest=True)
def an_update_adds_one(patch: pytest.MonkeyPatch) -> None:
    def add(handle: Handle, world: World, call: Call) -> Answer:
        namespace, items = place_of(world, call), sent_items(call)
        has_room = world.part(Store).committed < world.settings.max_items
        if namespace is not None and has_room and 5 < len(items) == _known(namespace, items):
            items.append({**items[-1], "id": f"{items[-1]['id']} again"})
            return handle(world, saying(call, {"vectors": items}))
        return handle(world, call)

    around(patch, VECTORS, add)


@mutant("moorcheh.vectors.upsert", "An upload of known ids is refused with 409 while there is room")
def known_ids_conflict(patch: pytest.MonkeyPatch) -> None:
    def conflict(handle: Handle, world: World, call: Call) -> Answer:
        namespace, items = place_of(world, call), sent_items(call)
        full = world.part(Store).items >= world.settings.max_items
        if namespace is not None and items and _known(namespace, items) == len(items) and not full:
            vectors_batch(document_of(call), namespace)  # what is invalid is refused as ever
            return refusal(409, "these ids exist")
        return handle(world, call)

    around(patch, VECTORS, conflict)


@mutant("moorcheh.vectors.upsert-replaces", "An update merges its metadata with what was stored")
def metadata_is_merged(patch: pytest.MonkeyPatch) -> None:
    def merge(handle: Handle, world: World, call: Call) -> Answer:
        namespace, items = place_of(world, call), sent_items(call)
        if namespace is None or not _known(namespace, items):
            return handle(world, call)
        stored = [namespace.items.get(str(item.get("id"))) for item in items]
        merged = [{**(old.metadata if old else {}), **new} for old, new in zip(stored, items, strict=True)]
        return handle(world, saying(call, {"vectors": merged}))

    around(patch, VECTORS, merge)


@mutant("moorcheh.vectors.upsert-replaces", "An update keeps the old vector")
def vectors_stay(patch: pytest.MonkeyPatch) -> None:
    put = Vectors.put

    def put_new(self: Vectors, ids: Sequence[str], block: Directions) -> None:
        places = [place for place, item_id in enumerate(ids) if item_id not in self]
        put(self, [ids[place] for place in places], block[places])

    patch.setattr(Vectors, "put", put_new)


@mutant("moorcheh.vectors.id-per-namespace", "The namespaces share one table of metadata by id")
def metadata_is_shared(patch: pytest.MonkeyPatch) -> None:
    def look_up(handle: Handle, world: World, call: Call) -> Answer:
        body, tables = said(handle(world, call)), world.part(Store).namespaces.values()
        for item in body["items"]:
            item["metadata"] = [n.items[item["id"]].metadata for n in tables if item["id"] in n.items][-1]
        return Answer(200, body)

    around(patch, GET_ITEMS, look_up)


@mutant("moorcheh.vectors.id-per-namespace", "Deleting an id deletes it in the namespace created next, too")
def the_neighbour_loses_it(patch: pytest.MonkeyPatch) -> None:
    def delete_twice(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        names = [*world.part(Store).namespaces]
        for name in names[names.index(call.parameters["namespace"]) + 1 :][:1]:
            world.part(Store).namespaces[name].remove([*dict.fromkeys(document_of(call)["ids"])])
        return answer

    around(patch, DELETE_ITEMS, delete_twice)


@mutant("moorcheh.vectors.repeat-in-batch", "Of an id sent twice in a batch the first item is stored")
def the_first_of_two(patch: pytest.MonkeyPatch) -> None:
    def find_first(self: Batch) -> None:
        self.last = {self.ids[place]: place for place in reversed(range(len(self.ids)))}

    patch.setattr(Batch, "__post_init__", find_first)


@mutant("moorcheh.vectors.repeat-in-batch", "An id sent twice in a batch counts once in its total")
def a_total_of_distinct_ids(patch: pytest.MonkeyPatch) -> None:
    def count(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        return Answer(
            answer.status, {**said(answer), "total": len({str(item["id"]) for item in sent_items(call)})}
        )

    around(patch, VECTORS, count)


@mutant("moorcheh.vectors.repeat-in-batch", "A batch in which an id stands twice is refused")
def no_id_twice(patch: pytest.MonkeyPatch) -> None:
    def refuse_repeats(handle: Handle, world: World, call: Call) -> Answer:
        ids = [str(item.get("id")) for item in sent_items(call)]
        return refusal(400, "an id stands twice") if len(set(ids)) < len(ids) else handle(world, call)

    around(patch, VECTORS, refuse_repeats)


def _known(namespace: Namespace, items: Sequence[Body]) -> int:
    """Counts the items whose id is stored already."""
    return sum(str(item.get("id")) in namespace.items for item in items)


def _hear_ids(patch: pytest.MonkeyPatch, change: Callable[[str], str]) -> None:
    """Lets a function change every id that is uploaded, asked for or deleted."""

    def change_list(body: Body) -> None:
        if isinstance(body.get("ids"), list):
            body["ids"] = [change(each) if isinstance(each, str) else each for each in body["ids"]]

    def change_item(item: Body) -> None:
        if isinstance(item.get("id"), str):
            item["id"] = change(item["id"])

    mishear_items(patch, change_item)
    mishear(patch, GET_ITEMS, change_list)
    mishear(patch, DELETE_ITEMS, change_list)


def _refuse_ids(patch: pytest.MonkeyPatch, refused: Callable[[str], bool]) -> None:
    """Makes the server refuse uploads with an id that a function picks out."""

    def is_refused(candidate: rules.Candidate) -> bool:
        return candidate.has("id") and isinstance(candidate.item["id"], str) and refused(candidate.item["id"])

    refuse_also(patch, rules.VECTOR, "moorcheh.vectors.id-string", is_refused)


def _hear_metadata(patch: pytest.MonkeyPatch, change: Callable[[Any], Any], kind: type) -> None:
    """Lets a function change every JSON value of a type in the metadata of an upload, however deep."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            value = {key: changed(entry) for key, entry in value.items()}
        elif isinstance(value, list):
            value = [changed(entry) for entry in value]
        return change(value) if type(value) is kind else value

    def change_item(item: Body) -> None:
        held: Body = {key: item.pop(key) for key in ("id", "vector") if key in item}
        metadata = changed(dict(item))
        item.clear()
        item.update({**metadata, **held})

    mishear_items(patch, change_item)
