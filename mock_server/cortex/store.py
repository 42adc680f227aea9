"""Cortex's part of a world: tenants, and the sub-tenants in each."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any, Self

from mock_server.deferral import Later
from mock_server.jobs import Job
from mock_server.refusal import Refused
from mock_server.session import World

if TYPE_CHECKING:
    from mock_server.cortex.subtenant import SubTenant
else:
    SubTenant = Later("mock_server.cortex.subtenant", "SubTenant")


class Tenant:
    """Sub-tenants that share a dimension.

    `fixed` is the dimension the tenant is made with. Without one it takes that of what is stored or still to
    come, and has none while there is nothing.
    """

    def __init__(
        self, tenant_id: str, ages: Iterator[int], fixed: int | None = None, takes_embeddings: bool = True
    ) -> None:
        self.id = tenant_id
        self.takes_embeddings = takes_embeddings
        self.provisioning: Job | None = None
        self._fixed = fixed
        self._ages = ages
        self.sub_tenants = {tenant_id: SubTenant(ages)}

    @property
    def dimension(self) -> int | None:
        """The length that every vector of the tenant has; None while any will do."""
        bound = (each for sub_tenant in self.sub_tenants.values() for each in sub_tenant.dimensions)
        return next(bound, None) if self._fixed is None else self._fixed

    def count(self) -> int:
        """Counts the chunks stored."""
        return sum(len(sub_tenant.chunks) for sub_tenant in self.sub_tenants.values())

    def look(self, sub_tenant_id: str) -> SubTenant:
        """Answers a sub-tenant to read; an unknown one is empty, and remains unknown."""
        return self.sub_tenants.get(sub_tenant_id) or SubTenant(self._ages)

    def open(self, sub_tenant_id: str) -> SubTenant:
        """Answers a sub-tenant to write; an unknown one comes into being."""
        if sub_tenant_id not in self.sub_tenants:
            self.sub_tenants[sub_tenant_id] = SubTenant(self._ages)
        return self.sub_tenants[sub_tenant_id]


class Store:
    """All tenants of a world."""

    service = "cortex"

    def __init__(self) -> None:
        self.tenants: dict[str, Tenant] = {}
        self.ages = count()

    @classmethod
    def of(cls, _world: World, /) -> Self:
        """Makes the empty store of a new world."""
        return cls()

    @property
    def items(self) -> int:
        """The number of chunks stored."""
        return sum(tenant.count() for tenant in self.tenants.values())

    def find(self, tenant_id: str, clause: str = "cortex.tenants.unknown") -> Tenant:
        """Finds a tenant by id; `Refused` under the given clause if there is none."""
        try:
            return self.tenants[tenant_id]
        except KeyError:
            raise Refused(clause, f"Tenant {tenant_id!r} not found") from None

    def held(self, scope: str) -> Container[str]:
        """The ids stored in a sub-tenant, named as tenant/sub-tenant."""
        found = (
            sub_tenant
            for tenant in self.tenants.values()
            for name, sub_tenant in tenant.sub_tenants.items()
            if f"{tenant.id}/{name}" == scope
        )
        sub_tenant = next(found, None)
        return () if sub_tenant is None else sub_tenant.chunks

    def summary(self) -> Mapping[str, Any]:
        """Tells what is stored and what is being processed, for the admin API."""
        return {
            "tenants": [
                {
                    "tenant_id": tenant.id,
                    "is_embeddings_tenant": tenant.takes_embeddings,
                    "vector_dimension": tenant.dimension,
                    "sub_tenants": [
                        {
                            "sub_tenant_id": name,
                            "object_count": len(sub_tenant.chunks),
                            "processing": [
                                {
                                    "file_id": record.file_id,
                                    "indexing_status": record.status,
                                    "job_id": record.job.id,
                                }
                                for record in sub_tenant.records.values()
                            ],
                        }
                        for name, sub_tenant in tenant.sub_tenants.items()
                    ],
                }
                for tenant in self.tenants.values()
            ]
        }
