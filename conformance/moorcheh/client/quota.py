"""Checks of the area quota: that a caller learns what a full quota is, and that nothing else is one."""

from typing import Any

from conformance.check import proves
from conformance.client.contract import Operation
from conformance.client.driver import Client
from conformance.client.expectation import expect, expect_status, refused
from conformance.client.reply import Reply
from conformance.moorcheh.client.scene import (
    DOCUMENTS,
    OPERATIONS,
    UPLOAD,
    VECTORS,
    store,
    text_namespace,
    vector_namespace,
)

NUMBERS = ("items", "max_items", "requested_new")


@proves("moorcheh.client.quota.told")
def a_full_quota_reaches_the_caller(client: Client) -> None:
    """With the three numbers that tell how full it is."""
    _expect_numbers(_over_quota(client), UPLOAD)


@proves("moorcheh.client.quota.documents")
def a_quota_too_small_for_documents_reaches_the_caller(client: Client) -> None:
    """With the same numbers."""
    name = text_namespace(client)
    store(client, name, documents=DOCUMENTS)
    client.world.set(max_items=3)
    more = [{"id": f"more-{n}", "text": "one too many"} for n in range(2)]
    reply = client.ask("uploadDocuments", {"namespace_name": name, "documents": more})
    _expect_numbers(reply, OPERATIONS["uploadDocuments"])


@proves("moorcheh.client.quota.told-apart")
def a_full_quota_and_a_taken_name_are_told_apart(client: Client) -> None:
    """By their bodies, and by what the client itself calls a full quota."""
    full = _over_quota(client)
    taken = client.ask(
        "createNamespace", {"namespace_name": "vectors", "type": "vector", "vector_dimension": 2}
    )
    for reply in (full, taken):
        expect_status(reply, 409)
    says = taken.error.get("quota")
    expect(says is not True, "a taken name that is not called a full quota", taken, "quota: true")
    says = full.error.get("quota")
    expect(says is not False, "a full quota that is called one", full, "quota: false")
    apart = full.error.get("quota") is True or "max_items" in _fields(full)
    expect(apart and "max_items" not in _fields(taken), "two errors that differ", full)


def _over_quota(client: Client) -> Reply:
    name = vector_namespace(client)
    store(client, name, vectors=VECTORS)
    client.world.set(max_items=3)
    more = [{"id": f"more-{n}", "vector": [1.0, 0.5]} for n in range(2)]
    return client.ask("uploadVectors", {"namespace_name": name, "vectors": more})


def _expect_numbers(reply: Reply, operation: Operation) -> None:
    expect_status(reply, 409)
    answered = refused(reply, operation)
    numbers = {name: answered[name] for name in NUMBERS}
    told = {name: _fields(reply).get(name) for name in NUMBERS}
    expect(told == numbers, f"an error that tells {numbers}", reply)


def _fields(reply: Reply) -> dict[str, Any]:
    return reply.body if isinstance(reply.body, dict) else {}
