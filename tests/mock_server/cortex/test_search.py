"""Search in both forms."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server import create_app
from tests.mock_server.calling import Client
from tests.mock_server.cortex.calling import Cortex, document, refusal


@pytest.fixture
def filled(cortex: Cortex) -> Cortex:
    cortex.upload([[1, 0], [1, 1], [0, 1], [-1, 0]], "a")
    return cortex


def test_the_nearest_come_first_with_scores_from_0_to_1(filled: Cortex) -> None:
    assert filled.posts("/embeddings/search", embeddings=[2, 0]).body == {
        "chunk_ids": ["a_0", "a_1", "a_2", "a_3"],
        "scores": [1.0, 0.707107, 0.0, 0.0],
        "success": True,
        "message": "Embeddings search completed successfully",
    }


def test_hits_carry_source_score_distance_and_metadata(cortex: Cortex) -> None:
    cortex.insert(document("s", a=[1, 0], b=[1, 1], metadata={"x": [1, {"y": None}]}))
    hits = cortex.find(1, 0)
    assert hits == [
        {
            "source_id": "s",
            "embedding": {"chunk_id": chunk_id, "embedding": []},
            "score": score,
            "distance": distance,
            "metadata": {"x": [1, {"y": None}]},
        }
        for chunk_id, score, distance in (("a", 1.0, 0.0), ("b", 0.707107, 0.292893))
    ]


@pytest.mark.parametrize(
    ("fields", "vector"),
    [
        (None, []),
        ([], []),
        (["metadata", "nope"], []),
        (["embedding"], [0.10000000149011612, 1.0]),
        (["score", "embedding"], [0.10000000149011612, 1.0]),
    ],
)
def test_the_vector_comes_when_asked_for(cortex: Cortex, fields: object, vector: list[float]) -> None:
    cortex.insert(document("s", a=[0.1, 1]))
    (hit,) = cortex.find(1, 0, output_fields=fields)
    assert hit["embedding"] == {"chunk_id": "a", "embedding": vector}


@given(
    rows=st.lists(st.lists(st.floats(-1e30, 1e30), min_size=3, max_size=3), min_size=1, max_size=8),
    query=st.lists(st.floats(-1e30, 1e30), min_size=3, max_size=3),
)
def test_scores_are_the_cosines_of_what_is_stored(rows: list[list[float]], query: list[float]) -> None:
    cortex = Cortex(Client(create_app(jobs="instant")))
    cortex.create()
    cortex.upload(rows, "a")
    body = cortex.posts("/embeddings/search", embeddings=query).body
    assert body["scores"] == sorted(body["scores"], reverse=True)
    for chunk_id, score in zip(body["chunk_ids"], body["scores"], strict=True):
        stored = np.array(rows[int(chunk_id.removeprefix("a_"))], np.float32).astype(np.float64)
        wanted = np.array(query)
        lengths = np.linalg.norm(stored / (abs(stored).max() or 1)) * np.linalg.norm(
            wanted / (abs(wanted).max() or 1)
        )
        product = (stored / (abs(stored).max() or 1)) @ (wanted / (abs(wanted).max() or 1))
        assert score == pytest.approx(max(0.0, product / lengths) if lengths else 0.0, abs=2e-6)


def test_at_most_as_many_come_as_are_asked_for(cortex: Cortex) -> None:
    cortex.upload([[1, place] for place in range(250)], "a")
    counts = {most: len(cortex.search(1, 0, max_chunks=most)) for most in (None, 1, 200)}
    assert counts == {None: 10, 1: 1, 200: 200}
    limits = {limit: len(cortex.find(1, 0, limit=limit)) for limit in (None, 1, 1000)}
    assert limits == {None: 10, 1: 1, 1000: 250}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "embeddings vector cannot be empty"),
        ({"embeddings": None}, "embeddings vector cannot be empty"),
        ({"embeddings": []}, "embeddings vector cannot be empty"),
        ({"embeddings": "1"}, "embeddings: expected an array of numbers, got a string"),
        ({"embeddings": [1, "2"]}, "embeddings[1]: expected a finite number, got '2'"),
        ({"embeddings": [1, True]}, "embeddings[1]: expected a finite number, got true"),
        ({"embeddings": [[1, 2]]}, "embeddings[0]: expected a finite number, got an array"),
        ({"embeddings": [1, 10**400]}, "embeddings[1]: expected a finite number, got a number"),
        ({"embeddings": [1, 2], "max_chunks": 0}, "max_chunks must be greater than 0"),
        ({"embeddings": [1, 2], "max_chunks": -1}, "max_chunks must be greater than 0"),
        ({"embeddings": [1, 2], "max_chunks": 201}, "max_chunks cannot exceed 200"),
        ({"embeddings": [1, 2], "max_chunks": 1.0}, "max_chunks must be an integer, got 1.0"),
        ({"embeddings": [1, 2, 3]}, "Embedding vectors have 3 values, the tenant has dimension 2"),
    ],
)
def test_a_faulty_search_is_400(filled: Cortex, fields: dict[str, Any], message: str) -> None:
    reply = filled.posts("/embeddings/search", **fields)
    assert refusal(reply) == (400, "INVALID_PARAMETERS", message)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "query_embedding: expected an array of at least one number, got null"),
        ({"query_embedding": "a"}, "query_embedding: expected an array of numbers, got a string"),
        ({"query_embedding": []}, "query_embedding: expected an array of at least one number, got an array"),
        ({"query_embedding": [1, None]}, "query_embedding[1]: expected a finite number, got null"),
        ({"query_embedding": [1, 2, 3]}, "Embedding vectors have 3 values, the tenant has dimension 2"),
        ({"query_embedding": [1, 2], "limit": 0}, "limit: expected an integer from 1 to 1000, got 0"),
        ({"query_embedding": [1, 2], "limit": 1001}, "limit: expected an integer from 1 to 1000, got 1001"),
        ({"query_embedding": [1, 2], "limit": "1"}, "limit: expected an integer from 1 to 1000, got '1'"),
        ({"query_embedding": [1, 2], "output_fields": "embedding"}, "output_fields: expected an array, got"),
        ({"query_embedding": [1, 2], "filter_expr": 7}, "filter_expr: expected a string, got 7"),
    ],
)
def test_a_faulty_search_of_the_documents_form_is_422(
    filled: Cortex, fields: dict[str, Any], message: str
) -> None:
    status, code, got = refusal(filled.posts("/embeddings/search-raw-embeddings", **fields))
    assert (status, code) == (422, "VALIDATION_ERROR")
    assert got.startswith(message)


def test_a_faulty_filter_is_400_and_names_the_column(filled: Cortex) -> None:
    reply = filled.posts(
        "/embeddings/search_raw_embeddings", query_embedding=[1, 2], filter_expr="source_id = 'a'"
    )
    assert refusal(reply)[:2] == (400, "INVALID_PARAMETERS")
    assert refusal(reply)[2].startswith("filter_expr: column 11: expected ")


@pytest.mark.parametrize(
    ("expression", "ids"),
    [
        ('metadata["n"] > 1', ["b", "c"]),
        ('source_id == "two" and chunk_id != "c"', ["b"]),
        ('chunk_id in ["a", "c", "x"]', ["a", "c"]),
        ("not chunk_id in ['a']", ["b", "c"]),
        ('metadata["nope"] != 1', []),
        (None, ["a", "b", "c"]),
        ("  ", ["a", "b", "c"]),
    ],
)
def test_a_filter_keeps_what_it_holds_for(cortex: Cortex, expression: object, ids: list[str]) -> None:
    cortex.insert(
        document("one", a=[3, 0], metadata={"n": 1}), document("two", b=[2, 1], c=[1, 1], metadata={"n": 2})
    )
    hits = cortex.find(1, 0, filter_expr=expression)
    assert [hit["embedding"]["chunk_id"] for hit in hits] == ids
    first = cortex.find(1, 0, filter_expr=expression, limit=1)
    assert [hit["embedding"]["chunk_id"] for hit in first] == ids[:1]


def test_an_empty_tenant_takes_a_query_of_any_length(cortex: Cortex) -> None:
    assert (cortex.search(1, 2, 3), cortex.find(1, 2, 3, filter_expr="chunk_id == 'a'")) == ([], [])


def test_a_sub_tenant_finds_only_its_own(cortex: Cortex) -> None:
    cortex.upload([[1, 2]], "a")
    cortex.beside("other").upload([[1, 2]], "b")
    assert (cortex.search(1, 2), cortex.beside("other").search(1, 2)) == (["a_0"], ["b_0"])
    assert cortex.beside("nope").search(1, 2) == []
