"""Rewriting what the mock's Cortex hears and says; both spellings of a path are rewritten alike."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from mock_server.cortex import documents, matrix, service
from mock_server.cortex.scope import Scope, find_scope, in_either
from mock_server.cortex.service import Cortex, spellings
from mock_server.cortex.subtenant import SubTenant
from mock_server.refusal import Refused
from mock_server.rules import Rule, S
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants import rewriting
from tests.mutants.rewriting import (
    Around,
    Body,
    Handle,
    amending,
    around_all,
    document_of,
    items_in,
    mishearing,
    tighten,
    with_status,
)

UPLOAD = "/upload/upload-embeddings"
UPDATE = "/upload/update-embeddings"
VERIFY = "/upload/verify-processing"
SEARCH = "/embeddings/search"
RETRIEVE = "/embeddings/retrieve-by-ids"
DELETE = "/embeddings/delete"
CREATE_BARE = "/embeddings/create-tenant"
STATS = "/tenant/stats"
INSERT = "/embeddings/insert-raw-embeddings"
FIND = "/embeddings/search-raw-embeddings"
FILTER = "/embeddings/filter-raw-embeddings"
REMOVE = "/embeddings/delete-raw-embeddings"
CREATE = "/tenants/create"
INFRA = "/tenants/infra/status"
DELETE_TENANT = "/tenants/delete"


def around(patch: pytest.MonkeyPatch, path: str, change: Around) -> None:
    """Puts a function around the operation of a path; it is given the operation's own function."""
    spelled = spellings(path)
    around_all(patch, Cortex, lambda each: each.path in spelled, change)


def amend(patch: pytest.MonkeyPatch, path: str, change: Callable[[Body], object]) -> None:
    """Lets a function change the body of every success of an operation in place."""
    around(patch, path, amending(change))


def amend_entries(patch: pytest.MonkeyPatch, path: str, change: Callable[[Body], object]) -> None:
    """Lets a function change every entry of an answer that is a bare array in place."""

    def amended(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        entries = entries_of(answer)
        for entry in entries:
            change(entry)
        return replace(answer, body=entries)

    around(patch, path, amended)


def put_status(patch: pytest.MonkeyPatch, path: str, status: int) -> None:
    """Gives every success of an operation another status."""
    around(patch, path, with_status(status))


def mishear(patch: pytest.MonkeyPatch, path: str, change: Callable[[Body], object]) -> None:
    """Lets a function change the JSON body of a call in place; any other body stays as it is."""
    around(patch, path, mishearing(change))


def requery(patch: pytest.MonkeyPatch, path: str, change: Callable[[dict[str, list[str]]], object]) -> None:
    """Lets a function change the query of a call in place."""

    def changed(handle: Handle, world: World, call: Call) -> Answer:
        query = {name: [*values] for name, values in call.query.items()}
        change(query)
        return handle(world, replace(call, query=query))

    around(patch, path, changed)


def refuse_with(patch: pytest.MonkeyPatch, clause: str, status: int) -> None:
    """Gives the refusals of a clause another status."""
    rewriting.refuse_with(patch, clause, status, service)


def amend_refusals(patch: pytest.MonkeyPatch, change: Callable[[Call, Refused, Body], object]) -> None:
    """Lets a function change the body of every refusal in place."""
    rewriting.amend_refusals(patch, change, Cortex)


def refuse_also(
    patch: pytest.MonkeyPatch, table: Mapping[str, Rule[S]], clause: str, when: Callable[[S], bool]
) -> None:
    """Makes one rule of a table refuse more than it should; bodies are then read by the rules alone."""
    tighten(patch, table, clause, when)
    read_by_the_rules(patch)


def read_by_the_rules(patch: pytest.MonkeyPatch) -> None:
    """Turns the fast reading of bodies off, which accepts plain ones without asking the rules."""
    for reader, name in ((matrix, "quick_upload"), (documents, "quick_upload"), (matrix, "quick_update")):
        patch.setattr(reader, name, lambda _body: None)


def asked_in(call: Call, name: str) -> str:
    """Answers what a call says under a name in its query or its body; empty if that is no string."""
    value = in_either(call, document_of(call)).get(name)
    return value if isinstance(value, str) else ""


def scope_of(world: World, call: Call) -> Scope | None:
    """Finds the tenant and sub-tenant that a call names in its query or its body, if there are such."""
    try:
        return find_scope(world, in_either(call, document_of(call)))
    except Refused:
        return None


def place_of(world: World, call: Call) -> SubTenant | None:
    """Finds the sub-tenant that a call is about; one that is still unknown is empty."""
    scope = scope_of(world, call)
    return None if scope is None else scope.sub_tenant


def sent_rows(call: Call) -> list[list[Any]]:
    """Lists the rows of the matrix that a call sends."""
    rows = document_of(call).get("embeddings")
    return [row for row in rows if isinstance(row, list)] if isinstance(rows, list) else []


def sent_documents(call: Call) -> list[Body]:
    """Lists the documents that a call sends."""
    return items_in(document_of(call), "embeddings")


def sent_chunk_ids(call: Call) -> list[str]:
    """Lists the ids of the chunks in the documents that a call sends."""
    chunks = [chunk for document in sent_documents(call) for chunk in items_in(document, "embeddings")]
    return [chunk["chunk_id"] for chunk in chunks if isinstance(chunk.get("chunk_id"), str)]


def entries_of(answer: Answer) -> list[Body]:
    """Copies the entries of an answer that is an array of objects."""
    assert isinstance(answer.body, list)
    return [{**entry, "embedding": {**entry["embedding"]}} for entry in answer.body]


def refusal(status: int, message: str, code: str = "INVALID_PARAMETERS") -> Answer:
    """Makes a refusal that no rule of the mock would."""
    return Answer(status, {"detail": {"success": False, "message": message, "error_code": code}})


def done(**fields: Any) -> Answer:
    """Makes a success of an upload that the mock does not do."""
    file_id = fields.pop("file_id", "emb_of_nothing")
    words = {"success": True, "status": "success", "message": "Embeddings uploaded successfully."}
    return Answer(200, {**words, "file_id": file_id, "batch_id": file_id, "chunk_ids": [], **fields})


def is_matrix(call: Call) -> bool:
    """Tells whether a call sends a matrix: its first element is an array."""
    rows = document_of(call).get("embeddings")
    return isinstance(rows, list) and bool(rows) and isinstance(rows[0], list)
