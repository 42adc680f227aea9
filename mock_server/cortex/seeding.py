"""Seeding: fills a sub-tenant with the rows of a file, the same ones every time."""

from mock_server.cortex.shapes import MAX_COLUMNS
from mock_server.cortex.store import Store, Tenant
from mock_server.cortex.subtenant import Batch
from mock_server.refusal import Refused
from mock_server.rules import Document
from mock_server.seeding import MOST_ITEMS, REQUEST, blocks, integer, known, text
from mock_server.session import World

USUAL_DIMENSION = 4


def fill(world: World, asked: Document) -> None:
    """Stores `items` rows as the chunks of a file, in place of what the file has held."""
    known(asked, "tenant_id", "sub_tenant_id", "dimension", "items", "file_id")
    tenant_id, file_id = text(asked, "tenant_id"), text(asked, "file_id", "seed")
    sub_tenant_id = text(asked, "sub_tenant_id", tenant_id)
    items = integer(asked, "items", MOST_ITEMS)
    store = world.part(Store)
    tenant = store.tenants.get(tenant_id) or Tenant(tenant_id, store.ages)
    dimension = integer(asked, "dimension", MAX_COLUMNS, tenant.dimension or USUAL_DIMENSION)
    if not tenant.takes_embeddings:
        raise Refused(REQUEST, f"tenant_id: {tenant_id!r} takes no embeddings")
    if tenant.dimension not in (None, dimension):
        raise Refused(REQUEST, f"tenant_id: {tenant_id!r} holds vectors of dimension {tenant.dimension}")
    store.tenants[tenant_id] = tenant
    sub_tenant = tenant.open(sub_tenant_id)
    record = sub_tenant.records.pop(file_id, None)
    if record is not None:
        world.jobs.drop(record.job)
    sub_tenant.remove(sub_tenant.of_source(file_id))
    for first, rows in blocks(items, dimension):
        ids = [f"{file_id}_{first + row}" for row in range(len(rows))]
        sub_tenant.put(Batch(ids, [file_id] * len(ids), rows, {file_id: {}}))
