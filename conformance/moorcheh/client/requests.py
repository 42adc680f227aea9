"""Checks of the area requests: where a client's requests go, and what they look like."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.client.asking import one_by_one
from conformance.client.driver import Client
from conformance.client.expectation import (
    expect,
    expect_body_fits,
    expect_endpoint,
    expect_json_type,
    expect_sent,
    sent,
)
from conformance.moorcheh.client.scene import (
    DOCUMENTS,
    OPERATIONS,
    VECTORS,
    store,
    text_namespace,
    vector_namespace,
)

UNUSUAL = st.text(
    st.characters(categories=("L", "N", "P", "S", "Zs"), include_characters="/?#%+& "),
    min_size=1,
    max_size=20,
).filter(lambda name: name.strip("."))
FILE = {
    "file_id": "0123456789abcdef",
    "absolute_path": "/uploads/notes.md",
    "filename": "notes.md",
    "file_type": ".md",
    "file_size": 12,
    "file_mtime": "2026-05-21T12:00:00.000Z",
    "chunk_count": 1,
    "summary_count": 1,
    "status": "indexed",
    "path_exists": True,
    "ingested_at": "2026-05-21T12:00:00Z",
    "last_error": None,
    "metadata": {"team": "ai"},
}
JOB = "job-d044a3bf6c0e4380bf6ad7e9df7999d0"
UPLOADED = {
    "status": "success",
    "message": "File upload started. Poll file job status for progress.",
    "job_id": JOB,
    "namespace_name": "texts",
    "total": 1,
    "ingesting": 1,
    "skipped": [],
}
DELETED = {
    "status": "success",
    "message": "File deletion started.",
    "job_id": JOB,
    "file_id": FILE["file_id"],
    "namespace_name": "texts",
    "absolute_path": FILE["absolute_path"],
}
FILE_JOB = {
    "job_id": JOB,
    "job_type": "file_ingest",
    "namespace_name": "texts",
    "file_id": FILE["file_id"],
    "absolute_path": FILE["absolute_path"],
    "status": "completed",
    "chunks_total": 1,
    "chunks_processed": 1,
    "summaries_created": 1,
    "items_deleted": 0,
    "last_error": None,
    "started_at": "2026-05-21T12:00:00Z",
    "updated_at": "2026-05-21T12:00:01Z",
    "finished_at": "2026-05-21T12:00:01Z",
}
# What a server answers that has files: the mock is given none to read.
CANNED: dict[str, tuple[int, Any]] = {
    "uploadFiles": (202, UPLOADED),
    "listFiles": (200, {"status": "success", "count": 1, "files": [FILE]}),
    "getFile": (200, {"status": "success", "file": FILE}),
    "deleteFile": (202, DELETED),
    "getFileJob": (200, FILE_JOB),
}


def arguments_of(client: Client) -> dict[str, dict[str, Any]]:
    """Arguments for every operation, for a world that holds what they ask for."""
    world = client.world
    vectors, texts = vector_namespace(client), text_namespace(client)
    job_id = store(client, vectors, vectors=VECTORS)
    store(client, texts, documents=DOCUMENTS)
    deletion = world.send("DELETE", f"/namespaces/{vector_namespace(client, name='gone')}")["job_id"]
    vector_namespace(client, name="going")
    for operation, (status, body) in CANNED.items():
        path = OPERATIONS[operation].templates[0].replace("{namespace_name}", texts)
        path = path.replace("{file_id}", str(FILE["file_id"])).replace("{job_id}", JOB)
        world.fault("status", OPERATIONS[operation].method, path, status=status, body=body)
    return {
        "health": {},
        "listNamespaces": {},
        "createNamespace": {"namespace_name": "new", "type": "vector", "vector_dimension": 3},
        "getDeleteJob": {"namespace_name": "gone", "job_id": deletion},
        "uploadDocuments": {
            "namespace_name": texts,
            "documents": [{"id": "third", "text": "a stitch in time"}],
        },
        "uploadVectors": {"namespace_name": vectors, "vectors": [{"id": "three", "vector": [0.25, 0.75]}]},
        "getUploadJob": {"namespace_name": vectors, "job_id": job_id},
        "getItems": {"namespace_name": texts, "ids": ["first", "missing"]},
        "deleteItems": {"namespace_name": texts, "ids": ["second", "missing"]},
        "fetchTextData": {"namespace_name": texts, "limit": 1},
        "search": {"namespaces": [vectors], "query": [1.0, 0.25], "top_k": 2},
        "answer": {"namespace": texts, "query": "where is the bird?"},
        "uploadFiles": {"namespace_name": texts, "files": [{"path": FILE["absolute_path"]}]},
        "listFiles": {"namespace_name": texts},
        "getFile": {"namespace_name": texts, "file_id": FILE["file_id"]},
        "deleteFile": {"namespace_name": texts, "file_id": FILE["file_id"]},
        "getFileJob": {"namespace_name": texts, "job_id": JOB},
        "deleteNamespace": {"namespace_name": "going"},
    }


@proves("moorcheh.client.requests.endpoints")
def every_operation_goes_to_its_endpoint(client: Client) -> None:
    """And its path names what the caller named."""
    for name, reply in one_by_one(client, arguments_of(client).items()):
        expect_endpoint(reply, OPERATIONS[name])


@proves("moorcheh.client.requests.schema")
def every_body_fits_its_schema(client: Client) -> None:
    """A body that is no JSON fits none."""
    for name, reply in one_by_one(client, arguments_of(client).items()):
        expect_body_fits(reply, OPERATIONS[name], "moorcheh")


@proves("moorcheh.client.requests.content-type")
def a_body_says_that_it_is_json(client: Client) -> None:
    """With or without a charset."""
    for name, reply in one_by_one(client, arguments_of(client).items()):
        expect_json_type(reply, OPERATIONS[name])


@proves("moorcheh.client.requests.query")
@given(
    limit=st.integers(1, 100),
    token=st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20),
)
def limit_and_token_arrive_in_the_query(client: Client, limit: int, token: str) -> None:
    """The token is opaque: whatever characters it has."""
    name = text_namespace(client)
    reply = client.ask("fetchTextData", {"namespace_name": name, "limit": limit, "next_token": token})
    heard = expect_sent(reply, OPERATIONS["fetchTextData"])[0]
    wanted = {"limit": str(limit), "next_token": token}
    expect(dict(heard.fields) == wanted, f"{wanted} in the query", reply, heard.outcome())


@proves("moorcheh.client.requests.path-encoding")
@given(name=UNUSUAL)
def a_name_in_a_path_is_one_segment(client: Client, name: str) -> None:
    """A client that knows such a name to be wrong, and sends nothing, does no harm either."""
    reply = client.ask("uploadVectors", {"namespace_name": name, "vectors": [VECTORS[0]]})
    for heard in reply.heard:
        there = heard.segments == ["", "namespaces", name, "vectors"]
        expect(there, f"{name!r} as one segment of the path", reply, heard.outcome())
    expect(reply.heard or reply.error, "a request or an error", reply)


@proves("moorcheh.client.requests.defaults")
def what_the_caller_leaves_out_stays_out(client: Client) -> None:
    """Or stands there as the documentation has it."""
    name = vector_namespace(client)
    store(client, name, vectors=VECTORS)
    reply = client.ask("search", {"namespaces": [name], "query": [1.0, 0.25]})
    heard = sent(reply, OPERATIONS["search"])[0]
    usual = {"top_k": 10, "threshold": None, "kiosk_mode": False}
    body = heard.value if isinstance(heard.value, dict) else {}
    others = {key: value for key, value in body.items() if key not in ("namespaces", "query")}
    wrong = {key: value for key, value in others.items() if key not in usual or value != usual[key]}
    expect(not wrong, f"nothing more than {usual}", reply, f"{wrong} in {heard.outcome()}")
    reply = client.ask("createNamespace", {"namespace_name": "fresh", "type": "text"})
    heard = sent(reply, OPERATIONS["createNamespace"])[0]
    body = heard.value if isinstance(heard.value, dict) else {}
    expect(body.get("vector_dimension") is None, "no vector_dimension", reply, heard.outcome())
