"""Variants of Moorcheh: what its contract leaves to the server, chosen otherwise than by the mock."""

from typing import Any

import pytest

from mock_server import jobs
from mock_server.moorcheh import filters, rules
from mock_server.moorcheh.bodies import read_object
from mock_server.moorcheh.rules import Candidate
from mock_server.moorcheh.store import Batch, Namespace, Store
from mock_server.refusal import Refused
from mock_server.rules import judge
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.rewriting import (
    DELETE_ITEMS,
    DELETE_JOB,
    DOCUMENTS,
    FETCH,
    FILES,
    GET_ITEMS,
    HEALTH,
    NAMESPACE,
    NAMESPACES,
    SEARCH,
    UPLOAD_JOB,
    VECTORS,
    Body,
    Handle,
    amend,
    amend_refusals,
    around,
    document_of,
    put_status,
    said,
    sent_items,
)
from tests.tolerant.registry import VARIANTS, Variant, setting, tolerant

TOO_SOON = {"moorcheh.namespaces.delete-holds-name": "unproven"}
OVER_CAP = "moorcheh.quota.over-cap"
JOBS = ("jobs.*", "vectors.stored-when-completed", "namespaces.delete-*", "quota.*", "health.*")


@tolerant("moorcheh", "A namespace is created with 200", "namespaces.*", "health.counts-all")
def created_with_200(patch: pytest.MonkeyPatch) -> None:
    put_status(patch, NAMESPACES, 200)


@tolerant(
    "moorcheh",
    "Lists come in another order: namespaces, items, unknown ids, pages",
    "namespaces.*",
    "items.*",
    "fetch.*",
    "vectors.metadata",
)
def turned_lists(patch: pytest.MonkeyPatch) -> None:
    def turn(*fields: str) -> Any:
        def change(body: Body) -> None:
            for each in fields:
                body[each] = body[each][::-1]

        return change

    amend(patch, NAMESPACES, turn("namespaces"), "GET")
    amend(patch, GET_ITEMS, turn("items"))
    amend(patch, DELETE_ITEMS, turn("not_found_ids"))
    amend(patch, FETCH, turn("items"), "GET")


setting(
    "moorcheh",
    "instant_jobs",
    "Jobs have ended when they are answered",
    *JOBS,
    jobs="instant",
    lacks=TOO_SOON,
)
setting("moorcheh", "quick_jobs", "Jobs have ended at the first look", *JOBS, jobs="polls=1", lacks=TOO_SOON)
setting("moorcheh", "patient_jobs", "Jobs take nine looks", "jobs.*", "namespaces.delete-*", jobs="polls=9")
setting("moorcheh", "slow_jobs", "Jobs take two seconds", *JOBS, jobs="time=2")


@tolerant("moorcheh", "All of a job happens at its end", *JOBS, "items.delete")
def jobs_at_one_stroke(patch: pytest.MonkeyPatch) -> None:
    def progress(job: jobs.Job, now: float) -> None:
        if job.polls >= job.amount:
            job.finish(now)

    patch.setitem(jobs.PROGRESS, "polls", progress)


@tolerant(
    "moorcheh", "An error that never was is an empty text", "jobs.*", "namespaces.delete-*", "files.accepted"
)
def empty_errors(patch: pytest.MonkeyPatch) -> None:
    def empty(body: Body) -> None:
        body["last_error"] = body["last_error"] or ""

    amend(patch, UPLOAD_JOB, empty, "GET")
    amend(patch, DELETE_JOB, empty, "GET")


@tolerant("moorcheh", "requested_new counts the ids above the cap", "quota.*")
def requested_new_is_the_excess(patch: pytest.MonkeyPatch) -> None:
    def recount(_call: Call, _refused: Refused, body: Body) -> None:
        if "requested_new" in body:
            body["requested_new"] -= body["max_items"] - body["items"]

    amend_refusals(patch, recount)


@tolerant(
    "moorcheh",
    "Accepted items count at once, also before they can be read",
    "health.*",
    "quota.*",
    "vectors.*",
)
def counted_when_accepted(patch: pytest.MonkeyPatch) -> None:
    def count(handle: Handle, world: World, call: Call) -> Answer:
        items = world.part(Store).committed
        body = {
            **said(handle(world, call)),
            "items": items,
            "remaining": world.settings.max_items - items,
        }
        return Answer(200, body)

    around(patch, HEALTH, count, "GET")


@tolerant(
    "moorcheh", "No room is reserved: what does not fit fails in its job", "quota.*", "health.*", "jobs.*"
)
def room_is_taken_late(patch: pytest.MonkeyPatch) -> None:
    stores: dict[int, tuple[Store, int]] = {}
    keep = Namespace.keep

    def remember(handle: Handle, world: World, call: Call) -> Answer:
        store = world.part(Store)
        for namespace in store.namespaces.values():
            stores[id(namespace)] = store, world.settings.max_items
        return handle(world, call)

    def keep_what_fits(self: Namespace, batch: Batch, upload: int, first: int, stop: int) -> list[str]:
        store, most = stores[id(self)]
        errors: list[str] = []
        for place in range(first, stop):
            new = batch.ids[place] not in self.items
            if new and place not in batch.faults and store.items >= most:
                self.forget([batch.ids[place]], upload)
                errors.append("the instance is full")
            else:
                errors += keep(self, batch, upload, place, place + 1)
        return errors

    around(patch, VECTORS, remember)
    around(patch, DOCUMENTS, remember)
    around(patch, FILES, remember)
    patch.setattr(Namespace, "keep", keep_what_fits)
    patch.setattr(Store, "committed", property(lambda self: self.items))


@tolerant(
    "moorcheh", "The quota is asked before the items are looked at", "quota.*", "vectors.*", "documents.*"
)
def quota_first(patch: pytest.MonkeyPatch) -> None:
    def judge_first(field: str) -> Any:
        def judged(handle: Handle, world: World, call: Call) -> Answer:
            store, most = world.part(Store), world.settings.max_items
            namespace = store.namespaces.get(call.parameters["namespace"])
            ids = {item.get("id") for item in sent_items(call, field) if isinstance(item.get("id"), str)}
            new = len(ids - set(namespace.items)) if namespace else 0
            if store.committed + new > most:
                facts = {"items": store.items, "max_items": most, "requested_new": new}
                raise Refused(OVER_CAP, "too many", facts)
            return handle(world, call)

        return judged

    around(patch, VECTORS, judge_first("vectors"))
    around(patch, DOCUMENTS, judge_first("documents"))


@tolerant(
    "moorcheh",
    "Bodies are judged before the namespace is looked for",
    "vectors.*",
    "documents.*",
    "items.*",
    "namespaces.*",
)
def bodies_first(patch: pytest.MonkeyPatch) -> None:
    def judge_vectors(handle: Handle, world: World, call: Call) -> Answer:
        document = document_of(call)
        if document:
            judge(rules.VECTORS, document)
            for item in document["vectors"]:
                judge(rules.VECTOR, Candidate(item, None))
        return handle(world, call)

    def judge_documents(handle: Handle, world: World, call: Call) -> Answer:
        document = document_of(call)
        if document:
            judge(rules.DOCUMENTS, document)
            for item in document["documents"]:
                judge(rules.DOCUMENT, Candidate(item, None))
        return handle(world, call)

    def judge_ids(handle: Handle, world: World, call: Call) -> Answer:
        judge(rules.IDS, read_object(call.body))
        return handle(world, call)

    def judge_name(handle: Handle, world: World, call: Call) -> Answer:
        name = document_of(call).get("namespace_name")
        if isinstance(name, str) and name in world.part(Store).namespaces:
            judge(rules.OCCUPATION, world.part(Store).namespaces[name])
        return handle(world, call)

    around(patch, VECTORS, judge_vectors)
    around(patch, DOCUMENTS, judge_documents)
    around(patch, GET_ITEMS, judge_ids)
    around(patch, DELETE_ITEMS, judge_ids)
    around(patch, NAMESPACES, judge_name)


@tolerant(
    "moorcheh",
    "A namespace is not listed while it is being deleted",
    "namespaces.*",
    "vectors.id-per-namespace",
)
def unlisted_while_deleted(patch: pytest.MonkeyPatch) -> None:
    def leave_out(handle: Handle, world: World, call: Call) -> Answer:
        store = world.part(Store)
        namespaces: Any = said(handle(world, call))["namespaces"]
        kept = [each for each in namespaces if store.namespaces[each["namespace_name"]].deletion is None]
        return Answer(200, {"namespaces": kept})

    around(patch, NAMESPACES, leave_out, "GET")


@tolerant(
    "moorcheh",
    "The items of a namespace are gone when its deletion is accepted",
    "namespaces.*",
    "quota.delete-*",
)
def deleted_at_once(patch: pytest.MonkeyPatch) -> None:
    def remove(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        namespace = world.part(Store).namespaces.get(call.parameters["namespace"])
        if namespace:
            namespace.remove([*namespace.items])
        return answer

    around(patch, NAMESPACE, remove, "DELETE")


@tolerant(
    "moorcheh", "The upload jobs of a deleted namespace can still be read", "jobs.*", "namespaces.delete-*"
)
def jobs_outlive_their_namespace(patch: pytest.MonkeyPatch) -> None:
    told: dict[tuple[str, str], Answer] = {}

    def remember(handle: Handle, world: World, call: Call) -> Answer:
        key = call.parameters["namespace"], call.parameters["job_id"]
        try:
            told[key] = handle(world, call)
        except Refused:
            if key not in told:
                raise
        return told[key]

    around(patch, UPLOAD_JOB, remember, "GET")


@tolerant(
    "moorcheh",
    "A repeated id in items/get is answered as often as it is asked",
    "items.*",
    "vectors.metadata",
)
def repeated_ids_are_repeated(patch: pytest.MonkeyPatch) -> None:
    def repeat(handle: Handle, world: World, call: Call) -> Answer:
        body: Any = said(handle(world, call))
        found = {item["id"]: item for item in body["items"]}
        items = [found[each] for each in document_of(call)["ids"] if each in found]
        return Answer(200, {**body, "items": items, "found_items": len(items)})

    around(patch, GET_ITEMS, repeat)


@tolerant(
    "moorcheh",
    "A vector_dimension of null is refused for a text namespace",
    "namespaces.*",
    "documents.accepted",
)
def no_null_dimensions(patch: pytest.MonkeyPatch) -> None:
    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        if "vector_dimension" in document_of(call) and document_of(call)["vector_dimension"] is None:
            raise Refused("moorcheh.namespaces.dimension-not-for-text", "vector_dimension: null")
        return handle(world, call)

    around(patch, NAMESPACES, refuse)


@tolerant("moorcheh", "Blank texts are stored", "documents.*", "items.get-text")
def blank_texts(patch: pytest.MonkeyPatch) -> None:
    def text_is_missing(candidate: Candidate) -> Any:
        if isinstance(candidate.item, dict) and not isinstance(candidate.item.get("text"), str):
            yield "text: missing"

    patch.setitem(rules.DOCUMENT, "moorcheh.documents.text-required", text_is_missing)


@tolerant(
    "moorcheh", "A `#word` is looked for in its own case, inside of longer words too", "search.filter-*"
)
def words_in_their_case(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(filters, "has_word", lambda word: lambda item: word in (item.text or ""))


@tolerant("moorcheh", "A limit above 100 is refused", "fetch.*")
def no_large_pages(patch: pytest.MonkeyPatch) -> None:
    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        if any(limit.isdigit() and int(limit) > 100 for limit in call.query.get("limit", ())):
            raise Refused("moorcheh.fetch.limit-bounds", "limit: at most 100")
        return handle(world, call)

    around(patch, FETCH, refuse, "GET")


@tolerant(
    "moorcheh",
    "An upload whose files are all skipped is answered with 200, and its job_id is null",
    "files.*",
)
def skipped_with_200(patch: pytest.MonkeyPatch) -> None:
    def answer(handle: Handle, world: World, call: Call) -> Answer:
        given = handle(world, call)
        body = said(given)
        return given if "job_id" in body else Answer(200, {**body, "job_id": None})

    around(patch, FILES, answer)


@tolerant("moorcheh", "The time of a file is a number", "files.*")
def file_times_in_numbers(patch: pytest.MonkeyPatch) -> None:
    def number(body: Body) -> None:
        for entry in body["files"]:
            entry["file_mtime"] = 1_780_000_000.25

    amend(patch, FILES, number, "GET")


@tolerant("moorcheh", "With kiosk_mode a hit has to score more than the threshold", "search.*")
def thresholds_are_exceeded(patch: pytest.MonkeyPatch) -> None:
    def drop(handle: Handle, world: World, call: Call) -> Answer:
        body: Any = said(handle(world, call))
        asked = document_of(call)
        if asked.get("kiosk_mode"):
            body["results"] = [hit for hit in body["results"] if hit["score"] > asked["threshold"]]
        return Answer(200, body)

    around(patch, SEARCH, drop)


VARIANTS.append(
    Variant(
        "moorcheh",
        "first_generation",
        "The service is of the first generation",
        tuple(f"moorcheh.{area}.*" for area in ("health", "search", "fetch", "files", "answer")),
        settings={"generation": "v1"},
        lacks=dict.fromkeys(
            (
                "moorcheh.health.providers",
                "moorcheh.search.namespace",
                "moorcheh.search.filter-*",
                "moorcheh.fetch.*",
                "moorcheh.files.*",
                "moorcheh.answer.*",
            ),
            "unproven",
        ),
    )
)
