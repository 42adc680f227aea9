"""Inserts of documents."""

from typing import Any

import pytest

from tests.mock_server.cortex.calling import Cortex, document, refusal

CHUNK = {"chunk_id": "c", "embedding": [1, 2]}


@pytest.fixture
def fixed(cortex: Cortex) -> Cortex:
    """A tenant of dimension 2."""
    fixed = cortex.beside(None, "fixed")
    fixed.create(2)
    return fixed


def test_documents_are_stored_when_answered(fixed: Cortex) -> None:
    reply = fixed.insert(
        document("doc_001", a=[0.1, 20.1], b=[1, 2], metadata={"lang": "en"}), document("doc_002", c=[2, 1])
    )
    assert reply.status == 200
    assert reply.body == {"insert_count": 3, "ids": ["a", "b", "c"], "success": True, "error": None}
    assert fixed.stored("a") == {"a": [0.10000000149011612, 20.100000381469727]}
    assert {hit["source_id"] for hit in fixed.find(1, 2)} == {"doc_001", "doc_002"}


def test_tenant_and_sub_tenant_may_stand_in_query_or_body(fixed: Cortex) -> None:
    body = {"embeddings": [document("s", a=[1, 2])]}
    path = "/embeddings/insert-raw-embeddings"
    assert fixed.beside("x").sends("POST", path, body).status == 200
    assert fixed.beside("y").posts(path, **body).status == 200
    assert fixed.sends("POST", path, {**body, "tenant_id": "nope", "sub_tenant_id": "z"}).status == 200
    assert [fixed.beside(name).count() for name in "xyz"] == [1, 1, 1]


def test_what_documents_say_of_tenants_is_ignored(fixed: Cortex) -> None:
    fixed.insert({**document("s", a=[1, 2]), "tenant_id": "other", "sub_tenant_id": "other"})
    assert fixed.beside("fixed").count() == 1


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([[1, 2]], "embeddings[1]: expected an object, got an array"),
        ([{"embeddings": [CHUNK]}], "embeddings[1]: source_id: expected a string"),
        ([{"source_id": None, "embeddings": [CHUNK]}], "embeddings[1]: source_id: expected a string"),
        ([{"source_id": "", "embeddings": [CHUNK]}], 'embeddings[1] (source_id ""): source_id: expected a'),
        ([{"source_id": "s"}], 'embeddings[1] (source_id "s"): embeddings: expected an array of at least'),
        ([{"source_id": "s", "embeddings": []}], "embeddings: expected an array of at least one element"),
        ([{"source_id": "s", "embeddings": CHUNK}], "embeddings: expected an array of at least one element"),
        ([{"source_id": "s", "embeddings": [7]}], ".embeddings[0]: expected an object, got a number"),
        ([{"source_id": "s", "embeddings": [CHUNK, {"embedding": [1, 2]}]}], ".embeddings[1]: chunk_id: exp"),
        ([{"source_id": "s", "embeddings": [{"chunk_id": 7, "embedding": [1, 2]}]}], "chunk_id: expected"),
        ([{"source_id": "s", "embeddings": [{"chunk_id": "c"}]}], '(chunk_id "c"): embedding: expected an'),
        ([document("s", c=[])], "embedding: expected an array of at least one element"),
        ([{"source_id": "s", "embeddings": [{"chunk_id": "c", "embedding": "1"}]}], "embedding: expected"),
        ([document("s", c=[1, "2"])], '.embeddings[0] (chunk_id "c"): value 1 is a string, not a number'),
        ([document("s", c=[None, 2])], "value 0 is null, not a number"),
        ([document("s", c=[True, 2])], "value 0 is a boolean, not a number"),
        ([document("s", c=[1, float("nan")])], "value 1 is not finite as a 32-bit float"),
        ([document("s", c=[1, 1e39])], "value 1 is not finite as a 32-bit float"),
        ([document("s", c=[1, 10**400])], "value 1 is not finite as a 32-bit float"),
        ([document("s", c=[1, 2, 3])], "the vector has 3 values, the tenant has dimension 2"),
        ([document("s", c=[1])], "the vector has 1 values, the tenant has dimension 2"),
        ([{**document("s", c=[1, 2]), "metadata": "m"}], "metadata: expected an object, got a string"),
    ],
)
def test_one_faulty_document_refuses_all(fixed: Cortex, documents: list[Any], message: str) -> None:
    status, code, got = refusal(fixed.insert(document("ok", a=[1, 2]), *documents))
    assert (status, code) == (422, "VALIDATION_ERROR")
    assert message in got
    assert fixed.count() == 0
    assert fixed.asks("GET", "/tenants/sub_tenant_ids").body["sub_tenant_ids"] == ["fixed"]


def test_without_a_dimension_of_its_own_the_first_chunk_gives_it(cortex: Cortex) -> None:
    status, _, message = refusal(cortex.insert(document("s", a=[1, 2, 3], b=[1, 2])))
    assert (status, message[-52:]) == (422, "): the vector has 2 values, the tenant has dimension 3"[-52:])
    cortex.insert(document("s", a=[1, 2, 3]))
    assert refusal(cortex.insert(document("s", b=[1, 2])))[0] == 422
    assert refusal(cortex.upload([[1, 2]]))[0] == 400


def test_a_dimension_that_all_share_but_the_tenant_is_refused_by_chunk(fixed: Cortex) -> None:
    assert "embeddings[0]" in refusal(fixed.insert(document("s", a=[1, 2, 3], b=[1, 2, 3])))[2]


@pytest.mark.parametrize("upsert", [{}, {"upsert": False}, {"upsert": None}])
def test_without_upsert_a_known_chunk_is_a_conflict_and_nothing_changes(
    cortex: Cortex, upsert: dict[str, Any]
) -> None:
    cortex.insert(document("s", a=[1, 2]))
    reply = cortex.insert(document("t", b=[3, 4]), document("s", a=[5, 6]), **upsert)
    assert refusal(reply)[:2] == (409, "CONFLICT")
    assert cortex.stored("a", "b") == {"a": [1, 2]}


def test_with_upsert_known_chunks_are_updated_and_the_rest_inserted(cortex: Cortex) -> None:
    cortex.insert(document("s", a=[1, 2], b=[3, 4], metadata={"x": 1}))
    reply = cortex.insert(document("s", a=[5, 6], c=[7, 8]), upsert=True)
    assert reply.body == {"insert_count": 2, "ids": ["a", "c"], "success": True, "error": None}
    assert cortex.stored("a", "b", "c") == {"a": [5, 6], "b": [3, 4], "c": [7, 8]}
    assert {str(hit["metadata"]) for hit in cortex.find(1, 2)} == {"{'x': 1}"}
    cortex.insert(document("s", c=[7, 9], metadata={"y": 2}), upsert=True)
    assert {str(hit["metadata"]) for hit in cortex.find(1, 2)} == {"{'y': 2}"}


def test_upsert_is_true_or_false(cortex: Cortex) -> None:
    reply = cortex.insert(document("s", a=[1, 2]), upsert="yes")
    assert refusal(reply) == (422, "VALIDATION_ERROR", "upsert: expected true or false, got 'yes'")


def test_a_repeated_chunk_id_counts_twice_and_its_last_vector_is_stored(cortex: Cortex) -> None:
    reply = cortex.insert(document("s", a=[1, 2]), document("t", a=[3, 4]))
    assert (reply.body["insert_count"], reply.body["ids"]) == (2, ["a", "a"])
    assert (cortex.count(), cortex.stored("a"), cortex.find(1, 2)[0]["source_id"]) == (1, {"a": [3, 4]}, "t")


def test_a_chunk_upserted_under_another_source_leaves_the_first(cortex: Cortex) -> None:
    cortex.insert(document("s", a=[1, 2], b=[1, 2]))
    cortex.insert(document("t", a=[1, 2], b=[1, 2]), upsert=True)
    assert cortex.posts("/embeddings/filter_raw_embeddings", source_id="s").body == []
    assert len(cortex.posts("/embeddings/filter_raw_embeddings", source_id="t").body) == 2


def test_the_same_chunk_id_in_two_sub_tenants_is_two_chunks(cortex: Cortex) -> None:
    cortex.insert(document("s", a=[1, 2]))
    assert cortex.beside("other").insert(document("s", a=[3, 4])).status == 200
    assert (cortex.stored("a"), cortex.beside("other").stored("a")) == ({"a": [1, 2]}, {"a": [3, 4]})


@pytest.mark.parametrize("documents", [[1, 2], "a", {"source_id": "s"}])
def test_what_is_neither_form_is_refused_as_a_matrix(cortex: Cortex, documents: object) -> None:
    reply = cortex.posts("/embeddings/insert-raw-embeddings", embeddings=documents)
    assert refusal(reply) == (400, "INVALID_PARAMETERS", "embeddings must be a 2D array of decimals")
