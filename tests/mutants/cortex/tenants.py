"""Mutants that take calls without a key, and tenants that are made, found or deleted wrongly."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from mock_server.cortex import rules
from mock_server.cortex.store import Store, Tenant
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.cortex.rewriting import (
    CREATE,
    CREATE_BARE,
    DELETE,
    DELETE_TENANT,
    FILTER,
    INFRA,
    INSERT,
    REMOVE,
    SEARCH,
    STATS,
    UPDATE,
    UPLOAD,
    amend,
    around,
    asked_in,
    put_status,
    refusal,
    refuse_with,
)
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Handle, document_of, let_pass

KEY = "cortex.auth.required"


@mutant(KEY, "No key is asked for")
def no_key_needed(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.KEY, KEY)


@mutant(KEY, "A key may be blank")
def a_blank_key(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.KEY, KEY, lambda credentials: credentials.header.strip().lower() == "bearer")


@mutant(KEY, "A header of any scheme is a key")
def any_scheme(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.KEY, KEY, lambda credentials: credentials.header[:6].lower() not in ("", "bearer"))


@mutant(KEY, "A missing key is refused with 403")
def forbidden_without_key(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, KEY, 403)


@mutant(KEY, "Statistics need no key")
def public_statistics(patch: pytest.MonkeyPatch) -> None:
    _need_no_key(patch, STATS)


@mutant(KEY, "Updates need no key")
def public_updates(patch: pytest.MonkeyPatch) -> None:
    _need_no_key(patch, UPDATE)


@mutant(KEY, "The deletion of a tenant needs no key")
def public_deletion(patch: pytest.MonkeyPatch) -> None:
    _need_no_key(patch, DELETE_TENANT)


@mutant("cortex.tenants.create", "A tenant for matrices is created with 201")
def created(patch: pytest.MonkeyPatch) -> None:
    put_status(patch, CREATE_BARE, 201)


@mutant("cortex.tenants.create", "The answer to a creation does not name the tenant")
def a_nameless_tenant(patch: pytest.MonkeyPatch) -> None:
    amend(patch, CREATE, lambda body: body.pop("tenant_id"))


@mutant("cortex.tenants.create", "The answer to a creation names the tenant in capitals")
def a_tenant_in_capitals(patch: pytest.MonkeyPatch) -> None:
    amend(patch, CREATE_BARE, lambda body: body.update(tenant_id=body["tenant_id"].upper()))


@mutant("cortex.tenants.create", "The dimension of a tenant is a power of two")
def powers_of_two(patch: pytest.MonkeyPatch) -> None:
    def limit(handle: Handle, world: World, call: Call) -> Answer:
        dimension = document_of(call).get("embeddings_dimension")
        if isinstance(dimension, int) and dimension.bit_count() > 1:
            return refusal(400, "embeddings_dimension: expected a power of two")
        return handle(world, call)

    around(patch, CREATE, limit)


@mutant("cortex.tenants.exists", "A tenant that exists is refused with 400")
def bad_request_for_known(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "cortex.tenants.exists", 400)


@mutant("cortex.tenants.exists", "A tenant that is created again begins anew")
def created_anew(patch: pytest.MonkeyPatch) -> None:
    def begin(handle: Handle, world: World, call: Call) -> Answer:
        world.part(Store).tenants.pop(asked_in(call, "tenant_id"), None)
        return handle(world, call)

    for path in (CREATE, CREATE_BARE):
        around(patch, path, begin)


@mutant("cortex.tenants.exists", "A tenant that exists is refused, and emptied")
def refused_but_emptied(patch: pytest.MonkeyPatch) -> None:
    def empty(handle: Handle, world: World, call: Call) -> Answer:
        tenant = world.part(Store).tenants.get(asked_in(call, "tenant_id"))
        for sub_tenant in tenant.sub_tenants.values() if tenant else ():
            sub_tenant.remove([*sub_tenant.chunks])
        return handle(world, call)

    for path in (CREATE, CREATE_BARE):
        around(patch, path, empty)


@mutant("cortex.tenants.unknown", "An upload creates the tenant it names")
def a_tenant_on_demand(patch: pytest.MonkeyPatch) -> None:
    def create(handle: Handle, world: World, call: Call) -> Answer:
        store, tenant_id = world.part(Store), asked_in(call, "tenant_id")
        if tenant_id and tenant_id not in store.tenants:
            store.tenants[tenant_id] = Tenant(tenant_id, store.ages)
        return handle(world, call)

    around(patch, UPLOAD, create)


@mutant("cortex.tenants.unknown", "An upload to an unknown tenant is refused with 400")
def bad_request_for_unknown(patch: pytest.MonkeyPatch) -> None:
    _answer_unknown(patch, UPLOAD, lambda _call: refusal(400, "No such tenant"))


@mutant("cortex.tenants.unknown", "A search of an unknown tenant finds nothing in place of being refused")
def nothing_of_the_unknown(patch: pytest.MonkeyPatch) -> None:
    found = {"chunk_ids": [], "scores": [], "success": True, "message": "Nothing"}
    _answer_unknown(patch, SEARCH, lambda _call: Answer(200, found))


@mutant("cortex.tenants.unknown", "A deletion in an unknown tenant deletes nothing in place of being refused")
def nothing_to_delete(patch: pytest.MonkeyPatch) -> None:
    deleted = {"status": {}, "total_deleted": 0, "success": True, "message": "Nothing"}
    _answer_unknown(patch, DELETE, lambda _call: Answer(200, deleted))


@mutant(
    "cortex.tenants.unknown", "A removal in a tenant that never was removes nothing in place of being refused"
)
def nothing_to_remove(patch: pytest.MonkeyPatch) -> None:
    gone = _remember_deleted(patch)

    def answer(call: Call) -> Answer | None:
        known = asked_in(call, "tenant_id") in gone
        return None if known else Answer(200, {"delete_count": 0, "success": True, "error": None})

    _answer_unknown(patch, REMOVE, answer)


@mutant("cortex.tenants.delete", "Deleting a tenant again is 200")
def deleted_again(patch: pytest.MonkeyPatch) -> None:
    def answer(call: Call) -> Answer:
        tenant_id = asked_in(call, "tenant_id")
        return Answer(200, {"tenant_id": tenant_id, "status": "deletion_scheduled", "message": "Deleted"})

    _answer_unknown(patch, DELETE_TENANT, answer)


@mutant("cortex.tenants.delete", "Deleting a tenant again is refused with 400")
def bad_request_for_deleted(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "cortex.tenants.delete", 400)


@mutant("cortex.tenants.delete", "A deleted tenant is empty, not unknown, when it is filtered")
def empty_when_deleted(patch: pytest.MonkeyPatch) -> None:
    gone = _remember_deleted(patch)
    _answer_unknown(
        patch, FILTER, lambda call: Answer(200, []) if asked_in(call, "tenant_id") in gone else None
    )


@mutant("cortex.tenants.delete", "An insert brings a deleted tenant back")
def back_by_insert(patch: pytest.MonkeyPatch) -> None:
    gone = _remember_deleted(patch)

    def revive(handle: Handle, world: World, call: Call) -> Answer:
        store, tenant_id = world.part(Store), asked_in(call, "tenant_id")
        if tenant_id in gone and tenant_id not in store.tenants:
            store.tenants[tenant_id] = Tenant(tenant_id, store.ages)
        return handle(world, call)

    around(patch, INSERT, revive)


@mutant("cortex.tenants.infra", "One vector store never gets ready")
def a_store_that_is_never_ready(patch: pytest.MonkeyPatch) -> None:
    amend(patch, INFRA, lambda body: body["infra"].update(vectorstore_status=[True, False]))


@mutant("cortex.tenants.infra", "The scheduler's status is a word")
def a_word_for_true(patch: pytest.MonkeyPatch) -> None:
    amend(patch, INFRA, lambda body: body["infra"].update(scheduler_status="ready"))


def _need_no_key(patch: pytest.MonkeyPatch, path: str) -> None:
    def admit(handle: Handle, world: World, call: Call) -> Answer:
        return handle(world, replace(call, headers={**call.headers, "authorization": "Bearer anyone"}))

    around(patch, path, admit)


def _answer_unknown(patch: pytest.MonkeyPatch, path: str, answer: Callable[[Call], Answer | None]) -> None:
    """Lets a function answer calls about unknown tenants; where it answers None they are refused."""

    def answered(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            said = (
                answer(call)
                if refused.clause in ("cortex.tenants.unknown", "cortex.tenants.delete")
                else None
            )
            if said is None:
                raise
            return said

    around(patch, path, answered)


def _remember_deleted(patch: pytest.MonkeyPatch) -> set[str]:
    """Answers a set that fills with the ids of the tenants that are deleted."""
    gone: set[str] = set()

    def remember(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        gone.add(asked_in(call, "tenant_id"))
        return answer

    around(patch, DELETE_TENANT, remember)
    return gone
