"""The tenant and the sub-tenant that a call is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.cortex import rules
from mock_server.cortex.store import Store, Tenant
from mock_server.cortex.subtenant import SubTenant
from mock_server.rules import Document, judge
from mock_server.service import Call
from mock_server.session import World


@dataclass(slots=True)  # made for every upload: to freeze it takes longer than the rest of making it
class Scope:
    """A tenant that is there, and the id of one of its sub-tenants, which may still be unknown."""

    tenant: Tenant
    sub_tenant_id: str

    @property
    def name(self) -> str:
        """The scope in which chunk ids are unique, for the ledger."""
        return f"{self.tenant.id}/{self.sub_tenant_id}"

    @property
    def sub_tenant(self) -> SubTenant:
        """The sub-tenant to read."""
        return self.tenant.look(self.sub_tenant_id)


def in_query(call: Call) -> Document:
    """Answers the query as a document: of each name the first value."""
    return {name: values[0] for name, values in call.query.items()}


def in_either(call: Call, body: Document) -> Document:
    """Answers the fields of the body, and over them those of the query that are not blank."""
    return {**body, **{name: value for name, value in in_query(call).items() if value}}


def find_scope(world: World, asked: Document) -> Scope:
    """Finds the tenant and the sub-tenant asked for; `Refused` if the tenant is unknown or not named.

    A sub-tenant that is left out, null or empty is the one whose id is the tenant's.
    """
    tenant_id = asked_tenant_id(asked)
    tenant = world.part(Store).find(tenant_id)
    sub_tenant_id = asked.get("sub_tenant_id")
    return Scope(tenant, sub_tenant_id if isinstance(sub_tenant_id, str) and sub_tenant_id else tenant_id)


def asked_tenant_id(asked: Mapping[str, Any]) -> str:
    """Answers the tenant id asked for; `Refused` if there is none."""
    judge(rules.SCOPE, asked)
    return str(asked.get("tenant_id"))
