"""A trivial Moorcheh: it answers in the right shapes and stores nothing."""

import re
from collections.abc import Callable
from typing import Any

from tests.trivial.serving import Trivial, asked_in, listed, trivial_servers

TIME = "2026-11-02T03:04:05Z"
JOB = "job-" + "0" * 32
NAMESPACE = re.compile(r"/namespaces/(?P<name>[^/]+)(?P<rest>/.*)?")


def forgetful(method: str, path: str, body: bytes) -> tuple[int, Any]:
    """A server that accepts everything, answers in the right shape, and stores nothing."""
    asked = asked_in(body)
    path = path.partition("?")[0]
    place = NAMESPACE.fullmatch(path)
    if place is None:
        return FIXED[method, path](asked) if (method, path) in FIXED else (404, failure("not found"))
    name, rest = place["name"], place["rest"] or ""
    done = success(namespace_name=name, job_id=JOB)
    if rest.startswith(("/upload-jobs/", "/file-jobs/", "/delete-jobs/")):
        return 200, job(name, rest.rpartition("/")[2])
    ids = listed(asked, "ids")
    found = [{"id": each, "metadata": {}, "text": ""} for each in ids]
    answers: dict[tuple[str, str], tuple[int, Any]] = {
        ("DELETE", ""): (202, done),
        ("POST", "/vectors"): (202, {**done, "total": len(listed(asked, "vectors"))}),
        ("POST", "/documents"): (202, {**done, "total": len(listed(asked, "documents"))}),
        ("POST", "/files"): (
            202,
            {**done, "total": len(listed(asked, "files")), "ingesting": 1, "skipped": []},
        ),
        ("GET", "/files"): (200, success(count=0, files=[])),
        ("POST", "/files/delete"): (202, {**done, "file_id": "0" * 16, "absolute_path": "/a.txt"}),
        ("POST", "/items/get"): (200, success(requested_ids=len(ids), found_items=len(ids), items=found)),
        ("POST", "/items/delete"): (
            200,
            success(namespace_name=name, requested=len(ids), deleted=len(ids), not_found_ids=[]),
        ),
        ("GET", "/documents/fetch-text-data"): (200, page(name)),
    }
    return answers.get((method, rest), (200, success(file={"file_id": rest, "status": "indexed"})))


def success(**fields: Any) -> dict[str, Any]:
    """The body of a success."""
    return {"status": "success", "message": "Done.", **fields}


def failure(message: str) -> dict[str, Any]:
    """The body of a refusal."""
    return {"status": "failure", "message": message}


def job(name: str, job_id: str) -> dict[str, Any]:
    """A job of any kind that has ended."""
    counts = dict.fromkeys(("total", "processed", "successful", "failed", "total_items", "deleted_items"), 0)
    more = dict.fromkeys(("chunks_total", "chunks_processed", "summaries_created", "items_deleted"), 0)
    times = dict.fromkeys(("started_at", "updated_at", "finished_at"), TIME)
    state = {"job_id": job_id, "namespace_name": name, "status": "completed", "last_error": None}
    return {
        **state,
        **counts,
        **more,
        **times,
        "job_type": "file_ingest",
        "file_id": "0" * 16,
        "absolute_path": "/a",
    }


def page(name: str) -> dict[str, Any]:
    """A page of documents without any."""
    statistics = {"total_items": 0, "total_text_chunks": 0, "total_summary_chunks": 0}
    times: dict[str, Any] = {"created_at_min": None, "created_at_max": None, "source_counts": {}}
    pagination = {"limit": 100, "has_more": False, "next_token": None}
    body = success(namespace=name, statistics={**statistics, **times}, items=[], pagination=pagination)
    return {**body, "execution_time": 0.1}


def health(_asked: dict[str, Any]) -> tuple[int, Any]:
    """An instance that is empty whatever it was sent."""
    providers = dict.fromkeys(("embedding_provider", "model", "llm_provider", "llm_model"), "none")
    return 200, {"status": "ok", **providers, "items": 0, "max_items": 1000, "remaining": 1000}


def create(asked: dict[str, Any]) -> tuple[int, Any]:
    """A namespace as it was asked for."""
    name = asked.get("namespace_name", asked.get("name"))
    kind, dimension = asked.get("type"), asked.get("vector_dimension")
    return 201, success(namespace_name=name, type=kind, vector_dimension=dimension)


def search(asked: dict[str, Any]) -> tuple[int, Any]:
    """One hit in each namespace that was asked."""
    hit = {"id": "first", "score": 1.0, "label": "Close Match", "metadata": {}, "text": ""}
    hits = [{**hit, "namespace": name} for name in listed(asked, "namespaces")]
    return 200, {"results": hits, "execution_time": 0.1, "timings": {}}


def answer(asked: dict[str, Any]) -> tuple[int, Any]:
    """An answer that says nothing."""
    return 200, {"answer": "Yes.", "model": "none", "context_count": 0, "query": asked.get("query")}


FIXED: dict[tuple[str, str], Callable[[dict[str, Any]], tuple[int, Any]]] = {
    ("GET", "/health"): health,
    ("GET", "/namespaces"): lambda _asked: (200, {"namespaces": []}),
    ("POST", "/namespaces"): create,
    ("POST", "/search"): search,
    ("POST", "/answer"): answer,
}
SERVERS: dict[str, Trivial] = trivial_servers(success(job_id=JOB), failure("no"), forgetful)
