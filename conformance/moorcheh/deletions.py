"""Checks of the area namespaces: deleting them, and the job that does it."""

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.exchange import Exchange
from conformance.expectation import (
    expect,
    expect_accepted,
    expect_fields,
    expect_status,
    expect_values,
    require,
    require_success,
)
from conformance.moorcheh.basis import Namespace, entry_of, health_of, vector_namespace
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.filling import Filling
from conformance.moorcheh.payload import plain_batch

TRIES = 5


@proves("moorcheh.namespaces.delete-accepted")
@given(size=st.integers(0, 8))
def a_deletion_is_accepted_with_a_job(server: Moorcheh, size: int) -> None:
    """202 with the job to poll, for an empty namespace and a full one."""
    space = _space_of(server, size)
    exchange = server.delete_namespace(space.name)
    expect_status(exchange, 202)
    expect_values(exchange, status="success", namespace_name=space.name)
    expect_fields(exchange, job_id=str)


@proves("moorcheh.namespaces.delete-missing")
def deleting_an_unknown_namespace_is_refused(server: Moorcheh) -> None:
    """404, for a name never used and for one deleted before."""
    space = vector_namespace(server)
    names = [server.new_name()]
    space.drop()
    names.append(space.name)
    for name in names:
        exchange = server.delete_namespace(name)
        expect_status(exchange, 404)
        message = str(exchange.body.get("message", ""))
        expect(bool(re.search("not found", message, re.IGNORECASE)), 'a message with "not found"', exchange)


@proves("moorcheh.namespaces.delete-job")
@given(size=st.integers(0, 30))
def a_delete_job_tells_its_progress(server: Moorcheh, size: int) -> None:
    """Every poll has the documented fields; the last one counts all items."""
    server.be_patient()
    space = _space_of(server, size)
    job_id = _job_of(server.delete_namespace(space.name))
    polls = server.delete_polls_until_end(space.name, job_id)
    for exchange in polls:
        expect_status(exchange, 200)
        expect_values(exchange, job_id=job_id, namespace_name=space.name)
        expect_fields(
            exchange, status=str, total_items=int, deleted_items=int, started_at=str, updated_at=str
        )
        expect_fields(exchange, last_error=(str, type(None)), finished_at=(str, type(None)))
        expect(exchange.body["status"] in ("running", "completed", "failed"), "a known status", exchange)
    expect_values(polls[-1], status="completed", total_items=size, deleted_items=size)


@proves("moorcheh.namespaces.delete-job-remains")
@given(size=st.integers(0, 5))
def a_delete_job_outlives_its_namespace(server: Moorcheh, size: int) -> None:
    """The job answers when the namespace is no longer listed."""
    space = _space_of(server, size)
    job_id = _job_of(server.delete_namespace(space.name))
    _require_completed(server.delete_polls_until_end(space.name, job_id)[-1])
    require(entry_of(server, space.name) is None, "a deleted namespace is still listed")
    exchange = server.delete_job(space.name, job_id)
    expect_status(exchange, 200)
    expect_values(exchange, job_id=job_id, status="completed")


@proves("moorcheh.namespaces.delete-frees-name")
@given(
    size=st.integers(1, 30),
    again=st.sampled_from(
        (
            {"type": "vector", "vector_dimension": 2},
            {"type": "vector", "vector_dimension": 5},
            {"type": "text"},
        )
    ),
)
def a_deleted_name_is_free(server: Moorcheh, size: int, again: dict[str, Any]) -> None:
    """A new namespace of the name, of any type or dimension, is empty and takes items."""
    space = _space_of(server, size)
    space.drop()
    exchange = server.create_namespace({"namespace_name": space.name, **again})
    expect_accepted(exchange)
    fresh = Namespace(server, space.name, again.get("vector_dimension"))
    old = [f"v{n}" for n in range(size)]
    count = (entry_of(server, space.name) or {}).get("item_count", 0)
    expect(count == 0, "an empty namespace", exchange, f"item_count {count}")
    item = {"vector": [0.5] * fresh.dimension} if fresh.dimension else {"text": "a fresh start"}
    upload = fresh.upload([{"id": "fresh", **item}])
    expect_accepted(upload)
    fresh.await_accepted(upload)
    found = sorted(fresh.items(["fresh", *old]))
    expect(found == ["fresh"], "no item but the one uploaded", upload, f"items {found}")
    search = server.search(item.get("vector", item.get("text")), [space.name], top_k=100)
    strangers = [hit for hit in search.body.get("results") or [] if hit.get("id") != "fresh"]
    expect(not strangers, "no hit but the one item", search)


@proves("moorcheh.namespaces.delete-frees-quota", exclusive=True)
@given(size=st.integers(1, 6))
def a_deleted_namespace_frees_its_quota(server: Moorcheh, size: int) -> None:
    """On a full instance, a deletion of n items makes room for n new ones."""
    filling = server.memo(Filling)
    filling.leave_room(size)
    space = _space_of(server, size)
    other = vector_namespace(server)
    before = health_of(server)["items"]
    space.drop()
    health = server.health()
    expect(health.body.get("items") == before - size, f"items = {before} - {size}", health)
    upload = other.upload(plain_batch(size, 2, prefix="n"))
    expect_accepted(upload)


@proves("moorcheh.namespaces.delete-holds-name")
def a_name_is_held_while_its_deletion_runs(server: Moorcheh) -> None:
    """Creating it is a 409; only a deletion seen running afterwards proves that it ran meanwhile."""
    for size in [200 * 2**step for step in range(TRIES)]:
        space = _space_of(server, size)
        job_id = _job_of(server.delete_namespace(space.name))
        exchange = server.create_namespace(
            {"namespace_name": space.name, "type": "vector", "vector_dimension": 2}
        )
        if server.delete_job(space.name, job_id).body.get("status") == "running":
            expect_status(exchange, 409)
            return
    require(False, "deletions end too soon to be caught running")


def _space_of(server: Moorcheh, size: int) -> Namespace:
    space = vector_namespace(server)
    if size:
        space.store(plain_batch(size, 2))
    return space


def _job_of(exchange: Exchange) -> str:
    job_id = require_success(exchange, "a namespace cannot be deleted").body.get("job_id")
    require(isinstance(job_id, str), f"a deletion has no job_id: {exchange.outcome()}")
    return str(job_id)


def _require_completed(exchange: Exchange) -> None:
    require(
        exchange.body.get("status") == "completed", f"a delete job does not complete: {exchange.outcome()}"
    )
