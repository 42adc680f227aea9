"""Stored chunks by id or by source."""

from typing import Any

import pytest

from tests.mock_server.calling import Reply
from tests.mock_server.cortex.calling import KEY, Cortex, document, refusal


@pytest.fixture
def filled(cortex: Cortex) -> Cortex:
    cortex.insert(document("s", a=[1, 2], b=[3, 4], metadata={"x": 1}), document("t", c=[5, 6]))
    return cortex


def delete(cortex: Cortex, **fields: object) -> Reply:
    return cortex.client.call("DELETE", "/embeddings/delete", {**cortex.scope, **fields}, KEY)


def choose(cortex: Cortex, **fields: object) -> Reply:
    return cortex.posts("/embeddings/filter-raw-embeddings", **fields)


def remove(cortex: Cortex, **query: object) -> Reply:
    return cortex.asks("DELETE", "/embeddings/delete-raw-embeddings", **query)


@pytest.mark.parametrize("path", ["/embeddings/retrieve_by_ids", "/embeddings/by-chunk-ids"])
def test_vectors_come_by_id_and_the_unknown_are_listed(filled: Cortex, path: str) -> None:
    assert filled.posts(path, chunk_ids=["c", "x", "a", "x", "a"]).body == {
        "embeddings": {"c": [5.0, 6.0], "a": [1.0, 2.0]},
        "not_found_chunk_ids": ["x"],
        "success": True,
        "message": "Embeddings retrieved successfully",
    }


@pytest.mark.parametrize(
    ("chunk_ids", "message"),
    [
        (None, "chunk_ids list cannot be empty"),
        ([], "chunk_ids list cannot be empty"),
        ("a", "chunk_ids list cannot be empty"),
        ([""], "All chunk_ids must be non-empty strings"),
        (["a", 7], "All chunk_ids must be non-empty strings"),
    ],
)
def test_chunk_ids_are_strings_and_there_are_some(filled: Cortex, chunk_ids: object, message: str) -> None:
    for reply in (
        filled.posts("/embeddings/retrieve_by_ids", chunk_ids=chunk_ids),
        delete(filled, chunk_ids=chunk_ids),
    ):
        assert refusal(reply) == (400, "INVALID_PARAMETERS", message)
    assert filled.count() == 3


def test_a_deletion_tells_what_was_there(filled: Cortex) -> None:
    assert delete(filled, chunk_ids=["a", "x", "a", "c"]).body == {
        "status": {"a": True, "x": False, "c": True},
        "total_deleted": 2,
        "success": True,
        "message": "Embeddings deleted successfully",
    }
    assert delete(filled, chunk_ids=["a"]).body["status"] == {"a": False}
    assert (filled.search(1, 2), filled.count()) == (["b"], 1)


def test_a_source_without_chunks_is_forgotten(filled: Cortex) -> None:
    delete(filled, chunk_ids=["a", "b"])
    filled.insert(document("s", d=[1, 2]))
    assert choose(filled, source_id="s").body[0]["metadata"] == {}


def test_the_chunks_of_a_source_come_without_scores(filled: Cortex) -> None:
    assert choose(filled, source_id="s", output_fields=["embedding"]).body == [
        {
            "source_id": "s",
            "embedding": {"chunk_id": chunk_id, "embedding": vector},
            "score": 0.0,
            "distance": 0.0,
            "metadata": {"x": 1},
        }
        for chunk_id, vector in (("a", [1, 2]), ("b", [3, 4]))
    ]
    assert choose(filled, source_id="nope").body == []


def test_the_known_among_the_ids_asked_for_come_once(filled: Cortex) -> None:
    hits = choose(filled, chunk_ids=["c", "x", "a", "c"], source_id=None).body
    assert [hit["embedding"] for hit in hits] == [
        {"chunk_id": "c", "embedding": []},
        {"chunk_id": "a", "embedding": []},
    ]


def test_at_most_as_many_are_chosen_as_are_asked_for(cortex: Cortex) -> None:
    cortex.upload([[1]] * 150, "a")
    counts = {limit: len(choose(cortex, source_id="a", limit=limit).body) for limit in (None, 1, 10_000)}
    assert counts == {None: 100, 1: 1, 10_000: 150}


@pytest.mark.parametrize("limit", [0, 10_001, "1", 1.5, True])
def test_a_limit_out_of_range_is_422(filled: Cortex, limit: object) -> None:
    status, code, message = refusal(choose(filled, source_id="s", limit=limit))
    assert (status, code) == (422, "VALIDATION_ERROR")
    assert message.startswith("limit: expected an integer from 1 to 10000, got ")


@pytest.mark.parametrize(
    ("fields", "got"),
    [
        ({}, "neither"),
        ({"source_id": "", "chunk_ids": []}, "neither"),
        ({"source_id": "s", "chunk_ids": ["a"]}, "source_id and chunk_ids"),
    ],
)
def test_both_or_neither_of_source_and_ids_are_400(filled: Cortex, fields: dict[str, Any], got: str) -> None:
    for reply in (choose(filled, **fields), remove(filled, **fields)):
        assert refusal(reply) == (
            400,
            "INVALID_PARAMETERS",
            f"Provide exactly one of source_id and chunk_ids, got {got}",
        )
    assert filled.count() == 3


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"source_id": 7}, "source_id: expected a string, got 7"),
        ({"chunk_ids": "a"}, "chunk_ids: expected an array, got 'a'"),
        ({"chunk_ids": ["a", None]}, "chunk_ids[1]: expected a string, got null"),
        ({"source_id": "s", "output_fields": {}}, "output_fields: expected an array, got an object"),
    ],
)
def test_a_choice_of_other_types_is_422(filled: Cortex, fields: dict[str, Any], message: str) -> None:
    assert refusal(choose(filled, **fields)) == (422, "VALIDATION_ERROR", message)


def test_a_source_is_removed_with_all_its_chunks(filled: Cortex) -> None:
    assert remove(filled, source_id="s").body == {"delete_count": 2, "success": True, "error": None}
    assert remove(filled, source_id="s").body == {"delete_count": 0, "success": True, "error": None}
    assert filled.search(1, 2) == ["c"]


def test_chunks_are_removed_by_repeated_ids(filled: Cortex) -> None:
    assert remove(filled, chunk_ids=["a", "x", "c", "a"]).body["delete_count"] == 2
    assert remove(filled.beside("other"), chunk_ids="b").body["delete_count"] == 0
    assert remove(filled, chunk_ids="b").body["delete_count"] == 1
    assert filled.count() == 0
