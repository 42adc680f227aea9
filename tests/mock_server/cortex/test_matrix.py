"""Uploads of rows under a file id, and updates of single rows."""

import json
from typing import Any

import numpy as np
import pytest

from tests.mock_server.cortex.calling import KEY, Cortex, document, refusal
from tests.mock_server.cortex.conftest import ServeCortex

NUMERIC = "All embedding values must be numeric"


def test_a_matrix_is_accepted(cortex: Cortex) -> None:
    reply = cortex.upload([[0.1, 20.1], [1, -2]], "CortexDoc1234")
    assert reply.status == 200
    assert reply.body == {
        "success": True,
        "status": "success",
        "message": "Embeddings uploaded successfully.",
        "file_id": "CortexDoc1234",
        "batch_id": "CortexDoc1234",
        "chunk_ids": ["CortexDoc1234_0", "CortexDoc1234_1"],
    }
    assert cortex.stored("CortexDoc1234_0", "CortexDoc1234_1") == {
        "CortexDoc1234_0": [0.10000000149011612, 20.100000381469727],
        "CortexDoc1234_1": [1.0, -2.0],
    }


def test_without_a_file_id_each_upload_gets_another(cortex: Cortex) -> None:
    replies = [cortex.upload([[1, 2]], **fields) for fields in ({}, {"file_id": None}, {"file_id": ""})]
    ids = [reply.body["file_id"] for reply in replies]
    assert all(ids)
    assert len({*ids}) == 3
    assert cortex.count() == 3


def test_a_file_id_may_stand_in_the_documents_metadata(cortex: Cortex) -> None:
    assert cortex.upload([[1, 2]], document_metadata={"file_id": "a"}).body["file_id"] == "a"
    assert cortex.upload([[1, 2]], "b", document_metadata={"file_id": "a"}).body["file_id"] == "b"


def test_metadata_of_tenant_and_document_come_with_the_chunks(cortex: Cortex) -> None:
    cortex.upload([[1, 2]], "a", tenant_metadata={"x": 1, "y": 1}, document_metadata={"y": 2})
    assert cortex.find(1, 2)[0]["metadata"] == {"x": 1, "y": 2}
    cortex.upload([[1, 2]], "a", tenant_metadata=None)
    assert cortex.find(1, 2)[0]["metadata"] == {}


def test_a_file_uploaded_again_is_replaced_whole(cortex: Cortex) -> None:
    cortex.upload([[1, 2], [3, 4], [5, 6]], "emb_123456")
    cortex.upload([[7, 8]], "other")
    reply = cortex.upload([[9, 9], [8, 8]], "emb_123456")
    assert reply.body["message"] == (
        "Embeddings uploaded successfully. "
        "Existing embeddings with file_id 'emb_123456' have been overwritten."
    )
    assert cortex.stored("emb_123456_0", "emb_123456_1", "emb_123456_2", "other_0") == {
        "emb_123456_0": [9, 9],
        "emb_123456_1": [8, 8],
        "other_0": [7, 8],
    }
    assert cortex.count() == 3


def test_the_same_file_id_elsewhere_is_another_file(cortex: Cortex) -> None:
    cortex.upload([[1, 2]], "a")
    reply = cortex.beside("other").upload([[3, 4]], "a")
    assert reply.body["message"] == "Embeddings uploaded successfully."
    assert (cortex.stored("a_0"), cortex.beside("other").stored("a_0")) == ({"a_0": [1, 2]}, {"a_0": [3, 4]})


@pytest.mark.parametrize(
    ("embeddings", "message"),
    [
        (None, "'embeddings' field is required and cannot be empty"),
        ([], "'embeddings' field is required and cannot be empty"),
        ({}, "'embeddings' field is required and cannot be empty"),
        ("", "embeddings must be a 2D array of decimals"),
        ("[[1]]", "embeddings must be a 2D array of decimals"),
        (False, "embeddings must be a 2D array of decimals"),
        ({"0": [1, 2]}, "embeddings must be a 2D array of decimals"),
        ([1, 2], "embeddings must be a 2D array of decimals"),
        ([[1, 2], 3], "embeddings must be a 2D array of decimals"),
        ([{"source_id": "a"}], "embeddings must be a 2D array of decimals"),
        ([[1, 2], []], "embedding vectors cannot be empty"),
        ([[]], "embedding vectors cannot be empty"),
        ([[1, "2"]], NUMERIC),
        ([[1, True]], NUMERIC),
        ([[1, None]], NUMERIC),
        ([[1, [2]]], NUMERIC),
        ([[1, {}]], NUMERIC),
        ([[1, float("nan")]], NUMERIC),
        ([[1, float("-inf")]], NUMERIC),
        ([[1, 10**400]], NUMERIC),
        ([[1, 1e39]], NUMERIC),
        ([[1, 2], [1, 2, 3]], "All embedding vectors must have the same dimension"),
    ],
)
def test_a_faulty_matrix_is_refused_in_the_documented_words(
    cortex: Cortex, embeddings: object, message: str
) -> None:
    assert refusal(cortex.upload(embeddings, "a")) == (400, "INVALID_PARAMETERS", message)
    assert (
        cortex.client.get("/_mock/state").body["cortex"]["tenants"][0]["sub_tenants"][0]["processing"] == []
    )


def test_missing_embeddings_are_required_on_both_paths(cortex: Cortex) -> None:
    for path in ("/upload/upload_embeddings", "/embeddings/insert-raw-embeddings"):
        reply = cortex.sends("POST", path, {"file_id": "a"})
        assert refusal(reply)[2] == "'embeddings' field is required and cannot be empty"


def test_an_overflowing_literal_is_refused_and_the_largest_number_kept(cortex: Cortex) -> None:
    assert (
        refusal(cortex.sends("POST", "/upload/upload_embeddings", b'{"embeddings": [[1e999]]}'))[2] == NUMERIC
    )
    largest = float(np.finfo(np.float32).max)
    cortex.upload([[largest, -largest, 5e-324]], "a")
    assert cortex.stored("a_0") == {"a_0": [largest, -largest, 0.0]}


@pytest.mark.parametrize(("rows", "columns"), [(2000, 1), (1, 3024)])
def test_the_limits_are_accepted_and_one_more_refused_with_both_and_what_came(
    cortex: Cortex, rows: int, columns: int
) -> None:
    assert len(cortex.upload([[1] * columns] * rows, "a").body["chunk_ids"]) == rows
    cortex.posts("/tenants/create")
    more_rows, more_columns = (rows + 1, columns) if rows > 1 else (rows, columns + 1)
    assert refusal(cortex.upload([[1] * more_columns] * more_rows)) == (
        400,
        "INVALID_PARAMETERS",
        "Embeddings dimensions exceed limits. Max rows: 2000, Max cols: 3024. "
        f"Got: {more_rows}x{more_columns}",
    )


def test_every_upload_of_a_tenant_has_one_dimension(serve_cortex: ServeCortex) -> None:
    cortex = serve_cortex(jobs="manual")
    cortex.upload([[1, 2]], "a")
    for other in (cortex, cortex.beside("other")):
        status, code, message = refusal(other.upload([[1, 2, 3]], "b"))
        assert (status, code) == (400, "INVALID_PARAMETERS")
        assert message == "Embedding vectors have 3 values, the tenant has dimension 2"
    assert cortex.beside("other").upload([[3, 4]], "b").status == 200


def test_an_empty_tenant_forgets_its_dimension(cortex: Cortex) -> None:
    cortex.upload([[1, 2]], "a")
    cortex.client.call("DELETE", "/embeddings/delete", {"tenant_id": "demo", "chunk_ids": ["a_0"]}, KEY)
    cortex.upload([[1, 2, 3]], "a")
    assert cortex.stored("a_0") == {"a_0": [1, 2, 3]}
    assert cortex.search(1, 2, 3) == ["a_0"]


def test_the_dimension_a_tenant_was_made_with_binds_rows_too(cortex: Cortex) -> None:
    new = cortex.beside(None, "new")
    new.create(3)
    assert refusal(new.upload([[1, 2]]))[0] == 400
    assert new.upload([[1, 2, 3]]).status == 200


@pytest.mark.parametrize("name", ["file_id", "document_metadata", "tenant_metadata"])
@pytest.mark.parametrize("value", [7, ["a"], True])
def test_fields_of_other_types_are_422(cortex: Cortex, name: str, value: Any) -> None:
    status, code, message = refusal(cortex.upload([[1, 2]], **{name: value}))
    assert (status, code) == (422, "VALIDATION_ERROR")
    assert message.startswith(f"{name}: expected ")
    assert cortex.count() == 0


def test_the_matrix_form_on_the_later_path_acts_alike(cortex: Cortex) -> None:
    body = {"embeddings": [[0.5, 1]], "file_id": "a"}
    in_body = cortex.posts("/embeddings/insert-raw-embeddings", **body)
    assert in_body.body["chunk_ids"] == ["a_0"]
    in_query = cortex.beside("other").sends("POST", "/embeddings/insert_raw_embeddings", body)
    assert in_query.body["message"] == "Embeddings uploaded successfully."
    assert cortex.status("a") == "completed"
    assert (cortex.count(), cortex.beside("other").count()) == (2, 1)
    mixed = cortex.sends("POST", "/embeddings/insert_raw_embeddings", {**body, "sub_tenant_id": "third"})
    assert mixed.status == 200
    assert cortex.beside("third").count() == 1


def update(cortex: Cortex, embeddings: object) -> Any:
    body = embeddings if isinstance(embeddings, bytes) else {"embeddings": embeddings}
    return cortex.sends("PATCH", "/upload/update_embeddings", body)


def test_an_update_replaces_those_vectors_and_no_others(cortex: Cortex) -> None:
    cortex.upload([[1, 0], [0, 1], [-1, 0]], "a", document_metadata={"x": 1})
    reply = update(cortex, {"a_2": [0.1, 20.1], "a_0": [0, -1]})
    assert reply.body == {
        "success": True,
        "message": "Embeddings updated successfully.",
        "file_id": "a",
        "batch_id": "a",
        "chunk_ids": ["a_2", "a_0"],
        "updated_count": 2,
    }
    assert cortex.stored("a_0", "a_1", "a_2") == {
        "a_0": [0, -1],
        "a_1": [0, 1],
        "a_2": [0.10000000149011612, 20.100000381469727],
    }
    assert cortex.search(0, -1, max_chunks=1) == ["a_0"]
    assert cortex.find(0, -1)[0]["metadata"] == {"x": 1}


@pytest.mark.parametrize(
    ("embeddings", "message"),
    [
        (None, "'embeddings' field is required and cannot be empty"),
        ({}, "'embeddings' field is required and cannot be empty"),
        (
            [[1, 2]],
            "embeddings must be a dictionary with chunk_id as keys and embedding arrays as values",
        ),
        (
            {"a_0": "1"},
            "embeddings must be a dictionary with chunk_id as keys and embedding arrays as values",
        ),
        ({"a": [1, 2]}, "Invalid chunk ID format (must be: batch_id_index)"),
        ({"a_": [1, 2]}, "Invalid chunk ID format (must be: batch_id_index)"),
        ({"_0": [1, 2]}, "Invalid chunk ID format (must be: batch_id_index)"),
        ({"a_b": [1, 2]}, "Invalid chunk ID format (must be: batch_id_index)"),
        (
            {"B_0": [1, 2], "A_0": [1, 2], "A_1": [1, 2]},
            "All chunk IDs must belong to the same batch. Found sources: ['A', 'B']",
        ),
        ({"a_0": []}, "embedding vectors cannot be empty"),
        ({"a_0": [1, "2"]}, NUMERIC),
        (b'{"embeddings": {"a_0": [1, NaN]}}', NUMERIC),
        ({"a_0": [1, 1e39]}, NUMERIC),
        ({"a_0": [1, 2], "a_1": [1]}, "All embedding vectors must have the same dimension"),
        ({"a_0": [1, 2, 3]}, "Embedding vectors have 3 values, the tenant has dimension 2"),
    ],
)
def test_a_faulty_update_is_refused_and_changes_nothing(
    cortex: Cortex, embeddings: object, message: str
) -> None:
    cortex.upload([[1, 2], [3, 4]], "a")
    assert refusal(update(cortex, embeddings)) == (400, "INVALID_PARAMETERS", message)
    assert cortex.stored("a_0", "a_1") == {"a_0": [1, 2], "a_1": [3, 4]}


def test_an_update_of_an_unknown_chunk_changes_nothing(cortex: Cortex) -> None:
    cortex.upload([[1, 2]], "a")
    reply = update(cortex, {"a_0": [3, 4], "a_1": [3, 4]})
    assert refusal(reply) == (404, "EMBEDDINGS_NOT_FOUND", "Chunk 'a_1' not found")
    assert cortex.stored("a_0") == {"a_0": [1, 2]}
    assert refusal(update(cortex.beside("other"), {"a_0": [3, 4]}))[0] == 404


def test_chunks_of_a_document_can_be_updated_too(cortex: Cortex) -> None:
    cortex.insert(document("s", a_7=[1, 2]))
    assert update(cortex, {"a_7": [3, 4]}).body["batch_id"] == "a"
    assert cortex.find(3, 4, output_fields=["embedding"])[0]["source_id"] == "s"


def test_big_uploads_are_refused_by_their_first_fault_only(cortex: Cortex) -> None:
    rows = [[1.5] * 64 for _ in range(1000)]
    rows[999][63] = float("inf")
    reply = cortex.sends("POST", "/upload/upload_embeddings", json.dumps({"embeddings": rows}).encode())
    assert refusal(reply)[2] == NUMERIC
