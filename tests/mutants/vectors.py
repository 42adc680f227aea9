"""Mutants that take uploads they should refuse, refuse uploads they should take, or answer them wrongly."""

import re
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from mock_server import jobs
from mock_server.moorcheh import namespaces, rules, uploads
from mock_server.moorcheh.store import Store
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    VECTORS,
    Body,
    Handle,
    amend,
    around,
    document_of,
    finish_jobs,
    items_in,
    let_pass,
    mishear,
    mishear_items,
    place_of,
    put_status,
    refusal,
    refuse_with,
    saying,
    sent_items,
)


@mutant("moorcheh.vectors.accepted", "An upload is answered with 200")
def an_upload_is_ok(patch: pytest.MonkeyPatch) -> None:
    put_status(patch, VECTORS, 200)


@mutant("moorcheh.vectors.accepted", "An upload does not name its namespace")
def an_upload_to_nowhere_named(patch: pytest.MonkeyPatch) -> None:
    amend(patch, VECTORS, lambda body: body.pop("namespace_name"))


@mutant("moorcheh.vectors.accepted", "The total of an upload never exceeds 100", hardest=True)
def total_at_most_100(patch: pytest.MonkeyPatch) -> None:
    amend(patch, VECTORS, lambda body: body.update(total=min(body["total"], 100)))


@mutant("moorcheh.vectors.accepted", 'The status of an upload is "accepted"')
def accepted_for_success(patch: pytest.MonkeyPatch) -> None:
    amend(patch, VECTORS, lambda body: body.update(status="accepted"))


def respell(patch: pytest.MonkeyPatch, spell: Callable[[str], str]) -> None:
    """Lets a function respell the 32 digits of every job_id."""
    right = jobs.new_id
    patch.setattr(jobs, "new_id", lambda random: f"job-{spell(right(random).removeprefix('job-'))}")


@mutant("moorcheh.vectors.job-id", "A job_id has dashes in its uuid")
def dashes_in_a_job_id(patch: pytest.MonkeyPatch) -> None:
    respell(patch, lambda digits: str(uuid.UUID(digits)))


@mutant("moorcheh.vectors.job-id", "The digits of a job_id are upper case")
def capitals_in_a_job_id(patch: pytest.MonkeyPatch) -> None:
    respell(patch, str.upper)


@mutant("moorcheh.vectors.job-id", "A job_id has 16 digits")
def a_short_job_id(patch: pytest.MonkeyPatch) -> None:
    respell(patch, lambda digits: digits[:16])


@mutant("moorcheh.vectors.empty", "An upload without vectors is taken")
def an_empty_upload(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.VECTORS, "moorcheh.vectors.empty")


@mutant("moorcheh.vectors.empty", "An upload of no vectors is taken where there is an array")
def an_empty_array(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.VECTORS, "moorcheh.vectors.empty", lambda body: body.get("vectors") == [])


@mutant("moorcheh.vectors.empty", "A single vector needs no array around it")
def a_vector_without_array(patch: pytest.MonkeyPatch) -> None:
    def wrap(body: Body) -> None:
        if isinstance(body.get("vectors"), dict):
            body["vectors"] = [body["vectors"]]

    mishear(patch, VECTORS, wrap)


@mutant("moorcheh.vectors.empty", "Vectors may stand under documents")
def vectors_among_documents(patch: pytest.MonkeyPatch) -> None:
    def move(body: Body) -> None:
        if "documents" in body:
            body["vectors"] = body.pop("documents")

    mishear(patch, VECTORS, move)


@mutant("moorcheh.vectors.id-required", "A vector without id is taken, all such under one id")
def no_id_needed(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.VECTOR, "moorcheh.vectors.id-required")


@mutant("moorcheh.vectors.id-required", "A vector without id is given one")
def an_id_of_its_own(patch: pytest.MonkeyPatch) -> None:
    mishear_items(patch, lambda item: item.setdefault("id", uuid.uuid4().hex))


@mutant("moorcheh.vectors.id-string", "An id of any JSON type is taken")
def any_id(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.VECTOR, "moorcheh.vectors.id-string")


@mutant("moorcheh.vectors.id-string", "The empty string is an id")
def an_empty_id(patch: pytest.MonkeyPatch) -> None:
    _let_items_pass(patch, "moorcheh.vectors.id-string", lambda item: item["id"] == "")


@mutant("moorcheh.vectors.id-string", "An id that is a number is written out")
def an_id_of_digits(patch: pytest.MonkeyPatch) -> None:
    _let_items_pass(patch, "moorcheh.vectors.id-string", lambda item: type(item["id"]) in (int, float))


@mutant("moorcheh.vectors.vector-required", "An item without vector is stored with zeros")
def no_vector_needed(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.VECTOR, "moorcheh.vectors.vector-required")


@mutant("moorcheh.vectors.vector-required", "An item without vector is taken where its id is known")
def a_known_id_needs_no_vector(patch: pytest.MonkeyPatch) -> None:
    def fill(handle: Handle, world: World, call: Call) -> Answer:
        namespace, document = place_of(world, call), document_of(call)
        for item in items_in(document):
            if "vector" not in item and namespace is not None and str(item.get("id")) in namespace.items:
                item["vector"] = [1] * (namespace.dimension or 0)
        return handle(world, saying(call, document) if document else call)

    around(patch, VECTORS, fill)


@mutant("moorcheh.vectors.wrong-namespace-type", "A text namespace takes vectors for documents")
def vectors_among_texts(patch: pytest.MonkeyPatch) -> None:
    def take(handle: Handle, world: World, call: Call) -> Answer:
        namespace = place_of(world, call)
        if namespace is None or namespace.type == "vector":
            return handle(world, call)
        documents = [{"id": item["id"], "text": "a vector"} for item in sent_items(call)]
        return uploads.upload_documents(world, saying(call, {"documents": documents}))

    around(patch, VECTORS, take)


@mutant("moorcheh.vectors.wrong-namespace-type", "Vectors for a text namespace are refused with 409")
def a_conflict_of_types(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "moorcheh.vectors.wrong-namespace-type", 409)


@mutant("moorcheh.vectors.unknown-namespace", "An upload creates the namespace it names")
def a_namespace_on_demand(patch: pytest.MonkeyPatch) -> None:
    def create(handle: Handle, world: World, call: Call) -> Answer:
        if place_of(world, call) is None:
            dimension = max((len(item.get("vector", ())) for item in sent_items(call)), default=1)
            asked = {"name": call.parameters["namespace"], "type": "vector", "vector_dimension": dimension}
            namespaces.create(world, saying(call, asked))
        return handle(world, call)

    around(patch, VECTORS, create)


@mutant("moorcheh.vectors.unknown-namespace", "An upload to an unknown namespace is refused with 400")
def bad_request_for_unknown(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "moorcheh.vectors.unknown-namespace", 400)


@mutant("moorcheh.vectors.unknown-namespace", "An upload goes to the namespace whose name it begins with")
def a_name_that_begins_alike(patch: pytest.MonkeyPatch) -> None:
    def redirect(handle: Handle, world: World, call: Call) -> Answer:
        name = call.parameters["namespace"]
        known = [each for each in world.part(Store).namespaces if name.startswith(each)]
        found = max(known, key=len, default=name)
        return handle(world, replace(call, parameters={**call.parameters, "namespace": found}))

    around(patch, VECTORS, redirect)


@mutant("moorcheh.vectors.unknown-namespace", "An upload to a deleted namespace is taken, and lost")
def uploads_to_the_deleted(patch: pytest.MonkeyPatch) -> None:
    def lose(handle: Handle, world: World, call: Call) -> Answer:
        name, store = call.parameters["namespace"], world.part(Store)
        lost = next((job for (deleted, _), job in store.deletions.items() if deleted == name), None)
        if lost is None or name in store.namespaces:
            return handle(world, call)
        words = {"status": "success", "message": "Upload started.", "job_id": lost.id}
        return Answer(202, {**words, "namespace_name": name, "total": len(sent_items(call))})

    around(patch, VECTORS, lose)


@mutant("moorcheh.vectors.all-or-nothing", "A refused batch is stored up to its invalid item", hardest=True)
def stored_up_to_the_fault(patch: pytest.MonkeyPatch) -> None:
    _store_of_refused(patch, lambda items, faulty: items[: items.index(faulty)])


@mutant("moorcheh.vectors.all-or-nothing", "Of a refused batch the valid items are stored")
def stored_but_for_the_fault(patch: pytest.MonkeyPatch) -> None:
    _store_of_refused(patch, lambda items, faulty: [item for item in items if item is not faulty])


@mutant("moorcheh.vectors.all-or-nothing", "A refused batch still updates the known ids in it")
def updated_though_refused(patch: pytest.MonkeyPatch) -> None:
    _store_of_refused(patch, lambda items, _faulty: items[:1], known=True)


@mutant("moorcheh.vectors.all-or-nothing", "A batch refused for one item starts a job")
def a_job_of_a_refused_batch(patch: pytest.MonkeyPatch) -> None:
    def start(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            if len(sent_items(call)) < 2 or place_of(world, call) is None:
                raise
            job_id = f"job-{uuid.uuid4().hex}"
            return Answer(400, {"status": "failure", "message": str(refused), "job_id": job_id})

    around(patch, VECTORS, start)


@mutant("moorcheh.vectors.batch-1000", "A batch of more than 500 vectors is refused with 413")
def at_most_500(patch: pytest.MonkeyPatch) -> None:
    _limit_batches(patch, 500)


@mutant("moorcheh.vectors.batch-1000", "A batch of more than 999 vectors is refused with 413")
def at_most_999(patch: pytest.MonkeyPatch) -> None:
    _limit_batches(patch, 999)


def _let_items_pass(patch: pytest.MonkeyPatch, clause: str, excused: Callable[[Body], bool]) -> None:
    """Makes a rule of vectors blind to items, which have an id, that a function picks out."""
    let_pass(patch, rules.VECTOR, clause, lambda candidate: candidate.has("id") and excused(candidate.item))


def _store_of_refused(
    patch: pytest.MonkeyPatch, chosen: Callable[[list[Body], Body], list[Body]], *, known: bool = False
) -> None:
    """Stores what a function chooses of a batch refused for one item: new ids, or known ones."""

    def store(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            namespace, items, running = place_of(world, call), sent_items(call), set(world.jobs.running)
            place = re.match(r"vectors\[(\d+)\]", refused.detail)
            if namespace is not None and place and int(place[1]) < len(items):
                kept = [
                    item
                    for item in chosen(items, items[int(place[1])])
                    if (str(item.get("id")) in namespace.items) == known
                ]
                if kept:
                    handle(world, saying(call, {"vectors": kept}))
                    finish_jobs(world, running)
            raise

    around(patch, VECTORS, store)


def _limit_batches(patch: pytest.MonkeyPatch, most: int) -> None:
    def limit(handle: Handle, world: World, call: Call) -> Answer:
        if len(sent_items(call)) > most:
            return refusal(413, f"a batch holds at most {most} vectors")
        return handle(world, call)

    around(patch, VECTORS, limit)
