"""The endpoints about files."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from mock_server.moorcheh.files.catalogue import file_id
from tests.mock_server.moorcheh.files.conftest import Filed, ServeFiles

A_FILE = file_id("notes", "/uploads/a.txt")
JOB_FIELDS = {
    *("job_id", "job_type", "namespace_name", "file_id", "absolute_path", "status", "chunks_total"),
    *("chunks_processed", "summaries_created", "items_deleted", "last_error", "started_at", "updated_at"),
    "finished_at",
}


def test_a_new_file_is_accepted(filed: Filed) -> None:
    reply = filed.upload_files("a.txt")
    assert reply.status == 202
    assert re.fullmatch(r"job-[0-9a-f]{32}", reply.body.pop("job_id"))
    assert reply.body == {
        "status": "success",
        "message": "File upload started. Poll file job status for progress.",
        "namespace_name": "notes",
        "total": 1,
        "ingesting": 1,
        "skipped": [],
    }


def test_an_indexed_file_is_listed_found_and_fetched(filed: Filed) -> None:
    filed.begin("a.txt", team="zoo", source="mine")
    entry = filed.listed()["a.txt"]
    assert entry.pop("ingested_at") >= entry.pop("file_mtime")
    assert entry == {
        "file_id": A_FILE,
        "absolute_path": "/uploads/a.txt",
        "filename": "a.txt",
        "file_type": ".txt",
        "file_size": 37,
        "chunk_count": 1,
        "summary_count": 1,
        "status": "indexed",
        "path_exists": True,
        "last_error": None,
        "metadata": {"team": "zoo", "source": "mine"},
    }
    page = filed.get("/namespaces/notes/documents/fetch-text-data").body
    assert [(item["id"], item["is_summary"]) for item in page["items"]] == [
        (f"{A_FILE}_chunk_0", False),
        (f"{A_FILE}_summary_0", True),
    ]
    statistics = page["statistics"]
    assert (statistics["total_text_chunks"], statistics["total_summary_chunks"]) == (1, 1)
    found = filed.post("/search", {"query": "turtles #team:zoo", "namespaces": ["notes"]}).body["results"]
    assert found[0]["id"] == f"{A_FILE}_chunk_0"
    assert found[0]["text"] == "Turtles carry their house with them."
    assert found[0]["metadata"] == {"source": "mine", "file_id": A_FILE, "team": "zoo"}


def test_an_item_has_its_file_as_source(filed: Filed) -> None:
    filed.begin("a.txt")
    statistics = filed.get("/namespaces/notes/documents/fetch-text-data").body["statistics"]
    assert statistics["source_counts"] == {"a.txt": 2}


def test_a_file_may_be_named_by_its_own_path(filed: Filed, folder: Path) -> None:
    filed.post(filed.base, {"files": [{"path": f"{folder}/a.txt"}]})
    entry = filed.listed()["a.txt"]
    assert entry["absolute_path"] == f"{folder}/a.txt"
    assert entry["file_id"] == file_id("notes", f"{folder}/a.txt")


def test_a_job_shows_progress(serve_files: ServeFiles) -> None:
    filed = serve_files(jobs="polls=3")
    reply = filed.upload_files("long.md")
    assert filed.listed()["long.md"]["status"] == "processing"
    seen = [filed.file_job(reply.body["job_id"]) for _ in range(3)]
    assert all(job.keys() == JOB_FIELDS for job in seen)
    assert [job["status"] for job in seen] == ["running", "running", "completed"]
    assert [job["finished_at"] is None for job in seen] == [True, True, False]
    total = seen[-1]["chunks_total"]
    assert total > 3
    assert 0 < seen[0]["chunks_processed"] < seen[1]["chunks_processed"] < total
    assert (seen[-1]["chunks_processed"], seen[-1]["summaries_created"]) == (total, 1)
    assert [job["summaries_created"] for job in seen[:2]] == [0, 0]
    assert seen[-1]["job_type"] == "file_ingest"
    assert (seen[-1]["absolute_path"], seen[-1]["last_error"]) == ("/uploads/long.md", None)
    entry = filed.listed()["long.md"]
    assert (entry["status"], entry["chunk_count"], filed.count()) == ("indexed", total, total + 1)
    assert filed.file_job(reply.body["job_id"]) == seen[-1]


def test_a_job_of_several_files_names_none(filed: Filed) -> None:
    reply = filed.upload_files("long.md", "a.txt")
    assert (reply.body["total"], reply.body["ingesting"]) == (2, 2)
    job = filed.file_job(reply.body["job_id"])
    assert (job["file_id"], job["absolute_path"], job["status"]) == (None, None, "completed")
    assert job["summaries_created"] == 2
    assert [*filed.listed()] == ["a.txt", "long.md"]
    assert filed.get(filed.base).body["count"] == 2


def test_an_unchanged_file_is_skipped_without_a_job(filed: Filed) -> None:
    filed.begin("a.txt")
    reply = filed.upload_files("a.txt", "a.txt")
    assert reply.status == 202
    assert "job_id" not in reply.body
    assert reply.body["message"] == "No file has changed."
    assert (reply.body["total"], reply.body["ingesting"], len(reply.body["skipped"])) == (2, 0, 2)
    assert reply.body["skipped"][0] == {
        "file_id": A_FILE,
        "absolute_path": "/uploads/a.txt",
        "message": "Unchanged since it was uploaded.",
    }


def test_a_file_named_twice_is_indexed_once(filed: Filed) -> None:
    reply = filed.upload_files("a.txt", "./a.txt", force_reindex=True)
    assert (reply.body["total"], reply.body["ingesting"]) == (2, 1)
    assert reply.body["skipped"][0]["message"] == "Named more than once in this upload."
    assert filed.file_job(reply.body["job_id"])["file_id"] == A_FILE


def test_a_file_being_indexed_is_skipped_too(serve_files: ServeFiles) -> None:
    filed = serve_files(jobs="manual")
    filed.begin("a.txt")
    assert filed.upload_files("a.txt").body["ingesting"] == 0


@pytest.mark.parametrize("change", ["size", "time", "force"])
def test_a_changed_or_forced_file_is_indexed_again(filed: Filed, folder: Path, change: str) -> None:
    filed.begin("a.txt", mark=1)
    path = folder / "a.txt"
    before = path.stat()
    if change == "size":
        path.write_text("Turtles carry their house with them, still.")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif change == "time":
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    reply = filed.upload_files("a.txt", mark=2, force_reindex=change == "force")
    assert (reply.body["ingesting"], filed.count()) == (1, 2)
    assert filed.listed()["a.txt"]["metadata"] == {"mark": 2}
    assert filed.file_job(reply.body["job_id"])["items_deleted"] == 0


def test_a_file_that_has_become_shorter_leaves_nothing_behind(filed: Filed, folder: Path) -> None:
    filed.begin("long.md")
    before = filed.count()
    (folder / "long.md").write_text("Short now.")
    job = filed.file_job(filed.begin("long.md"))
    assert (job["items_deleted"], filed.count()) == (before - 2, 2)
    assert filed.listed()["long.md"]["chunk_count"] == 1


def test_a_file_that_is_gone_is_missing(filed: Filed, folder: Path) -> None:
    filed.begin("a.txt")
    (folder / "a.txt").unlink()
    entry = filed.get(f"{filed.base}/{A_FILE}").body["file"]
    assert (entry["status"], entry["path_exists"]) == ("file_missing", False)
    assert filed.upload_files("a.txt").status == 400
    filed.delete_file("a.txt")
    assert filed.count() == 0


def test_an_unreadable_file_fails_its_job_and_no_other_file(filed: Filed, folder: Path) -> None:
    (folder / "b.txt").write_bytes(b"caf\xe9")
    job_id = filed.begin("a.txt", "b.txt")
    job = filed.file_job(job_id)
    why = "the file is not UTF-8: unexpected end of data at byte 3"
    assert (job["status"], job["last_error"]) == ("failed", f"/uploads/b.txt: {why}")
    listed = filed.listed()
    assert (listed["a.txt"]["status"], listed["b.txt"]["status"]) == ("indexed", "failed")
    assert (listed["b.txt"]["last_error"], listed["b.txt"]["chunk_count"]) == (why, 0)
    assert (listed["b.txt"]["ingested_at"], filed.count()) == (None, 2)
    (folder / "b.txt").write_bytes(b"cafe")
    assert filed.file_job(filed.begin("b.txt"))["status"] == "completed"


def test_a_failed_file_is_tried_again_and_keeps_what_it_had(filed: Filed, folder: Path) -> None:
    filed.begin("a.txt")
    (folder / "a.txt").write_bytes(b"\xff")
    assert filed.file_job(filed.begin("a.txt"))["status"] == "failed"
    assert (filed.listed()["a.txt"]["chunk_count"], filed.count()) == (1, 2)
    assert filed.file_job(filed.begin("a.txt"))["status"] == "failed"
    filed.delete_file("a.txt")
    assert filed.count() == 0


def test_a_file_whose_text_is_refused_fails_whole(serve_files: ServeFiles) -> None:
    filed = serve_files(jobs="instant", max_text=500)
    job = filed.file_job(filed.begin("long.md"))
    assert (job["status"], job["chunks_total"], filed.count()) == ("failed", 0, 0)
    assert "at most 500 are embedded" in job["last_error"]


def test_chunks_and_summaries_count_to_the_quota(serve_files: ServeFiles, folder: Path) -> None:
    filed = serve_files(jobs="manual", max_items=3)
    refused = filed.upload_files("a.txt", "long.md")
    needed = refused.body["requested_new"]
    assert refused.status == 409
    assert refused.body.items() >= {"status": "failure", "items": 0, "max_items": 3}.items()
    assert "[moorcheh.quota.over-cap]" in refused.message
    assert (filed.listed(), filed.reserved) == ({}, 0)
    filed.post("/_mock/settings", {"max_items": needed})
    filed.begin("a.txt", "long.md")
    assert (filed.reserved, filed.upload_files("a.txt").status) == (needed, 202)
    (folder / "c.txt").write_text("One more.")
    assert filed.upload_files("c.txt").status == 409


@pytest.mark.parametrize("by", ["path", "file_id"])
def test_a_file_is_deleted_by_either_name(filed: Filed, by: str) -> None:
    filed.begin("a.txt", "long.md")
    count = filed.count()
    which = {"path": "/uploads/./a.txt"} if by == "path" else {"file_id": A_FILE, "path": None}
    reply = filed.post(f"{filed.base}/delete", which)
    assert reply.status == 202
    job = filed.file_job(reply.body.pop("job_id"))
    assert reply.body == {
        "status": "success",
        "message": "File deletion started. Poll file job status for progress.",
        "file_id": A_FILE,
        "namespace_name": "notes",
        "absolute_path": "/uploads/a.txt",
    }
    assert (job["job_type"], job["status"], job["items_deleted"]) == ("file_delete", "completed", 2)
    assert (job["file_id"], job["chunks_total"]) == (A_FILE, 0)
    assert ([*filed.listed()], filed.count()) == (["long.md"], count - 2)


def test_a_deletion_goes_step_by_step(serve_files: ServeFiles) -> None:
    filed = serve_files(jobs="polls=2")
    for job_id in (filed.begin("long.md"),):
        filed.file_job(job_id)
        filed.file_job(job_id)
    count = filed.count()
    job_id = filed.delete_file("long.md")
    assert (filed.count(), [*filed.listed()]) == (count, ["long.md"])
    assert filed.file_job(job_id)["items_deleted"] == count - filed.count() == count // 2
    assert filed.file_job(job_id)["status"] == "completed"
    assert (filed.count(), filed.listed()) == (0, {})


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ("a.txt", "expected an object, got a string"),
        ({}, "path: expected a string, got nothing"),
        ({"path": None}, "path: expected a string, got null"),
        ({"path": ""}, "path: '' has none of the extensions"),
        ({"path": "/uploads/a.exe"}, "none of the extensions .pdf .docx"),
        ({"path": "/uploads/a"}, "none of the extensions"),
        ({"path": "/uploads/none.txt"}, "there is no file"),
        ({"path": "/etc/hosts.txt"}, "lies outside"),
        ({"path": "a.txt"}, "no absolute path"),
        (
            {"path": "/uploads/a.txt", "force_reindex": None},
            "expected true or false, got null",
        ),
    ],
)
def test_an_element_that_names_no_file_refuses_all(filed: Filed, item: Any, why: str) -> None:
    reply = filed.post(filed.base, {"files": [{"path": "/uploads/a.txt"}, item]})
    assert (reply.status, reply.body["status"]) == (400, "failure")
    assert reply.message.startswith("files[1]: ")
    assert why in reply.message
    assert reply.message.endswith("[moorcheh.files.accepted]")
    assert (filed.listed(), filed.count()) == ({}, 0)


@pytest.mark.parametrize("body", [{}, {"files": []}, {"files": {}}])
def test_an_upload_of_no_files_is_refused(filed: Filed, body: Any) -> None:
    reply = filed.post(filed.base, body)
    assert (reply.status, reply.message.startswith("files: expected")) == (400, True)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({}, "got neither"),
        ({"path": None, "file_id": None}, "got neither"),
        ({"path": "/uploads/a.txt", "file_id": A_FILE}, "got both"),
        ({"path": 7}, "path: expected a string, got a number"),
        ({"file_id": []}, "file_id: expected a string, got an array"),
    ],
)
def test_a_deletion_names_its_file_once(filed: Filed, body: Any, why: str) -> None:
    filed.begin("a.txt")
    reply = filed.post(f"{filed.base}/delete", body)
    assert (reply.status, why in reply.message) == (400, True)
    assert reply.message.endswith("[moorcheh.files.delete-one-of]")
    assert filed.count() == 2


def test_what_is_not_there_is_not_found(filed: Filed) -> None:
    for reply, clause in [
        (filed.get(f"{filed.base}/{A_FILE}"), "files.unknown"),
        (filed.post(f"{filed.base}/delete", {"file_id": A_FILE}), "files.unknown"),
        (filed.post(f"{filed.base}/delete", {"path": "/uploads/a.txt"}), "files.unknown"),
        (filed.post(f"{filed.base}/delete", {"path": "a.txt"}), "files.unknown"),
        (filed.get("/namespaces/notes/file-jobs/job-1"), "jobs.unknown"),
        (filed.get("/namespaces/nope/file-jobs/job-1"), "jobs.unknown"),
        (filed.get("/namespaces/nope/files"), "files.unknown"),
        (filed.get(f"/namespaces/nope/files/{A_FILE}"), "files.unknown"),
        (filed.post("/namespaces/nope/files", {"files": []}), "files.unknown"),
        (filed.post("/namespaces/nope/files/delete", {}), "files.unknown"),
    ]:
        assert (reply.status, reply.body["status"]) == (404, "failure")
        assert "not found" in reply.message
        assert reply.message.endswith(f"[moorcheh.{clause}]")


def test_a_file_job_is_no_upload_job_nor_the_other_way_round(filed: Filed) -> None:
    job_id = filed.begin("a.txt")
    assert filed.get(f"/namespaces/notes/upload-jobs/{job_id}").status == 404
    document = {"documents": [{"id": "a", "text": "b"}]}
    other = filed.post("/namespaces/notes/documents", document).body["job_id"]
    assert filed.get(f"/namespaces/notes/file-jobs/{other}").status == 404


def test_files_do_not_go_to_vectors(filed: Filed) -> None:
    filed.create("demo")
    reply = filed.post("/namespaces/demo/files", {"files": [{"path": "/uploads/a.txt"}]})
    assert (reply.status, "type vector" in reply.message) == (400, True)


def test_a_server_without_folders_reads_no_file(serve_files: ServeFiles) -> None:
    client = Filed(serve_files().app, "/_session/other")
    client.create("notes", None)
    assert client.upload_files("a.txt").status == 202
