"""Mutants that miscount the quota, or let uploads past it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from mock_server.moorcheh import rules
from mock_server.moorcheh.store import Namespace, Store
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    DELETE_ITEMS,
    VECTORS,
    Body,
    Handle,
    amend_refusals,
    around,
    finish_jobs,
    place_of,
    refuse_with,
    said,
    saying,
    sent_items,
)

OVER_CAP = "moorcheh.quota.over-cap"
DOCUMENTS_TOO = "moorcheh.quota.documents-too"


class Upload:
    """What an upload of vectors asks of the quota: its known and its new items, and the room there is."""

    def __init__(self, world: World, namespace: Namespace, call: Call) -> None:
        self.store = world.part(Store)
        self.namespace = namespace
        self.room = max(0, world.settings.max_items - self.store.committed)
        items = {str(item.get("id")): item for item in sent_items(call)}
        self.known_items = [item for item_id, item in items.items() if item_id in namespace.items]
        self.new_items = [item for item_id, item in items.items() if item_id not in namespace.items]
        self.known, self.new = len(self.known_items), len(self.new_items)

    @property
    def fitting_items(self) -> list[Body]:
        """As many of the new items as there is room for."""
        return self.new_items[: self.room]

    @property
    def texts(self) -> int:
        """The number of text items in all namespaces."""
        return sum(len(each.items) for each in self.store.namespaces.values() if each.type == "text")


@mutant(
    "moorcheh.quota.exact-fill", "The last place under the cap is never given to an upload of new ids alone"
)
def the_last_place_stays_empty(patch: pytest.MonkeyPatch) -> None:
    _refuse_when(patch, lambda upload: upload.known == 0 and upload.new == upload.room)


@mutant("moorcheh.quota.exact-fill", "A batch refused as invalid keeps the room it asked for")
def the_invalid_keep_their_room(patch: pytest.MonkeyPatch) -> None:
    _keep_room_of_refused(patch, lambda clause: clause != OVER_CAP)


@mutant("moorcheh.quota.exact-fill", "A batch refused at the cap keeps the room it asked for once")
def the_refused_keep_their_room(patch: pytest.MonkeyPatch) -> None:
    _keep_room_of_refused(patch, lambda clause: clause == OVER_CAP)


@mutant(OVER_CAP, "Uploads of vectors know no cap")
def no_cap(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.VECTORS_QUOTA, OVER_CAP)


@mutant(OVER_CAP, "One more new id than the last places is accepted where no id is known")
def one_more_than_fits(patch: pytest.MonkeyPatch) -> None:
    _accept_when(patch, lambda upload: upload.known == 0 and 1 < upload.new == upload.room + 1)


@mutant(OVER_CAP, "An upload above the cap is refused with 413")
def too_large_for_the_cap(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, OVER_CAP, 413)


@mutant(OVER_CAP, "The refusal at the cap has a job_id")
def a_job_above_the_cap(patch: pytest.MonkeyPatch) -> None:
    _change_refusal(patch, lambda body: body.update(job_id="job-00000000000000000000000000000000"))


@mutant("moorcheh.quota.body", "The refusal at the cap lacks requested_new")
def nothing_requested(patch: pytest.MonkeyPatch) -> None:
    _change_refusal(patch, lambda body: body.pop("requested_new"))


@mutant("moorcheh.quota.body", "The refusal at the cap counts in strings")
def counts_as_text(patch: pytest.MonkeyPatch) -> None:
    _change_refusal(patch, lambda body: body.update(items=str(body["items"])))


@mutant("moorcheh.quota.body", "The refusal at the cap has its counts under details")
def counts_in_details(patch: pytest.MonkeyPatch) -> None:
    def move(body: Body) -> None:
        body["details"] = {name: body.pop(name) for name in ("items", "max_items", "requested_new")}

    _change_refusal(patch, move)


@mutant("moorcheh.quota.body-true", "The requested_new of a refusal counts known ids too")
def requested_known(patch: pytest.MonkeyPatch) -> None:
    def recount(call: Call, refused: Refused, body: Body) -> None:
        if refused.clause == OVER_CAP:
            body["requested_new"] = len(sent_items(call))

    amend_refusals(patch, recount)


@mutant("moorcheh.quota.body-true", "The items of a refusal is what the upload would have made of them")
def items_as_they_would_be(patch: pytest.MonkeyPatch) -> None:
    _change_refusal(patch, lambda body: body.update(items=body["items"] + body["requested_new"]))


@mutant("moorcheh.quota.body-true", "The max_items of a refusal is that of another edition")
def another_cap(patch: pytest.MonkeyPatch) -> None:
    _change_refusal(patch, lambda body: body.update(max_items=100_000))


@mutant("moorcheh.quota.rejected-whole", "Of a batch above the cap is stored what fits")
def stored_as_far_as_it_fits(patch: pytest.MonkeyPatch) -> None:
    _store_of_refused(patch, lambda upload: upload.fitting_items)


@mutant("moorcheh.quota.rejected-whole", "A batch above the cap still updates the known ids in it")
def updated_though_above_the_cap(patch: pytest.MonkeyPatch) -> None:
    _store_of_refused(patch, lambda upload: upload.known_items)


@mutant(
    "moorcheh.quota.rejected-whole", "A refused batch waits, and the next upload takes along what fits of it"
)
def stored_later(patch: pytest.MonkeyPatch) -> None:
    waiting: dict[str, list[Body]] = {}

    def wait(handle: Handle, world: World, call: Call) -> Answer:
        name, running = call.parameters["namespace"], set(world.jobs.running)
        try:
            answer = handle(world, call)
        except Refused as refused:
            if refused.clause == OVER_CAP:
                waiting[name] = sent_items(call)
            raise
        namespace = place_of(world, call)
        if namespace is not None and name in waiting:
            late = saying(call, {"vectors": waiting.pop(name)})
            fitting = Upload(world, namespace, late).fitting_items
            if fitting:
                handle(world, saying(call, {"vectors": fitting}))
                finish_jobs(world, {*running, said(answer)["job_id"]})
        return answer

    around(patch, VECTORS, wait)


@mutant("moorcheh.quota.update-at-cap", "A full instance refuses every upload")
def full_is_full(patch: pytest.MonkeyPatch) -> None:
    _refuse_when(patch, lambda upload: upload.room == 0)


@mutant("moorcheh.quota.update-at-cap", "A full instance refuses updates of more than one item", hardest=True)
def one_update_at_a_time(patch: pytest.MonkeyPatch) -> None:
    _refuse_when(patch, lambda upload: upload.room == 0 and upload.known > 1)


@mutant("moorcheh.quota.update-at-cap", "A full instance accepts updates and drops them")
def updates_are_dropped(patch: pytest.MonkeyPatch) -> None:
    def drop(handle: Handle, world: World, call: Call) -> Answer:
        namespace = place_of(world, call)
        if namespace is None or Upload(world, namespace, call).room:
            return handle(world, call)
        items = sent_items(call)
        for item in items:
            stored = namespace.items.get(str(item.get("id")))
            item.update(stored.metadata if stored is not None else {})
        return handle(world, saying(call, {"vectors": items}))

    around(patch, VECTORS, drop)


@mutant("moorcheh.quota.mixed-batch", "Known ids count as new where new ones are with them")
def known_ids_among_new_ones_cost(patch: pytest.MonkeyPatch) -> None:
    _refuse_when(patch, lambda upload: upload.new > 0 and upload.known + upload.new > upload.room)


@mutant("moorcheh.quota.mixed-batch", "Each known id in a batch makes room for a new one")
def known_ids_make_room(patch: pytest.MonkeyPatch) -> None:
    _accept_when(patch, lambda upload: upload.new <= upload.room + upload.known)


@mutant("moorcheh.quota.global", "Texts take no room from vectors")
def texts_take_no_room(patch: pytest.MonkeyPatch) -> None:
    _accept_when(patch, lambda upload: upload.new <= upload.room + upload.texts)


@mutant("moorcheh.quota.global", "Where texts are stored an empty namespace has one place beside the cap")
def a_place_for_the_first(patch: pytest.MonkeyPatch) -> None:
    _accept_when(patch, lambda upload: upload.new == 1 and not upload.namespace.items and upload.texts > 0)


@mutant(
    "moorcheh.quota.delete-frees",
    "Where all items of a namespace are deleted, they take room until its next upload",
)
def room_of_the_deleted_comes_late(patch: pytest.MonkeyPatch) -> None:
    late: dict[str, int] = {}

    def delete(handle: Handle, world: World, call: Call) -> Answer:
        answer, namespace = handle(world, call), place_of(world, call)
        if namespace is not None and not namespace.items:
            late[namespace.name] = said(answer)["deleted"]
        return answer

    def upload(handle: Handle, world: World, call: Call) -> Answer:
        with_less = late.pop(call.parameters["namespace"], 0)
        return _with_cap(handle, world, call, world.settings.max_items - with_less)

    around(patch, DELETE_ITEMS, delete)
    around(patch, VECTORS, upload)


@mutant(DOCUMENTS_TOO, "Uploads of documents know no cap")
def no_cap_for_documents(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.DOCUMENTS_QUOTA, DOCUMENTS_TOO)


@mutant(DOCUMENTS_TOO, "The refusal of documents at the cap does not count")
def documents_are_refused_without_counts(patch: pytest.MonkeyPatch) -> None:
    _change_refusal(patch, lambda body: body.pop("requested_new"), DOCUMENTS_TOO)


@mutant(DOCUMENTS_TOO, "Documents above the cap are refused with 400")
def bad_request_for_documents(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, DOCUMENTS_TOO, 400)


@mutant("moorcheh.quota.concurrent", "An upload that runs has taken no room yet")
def running_uploads_take_no_room(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Store, "committed", Store.items)


@mutant("moorcheh.quota.concurrent", "An upload that runs in another namespace has taken no room yet")
def running_neighbours_take_no_room(patch: pytest.MonkeyPatch) -> None:
    def count(upload: Upload) -> bool:
        elsewhere = sum(n.reserved for n in upload.store.namespaces.values() if n is not upload.namespace)
        return upload.new <= upload.room + elsewhere

    _accept_when(patch, count)


def _with_cap(handle: Handle, world: World, call: Call, max_items: int) -> Answer:
    """Handles a call as if the cap were another."""
    settings = world.settings
    world.settings = replace(settings, max_items=max_items)
    try:
        return handle(world, call)
    finally:
        world.settings = settings


def _accept_when(patch: pytest.MonkeyPatch, accepted: Callable[[Upload], bool]) -> None:
    """Makes the server accept uploads of vectors, whatever the cap, that a function picks out."""

    def accept(handle: Handle, world: World, call: Call) -> Answer:
        namespace = place_of(world, call)
        boundless = namespace is not None and accepted(Upload(world, namespace, call))
        return _with_cap(handle, world, call, 10**9 if boundless else world.settings.max_items)

    around(patch, VECTORS, accept)


def _refuse_when(patch: pytest.MonkeyPatch, refused: Callable[[Upload], bool]) -> None:
    """Makes the server refuse uploads of vectors, as if above the cap, that a function picks out."""

    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        namespace = place_of(world, call)
        if namespace is not None and namespace.type == "vector":
            upload, cap = Upload(world, namespace, call), world.settings.max_items
            if refused(upload):
                facts = {"items": upload.store.items, "max_items": cap, "requested_new": upload.new}
                raise Refused(OVER_CAP, "item limit reached", facts)
        return handle(world, call)

    around(patch, VECTORS, refuse)


def _store_of_refused(patch: pytest.MonkeyPatch, chosen: Callable[[Upload], list[Body]]) -> None:
    """Stores of a batch that is refused at the cap those items that a function chooses."""

    def store(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            namespace, running = place_of(world, call), set(world.jobs.running)
            items = chosen(Upload(world, namespace, call)) if namespace is not None else []
            if refused.clause == OVER_CAP and items:
                handle(world, saying(call, {"vectors": items}))
                finish_jobs(world, running)
            raise

    around(patch, VECTORS, store)


def _keep_room_of_refused(patch: pytest.MonkeyPatch, keeps: Callable[[str], bool]) -> None:
    """Lowers the cap for the upload after a refused one, by what that would have needed."""
    kept = {"items": 0}

    def keep(handle: Handle, world: World, call: Call) -> Answer:
        lost, kept["items"] = kept["items"], 0
        try:
            return _with_cap(handle, world, call, world.settings.max_items - lost)
        except Refused as refused:
            kept["items"] = len(sent_items(call)) if keeps(refused.clause) else 0
            raise

    around(patch, VECTORS, keep)


def _change_refusal(
    patch: pytest.MonkeyPatch, change: Callable[[Body], object], clause: str = OVER_CAP
) -> None:
    """Lets a function change the body of the refusal at the cap."""

    def change_own(_call: Call, refused: Refused, body: Body) -> None:
        if refused.clause == clause:
            change(body)

    amend_refusals(patch, change_own)
