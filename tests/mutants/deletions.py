"""Mutants that delete namespaces wrongly, or do not let go of what they deleted."""

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
    DELETE_JOB,
    GET_ITEMS,
    NAMESPACE,
    NAMESPACES,
    SEARCH,
    VECTORS,
    Body,
    Handle,
    amend,
    amend_refusals,
    around,
    document_of,
    place_of,
    put_status,
    refusal,
    refuse_with,
    said,
    saying,
)


@mutant("moorcheh.namespaces.delete-accepted", "A deletion is answered with 200")
def a_deletion_is_ok(patch: pytest.MonkeyPatch) -> None:
    put_status(patch, NAMESPACE, 200, "DELETE")


@mutant("moorcheh.namespaces.delete-accepted", "A deletion does not name its namespace")
def a_deletion_of_nothing_named(patch: pytest.MonkeyPatch) -> None:
    amend(patch, NAMESPACE, lambda body: body.pop("namespace_name"), "DELETE")


@mutant("moorcheh.namespaces.delete-missing", "Deleting an unknown namespace succeeds")
def deleting_nothing_succeeds(patch: pytest.MonkeyPatch) -> None:
    def succeed(handle: Handle, world: World, call: Call) -> Answer:
        if place_of(world, call) is None:
            return Answer(200, {"status": "success", "message": "There is nothing left to delete."})
        return handle(world, call)

    around(patch, NAMESPACE, succeed, "DELETE")


@mutant("moorcheh.namespaces.delete-missing", "Deleting a namespace again is answered with 410")
def gone_for_good(patch: pytest.MonkeyPatch) -> None:
    def remember(handle: Handle, world: World, call: Call) -> Answer:
        name = call.parameters["namespace"]
        if place_of(world, call) is None and any(
            name == deleted for deleted, _ in world.part(Store).deletions
        ):
            return refusal(410, f"namespace {name} not found: it was deleted")
        return handle(world, call)

    around(patch, NAMESPACE, remember, "DELETE")


@mutant("moorcheh.namespaces.delete-missing", 'The 404 of a deletion does not say "not found"')
def a_404_in_other_words(patch: pytest.MonkeyPatch) -> None:
    def reword(_call: Call, refused: Refused, body: Body) -> None:
        if refused.clause == "moorcheh.namespaces.delete-missing":
            body["message"] = "there is no namespace of this name"

    amend_refusals(patch, reword)


@mutant("moorcheh.namespaces.delete-job", "A delete job counts the items still to be deleted as its total")
def total_of_what_is_left(patch: pytest.MonkeyPatch) -> None:
    _change_job(patch, lambda body: body.update(total_items=body["total_items"] - body["deleted_items"]))


@mutant("moorcheh.namespaces.delete-job", "A delete job of more than 10 items counts one too few as deleted")
def one_too_few_deleted(patch: pytest.MonkeyPatch) -> None:
    def miss_one(body: Body) -> None:
        body["deleted_items"] -= body["deleted_items"] > 10

    _change_job(patch, miss_one)


@mutant("moorcheh.namespaces.delete-job", "A delete job has no updated_at")
def no_updated_at(patch: pytest.MonkeyPatch) -> None:
    _change_job(patch, lambda body: body.pop("updated_at"))


@mutant("moorcheh.namespaces.delete-job-remains", "A delete job is forgotten once it was seen completed")
def forgotten_when_completed(patch: pytest.MonkeyPatch) -> None:
    def forget(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        if said(answer)["status"] == "completed":
            del world.part(Store).deletions[call.parameters["namespace"], call.parameters["job_id"]]
        return answer

    around(patch, DELETE_JOB, forget, "GET")


@mutant("moorcheh.namespaces.delete-frees-name", "The name of a deleted namespace is taken for ever")
def a_name_is_used_up(patch: pytest.MonkeyPatch) -> None:
    def refuse_used(handle: Handle, world: World, call: Call) -> Answer:
        name = rules.asked_name(document_of(call))
        if any(name == deleted for deleted, _ in world.part(Store).deletions):
            return refusal(409, "a namespace of this name already exists")
        return handle(world, call)

    around(patch, NAMESPACES, refuse_used)


@mutant(
    "moorcheh.namespaces.delete-frees-name",
    "A namespace created again keeps its first dimension and type",
    hardest=True,
)
def the_first_dimension_stays(patch: pytest.MonkeyPatch) -> None:
    first: dict[object, Body] = {}

    def keep_shape(handle: Handle, world: World, call: Call) -> Answer:
        body = document_of(call)
        name = rules.asked_name(body)
        if not isinstance(name, str):
            return handle(world, call)
        answer = handle(world, saying(call, first.get(name, body)))
        first.setdefault(name, body)
        return replace(answer, body={**said(answer), "type": body["type"]})

    around(patch, NAMESPACES, keep_shape)


@mutant(
    "moorcheh.namespaces.delete-frees-name", "A search in a namespace created again finds what it held before"
)
def search_remembers(patch: pytest.MonkeyPatch) -> None:
    graves = _keep_deleted(patch)

    def haunt(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        haunted = [name for name in document_of(call)["namespaces"] if name in graves]
        ghosts = [{"id": item_id, "namespace": name, **GHOST} for name in haunted for item_id in graves[name]]
        return replace(answer, body={**said(answer), "results": [*said(answer)["results"], *ghosts]})

    around(patch, SEARCH, haunt)


@mutant("moorcheh.namespaces.delete-frees-name", "A namespace created again still holds its items")
def items_come_back(patch: pytest.MonkeyPatch) -> None:
    graves = _keep_deleted(patch)

    def get_both(handle: Handle, world: World, call: Call) -> Answer:
        answer, held = handle(world, call), graves.get(call.parameters["namespace"], [])
        back = [{"id": each, "metadata": {}} for each in document_of(call)["ids"] if each in held]
        return replace(answer, body={**said(answer), "items": [*said(answer)["items"], *back]})

    around(patch, GET_ITEMS, get_both)


@mutant(
    "moorcheh.namespaces.delete-frees-quota",
    "To older namespaces the room of a deleted one is given only after their next upload",
)
def room_comes_late(patch: pytest.MonkeyPatch) -> None:
    late: dict[str, int] = {}

    def delete(handle: Handle, world: World, call: Call) -> Answer:
        namespace = place_of(world, call)
        late.update(dict.fromkeys(world.part(Store).namespaces, len(namespace.items) if namespace else 0))
        return handle(world, call)

    def upload(handle: Handle, world: World, call: Call) -> Answer:
        settings, missing = world.settings, late.pop(call.parameters["namespace"], 0)
        world.settings = replace(settings, max_items=settings.max_items - missing)
        try:
            return handle(world, call)
        finally:
            world.settings = settings

    around(patch, NAMESPACE, delete, "DELETE")
    around(patch, VECTORS, upload)


@mutant("moorcheh.namespaces.delete-holds-name", "A name can be created while its deletion runs")
def a_name_is_free_too_soon(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.OCCUPATION, "moorcheh.namespaces.delete-holds-name")


@mutant("moorcheh.namespaces.delete-holds-name", "A name whose deletion runs is refused with 404")
def not_found_while_it_goes(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "moorcheh.namespaces.delete-holds-name", 404)


GHOST: Body = {"score": 0.0, "label": "Irrelevant", "metadata": {}, "text": ""}


def _change_job(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    amend(patch, DELETE_JOB, change, "GET")


def _keep_deleted(patch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Answers a book that fills as namespaces are deleted: the ids they held, by name."""
    book: dict[str, list[str]] = {}

    def note(handle: Handle, world: World, call: Call) -> Answer:
        namespace: Namespace | None = place_of(world, call)
        if namespace is not None and namespace.items:
            book[namespace.name] = [*namespace.items]
        return handle(world, call)

    around(patch, NAMESPACE, note, "DELETE")
    return book
