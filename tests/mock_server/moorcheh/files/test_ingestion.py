"""Uploads and deletions of one file that overtake each other."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server import create_app
from mock_server.moorcheh.files.catalogue import item_ids
from tests.mock_server.moorcheh.files.conftest import Filed, ServeFiles, prose

OVERTAKEN = "the file was deleted or uploaded anew before it was indexed"


@pytest.fixture
def manual(serve_files: ServeFiles) -> Filed:
    return serve_files(jobs="manual")


def complete(client: Filed, *job_ids: str) -> None:
    for job_id in job_ids:
        assert client.post(f"/_mock/jobs/{job_id}/complete").status == 200


def test_a_file_deleted_while_it_is_indexed_leaves_nothing(serve_files: ServeFiles) -> None:
    client = serve_files(jobs="polls=2")
    indexing = client.begin("long.md")
    client.file_job(indexing)
    stored = client.count()
    deleting = client.delete_file("long.md")
    assert (stored > 0, client.reserved) == (True, 0)
    assert client.file_job(indexing)["last_error"] == f"/uploads/long.md: {OVERTAKEN}"
    assert client.count() == stored
    client.file_job(deleting)
    assert client.file_job(deleting)["items_deleted"] == stored
    assert (client.count(), client.listed()) == (0, {})


def test_a_file_uploaded_anew_while_it_is_deleted_stays(manual: Filed) -> None:
    complete(manual, manual.begin("a.txt"))
    deleting = manual.delete_file("a.txt")
    indexing = manual.begin("a.txt", mark=2)
    complete(manual, indexing, deleting)
    entry = manual.listed()["a.txt"]
    assert (entry["status"], entry["metadata"], manual.count()) == ("indexed", {"mark": 2}, 2)


def test_a_deletion_that_ends_first_does_no_harm_either(manual: Filed) -> None:
    complete(manual, manual.begin("a.txt"))
    deleting = manual.delete_file("a.txt")
    indexing = manual.begin("a.txt")
    complete(manual, deleting)
    assert manual.listed()["a.txt"]["status"] == "processing"
    complete(manual, indexing)
    assert (manual.listed()["a.txt"]["status"], manual.count(), manual.reserved) == ("indexed", 2, 0)


def test_of_two_versions_the_later_is_kept(manual: Filed, folder: Path) -> None:
    first = manual.begin("long.md")
    (folder / "long.md").write_text("Short now.")
    second = manual.begin("long.md")
    assert manual.reserved == 2
    complete(manual, second, first)
    assert manual.file_job(first)["status"] == "failed"
    assert (manual.listed()["long.md"]["chunk_count"], manual.count(), manual.reserved) == (1, 2, 0)


def test_a_version_that_cannot_be_read_leaves_nothing_of_one_half_stored(
    serve_files: ServeFiles, folder: Path
) -> None:
    client = serve_files(jobs="polls=2")
    client.file_job(client.begin("long.md"))
    stored = client.count()
    (folder / "long.md").write_bytes(b"\xff")
    complete(client, job_id := client.begin("long.md"))
    assert client.file_job(job_id)["items_deleted"] == stored > 0
    assert (client.listed()["long.md"]["status"], client.count(), client.reserved) == ("failed", 0, 0)


def test_a_file_deleted_twice_is_gone(manual: Filed) -> None:
    complete(manual, manual.begin("a.txt"))
    jobs = [manual.delete_file("a.txt") for _ in range(2)]
    complete(manual, *jobs)
    assert [manual.file_job(job_id)["items_deleted"] for job_id in jobs] == [2, 0]
    assert (manual.listed(), manual.count()) == ({}, 0)


def test_a_namespace_that_is_deleted_gives_up_its_files(serve_files: ServeFiles) -> None:
    client = serve_files(jobs="manual")
    indexing = client.begin("a.txt")
    deletion = client.call("DELETE", "/namespaces/notes").body["job_id"]
    assert client.reserved == 0
    assert client.get(f"/namespaces/notes/file-jobs/{indexing}").status == 404
    assert client.upload_files("a.txt").status == 404
    assert client.post(f"{client.base}/delete", {"path": "/uploads/a.txt"}).status == 404
    complete(client, deletion)
    client.create("notes", None)
    assert (client.listed(), client.count()) == ({}, 0)


def test_a_failed_job_of_the_admin_api_is_told(manual: Filed) -> None:
    job_id = manual.begin("a.txt")
    world = manual.world
    world.jobs.fail(world.jobs[job_id], "told so")
    job = manual.file_job(job_id)
    assert (job["status"], job["last_error"]) == ("failed", "told so")


steps = st.lists(
    st.tuples(st.sampled_from(["upload", "force", "delete", "poll", "complete"]), st.integers(0, 9)),
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_in_the_end_exactly_the_listed_files_are_stored(tmp_path: Path, plan: list[tuple[str, int]]) -> None:
    client = Filed(create_app(files=[tmp_path], jobs="polls=3"))
    client.create("notes", None)
    jobs: list[str] = []
    for action, which in plan:
        name = f"{which % 2}.txt"
        if action in ("upload", "force"):
            (tmp_path / name).write_text(prose(1 + 15 * which) if which else " ")
            reply = client.upload_files(name, force_reindex=action == "force")
            jobs += [reply.body["job_id"]] if "job_id" in reply.body else []
        elif action == "delete":
            reply = client.post(f"{client.base}/delete", {"path": f"/uploads/{name}"})
            jobs += [reply.body["job_id"]] if reply.status == 202 else []
        elif jobs:
            job_id = jobs[which % len(jobs)]
            (client.file_job if action == "poll" else lambda each: complete(client, each))(job_id)
        assert client.reserved >= 0
    complete(client, *jobs)
    expected = {
        item_id
        for entry in client.listed().values()
        for item_id in item_ids(entry["file_id"], entry["chunk_count"], entry["summary_count"])
    }
    assert ({*client.ids()}, client.reserved) == (expected, 0)
    assert all(entry["status"] in ("indexed", "failed") for entry in client.listed().values())


def test_indexing_that_is_failed_gives_back_its_room(serve_files: ServeFiles) -> None:
    filed = serve_files(jobs="polls=2")
    job_id = filed.begin("long.md")
    filed.file_job(job_id)
    done = len(filed.ids())
    assert filed.post(f"/_mock/jobs/{job_id}/fail", {"reason": "disk full"}).body["kind"] == "file_ingest"
    job, entry = filed.file_job(job_id), filed.listed()["long.md"]
    assert (job["status"], job["last_error"]) == ("failed", "disk full")
    assert (entry["status"], entry["last_error"]) == ("failed", "disk full")
    assert (len(filed.ids()), filed.reserved, done > 0) == (done, 0, True)


def test_indexing_that_is_overtaken_and_failed_leaves_the_newer_upload_alone(serve_files: ServeFiles) -> None:
    filed = serve_files(jobs="polls=2")
    first = filed.begin("a.txt")
    second = filed.begin("a.txt", force_reindex=True)
    filed.post(f"/_mock/jobs/{first}/fail")
    filed.post(f"/_mock/jobs/{second}/complete")
    assert filed.listed()["a.txt"]["status"] == "indexed"


def test_file_jobs_that_vanish_are_unknown(serve_files: ServeFiles) -> None:
    filed = serve_files(jobs="polls=2")
    filed.post(f"/_mock/jobs/{filed.begin('a.txt')}/complete")
    filed.post("/_mock/faults", {"effect": "job", "outcome": "vanish"})
    for job_id in (filed.begin("long.md"), filed.delete_file("a.txt")):
        assert filed.get(f"/namespaces/notes/file-jobs/{job_id}").status == 404
    assert filed.listed()["a.txt"]["status"] == "indexed"
