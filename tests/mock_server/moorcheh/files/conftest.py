"""Fixtures: a folder of files, and a server that may read it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.moorcheh.store import Store
from tests.mock_server.calling import Client, Reply
from tests.mock_server.conftest import Serve

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def prose(sentences: int) -> str:
    """Write a text of as many sentences, no two alike."""
    return " ".join(f"Sentence {place} speaks of {WORDS[place % 12]} turtles." for place in range(sentences))


class Filed(Client):
    """A client with a text namespace named notes; paths are those of the container."""

    @property
    def base(self) -> str:
        """The path of the files."""
        return "/namespaces/notes/files"

    def upload_files(self, *names: str, **more: Any) -> Reply:
        """Upload files of the folder by name."""
        return self.post(self.base, {"files": [{"path": f"/uploads/{name}", **more} for name in names]})

    def begin(self, *names: str, **more: Any) -> str:
        """Upload files and answer the job's id."""
        job_id = self.upload_files(*names, **more).body["job_id"]
        assert isinstance(job_id, str)
        return job_id

    def delete_file(self, name: str) -> str:
        """Delete a file by its path and answer the job's id."""
        reply = self.post(f"{self.base}/delete", {"path": f"/uploads/{name}"})
        assert reply.status == 202, reply
        job_id = reply.body["job_id"]
        assert isinstance(job_id, str)
        return job_id

    def file_job(self, job_id: str) -> Any:
        """Poll a file job."""
        return self.get(f"/namespaces/notes/file-jobs/{job_id}").body

    def listed(self) -> dict[str, Any]:
        """Answer the entries of the list by filename."""
        return {entry["filename"]: entry for entry in self.get(self.base).body["files"]}

    def ids(self) -> list[str]:
        """Answer the ids of all items stored, oldest first."""
        page = self.get("/namespaces/notes/documents/fetch-text-data").body
        return [item["id"] for item in page["items"]]

    @property
    def reserved(self) -> int:
        """The number of items that running jobs have reserved."""
        return self.world.part(Store).namespaces["notes"].reserved


ServeFiles = Callable[..., Filed]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a short text and a longer one."""
    (tmp_path / "a.txt").write_text("Turtles carry their house with them.\n")
    (tmp_path / "long.md").write_text(prose(100))
    return tmp_path


@pytest.fixture
def serve_files(serve: Serve, folder: Path) -> ServeFiles:
    """Make servers that may read the folder."""

    def make(**settings: Any) -> Filed:
        client = Filed(serve(files=[folder], **settings).app)
        client.create("notes", None)
        return client

    return make


@pytest.fixture
def filed(serve_files: ServeFiles) -> Filed:
    """A server whose jobs complete at once."""
    return serve_files(jobs="instant")
