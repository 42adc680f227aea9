"""The official command line `moorcheh`: every subcommand that talks to the API, run as users run it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mock_server import create_app
from tests.official_client.calling import JOB_ID
from tests.serving import serving


@dataclass(frozen=True)
class Shell:
    """Runs the command line on a server, as a user whose home is a folder of the test's own."""

    url: str
    home: Path

    def run(self, command: str, *arguments: str) -> Any:
        """Runs a subcommand and reads the JSON it prints last."""
        done = self.start(command, *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout[done.stdout.index("{") :])

    def start(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a subcommand to its end, whatever that is."""
        words = [sys.executable, "-m", "moorcheh", command, "--base-url", self.url, *arguments]
        environment = {**os.environ, "HOME": str(self.home), "USERPROFILE": str(self.home)}
        return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def write(self, name: str, document: object) -> str:
        """Writes a JSON file into the home."""
        path = self.home / name
        path.write_text(json.dumps(document), encoding="utf-8")
        return str(path)

    def finish(self, command: str, namespace: str, job_id: str) -> Any:
        """Asks for a job until it is completed, ten times at most."""
        for _ in range(10):
            job = self.run(command, "--namespace-name", namespace, "--job-id", job_id)
            if job["status"] == "completed":
                return job
        raise AssertionError(job)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell on a server of its own, which reads the folder the official client keeps its uploads in."""
    uploads = tmp_path / ".moorcheh" / "uploads"
    uploads.mkdir(parents=True)
    with serving(create_app(files=[uploads])) as url:
        yield Shell(url, tmp_path)


def test_namespaces_are_created_listed_and_deleted(shell: Shell) -> None:
    created = shell.run("namespace-create", "--name", "v", "--type", "vector", "--vector-dimension", "2")
    assert created["vector_dimension"] == 2
    shell.run("namespace-create", "--name", "t", "--type", "text")
    listed = shell.run("namespace-list")["namespaces"]
    assert {each["namespace_name"]: each["type"] for each in listed} == {"v": "vector", "t": "text"}
    waited = shell.run("namespace-delete", "--namespace-name", "v", "--poll-interval", "0.01")
    assert waited["delete_job"]["status"] == "completed"
    begun = shell.run("namespace-delete", "--namespace-name", "t", "--no-wait")
    assert JOB_ID.fullmatch(begun["job_id"])
    shell.finish("namespace-delete-job-status", "t", begun["job_id"])
    assert shell.run("namespace-list")["namespaces"] == []


def test_vectors_are_uploaded_searched_got_and_deleted(shell: Shell) -> None:
    shell.run("namespace-create", "--name", "v", "--type", "vector", "--vector-dimension", "2")
    body = {"vectors": [{"id": "east", "vector": [1, 0], "n": 1}, {"id": "north", "vector": [0, 1]}]}
    upload = shell.run(
        "upload-vectors", "--namespace-name", "v", "--vectors-file", shell.write("v.json", body)
    )
    assert shell.finish("upload-job-status", "v", upload["job_id"])["successful"] == 2
    found = shell.run("search", "--query-vector-json", "[2, 0.1]", "--namespaces", "v", "--top-k", "1")
    assert [hit["id"] for hit in found["results"]] == ["east"]
    got = shell.run("items-get", "--namespace-name", "v", "--ids-json", '["east", "south"]')
    assert got["items"] == [{"id": "east", "metadata": {"n": 1}}]
    gone = shell.run("items-delete", "--namespace-name", "v", "--ids-json", '["east"]')
    assert gone["deleted"] == 1
    assert shell.run("status")["items"] == 1


def test_documents_are_uploaded_searched_fetched_and_asked(shell: Shell) -> None:
    shell.run("namespace-create", "--name", "t", "--type", "text")
    body = {
        "documents": [
            {"id": "turtle", "text": "A turtle carries its house. It is slow.", "kind": "Reptile"},
            {"id": "swift", "text": "A swift sleeps in the air. It is fast.", "kind": "bird"},
        ]
    }
    upload = shell.run(
        "upload-documents", "--namespace-name", "t", "--documents-file", shell.write("t.json", body)
    )
    shell.finish("upload-job-status", "t", upload["job_id"])
    found = shell.run("search", "--query", "what carries its house #kind:reptile", "--namespaces", "t")
    assert [hit["id"] for hit in found["results"]] == ["turtle"]
    first = shell.run("fetch-text-data", "--namespace-name", "t", "--limit", "1")
    token = first["pagination"]["next_token"]
    second = shell.run("fetch-text-data", "--namespace-name", "t", "--limit", "1", "--next-token", token)
    assert [page["items"][0]["id"] for page in (first, second)] == ["turtle", "swift"]
    answer = shell.run("answer", "--query", "Who sleeps in the air?", "--namespace", "t", "--top-k", "2")
    assert (answer["context_count"], "swift sleeps in the air" in answer["answer"]) == (2, True)
    structured = shell.run(
        *("answer", "--query", "Who is slow?", "--namespace", "t", "--ai-model", "mine", "--structured"),
        *("--temperature", "0.1", "--chat-history-json", '[{"role": "user", "content": "Hello"}]'),
    )
    assert structured["model"] == "mine"
    assert "structured_data" in structured


def test_files_are_uploaded_listed_and_deleted(shell: Shell) -> None:
    shell.run("namespace-create", "--name", "t", "--type", "text")
    notes, more = (shell.home / ".moorcheh" / "uploads" / name for name in ("notes.md", "more.txt"))
    notes.write_text("# Turtles\n\nTurtles carry their house with them.\n", encoding="utf-8")
    more.write_text("Swifts sleep in the air.\n", encoding="utf-8")
    one = shell.run(
        *("upload-file", "--namespace-name", "t", "--file", str(notes), "--metadata-json", '{"by": "me"}')
    )
    assert shell.finish("file-job-status", "t", one["job_id"])["job_type"] == "file_ingest"
    body = {"files": [{"path": "/uploads/notes.md"}, {"path": "/uploads/more.txt"}]}
    two = shell.run("upload-files", "--namespace-name", "t", "--files-file", shell.write("f.json", body))
    assert (two["ingesting"], len(two["skipped"])) == (1, 1)
    shell.finish("file-job-status", "t", two["job_id"])
    listed = {each["filename"]: each for each in shell.run("list-files", "--namespace-name", "t")["files"]}
    assert {name: each["status"] for name, each in listed.items()} == {
        "more.txt": "indexed",
        "notes.md": "indexed",
    }
    file_id = listed["notes.md"]["file_id"]
    got = shell.run("file-get", "--namespace-name", "t", "--file-id", file_id)["file"]
    assert got["metadata"] == {"by": "me"}
    for which in (("--path", str(notes)), ("--file-id", listed["more.txt"]["file_id"])):
        gone = shell.run("delete-file", "--namespace-name", "t", *which)
        assert shell.finish("file-job-status", "t", gone["job_id"])["job_type"] == "file_delete"
    assert shell.run("list-files", "--namespace-name", "t")["count"] == 0
    assert shell.run("status")["items"] == 0


def test_a_refusal_is_told(shell: Shell) -> None:
    done = shell.start("namespace-delete", "--namespace-name", "nowhere")
    assert done.returncode != 0
    assert "not found" in done.stdout + done.stderr
