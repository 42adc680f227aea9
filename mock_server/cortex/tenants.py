"""Tenants and sub-tenants: create, provision, list, count, delete."""

from collections.abc import Mapping
from typing import Any

from mock_server.cortex import rules
from mock_server.cortex.bodies import read_object
from mock_server.cortex.scope import asked_tenant_id, find_scope, in_query
from mock_server.cortex.store import Store, Tenant
from mock_server.cortex.subtenant import SubTenant
from mock_server.jobs import Job, Work
from mock_server.refusal import Refused
from mock_server.rules import Document, judge
from mock_server.service import Answer, Call
from mock_server.session import World

USUAL_DIMENSION = 1536
ORGANISATION = "vecpact"
SUB_TENANTS_LISTED = "Sub-tenant IDs retrieved successfully"
PARTS_OF_INFRA = 4
PROVISIONING_SECONDS = 90.0
"""Inside what is documented: 1 to 2 min."""


class Provisioning(Work):
    """The work of setting up a tenant's infrastructure, part by part."""

    kind = "provisioning"

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def leave(self, job: Job) -> None:
        """Forgets the job: the tenant counts as set up."""
        if self._tenant.provisioning is job:
            self._tenant.provisioning = None


def create_bare(world: World, call: Call) -> Answer:
    """Creates a tenant that takes its dimension from what is uploaded first."""
    tenant = _create(world, in_query(call))
    return Answer(
        200,
        {
            "tenant_id": tenant.id,
            "sub_tenant_id": tenant.id,
            "success": True,
            "status": "success",
            "message": "Embeddings tenant created successfully",
        },
    )


def create(world: World, call: Call) -> Answer:
    """Creates a tenant of a dimension of its own, and starts to provision it."""
    body = read_object(call.body)
    judge(rules.CREATION, body)
    tenant = _create(world, body, _asked_dimension(body), body.get("is_embeddings_tenant") is True)
    tenant.provisioning = world.jobs.start(
        world.settings.jobs,
        PARTS_OF_INFRA,
        Provisioning(tenant),
        PROVISIONING_SECONDS,
    )
    return Answer(
        200,
        {
            "status": "accepted",
            "tenant_id": tenant.id,
            "message": "Tenant creation started. Ask for its infra status for progress.",
            "infra": _infra(tenant),
        },
    )


def infra_status(world: World, call: Call) -> Answer:
    """Tells which parts of a tenant's infrastructure are there."""
    tenant = find_scope(world, in_query(call)).tenant
    if tenant.provisioning is not None:
        world.jobs.poll(tenant.provisioning)
    return Answer(
        200,
        {
            "tenant_id": tenant.id,
            "org_id": ORGANISATION,
            "infra": _infra(tenant),
            "message": "Infra status retrieved successfully",
        },
    )


def stats(world: World, call: Call) -> Answer:
    """Counts the chunks of a sub-tenant, or of the whole tenant if none is named."""
    asked = in_query(call)
    scope = find_scope(world, asked)
    sub_tenant_id = asked.get("sub_tenant_id")
    count = len(scope.sub_tenant.chunks) if sub_tenant_id else scope.tenant.count()
    return Answer(
        200,
        {
            "object_count": count,
            "tenant_id": scope.tenant.id,
            "vector_dimension": scope.tenant.dimension if count else None,
            "success": True,
            "message": "Tenant statistics retrieved successfully",
        },
    )


def monitor(world: World, call: Call) -> Answer:
    """Counts the chunks of a tenant by collection; the mock keeps none of memories."""
    tenant = find_scope(world, in_query(call)).tenant
    return Answer(
        200,
        {
            "tenant_id": tenant.id,
            "normal_collection": {"row_count": tenant.count(), "dimensions": tenant.dimension},
            "memory_collection": {"row_count": 0, "dimensions": tenant.dimension},
            "message": "Tenant statistics retrieved successfully",
        },
    )


def list_all(world: World, _call: Call) -> Answer:
    """Lists every tenant."""
    return Answer(
        200,
        {
            "tenant_ids": [*world.part(Store).tenants],
            "failed_tenant_ids": [],
            "message": "Tenant IDs retrieved successfully",
        },
    )


def list_sub_tenants(world: World, call: Call) -> Answer:
    """Lists a tenant's sub-tenants."""
    tenant = find_scope(world, in_query(call)).tenant
    return Answer(200, {"sub_tenant_ids": [*tenant.sub_tenants], "message": SUB_TENANTS_LISTED})


def count_sub_tenants(world: World, call: Call) -> Answer:
    """Lists a tenant's sub-tenants, and counts them."""
    tenant = find_scope(world, in_query(call)).tenant
    ids = [*tenant.sub_tenants]
    return Answer(
        200,
        {"tenant_id": tenant.id, "sub_tenant_ids": ids, "count": len(ids), "message": SUB_TENANTS_LISTED},
    )


def delete(world: World, call: Call) -> Answer:
    """Deletes a tenant and all that is in it, at once."""
    tenant_id = asked_tenant_id(in_query(call))
    store = world.part(Store)
    tenant = store.find(tenant_id, "cortex.tenants.delete")
    for sub_tenant in tenant.sub_tenants.values():
        _give_up(world, sub_tenant)
    if tenant.provisioning is not None:
        world.jobs.drop(tenant.provisioning)
    del store.tenants[tenant_id]
    message = "Tenant deletion scheduled"
    return Answer(200, {"tenant_id": tenant_id, "status": "deletion_scheduled", "message": message})


def delete_sub_tenant(world: World, call: Call) -> Answer:
    """Deletes a sub-tenant and all that is in it, at once; the default one stays."""
    scope = find_scope(world, in_query(call))
    tenant_id, sub_tenant_id = scope.tenant.id, scope.sub_tenant_id
    if sub_tenant_id == tenant_id:
        raise Refused("mock.default-sub-tenant", "The default sub-tenant cannot be deleted")
    if sub_tenant_id not in scope.tenant.sub_tenants:
        raise Refused("mock.sub-tenant", f"Sub-tenant {sub_tenant_id!r} not found")
    _give_up(world, scope.tenant.sub_tenants.pop(sub_tenant_id))
    return Answer(
        200,
        {
            "status": "success",
            "tenant_id": tenant_id,
            "sub_tenant_id": sub_tenant_id,
            "message": "Sub-tenant deleted successfully",
        },
    )


def _create(
    world: World, asked: Document, dimension: int | None = None, takes_embeddings: bool = True
) -> Tenant:
    tenant_id = asked_tenant_id(asked)
    store = world.part(Store)
    judge(rules.OCCUPATION, store.tenants.get(tenant_id))
    tenant = store.tenants[tenant_id] = Tenant(tenant_id, store.ages, dimension, takes_embeddings)
    return tenant


def _asked_dimension(body: Document) -> int:
    dimension = body.get("embeddings_dimension")
    return dimension if type(dimension) is int else USUAL_DIMENSION


def _infra(tenant: Tenant) -> Mapping[str, Any]:
    ready = PARTS_OF_INFRA if tenant.provisioning is None else tenant.provisioning.processed
    return {
        "scheduler_status": ready > 0,
        "graph_status": ready > 1,
        "vectorstore_status": [ready > 2, ready > 3],
    }


def _give_up(world: World, sub_tenant: SubTenant) -> None:
    for record in sub_tenant.running:
        world.jobs.drop(record.job)
