"""Mutants that let one tenant or sub-tenant into another, or mistake the default sub-tenant for another."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mock_server.cortex.store import Store, Tenant
from mock_server.cortex.subtenant import SubTenant
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.cortex.rewriting import (
    DELETE,
    FILTER,
    FIND,
    INSERT,
    REMOVE,
    RETRIEVE,
    SEARCH,
    UPLOAD,
    VERIFY,
    around,
    asked_in,
    mishear,
    requery,
    scope_of,
)
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Body, Handle, document_of, said, saying


@mutant("cortex.tenants.isolated", "Sub-tenants of one name are one, whatever the tenant", hardest=True)
def one_for_all_tenants(patch: pytest.MonkeyPatch) -> None:
    shared: dict[str, SubTenant] = {}
    look, open_ = Tenant.look, Tenant.open

    def looked(self: Tenant, sub_tenant_id: str) -> SubTenant:
        return shared.get(sub_tenant_id) or look(self, sub_tenant_id)

    def opened(self: Tenant, sub_tenant_id: str) -> SubTenant:
        if sub_tenant_id != self.id:
            self.sub_tenants[sub_tenant_id] = shared.setdefault(sub_tenant_id, open_(self, sub_tenant_id))
        return open_(self, sub_tenant_id)

    patch.setattr(Tenant, "look", looked)
    patch.setattr(Tenant, "open", opened)


@mutant(
    "cortex.tenants.isolated", "An unknown chunk id is looked for in the sub-tenants alike of other tenants"
)
def retrieved_from_elsewhere(patch: pytest.MonkeyPatch) -> None:
    def look_around(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        body = said(answer)
        for place in _alike_elsewhere(world, call):
            for chunk_id in [each for each in body["not_found_chunk_ids"] if each in place.chunks]:
                body["not_found_chunk_ids"].remove(chunk_id)
                body["embeddings"][chunk_id] = place.chunks[chunk_id].vector.tolist()
        return replace(answer, body=body)

    around(patch, RETRIEVE, look_around)


@mutant("cortex.tenants.isolated", "A removal reaches into the sub-tenants alike of other tenants")
def removed_elsewhere(patch: pytest.MonkeyPatch) -> None:
    def remove(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        for place in _alike_elsewhere(world, call):
            place.remove(call.query.get("chunk_ids", ()))
        return answer

    around(patch, REMOVE, remove)


@mutant(
    "cortex.tenants.isolated", "A search that finds nothing goes on in the sub-tenants alike of other tenants"
)
def found_elsewhere(patch: pytest.MonkeyPatch) -> None:
    def search_on(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        body = said(answer)
        for place in _alike_elsewhere(world, call):
            if not body["chunk_ids"]:
                body.update(chunk_ids=[*place.chunks][:10], scores=[0.5] * len([*place.chunks][:10]))
        return replace(answer, body=body)

    around(patch, SEARCH, search_on)


@mutant("cortex.subtenants.default", "A sub-tenant that is null in a search is one named null")
def null_is_a_name(patch: pytest.MonkeyPatch) -> None:
    def name(body: Body) -> None:
        if "sub_tenant_id" in body and body["sub_tenant_id"] is None:
            body["sub_tenant_id"] = "null"

    mishear(patch, SEARCH, name)


@mutant("cortex.subtenants.default", "A search in a sub-tenant without name is not one in the default")
def empty_is_a_name(patch: pytest.MonkeyPatch) -> None:
    mishear(patch, FIND, _name_the_empty)


@mutant("cortex.subtenants.default", "An insert into a sub-tenant without name is not one into the default")
def inserted_under_no_name(patch: pytest.MonkeyPatch) -> None:
    mishear(patch, INSERT, _name_the_empty)


@mutant("cortex.subtenants.default", "An upload to a sub-tenant without name is not one to the default")
def uploaded_under_no_name(patch: pytest.MonkeyPatch) -> None:
    def name(query: dict[str, list[str]]) -> None:
        if query.get("sub_tenant_id") == [""]:
            query["sub_tenant_id"] = ["-"]

    for path in (UPLOAD, VERIFY):
        requery(patch, path, name)


@mutant("cortex.subtenants.default-is-tenant-id", 'The default sub-tenant is also named "default"')
def named_default(patch: pytest.MonkeyPatch) -> None:
    look = Tenant.look

    def looked(self: Tenant, sub_tenant_id: str) -> SubTenant:
        return look(self, self.id if sub_tenant_id == "default" else sub_tenant_id)

    patch.setattr(Tenant, "look", looked)


@mutant("cortex.subtenants.default-is-tenant-id", "The tenant's id names no sub-tenant")
def the_tenants_id_is_no_name(patch: pytest.MonkeyPatch) -> None:
    def rename(body: Body) -> None:
        if body.get("sub_tenant_id") == body.get("tenant_id"):
            body["sub_tenant_id"] = "another"

    for path in (RETRIEVE, FILTER):
        mishear(patch, path, rename)


@mutant(
    "cortex.subtenants.isolated",
    "A sub-tenant that is unknown is read from the one whose name it begins with",
)
def read_by_the_beginning(patch: pytest.MonkeyPatch) -> None:
    look = Tenant.look

    def looked(self: Tenant, sub_tenant_id: str) -> SubTenant:
        found = sub_tenant_id if sub_tenant_id in self.sub_tenants else _beginning_of(self, sub_tenant_id)
        return look(self, found)

    patch.setattr(Tenant, "look", looked)


@mutant(
    "cortex.subtenants.isolated",
    "A deletion reaches into the sub-tenant whose name its own begins with",
    hardest=True,
)
def deleted_by_the_beginning(patch: pytest.MonkeyPatch) -> None:
    def delete(handle: Handle, world: World, call: Call) -> Answer:
        answer, scope = handle(world, call), scope_of(world, call)
        if scope is not None:
            scope.tenant.look(_beginning_of(scope.tenant, scope.sub_tenant_id)).remove(_asked_ids(call))
        return answer

    around(patch, DELETE, delete)


@mutant(
    "cortex.subtenants.isolated", "A search in a sub-tenant that is unknown is one in another of the tenant"
)
def searched_in_another(patch: pytest.MonkeyPatch) -> None:
    def search(handle: Handle, world: World, call: Call) -> Answer:
        scope = scope_of(world, call)
        full = [name for name, each in scope.tenant.sub_tenants.items() if each.chunks] if scope else []
        if scope is None or scope.sub_tenant_id in scope.tenant.sub_tenants or not full:
            return handle(world, call)
        return handle(world, saying(call, {**document_of(call), "sub_tenant_id": full[-1]}))

    around(patch, SEARCH, search)


@mutant("cortex.subtenants.isolated", "A chunk that is removed is removed from every sub-tenant")
def removed_everywhere(patch: pytest.MonkeyPatch) -> None:
    def remove(handle: Handle, world: World, call: Call) -> Answer:
        answer, scope = handle(world, call), scope_of(world, call)
        for place in scope.tenant.sub_tenants.values() if scope else ():
            place.remove(call.query.get("chunk_ids", ()))
        return answer

    around(patch, REMOVE, remove)


def _name_the_empty(body: Body) -> None:
    if body.get("sub_tenant_id") == "":
        body["sub_tenant_id"] = "-"


def _alike_elsewhere(world: World, call: Call) -> Iterator[SubTenant]:
    """Finds the sub-tenants of other tenants that have the name a call names, or are the default likewise."""
    name, tenant_id = asked_in(call, "sub_tenant_id"), asked_in(call, "tenant_id")
    for tenant in world.part(Store).tenants.values():
        if tenant.id != tenant_id:
            yield tenant.look(name or tenant.id)


def _beginning_of(tenant: Tenant, sub_tenant_id: str) -> str:
    """Finds the longest known name that begins a sub-tenant's, but for a number's first digits."""
    known = [
        name
        for name in tenant.sub_tenants
        if sub_tenant_id.startswith(name) and not sub_tenant_id[len(name) :][:1].isdigit()
    ]
    others = [name for name in known if name != sub_tenant_id]
    return max(others, key=len, default=sub_tenant_id)


def _asked_ids(call: Call) -> list[str]:
    ids = document_of(call).get("chunk_ids")
    return [each for each in ids if isinstance(each, str)] if isinstance(ids, list) else []
