"""The tables of rules: without one of its rows the server takes what that row refuses, and never fails."""

from collections.abc import Mapping
from typing import Any

import pytest

from mock_server.moorcheh import rules
from mock_server.moorcheh.rules import shown
from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve

CREATE, VECTORS, DOCUMENTS = "/namespaces", "/namespaces/demo/vectors", "/namespaces/notes/documents"
GET, SEARCH = "/namespaces/demo/items/get", "/search"
VECTOR: dict[str, Any] = {"id": "a", "vector": [1, 2]}
SPACE = {"namespace_name": "new", "type": "vector", "vector_dimension": 2}
QUESTION: dict[str, Any] = {"query": [1, 2], "namespaces": ["demo"]}

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
]


@pytest.fixture
def filled(serve: Serve) -> Client:
    client = serve(jobs="instant", max_items=5)
    client.create()
    client.create("notes", None)
    client.upload("x")
    return client


@pytest.mark.parametrize(("table", "clause", "path", "body"), BREAKAGES)
def test_a_rule_alone_refuses_what_breaks_it(
    filled: Client, monkeypatch: pytest.MonkeyPatch, table: str, clause: str, path: str, body: Any
) -> None:
    refused = filled.post(path, body)
    assert 400 <= refused.status < 500
    assert refused.message.endswith(f"[moorcheh.{clause}]")
    rows: Mapping[str, object] = getattr(rules, table)
    monkeypatch.setattr(rules, table, {row: rows[row] for row in rows if row != f"moorcheh.{clause}"})
    assert filled.post(path, body).status < 300
    assert filled.get("/health").status == 200


def test_every_row_of_every_table_is_broken_once() -> None:
    rows = {
        (name, clause.removeprefix("moorcheh."))
        for name, table in vars(rules).items()
        if name.isupper() and isinstance(table, dict)
        for clause in table
    }
    # A deletion under way cannot be brought about by one request: test_namespaces tells of it.
    assert rows - {("OCCUPATION", "namespaces.delete-holds-name")} == {row[:2] for row in BREAKAGES}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        ("x" * 61, repr("x" * 57 + "...")),
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (1.5, "1.5"),
        (-7, "-7"),
        (10**18, "a number"),
        ([1], "an array"),
        ({}, "an object"),
    ],
)
def test_values_are_shown_briefly(value: object, text: str) -> None:
    assert shown(value) == text
