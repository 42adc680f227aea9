"""The processing of uploads in its progress modes."""

from typing import Any

import pytest

from tests.mock_server.cortex.calling import Cortex, document, refusal
from tests.mock_server.cortex.conftest import ServeCortex


def running(cortex: Cortex) -> Any:
    return cortex.client.get("/_mock/state").body["running_jobs"]


def shown(cortex: Cortex) -> Any:
    """Answers the state that the admin API shows, without polling."""
    (sub_tenant,) = cortex.client.get("/_mock/state").body["cortex"]["tenants"][0]["sub_tenants"]
    return [record["indexing_status"] for record in sub_tenant["processing"]]


def test_an_upload_is_found_once_it_is_completed(serve_cortex: ServeCortex) -> None:
    cortex = serve_cortex(jobs="polls=2")
    cortex.upload([[1, 2], [2, 1]], "a")
    assert shown(cortex) == ["queued"]
    seen = []
    for _ in range(3):
        seen.append((cortex.search(1, 2), [*cortex.stored("a_0")], cortex.count(), cortex.status("a")))
    nothing: tuple[Any, Any, int] = ([], [], 0)
    assert seen == [
        (*nothing, "processing"),
        (*nothing, "completed"),
        (["a_0", "a_1"], ["a_0"], 2, "completed"),
    ]


@pytest.mark.parametrize(
    ("polls", "statuses"),
    [
        (1, ["completed"]),
        (3, ["queued", "processing", "completed"]),
        (4, ["queued", "processing", "processing", "completed"]),
    ],
)
def test_each_poll_moves_it_on(serve_cortex: ServeCortex, polls: int, statuses: list[str]) -> None:
    cortex = serve_cortex(jobs=f"polls={polls}")
    cortex.upload([[1, 2]], "a")
    assert [cortex.status("a") for _ in statuses] == statuses


@pytest.mark.parametrize(("rows", "seconds"), [(1, 45), (999, 45), (1000, 240)])
def test_on_the_clock_it_takes_the_documented_time(
    serve_cortex: ServeCortex, rows: int, seconds: int
) -> None:
    cortex = serve_cortex(jobs="time")
    cortex.client.post("/_mock/clock", {"freeze": True})
    cortex.upload([[1, 2]] * rows, "a")
    seen = [cortex.status("a")]
    for advance in (seconds / 2, seconds / 2 - 1, 1):
        cortex.client.post("/_mock/clock", {"advance": advance})
        seen.append(cortex.status("a"))
    assert seen == ["queued", "processing", "processing", "completed"]
    assert cortex.count() == rows


def test_another_time_can_be_set(serve_cortex: ServeCortex) -> None:
    cortex = serve_cortex(jobs="time=2")
    cortex.client.post("/_mock/clock", {"freeze": True})
    cortex.upload([[1, 2]] * 1000, "a")
    cortex.client.post("/_mock/clock", {"advance": 2})
    assert cortex.status("a") == "completed"


def test_an_answer_tells_of_one_file_at_the_top_too(cortex: Cortex) -> None:
    cortex.upload([[1, 2]], "a")
    status = {
        "file_id": "a",
        "indexing_status": "completed",
        "error_code": "",
        "success": True,
        "message": "Processing status retrieved successfully",
    }
    reply = cortex.asks("POST", "/upload/verify_processing", file_id="a")
    assert reply.body == {**status, "statuses": [status]}
    assert cortex.asks("POST", "/ingestion/verify-processing", file_id="a").body == {"statuses": [status]}


def test_several_files_are_told_in_the_order_asked(cortex: Cortex) -> None:
    cortex.upload([[1, 2]], "a")
    cortex.upload([[1, 2]], "b")
    reply = cortex.asks("POST", "/ingestion/verify_processing", file_ids=["b", "a", "b"])
    assert [status["file_id"] for status in reply.body["statuses"]] == ["b", "a"]


@pytest.mark.parametrize("query", [{}, {"file_id": ""}, {"file_ids": ["", ""]}])
def test_no_file_is_422(cortex: Cortex, query: dict[str, Any]) -> None:
    reply = cortex.asks("POST", "/ingestion/verify-processing", **query)
    assert refusal(reply) == (422, "VALIDATION_ERROR", "Provide file_id or file_ids")


def test_an_unknown_file_is_404_and_so_is_one_of_another_sub_tenant(cortex: Cortex) -> None:
    cortex.upload([[1, 2]], "a")
    for elsewhere, file_id in ((cortex, "b"), (cortex.beside("other"), "a")):
        reply = elsewhere.asks("POST", "/upload/verify_processing", file_id=file_id)
        assert refusal(reply) == (404, "FILE_NOT_FOUND", f"File {file_id!r} not found")


def test_a_documents_source_is_completed_at_once(serve_cortex: ServeCortex) -> None:
    cortex = serve_cortex(jobs="manual")
    cortex.insert(document("s", a=[1, 2]))
    assert cortex.status("s") == "completed"


def test_a_record_is_kept_when_the_rows_are_gone(cortex: Cortex) -> None:
    cortex.upload([[1, 2]], "a")
    cortex.asks("DELETE", "/embeddings/delete_raw_embeddings", source_id="a")
    assert (cortex.count(), cortex.status("a")) == (0, "completed")
    assert cortex.upload([[1, 2]], "a").body["message"] == "Embeddings uploaded successfully."


def test_the_old_rows_stay_until_the_new_ones_are_completed(serve_cortex: ServeCortex) -> None:
    cortex = serve_cortex(jobs="instant")
    cortex.upload([[1, 2], [3, 4]], "a")
    cortex.client.post("/_mock/settings", {"jobs": "polls=2"})
    assert "overwritten" in cortex.upload([[5, 6]], "a").body["message"]
    for status in ("processing", "completed"):
        assert cortex.stored("a_0", "a_1") == {"a_0": [1, 2], "a_1": [3, 4]}
        assert cortex.status("a") == status
    assert cortex.stored("a_0", "a_1") == {"a_0": [5, 6]}


def test_a_newer_upload_of_a_file_takes_the_place_of_one_under_way(serve_cortex: ServeCortex) -> None:
    cortex = serve_cortex(jobs="polls=2")
    cortex.upload([[1, 2], [3, 4]], "a")
    cortex.status("a")
    assert "overwritten" in cortex.upload([[5, 6]], "a").body["message"]
    assert len(running(cortex)) == 1
    assert [cortex.status("a"), cortex.status("a")] == ["processing", "completed"]
    assert cortex.stored("a_0", "a_1") == {"a_0": [5, 6]}


def test_the_admin_api_completes_and_fails_uploads(serve_cortex: ServeCortex) -> None:
    cortex = serve_cortex(jobs="manual")
    cortex.upload([[1, 2]], "a")
    cortex.upload([[1, 2]], "b")
    assert [cortex.status(file_id) for file_id in "ab"] == ["queued", "queued"]
    first, second = (job["job_id"] for job in running(cortex))
    assert cortex.client.post(f"/_mock/jobs/{first}/complete").body["status"] == "completed"
    assert cortex.client.post(f"/_mock/jobs/{second}/fail", {"reason": "no room"}).body["status"] == "failed"
    assert cortex.status("a") == "completed"
    assert cortex.asks("POST", "/ingestion/verify_processing", file_id="b").body["statuses"] == [
        {
            "file_id": "b",
            "indexing_status": "errored",
            "error_code": "PROCESSING_FAILED",
            "success": True,
            "message": "Processing failed: no room",
        }
    ]
    assert [*cortex.stored("a_0", "b_0")] == ["a_0"]


def test_after_an_errored_upload_the_old_rows_stay(serve_cortex: ServeCortex) -> None:
    cortex = serve_cortex(jobs="instant")
    cortex.upload([[1, 2]], "a")
    cortex.client.post("/_mock/settings", {"jobs": "manual"})
    cortex.upload([[3, 4]], "a")
    (job,) = running(cortex)
    cortex.client.post(f"/_mock/jobs/{job['job_id']}/fail")
    assert (cortex.status("a"), cortex.stored("a_0")) == ("errored", {"a_0": [1, 2]})
    cortex.client.post("/_mock/settings", {"jobs": "instant"})
    cortex.upload([[3, 4]], "a")
    assert (cortex.status("a"), cortex.stored("a_0")) == ("completed", {"a_0": [3, 4]})


def test_an_errored_upload_binds_no_dimension(serve_cortex: ServeCortex) -> None:
    cortex = serve_cortex(jobs="manual")
    cortex.upload([[1, 2]], "a")
    (job,) = running(cortex)
    cortex.client.post(f"/_mock/jobs/{job['job_id']}/fail")
    assert cortex.upload([[1, 2, 3]], "a").body["message"] == "Embeddings uploaded successfully."
