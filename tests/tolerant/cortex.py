"""Variants of Cortex: what its contract leaves to the server, chosen otherwise than by the mock."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from mock_server.cortex import matrix, service, shapes
from mock_server.cortex.clauses import refusals
from mock_server.cortex.processing import start
from mock_server.cortex.scope import find_scope, in_either, in_query
from mock_server.cortex.service import Cortex, spellings
from mock_server.cortex.store import Store, Tenant
from mock_server.cortex.subtenant import Batch, SubTenant
from mock_server.numbers import is_finite
from mock_server.refusal import Refusal, Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.cortex.rewriting import (
    CREATE,
    CREATE_BARE,
    DELETE,
    DELETE_TENANT,
    FILTER,
    FIND,
    INSERT,
    REMOVE,
    RETRIEVE,
    SEARCH,
    STATS,
    UPDATE,
    UPLOAD,
    VERIFY,
    amend,
    amend_entries,
    around,
)
from tests.mutants.rewriting import Body, Handle, document_of, said
from tests.tolerant.registry import setting, tolerant

MATRIX = ("matrix.*", "processing.*", "update.*", "search.*", "retrieve.*", "delete.*", "stats.*")
DOCUMENTS = ("documents.*", "find.*", "filter.*", "remove.*")
PROCESSING = (
    "processing.*",
    "matrix.overwrite*",
    "matrix.idempotent",
    "matrix.tenant-dimension",
    "tenants.infra",
)

setting("cortex", "instant_jobs", "Uploads are indexed when they are answered", *PROCESSING, jobs="instant")
setting("cortex", "patient_jobs", "Uploads take nine looks", *PROCESSING, jobs="polls=9")
setting("cortex", "slow_jobs", "Uploads and tenants take two seconds", *PROCESSING, "errors.*", jobs="time=2")


def _refusing(clauses: Mapping[str, int]) -> Callable[[pytest.MonkeyPatch], None]:
    """Makes the refusals of clauses have other statuses, under every other code as well."""

    def change(patch: pytest.MonkeyPatch) -> None:
        table = {**refusals()}
        for clause, status in clauses.items():
            table[clause] = Refusal(status, "CODE")
        patch.setattr(service, "refusals", lambda: table)

    return change


@tolerant(
    "cortex", "Where 422 and 400 are allowed, it is the other", *DOCUMENTS, "errors.*", "search.dimension"
)
def other_statuses(patch: pytest.MonkeyPatch) -> None:
    _refusing(
        {
            "cortex.errors.malformed-json": 422,
            "cortex.documents.shape-required": 400,
            "cortex.documents.numeric": 400,
            "cortex.documents.finite": 400,
            "cortex.find.limit-bounds": 400,
            "cortex.find.filter-faulty": 422,
            "cortex.filter.limit": 400,
            "cortex.search.dimension": 422,
            "mock.request": 400,
        }
    )(patch)


@tolerant("cortex", "Error codes are other words", "errors.*", "tenants.*", "matrix.*", "documents.*")
def other_codes(patch: pytest.MonkeyPatch) -> None:
    table = {clause: replace(refusal, code="E-17") for clause, refusal in refusals().items()}
    patch.setattr(service, "refusals", lambda: table)


@tolerant(
    "cortex", "Creating a tenant again is 200 and changes nothing", "tenants.*", "subtenants.*", "errors.*"
)
def created_again_with_200(patch: pytest.MonkeyPatch) -> None:
    def welcome(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            if refused.clause != "cortex.tenants.exists":
                raise
            tenant_id = {**document_of(call), **in_query(call)}["tenant_id"]
            body = {"tenant_id": tenant_id, "sub_tenant_id": tenant_id, "success": True, "status": "success"}
            return Answer(200, {**body, "message": "The tenant is there."})

    around(patch, CREATE, welcome)
    around(patch, CREATE_BARE, welcome)


@tolerant(
    "cortex",
    "A deleted tenant goes when its deletion has been asked for and three calls have come",
    "tenants.*",
)
def tenants_go_late(patch: pytest.MonkeyPatch) -> None:
    doomed: dict[str, int] = {}

    def schedule(handle: Handle, world: World, call: Call) -> Answer:
        tenant_id = in_query(call)["tenant_id"]
        store = world.part(Store)
        if tenant_id not in store.tenants or tenant_id in doomed:
            return handle(world, call)
        doomed[tenant_id] = 0
        return Answer(200, {"tenant_id": tenant_id, "status": "deletion_scheduled", "message": "soon"})

    def pass_on(handle: Handle, world: World, call: Call) -> Answer:
        store = world.part(Store)
        for tenant_id in [*doomed]:
            doomed[tenant_id] += 1
            if doomed[tenant_id] > 3:
                store.tenants.pop(tenant_id, None)
        return handle(world, call)

    for path in (UPLOAD, SEARCH, RETRIEVE, INSERT, FIND, FILTER, REMOVE, DELETE, DELETE_TENANT):
        around(patch, path, pass_on)
    around(patch, DELETE_TENANT, schedule)


@tolerant(
    "cortex",
    "An upload names no batch",
    *MATRIX,
    "seed.*",
    "subtenants.*",
    lacks={"cortex.matrix.batch-is-file": "unproven"},
)
def no_batches(patch: pytest.MonkeyPatch) -> None:
    def leave_out(body: Body) -> None:
        body.pop("batch_id", None)

    amend(patch, UPLOAD, leave_out)
    amend(patch, INSERT, leave_out)
    amend(patch, UPDATE, leave_out)


@tolerant("cortex", "An upload does not list its chunks", *MATRIX, "seed.*")
def no_chunk_ids(patch: pytest.MonkeyPatch) -> None:
    def leave_out(body: Body) -> None:
        body.pop("chunk_ids", None)

    amend(patch, UPLOAD, leave_out)
    amend(patch, UPDATE, leave_out)


@tolerant(
    "cortex",
    "A batch has another name than its file, and each upload a new one",
    *MATRIX,
    "subtenants.*",
    "tenants.*",
    lacks={"cortex.matrix.batch-is-file": "advice"},
)
def other_batches(patch: pytest.MonkeyPatch) -> None:
    uploads = iter(range(10**9))
    build = matrix._batch

    def rename(file_id: str, fields: Any, vectors: Any) -> Batch:
        batch = build(file_id, fields, vectors)
        name = f"batch-{next(uploads)}-of-{file_id[::-1]}"
        return replace(batch, ids=[f"{name}_{row}" for row in range(len(batch.ids))])

    def name(body: Body) -> None:
        if body.get("chunk_ids"):
            body["batch_id"] = body["chunk_ids"][0].rpartition("_")[0]

    patch.setattr(matrix, "_batch", rename)
    amend(patch, UPLOAD, name)
    amend(patch, INSERT, name)


@tolerant("cortex", "What is indexed is said to be a success", "processing.*", "matrix.*")
def success_for_completed(patch: pytest.MonkeyPatch) -> None:
    def say(body: Body) -> None:
        for each in (body, *body["statuses"]):
            each["indexing_status"] = each["indexing_status"].replace("completed", "success")

    amend(patch, VERIFY, say)


@tolerant("cortex", "The status of an upload stands in the list alone", "processing.*", "matrix.*")
def listed_statuses(patch: pytest.MonkeyPatch) -> None:
    def keep_the_list(body: Body) -> None:
        for key in [*body]:
            if key != "statuses":
                del body[key]

    amend(patch, VERIFY, keep_the_list)


@tolerant("cortex", "The status of an upload stands at the top alone", "processing.*", "matrix.*")
def bare_statuses(patch: pytest.MonkeyPatch) -> None:
    amend(patch, VERIFY, lambda body: body.pop("statuses"))


@tolerant("cortex", "What has ended is told once and then forgotten", "processing.*", "matrix.*", "update.*")
def forgotten_uploads(patch: pytest.MonkeyPatch) -> None:
    told: set[tuple[str, str, str]] = set()

    def forget(handle: Handle, world: World, call: Call) -> Answer:
        asked = in_query(call)
        key = asked.get("tenant_id", ""), asked.get("sub_tenant_id", ""), asked.get("file_id", "")
        if key in told:
            raise Refused("mock.file", "The file is not being processed")
        answer = handle(world, call)
        if said(answer)["indexing_status"] == "completed":
            told.add(key)
        return answer

    def remember(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        told.clear()
        return answer

    around(patch, VERIFY, forget)
    around(patch, UPLOAD, remember)


@tolerant("cortex", "An upload is in no list of states until it is processing", "processing.*")
def never_queued(patch: pytest.MonkeyPatch) -> None:
    def say(body: Body) -> None:
        for each in (body, *body["statuses"]):
            each["indexing_status"] = each["indexing_status"].replace("queued", "processing")

    amend(patch, VERIFY, say)


@tolerant("cortex", "An upload of another dimension is accepted and ends errored", "matrix.*", "errors.*")
def errored_dimensions(patch: pytest.MonkeyPatch) -> None:
    errored: set[tuple[str, str, str]] = set()

    def key_of(call: Call, file_id: str) -> tuple[str, str, str]:
        asked = in_query(call)
        return asked.get("tenant_id", ""), asked.get("sub_tenant_id", ""), file_id

    def accept(handle: Handle, world: World, call: Call) -> Answer:
        try:
            answer = handle(world, call)
        except Refused as refused:
            if refused.clause != "cortex.matrix.tenant-dimension":
                raise
            file_id = document_of(call).get("file_id") or "made-up"
            errored.add(key_of(call, file_id))
            return Answer(
                200, {"success": True, "message": "accepted", "file_id": file_id, "batch_id": file_id}
            )
        errored.discard(key_of(call, said(answer)["file_id"]))
        return answer

    def tell(handle: Handle, world: World, call: Call) -> Answer:
        if key_of(call, in_query(call).get("file_id", "")) in errored:
            status = {
                "indexing_status": "errored",
                "error_code": "DIMENSION",
                "success": True,
                "message": "no",
            }
            return Answer(200, {**status, "file_id": in_query(call)["file_id"], "statuses": [status]})
        return handle(world, call)

    around(patch, UPLOAD, accept)
    around(patch, VERIFY, tell)


@tolerant("cortex", "Rows can be retrieved, and searched, before they are said to be indexed", *MATRIX)
def found_before_indexed(patch: pytest.MonkeyPatch) -> None:
    def store_at_once(world: World, scope: Any, file_id: str, batch: Batch) -> bool:
        known = start(world, scope, file_id, batch)
        scope.tenant.open(scope.sub_tenant_id).replace(file_id, batch)
        return known

    patch.setattr(matrix, "start", store_at_once)


@tolerant("cortex", "An overwritten file is gone until the new one is indexed", *MATRIX)
def removed_before_indexed(patch: pytest.MonkeyPatch) -> None:
    def remove_at_once(world: World, scope: Any, file_id: str, batch: Batch) -> bool:
        known = start(world, scope, file_id, batch)
        sub_tenant = scope.tenant.open(scope.sub_tenant_id)
        sub_tenant.remove(sub_tenant.of_source(file_id))
        return known

    patch.setattr(matrix, "start", remove_at_once)


@tolerant(
    "cortex",
    "Vectors come back as the numbers that were sent, not as float32",
    "retrieve.*",
    "find.*",
    "filter.*",
    "update.*",
    "matrix.*",
    "documents.*",
)
def unrounded_vectors(patch: pytest.MonkeyPatch) -> None:
    def shorten(vector: Sequence[float]) -> list[float]:
        # The shortest number that is this float32: 20.1, and not 20.100000381469727.
        return [float(f"{number:.8g}") for number in vector]

    def shorten_all(body: Body) -> None:
        body["embeddings"] = {each: shorten(vector) for each, vector in body["embeddings"].items()}

    def shorten_entry(entry: Body) -> None:
        entry["embedding"]["embedding"] = shorten(entry["embedding"]["embedding"])

    amend(patch, RETRIEVE, shorten_all)
    amend_entries(patch, FIND, shorten_entry)
    amend_entries(patch, FILTER, shorten_entry)


@tolerant("cortex", "1e39 is accepted, though no float32 holds it", "matrix.*", "documents.*", "retrieve.*")
def float64_bounds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shapes, "fits_float32", is_finite)


@tolerant(
    "cortex", "Lists come in another order", "find.*", "filter.*", "retrieve.*", "delete.*", "tenants.*"
)
def turned_lists(patch: pytest.MonkeyPatch) -> None:
    def turn(handle: Handle, world: World, call: Call) -> Answer:
        return Answer(200, [*handle(world, call).body][::-1])

    def turn_unknown(body: Body) -> None:
        body["not_found_chunk_ids"] = body["not_found_chunk_ids"][::-1]
        body["embeddings"] = dict([*body["embeddings"].items()][::-1])

    around(patch, FILTER, turn)
    amend(patch, RETRIEVE, turn_unknown)


@tolerant("cortex", "The status of a deletion tells of known ids alone", "delete.*")
def silent_about_strangers(patch: pytest.MonkeyPatch) -> None:
    def leave_out(body: Body) -> None:
        body["status"] = {each: True for each, was_there in body["status"].items() if was_there}

    amend(patch, DELETE, leave_out)


@tolerant("cortex", "The stats of a tenant are those of its default sub-tenant", "stats.*", "tenants.*")
def stats_of_the_default(patch: pytest.MonkeyPatch) -> None:
    def name(handle: Handle, world: World, call: Call) -> Answer:
        asked = in_query(call)
        sub_tenant = asked.get("sub_tenant_id") or asked.get("tenant_id", "")
        return handle(world, replace(call, query={**call.query, "sub_tenant_id": [sub_tenant]}))

    around(patch, STATS, name)


@tolerant(
    "cortex",
    "A sub-tenant that nothing was put into is unknown to reads: 404",
    "subtenants.*",
    "tenants.*",
    *DOCUMENTS,
    *MATRIX,
    "errors.*",
)
def unknown_sub_tenants(patch: pytest.MonkeyPatch) -> None:
    def look(handle: Handle, world: World, call: Call) -> Answer:
        scope = find_scope(world, {**document_of(call), **in_query(call)})
        if scope.sub_tenant_id not in scope.tenant.sub_tenants:
            raise Refused("mock.sub-tenant", f"Sub-tenant {scope.sub_tenant_id!r} not found")
        return handle(world, call)

    for path in (SEARCH, RETRIEVE, DELETE, STATS, FIND, FILTER, REMOVE, VERIFY):
        around(patch, path, look)


@tolerant(
    "cortex",
    "What is inserted is found by search from the third look on",
    "find.*",
    "documents.*",
    "subtenants.*",
    "tenants.*",
)
def lagging_search(patch: pytest.MonkeyPatch) -> None:
    _lag(patch, (FIND,))


@tolerant(
    "cortex",
    "What is inserted is found, by id too, from the third look on",
    *DOCUMENTS,
    "subtenants.*",
    "tenants.*",
)
def lagging_reads(patch: pytest.MonkeyPatch) -> None:
    _lag(patch, (FIND, FILTER))


def _lag(patch: pytest.MonkeyPatch, paths: Sequence[str]) -> None:
    looks: dict[tuple[str, int], int] = {}

    def hide(handle: Handle, world: World, call: Call) -> Answer:
        entries: Any = handle(world, call).body
        scope = find_scope(world, document_of(call))
        shown = []
        for entry in entries:
            chunk_id = entry["embedding"]["chunk_id"]
            key = call.path.replace("-", "_"), id(scope.sub_tenant.chunks[chunk_id])
            looks[key] = looks.get(key, 0) + 1
            if looks[key] > 2:
                shown.append(entry)
        return Answer(200, shown)

    for path in paths:
        around(patch, path, hide)


@tolerant(
    "cortex", "An insert that conflicts answers 200 with success false, and stores what is new", "documents.*"
)
def conflicts_in_part(patch: pytest.MonkeyPatch) -> None:
    def insert(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            if refused.clause != "cortex.documents.no-upsert":
                raise
            body = document_of(call)
            known = find_scope(world, in_either(call, body)).sub_tenant.chunks
            for each in body["embeddings"]:
                each["embeddings"] = [part for part in each["embeddings"] if part["chunk_id"] not in known]
            body["embeddings"] = [each for each in body["embeddings"] if each["embeddings"]]
            if body["embeddings"]:
                handle(world, call.saying(json.dumps(body).encode()))
            return Answer(200, {"insert_count": 0, "ids": [], "success": False, "error": "a chunk exists"})

    around(patch, INSERT, insert)


@tolerant("cortex", "The metadata of a source stay as they were first sent", "documents.upsert*", "find.*")
def first_metadata(patch: pytest.MonkeyPatch) -> None:
    put = SubTenant.put

    def keep(self: SubTenant, batch: Batch) -> None:
        put(self, replace(batch, metadata={k: v for k, v in batch.metadata.items() if k not in self.sources}))

    patch.setattr(SubTenant, "put", keep)


@tolerant("cortex", "A score below zero is a score: the distance is above one", "find.*")
def negative_scores(patch: pytest.MonkeyPatch) -> None:
    def lower(entry: Body) -> None:
        if entry["score"] == 0:
            entry["score"], entry["distance"] = -0.5, 1.5

    amend_entries(patch, FIND, lower)


@tolerant("cortex", "Zeros alone are stored and never found by search", "search.*", "matrix.*", "retrieve.*")
def unfound_zeros(patch: pytest.MonkeyPatch) -> None:
    def drop(handle: Handle, world: World, call: Call) -> Answer:
        body: Any = said(handle(world, call))
        chunks = find_scope(world, document_of(call)).sub_tenant.chunks
        pairs = [
            (each, score)
            for each, score in zip(body["chunk_ids"], body["scores"], strict=True)
            if chunks[each].vector.any()
        ]
        body["chunk_ids"], body["scores"] = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return Answer(200, body)

    around(patch, SEARCH, drop)


@tolerant("cortex", "An unknown file's state is told: errored", "processing.*", "auth.*", "errors.*")
def unknown_files_are_errored(patch: pytest.MonkeyPatch) -> None:
    def tell(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            if refused.clause != "mock.file":
                raise
            status = {
                "indexing_status": "errored",
                "error_code": "FILE_NOT_FOUND",
                "success": True,
                "message": "?",
            }
            return Answer(200, {**status, "statuses": [status]})

    around(patch, VERIFY, tell)


@tolerant("cortex", "An update of unknown chunks updates none of them", "update.*")
def updates_of_strangers(patch: pytest.MonkeyPatch) -> None:
    def update(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            if refused.clause != "mock.chunk":
                raise
            return Answer(
                200, {"success": True, "message": "nothing to do", "updated_count": 0, "chunk_ids": []}
            )

    around(patch, UPDATE, update)


@tolerant("cortex", "A tenant keeps the dimension it once had", "stats.*", "matrix.*", "tenants.*")
def lasting_dimensions(patch: pytest.MonkeyPatch) -> None:
    had: dict[int, int] = {}
    bound = Tenant.dimension.fget  # type: ignore[attr-defined]  # a property's function

    def dimension(self: Tenant) -> int | None:
        now: int | None = bound(self)
        if now is not None:
            had[id(self)] = now
        return had.get(id(self))

    kept: list[Tenant] = []
    make = Tenant.__init__

    def hold(self: Tenant, *given: Any, **named: Any) -> None:
        make(self, *given, **named)
        kept.append(self)  # no other tenant is to have its place in memory

    patch.setattr(Tenant, "__init__", hold)
    patch.setattr(Tenant, "dimension", property(dimension))


@tolerant("cortex", "A document without chunks is accepted", "documents.*")
def documents_without_chunks(patch: pytest.MonkeyPatch) -> None:
    def insert(handle: Handle, world: World, call: Call) -> Answer:
        document = document_of(call)
        elements = document.get("embeddings")
        if isinstance(elements, list) and any(
            isinstance(each, dict) and each.get("embeddings") == [] for each in elements
        ):
            return Answer(200, {"insert_count": 0, "ids": [], "success": True, "error": None})
        return handle(world, call)

    around(patch, INSERT, insert)


@tolerant(
    "cortex", "A matrix that is none is refused with 422 at the path of documents", "documents.*", "seed.*"
)
def unprocessable_matrices(patch: pytest.MonkeyPatch) -> None:
    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            if refused.clause.startswith("cortex.matrix."):
                raise Refused("mock.request", "embeddings: no documents") from refused
            raise

    around(patch, INSERT, refuse)


def _without(patch: pytest.MonkeyPatch, *paths: str) -> None:
    patch.setattr(Cortex, "operations", [each for each in Cortex.operations if each.path not in paths])


@tolerant(
    "cortex",
    "Paths are spelled with underscores alone",
    "spellings.*",
    "find.*",
    "filter.*",
    "remove.*",
    "errors.*",
    lacks={"cortex.spellings.agree": "unproven"},
)
def underscores(patch: pytest.MonkeyPatch) -> None:
    paths = {each.path for each in Cortex.operations}
    _without(patch, *(each for each in paths if "-" in each))


@tolerant(
    "cortex",
    "Paths are spelled with hyphens alone",
    "spellings.*",
    "find.*",
    "filter.*",
    "remove.*",
    "errors.*",
    "processing.*",
    lacks={"cortex.spellings.agree": "unproven"},
)
def hyphens(patch: pytest.MonkeyPatch) -> None:
    paths = {each.path for each in Cortex.operations}
    _without(patch, *(each for each in paths if "_" in each))


@tolerant(
    "cortex",
    "Paths have their earlier names",
    "retrieve.*",
    "tenants.*",
    "stats.*",
    "spellings.*",
    lacks={"cortex.spellings.agree": "unproven"},
)
def earlier_names(patch: pytest.MonkeyPatch) -> None:
    newer = ("/embeddings/create-tenant", "/embeddings/retrieve-by-ids", "/tenants/monitor")
    _without(patch, *(spelled for each in newer for spelled in spellings(each)))


MATRIX_ALONE = ("documents", "find", "filter", "remove", "spellings", "seed")
DOCUMENTS_ALONE = ("matrix", "processing", "update", "search", "retrieve", "delete", "stats", "seed")


@tolerant(
    "cortex",
    "The server speaks the matrix form alone",
    "errors.*",
    "tenants.*",
    "subtenants.*",
    "find.shape",
    "seed.*",
    lacks={
        **{f"cortex.{area}.*": "unproven" for area in MATRIX_ALONE},
        "cortex.tenants.delete": "unproven",
        "cortex.tenants.infra": "unproven",
    },
)
def matrix_alone(patch: pytest.MonkeyPatch) -> None:
    folders = ("/tenants/",)
    _without(
        patch,
        *(each.path for each in Cortex.operations if "raw" in each.path or each.path.startswith(folders)),
    )


@tolerant(
    "cortex",
    "The server speaks the documents form alone",
    "errors.*",
    "tenants.*",
    "subtenants.*",
    "matrix.accepted",
    "seed.*",
    lacks={f"cortex.{area}.*": "unproven" for area in DOCUMENTS_ALONE},
)
def documents_alone(patch: pytest.MonkeyPatch) -> None:
    gone = (
        "/upload/",
        "/tenant/",
        "/embeddings/search",
        "/embeddings/retrieve",
        "/embeddings/by-",
        "/embeddings/delete",
    )
    bare = ("/embeddings/create",)
    _without(
        patch,
        *(
            each.path
            for each in Cortex.operations
            if each.path.startswith((*gone, *bare)) and "raw" not in each.path
        ),
    )
