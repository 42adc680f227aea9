"""Checks of the area answers: what the service says on success, and what of it reaches the caller."""

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.client.asking import one_by_one
from conformance.client.driver import Client
from conformance.client.expectation import (
    accepted,
    expect,
    expect_arrived,
    expect_harmless,
    expect_result,
    expect_told,
)
from conformance.cortex.client.requests import arguments_of
from conformance.cortex.client.scene import FILE, MATRIX, OPERATIONS, ROWS, TENANT, store_matrix, tenant

EXTRA = {"vecpact_extra": {"nested": [1, None, "unknown"]}, "2": "two"}
# 20.1 comes back as 20.100000381469727, and a third as 0.3333333432674408.
inexact = st.sampled_from((20.1, 1 / 3, 0.1, -0.7, 1e-3))


@proves("cortex.client.answers.told")
def an_answer_reaches_the_caller_whole(client: Client) -> None:
    """Every field that the documentation names."""
    for name, reply in one_by_one(client, arguments_of(client).items()):
        expect_told(reply, OPERATIONS[name], "cortex")


@proves("cortex.client.answers.file-id")
def a_made_file_id_reaches_the_caller(client: Client) -> None:
    """With the ids of its chunks."""
    reply = client.ask("uploadEmbeddings", {"tenant_id": tenant(client), "embeddings": ROWS})
    expect_result(reply)
    answered = accepted(reply, MATRIX)
    told = {name: answered[name] for name in ("file_id", "chunk_ids")}
    expect_arrived(told, reply.result, reply, more=True)


@proves("cortex.client.answers.overwritten")
def an_overwriting_reaches_the_caller(client: Client) -> None:
    """In the words of the service."""
    tenant(client)
    store_matrix(client, ROWS)
    asked = {"tenant_id": TENANT, "embeddings": ROWS, "file_id": FILE}
    reply = client.ask("uploadEmbeddings", asked)
    expect_result(reply)
    message = accepted(reply, MATRIX)["message"]
    expect(reply.fields.get("message") == message, f"message {message!r}", reply)


@proves("cortex.client.answers.float32")
@given(vector=st.lists(inexact, min_size=2, max_size=2))
def a_rounded_vector_reaches_the_caller(client: Client, vector: list[float]) -> None:
    """It is what the service keeps."""
    tenant(client)
    [chunk_id] = store_matrix(client, [vector])
    reply = client.ask("retrieveEmbeddings", {"tenant_id": TENANT, "chunk_ids": [chunk_id]})
    expect_result(reply)
    answered = accepted(reply, OPERATIONS["retrieveEmbeddings"])
    expect_arrived({"embeddings": answered["embeddings"]}, reply.result, reply, more=True)


@proves("cortex.client.answers.not-found")
def ids_that_are_not_found_reach_the_caller(client: Client) -> None:
    """When read, and when deleted."""
    tenant(client)
    chunk_ids = [*store_matrix(client, ROWS), "missing_0"]
    asked = {"tenant_id": TENANT, "chunk_ids": chunk_ids}
    for name, reply in one_by_one(client, [("retrieveEmbeddings", asked), ("deleteEmbeddings", asked)]):
        expect_result(reply)
        answered = accepted(reply, OPERATIONS[name])
        keys = ("not_found_chunk_ids",) if name == "retrieveEmbeddings" else ("status", "total_deleted")
        expect_arrived({key: answered[key] for key in keys}, reply.result, reply, more=True)


@proves("cortex.client.answers.unknown-fields")
def unknown_fields_do_no_harm(client: Client) -> None:
    """In any object of any answer."""
    asked = arguments_of(client)
    client.world.fault("extra", fields=EXTRA)
    for name, reply in one_by_one(client, asked.items()):
        expect_harmless(reply, OPERATIONS[name], EXTRA)
