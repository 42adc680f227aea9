"""The tables of rules: without one of its rows the server takes what that row refuses, and never fails."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mock_server.moorcheh import rules
from mock_server.moorcheh.answers import rules as answer_rules
from mock_server.moorcheh.files import rules as file_rules
from mock_server.moorcheh.files.catalogue import file_id
from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve

CREATE, VECTORS, DOCUMENTS = "/namespaces", "/namespaces/demo/vectors", "/namespaces/notes/documents"
GET, SEARCH = "/namespaces/demo/items/get", "/search"
VECTOR: dict[str, Any] = {"id": "a", "vector": [1, 2]}
SPACE = {"namespace_name": "new", "type": "vector", "vector_dimension": 2}
QUESTION: dict[str, Any] = {"query": [1, 2], "namespaces": ["demo"]}
FETCH, FILES = "/namespaces/{}/documents/fetch-text-data", "/namespaces/notes/files"
ANSWER_FIELDS = (
    *("query", "namespace", "top_k", "threshold", "kiosk_mode", "temperature", "ai_model", "header_prompt"),
    *("footer_prompt", "chat_history", "structured_response"),
)
A_FILE = file_id("notes", "/uploads/a.txt")

BREAKAGES = [
    ("CREATION", "namespaces.name-required", CREATE, SPACE | {"namespace_name": 7}),
    ("CREATION", "namespaces.name-charset", CREATE, SPACE | {"namespace_name": "a b"}),
    ("CREATION", "namespaces.type-known", CREATE, {"name": "new", "type": ["vector"]}),
    ("CREATION", "namespaces.dimension-required", CREATE, SPACE | {"vector_dimension": None}),
    ("CREATION", "namespaces.dimension-integer", CREATE, SPACE | {"vector_dimension": 4.0}),
    ("CREATION", "namespaces.dimension-positive", CREATE, SPACE | {"vector_dimension": -1}),
    ("CREATION", "namespaces.dimension-not-for-text", CREATE, SPACE | {"type": "text"}),
    ("OCCUPATION", "namespaces.exists", CREATE, SPACE | {"namespace_name": "demo"}),
    ("VECTORS_TARGET", "vectors.wrong-namespace-type", "/namespaces/notes/vectors", {"vectors": [VECTOR]}),
    ("VECTORS", "vectors.empty", VECTORS, {}),
    ("VECTOR", "vectors.id-required", VECTORS, {"vectors": [7]}),
    ("VECTOR", "vectors.id-required", VECTORS, {"vectors": [{"vector": [1, 2]}]}),
    ("VECTOR", "vectors.id-string", VECTORS, {"vectors": [VECTOR | {"id": ["a"]}]}),
    ("VECTOR", "vectors.vector-required", VECTORS, {"vectors": [{"id": "a"}]}),
    ("VECTOR", "vectors.non-numeric", VECTORS, {"vectors": [VECTOR | {"vector": ["1", None]}]}),
    ("VECTOR", "vectors.non-numeric", VECTORS, {"vectors": [VECTOR | {"vector": "12"}]}),
    ("VECTOR", "vectors.non-finite", VECTORS, b'{"vectors": [{"id": "a", "vector": [NaN, 1e999]}]}'),
    ("VECTOR", "vectors.dimension", VECTORS, {"vectors": [VECTOR | {"vector": [1]}]}),
    ("VECTOR", "vectors.dimension", VECTORS, {"vectors": [VECTOR | {"vector": [1, 2, 3]}]}),
    (
        "DOCUMENTS_TARGET",
        "documents.wrong-namespace-type",
        "/namespaces/demo/documents",
        {"documents": [{"id": "a", "text": "b"}]},
    ),
    ("DOCUMENTS", "documents.empty", DOCUMENTS, {"documents": "a"}),
    ("DOCUMENT", "documents.id-required", DOCUMENTS, {"documents": [7]}),
    ("DOCUMENT", "documents.id-required", DOCUMENTS, {"documents": [{"text": "b"}]}),
    ("DOCUMENT", "documents.id-string", DOCUMENTS, {"documents": [{"id": 7, "text": "b"}]}),
    ("DOCUMENT", "documents.text-required", DOCUMENTS, {"documents": [{"id": "a", "text": 7}]}),
    ("VECTORS_QUOTA", "quota.over-cap", VECTORS, {"vectors": [VECTOR | {"id": name} for name in "abcdef"]}),
    (
        "DOCUMENTS_QUOTA",
        "quota.documents-too",
        DOCUMENTS,
        {"documents": [{"id": name, "text": "b"} for name in "abcdef"]},
    ),
    ("FETCH_TARGET", "fetch.vector-namespace", FETCH.format("demo"), None),
    ("PAGE", "fetch.limit-bounds", FETCH.format("notes") + "?limit=many", None),
    ("SEARCH_V1", "search.filter-key", SEARCH, QUESTION | {"metadata": "team"}),
    ("IDS", "items.ids-empty", GET, {"ids": "a"}),
    ("IDS", "items.ids-100", GET, {"ids": ["a"] * 101}),
    ("IDS", "items.id-empty", GET, {"ids": ["", 7, []]}),
    ("SEARCH", "search.empty", SEARCH, {"namespaces": ["notes"]}),
    ("SEARCH", "search.empty", SEARCH, {"query": [1, 2]}),
    ("SEARCH", "search.query-type", SEARCH, QUESTION | {"query": [None, "2"]}),
    ("SEARCH", "search.top-k-clamped", SEARCH, QUESTION | {"top_k": "many"}),
    ("SEARCH", "search.threshold-null", SEARCH, QUESTION | {"threshold": "high", "kiosk_mode": True}),
    ("SEARCH", "search.kiosk", SEARCH, QUESTION | {"kiosk_mode": "yes"}),
    ("SEARCH", "search.kiosk-needs-threshold", SEARCH, QUESTION | {"kiosk_mode": True}),
    ("QUESTION", "search.query-type", SEARCH, QUESTION | {"query": "north"}),
    ("QUESTION", "search.query-type", SEARCH, QUESTION | {"namespaces": ["notes"]}),
    ("QUESTION", "search.dimension", SEARCH, QUESTION | {"query": [1, 2, 3]}),
    ("ANSWER", "answer.shape", "/answer", {}),
    ("ANSWER", "answer.shape", "/answer", dict.fromkeys(ANSWER_FIELDS, 7)),
    ("ANSWER", "answer.shape", "/answer", {field: {"enabled": True, "schema": 7} for field in ANSWER_FIELDS}),
    ("ANSWER_SOURCE", "answer.shape", "/answer", {"query": "north", "namespace": "demo"}),
    ("FILES_TARGET", "files.accepted", "/namespaces/demo/files", {"files": [{"path": "/uploads/a.txt"}]}),
    ("FILES", "files.accepted", FILES, {"files": 7}),
    ("FILE", "files.accepted", FILES, {"files": [7, {}, {"path": 7}, {"path": ""}, {"path": "\0.txt"}]}),
    ("FILE", "files.accepted", FILES, {"files": [{"path": "/etc/passwd"}, {"path": "a.txt"}]}),
    ("FILE", "files.accepted", FILES, {"files": [{"path": "/uploads/a.txt", "force_reindex": "yes"}]}),
    ("FILES_QUOTA", "quota.over-cap", FILES, {"files": [{"path": "/uploads/long.txt"}]}),
    ("DELETION", "files.delete-one-of", f"{FILES}/delete", {"path": "/uploads/a.txt", "file_id": A_FILE}),
]
MODULES: tuple[ModuleType, ...] = (rules, answer_rules, file_rules)


def tables() -> Iterator[tuple[ModuleType, str, Mapping[str, object]]]:
    """Find every table of rules and where it is."""
    for module in MODULES:
        for name, table in vars(module).items():
            if (
                name.isupper()
                and isinstance(table, dict)
                and all(row.startswith("moorcheh.") for row in table)
            ):
                yield module, name, table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("A short text.")
    (tmp_path / "long.txt").write_text("A sentence of a long text. " * 200)
    return tmp_path


def filled(serve: Serve, folder: Path, generation: str) -> Client:
    client = serve(jobs="instant", max_items=5, files=[folder], generation=generation)
    client.create()
    client.create("notes", None)
    client.upload("x")
    if generation == "v2":
        assert client.post(FILES, {"files": [{"path": "/uploads/a.txt"}]}).body["ingesting"] == 1
    return client


@pytest.mark.parametrize(("table", "clause", "path", "body"), BREAKAGES)
def test_a_rule_alone_refuses_what_breaks_it(
    serve: Serve,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    clause: str,
    path: str,
    body: Any,
) -> None:
    client = filled(serve, folder, "v1" if table.endswith("_V1") else "v2")
    method = "GET" if body is None else "POST"
    refused = client.call(method, path, body)
    assert 400 <= refused.status < 500
    assert refused.message.endswith(f"[moorcheh.{clause}]")
    (module, rows) = next((module, rows) for module, name, rows in tables() if name == table)
    monkeypatch.setattr(module, table, {row: rows[row] for row in rows if row != f"moorcheh.{clause}"})
    assert client.call(method, path, body).status < 300
    assert client.get("/health").status == 200


def test_every_row_of_every_table_is_broken_once() -> None:
    rows = {(name, clause.removeprefix("moorcheh.")) for _, name, table in tables() for clause in table}
    # A deletion under way cannot be brought about by one request: test_namespaces tells of it.
    assert rows - {("OCCUPATION", "namespaces.delete-holds-name")} == {row[:2] for row in BREAKAGES}
