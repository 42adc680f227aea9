"""Checks of the areas auth, tenants and subtenants: who may ask, and what is kept apart from what."""

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.cortex.basis import (
    Documents,
    Matrices,
    Place,
    Tenants,
    documents,
    entries_of,
    is_ready,
    matrices,
    require_form,
    spoken_form,
    spoken_forms,
    strings_of,
)
from conformance.cortex.driver import Cortex, Form
from conformance.cortex.payload import chunk, document, matrix
from conformance.exchange import Exchange
from conformance.expectation import expect, expect_status, expect_values, require
from conformance.target import ABSENT

VECTOR = [0.5, 0.5, 0.5, 0.5]
FORMS: tuple[Form, ...] = ("matrix", "documents")
UNNAMED: tuple[dict[str, str | None], ...] = ({}, {"sub_tenant_id": None}, {"sub_tenant_id": ""})
forms = st.sampled_from(FORMS)


@proves("cortex.auth.required")
def a_request_without_a_key_is_refused(server: Cortex) -> None:
    """At every endpoint with 401; the same with the key is not."""
    for form in spoken_forms(server):
        tenant = server.memo(Tenants).fresh(form)
        stored = _store(_at(server, form, tenant, None), "a")
        for method, path, body in _requests(form, tenant, stored):
            bare, mark, query = path.partition("?")
            spelled = server.spelled(bare, method) + mark + query
            with_key = server.target.send(method, spelled, json=body)
            if with_key.status in (401, 403, 404, 405, None):
                continue
            for headers in ({}, {"authorization": "Bearer"}, {"authorization": "Basic dXNlcjp3b3Jk"}):
                expect_status(server.target.send(method, spelled, json=body, headers=headers), 401)


@proves("cortex.tenants.create")
@given(form=forms, dimension=st.integers(1, 8))
def a_tenant_is_created(server: Cortex, form: Form, dimension: int) -> None:
    """The answer names it."""
    form = spoken_form(server, form)
    tenant = server.new_name()
    exchange = _create(server, form, tenant, dimension)
    expect_status(exchange, 200)
    expect_values(exchange, tenant_id=tenant)


@proves("cortex.tenants.exists")
@given(form=forms)
def a_tenant_is_not_created_twice(server: Cortex, form: Form) -> None:
    """409; an earlier 200 that changes nothing is kept, with a note."""
    form = spoken_form(server, form)
    place = _place(server, form)
    kept = _store(place, "kept")
    exchange = _create(server, form, place.tenant, 4)
    expect_status(exchange, 409, 200)
    expect(_holds(place, kept), "what the tenant holds still there", exchange, "it is gone")
    if exchange.status == 200:
        server.remarks.append("creating a tenant that exists is 200, as it was before May 2026")


@proves("cortex.tenants.unknown")
@given(form=forms)
def an_unknown_tenant_is_refused(server: Cortex, form: Form) -> None:
    """By every operation on rows or chunks."""
    form = spoken_form(server, form)
    _require_served(_place(server, form))
    for exchange in _operations(server, form, server.new_name()):
        expect_status(exchange, 404)


@proves("cortex.tenants.delete")
def a_deleted_tenant_is_unknown(server: Cortex) -> None:
    """When its deletion is done, and deleting it again is a 404."""
    server.be_patient()
    require_form(server, "documents")
    place = Documents(server, server.memo(Tenants).fresh("documents"), None)
    _store(place, "gone")
    deleted = server.delete_tenant(place.tenant)
    expect_status(deleted, 200)
    server.wait_until(lambda: server.delete_tenant(place.tenant).status == 404)
    expect_status(server.delete_tenant(place.tenant), 404)
    for exchange in _operations(server, "documents", place.tenant):
        expect_status(exchange, 404)


@proves("cortex.tenants.isolated")
@given(form=forms, name=st.sampled_from(("", "shared")))
def tenants_are_kept_apart(server: Cortex, form: Form, name: str) -> None:
    """Under the same ids, in sub-tenants of the same name."""
    form = spoken_form(server, form)
    one, other = (_at(server, form, server.memo(Tenants).fresh(form), name or None) for _ in range(2))
    _expect_apart(one, other)


@proves("cortex.tenants.infra")
def infrastructure_gets_ready(server: Cortex) -> None:
    """Every part of it says true in the end."""
    server.be_patient()
    require_form(server, "documents")
    tenant = server.new_name()
    created = _create(server, "documents", tenant, 4)
    require(created.succeeded, f"a tenant cannot be created: {created.outcome()}")
    last = server.polls_until(is_ready, lambda: server.infra_status(tenant))[-1]
    expect(is_ready(last), "true for every part", last)


@proves("cortex.subtenants.default")
@given(form=forms, sub=st.sampled_from(UNNAMED))
def an_unnamed_sub_tenant_is_the_default(server: Cortex, form: Form, sub: dict[str, str | None]) -> None:
    """Left out, null and the empty string mean one and the same, to store as to search."""
    form = spoken_form(server, form)
    tenant = server.memo(Tenants).fresh(form)
    place = _at(server, form, tenant, sub.get("sub_tenant_id"))
    if isinstance(place, Documents):
        inserted = place.insert([document("here", 2, 4)], **sub)
        require(inserted.succeeded, f"a valid insert is not accepted: {inserted.outcome()}")
        here = "here-0"
        server.wait_until(lambda: _holds(place, here))
    else:
        here = _store(place, "here")
    for ids in ({"tenant_id": tenant, **unnamed} for unnamed in UNNAMED):
        exchange = server.polls_until(
            lambda exchange: not exchange.succeeded or here in _found_in(exchange, form),
            functools.partial(_search, server, form, ids),
        )[-1]
        require(exchange.succeeded, f"a search is not answered: {exchange.outcome()}")
        expect(here in _found_in(exchange, form), f"the hit {here!r}", exchange)


@proves("cortex.subtenants.default-is-tenant-id")
@given(form=forms)
def the_default_bears_the_name_of_the_tenant(server: Cortex, form: Form) -> None:
    """What is stored without a sub-tenant is found under the tenant's id, and not under "default"."""
    form = spoken_form(server, form)
    tenant = server.memo(Tenants).fresh(form)
    unnamed = _at(server, form, tenant, None)
    here = _store(unnamed, "here")
    for name, expected in ((tenant, True), ("default", False)):
        exchange = _look(unnamed.named(name), here)
        expect(_shows(exchange) == expected, f"{expected}: found under {name!r}", exchange)


@proves("cortex.subtenants.isolated")
@given(form=forms, suffix=st.sampled_from(("", "x", "-more")))
def sub_tenants_are_kept_apart(server: Cortex, form: Form, suffix: str) -> None:
    """Also when the name of one begins with the other's."""
    one = _place(server, spoken_form(server, form))
    other = one.named(f"{one.sub_tenant}{suffix}") if suffix else one.beside()
    _expect_apart(one, other)


def _expect_apart(one: Place, other: Place) -> None:
    mine = _store(one, "mine")
    require(_holds(one, mine), "what is stored is not found")
    for exchange in _looks(other, mine, "mine"):
        expect(not _shows(exchange), "nothing of the other's", exchange)
    _remove(other, _store(other, "mine", seed=7))
    expect(_holds(one, mine), "what is one's own still there", _look(one, mine), "it is gone")


def _create(server: Cortex, form: Form, tenant: str, dimension: int) -> Exchange:
    if form == "matrix":
        return server.create_matrix_tenant(tenant)
    return server.create_documents_tenant(tenant, dimension)


def _place(server: Cortex, form: Form) -> Place:
    return matrices(server) if form == "matrix" else documents(server)


def _at(server: Cortex, form: Form, tenant: str, sub_tenant: str | None) -> Place:
    kind: Callable[[Cortex, str, str | None], Place] = Matrices if form == "matrix" else Documents
    return kind(server, tenant, sub_tenant)


def _store(place: Place, name: str, seed: int = 0) -> str:
    """Stores a file or a document; the id of its first chunk."""
    if isinstance(place, Matrices):
        return place.store(matrix(2, 4, seed), file_id=name)[0]
    if isinstance(place, Documents):
        place.store([document(name, 2, 4, seed)], upsert=True)
    return f"{name}-0"


def _look(place: Place, chunk_id: str) -> Exchange:
    return next(_looks(place, chunk_id))


def _looks(place: Place, chunk_id: str, source: str = "") -> Iterator[Exchange]:
    """Every way to see a chunk: by its id, by its source, by search."""
    if isinstance(place, Matrices):
        yield place.retrieve([chunk_id])
        yield place.search(VECTOR)
    elif isinstance(place, Documents):
        yield place.server.filter({**place.ids, "chunk_ids": [chunk_id]})
        yield place.server.filter({**place.ids, "source_id": source})
        yield place.find(VECTOR)


def _holds(place: Place, chunk_id: str) -> bool:
    return _shows(_look(place, chunk_id))


def _shows(exchange: Exchange) -> bool:
    """Whether an answer shows any row or chunk; where a sub-tenant is unknown it may be a 404."""
    if exchange.status == 404:
        return False
    require(exchange.succeeded, f"what is stored cannot be asked for: {exchange.outcome()}")
    if isinstance(exchange.value, list):
        return bool(exchange.value)
    return bool(exchange.body.get("embeddings") or exchange.body.get("chunk_ids"))


def _remove(place: Place, chunk_id: str) -> None:
    if isinstance(place, Matrices):
        place.server.delete({"chunk_ids": [chunk_id], **place.ids})
    else:
        place.server.remove(**place.ids, chunk_ids=[chunk_id])


def _require_served(place: Place) -> None:
    """Needs the operations answered where the tenant is known."""
    known = _store(place, "known")
    require(_holds(place, known), "what is stored is not found")


def _operations(server: Cortex, form: Form, tenant: str) -> Iterator[Exchange]:
    """Upload, search, retrieve or filter, and delete on a tenant."""
    ids = {"tenant_id": tenant}
    if form == "matrix":
        yield server.upload(tenant, None, {"embeddings": [VECTOR]})
        yield server.search({**ids, "embeddings": VECTOR})
        yield server.retrieve({**ids, "chunk_ids": ["a_0"]})
        yield server.delete({**ids, "chunk_ids": ["a_0"]})
    else:
        inserted = {"source_id": "s", "embeddings": [chunk("c", VECTOR)]}
        yield server.insert({**ids, "embeddings": [inserted]})
        yield server.find({**ids, "query_embedding": VECTOR})
        yield server.filter({**ids, "source_id": "s"})
        yield server.remove(**ids, source_id="s")


def _search(server: Cortex, form: Form, ids: Mapping[str, Any]) -> Exchange:
    """Searches where the ids say; it may lag behind what is stored."""
    if form == "matrix":
        return server.search({**ids, "embeddings": VECTOR})
    return server.find({**ids, "query_embedding": VECTOR})


def _found_in(exchange: Exchange, form: Form) -> list[object]:
    if form == "matrix":
        return [*strings_of(exchange.body.get("chunk_ids"))]
    return [entry["embedding"]["chunk_id"] for entry in entries_of(exchange)]


def _requests(form: Form, tenant: str, chunk_id: str) -> Iterator[tuple[str, str, Any]]:
    """A request of each endpoint, about a chunk that is there: method, path and body."""
    ids, query = {"tenant_id": tenant}, f"?tenant_id={tenant}"
    if form == "matrix":
        yield "POST", f"/upload/upload_embeddings{query}", {"embeddings": [VECTOR], "file_id": "a"}
        yield "POST", f"/upload/verify_processing{query}&file_id=a", ABSENT
        yield "PATCH", f"/upload/update_embeddings{query}", {"embeddings": {chunk_id: VECTOR}}
        yield "POST", "/embeddings/search", {**ids, "embeddings": VECTOR}
        yield "POST", "/embeddings/retrieve_by_ids", {**ids, "chunk_ids": ["a_0"]}
        yield "DELETE", "/embeddings/delete", {**ids, "chunk_ids": ["a_0"]}
        yield "GET", f"/tenant/stats{query}", ABSENT
        yield "GET", f"/tenant/sub_tenant_ids{query}", ABSENT
        yield "POST", f"/embeddings/create_tenant{query}", ABSENT
        yield "DELETE", f"/tenant/delete_sub_tenant{query}&sub_tenant_id={tenant}", ABSENT
    else:
        inserted = {"source_id": "s", "embeddings": [chunk("c", VECTOR)]}
        yield "POST", "/embeddings/insert-raw-embeddings", {**ids, "embeddings": [inserted], "upsert": True}
        yield "POST", "/embeddings/search-raw-embeddings", {**ids, "query_embedding": VECTOR}
        yield "POST", "/embeddings/filter-raw-embeddings", {**ids, "source_id": "s"}
        yield "DELETE", f"/embeddings/delete-raw-embeddings{query}&source_id=s", ABSENT
        yield "GET", f"/tenants/infra/status{query}", ABSENT
        yield "GET", f"/tenants/sub_tenant_ids{query}", ABSENT
        yield "GET", "/tenants/tenant_ids", ABSENT
        yield "GET", f"/tenants/monitor{query}", ABSENT
        yield "POST", f"/ingestion/verify-processing{query}&file_id=s", ABSENT
        yield "POST", "/tenants/create", {**ids, "is_embeddings_tenant": True, "embeddings_dimension": 4}
        yield "DELETE", f"/tenants/delete{query}", ABSENT
