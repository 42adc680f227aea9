"""The driver speaks Moorcheh's API to a target, keeps track of what it made there, and judges nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlencode

from conformance.broom import Broom, Removal
from conformance.driver import Driver
from conformance.exchange import Exchange
from conformance.target import Target
from conformance.verdict import Unproven

ENDED = ("completed", "failed")


@dataclass(frozen=True, slots=True)
class FilesFolder:
    """A folder that the suite can write to and the server can read, by the path each of them has for it."""

    here: Path
    there: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What the user says of a Moorcheh server and grants it.

    Attributes:
        job_timeout: Seconds a job may take to reach its end.
        fill_quota: Whether the quota is filled however long it takes and whoever else has items there.
        files: Where files for the server go; None if there is no such place.
        generation: "v1", "v2", or "auto" to look which endpoints exist.
    """

    job_timeout: float = 30.0
    fill_quota: bool = False
    files: FilesFolder | None = None
    generation: Literal["auto", "v1", "v2"] = "auto"


class Moorcheh(Driver):
    """Moorcheh's endpoints on one target, a method each.

    Args:
        target: The server under test.
        terms: What the user says of it.

    Attributes:
        is_filled: Whether the example has brought the server to its cap, and expects refusals.
    """

    def __init__(self, target: Target, terms: Terms | None = None) -> None:
        self.terms = terms or Terms()
        super().__init__(target, self.terms.job_timeout)
        self.is_filled = False
        self._passing: list[str] = []
        self._lasting: list[str] = []
        self._deletions: dict[str, str] = {}
        self._broom = Broom(target)

    def health(self) -> Exchange:
        """GET /health, when all that examples have left is removed: it counts what is there."""
        self._broom.settle()
        return self.target.send("GET", "/health")

    def create_namespace(self, body: Mapping[str, Any]) -> Exchange:
        """POST /namespaces; the namespace is removed after the example that made it."""
        exchange = self.target.send("POST", "/namespaces", json=body)
        name = body.get("namespace_name", body.get("name"))
        refused = exchange.status is not None and not exchange.succeeded
        if isinstance(name, str) and not refused and name not in self._lasting:
            self._passing.append(name)
        return exchange

    def list_namespaces(self) -> Exchange:
        """GET /namespaces."""
        return self.target.send("GET", "/namespaces")

    def delete_namespace(self, name: str) -> Exchange:
        """DELETE /namespaces/{name}."""
        exchange = self.target.send("DELETE", _path(name))
        if isinstance(exchange.body.get("job_id"), str):
            self._deletions[name] = exchange.body["job_id"]
        return exchange

    def delete_job(self, name: str, job_id: str) -> Exchange:
        """GET /namespaces/{name}/delete-jobs/{job_id}."""
        return self.target.send("GET", _path(name, "delete-jobs", job_id))

    def upload_vectors(self, name: str, vectors: Any) -> Exchange:
        """POST /namespaces/{name}/vectors with `vectors` as its only field."""
        return self.post(name, "vectors", {"vectors": vectors})

    def upload_documents(self, name: str, documents: Any) -> Exchange:
        """POST /namespaces/{name}/documents with `documents` as its only field."""
        return self.post(name, "documents", {"documents": documents})

    def upload_job(self, name: str, job_id: str) -> Exchange:
        """GET /namespaces/{name}/upload-jobs/{job_id}."""
        return self.target.send("GET", _path(name, "upload-jobs", job_id))

    def get_items(self, name: str, ids: Any) -> Exchange:
        """POST /namespaces/{name}/items/get."""
        return self.post(name, "items/get", {"ids": ids})

    def delete_items(self, name: str, ids: Any) -> Exchange:
        """POST /namespaces/{name}/items/delete."""
        return self.post(name, "items/delete", {"ids": ids})

    def fetch_text_data(self, name: str, **query: Any) -> Exchange:
        """GET /namespaces/{name}/documents/fetch-text-data."""
        question = f"?{urlencode(query)}" if query else ""
        return self.target.send("GET", f"{_path(name)}/documents/fetch-text-data{question}")

    def upload_files(self, name: str, files: Any) -> Exchange:
        """POST /namespaces/{name}/files with `files` as its only field."""
        return self.post(name, "files", {"files": files})

    def list_files(self, name: str) -> Exchange:
        """GET /namespaces/{name}/files."""
        return self.target.send("GET", _path(name, "files"))

    def get_file(self, name: str, file_id: str) -> Exchange:
        """GET /namespaces/{name}/files/{file_id}."""
        return self.target.send("GET", _path(name, "files", file_id))

    def delete_file(self, name: str, which: Mapping[str, Any]) -> Exchange:
        """POST /namespaces/{name}/files/delete."""
        return self.post(name, "files/delete", which)

    def file_job(self, name: str, job_id: str) -> Exchange:
        """GET /namespaces/{name}/file-jobs/{job_id}."""
        return self.target.send("GET", _path(name, "file-jobs", job_id))

    def answer(self, query: str, namespace: str, **more: Any) -> Exchange:
        """POST /answer."""
        return self.target.send("POST", "/answer", json={"query": query, "namespace": namespace, **more})

    def search(self, query: Any, namespaces: Any, **more: Any) -> Exchange:
        """POST /search."""
        return self.target.send("POST", "/search", json={"query": query, "namespaces": namespaces, **more})

    def post(self, name: str, endpoint: str, body: Any) -> Exchange:
        """POST /namespaces/{name}/{endpoint} with any body.

        Raises:
            Unproven: There is no room for an upload, and it was not this example that has filled the server.
        """
        exchange = self.target.send("POST", f"{_path(name)}/{endpoint}", json=body)
        if exchange.status == 409 and "max_items" in exchange.body and not self.is_filled:
            raise Unproven(f"the server has no room: {exchange.outcome()}")
        return exchange

    def adopt(self, name: str) -> None:
        """Removes a namespace after the example as one of its own, by whichever call it was made."""
        self._passing.append(name)

    def keep(self, name: str) -> None:
        """Keeps a namespace to the end of the run."""
        self._passing.remove(name)
        self._lasting.append(name)

    def polls_until_end(self, name: str, job_id: str) -> Sequence[Exchange]:
        """Asks an upload job until it has ended or the time is up; every answer on the way."""
        return self._polls(self.upload_job, name, job_id)

    def delete_polls_until_end(self, name: str, job_id: str) -> Sequence[Exchange]:
        """The same for a delete job."""
        return self._polls(self.delete_job, name, job_id)

    def file_polls_until_end(self, name: str, job_id: str) -> Sequence[Exchange]:
        """The same for a file job."""
        return self._polls(self.file_job, name, job_id)

    def forget(self) -> None:
        """Removes what was to stay to the end of the run, and forgets it."""
        self._remove(self._lasting)
        self._broom.settle()
        super().forget()

    def begin_example(self) -> None:
        """Removes what the example before has made."""
        self.is_filled = False
        self._remove(self._passing)

    def end_check(self) -> None:
        """Removes what the check's last example has made."""
        self._remove(self._passing)

    def end_run(self) -> None:
        """Removes everything the run has made, also what the server has made though it refused it."""
        self._remove(self._passing)
        self._remove(self._lasting)
        self._broom.settle()
        listed = self.list_namespaces().body.get("namespaces")
        names = [
            str(entry.get("namespace_name"))
            for entry in (listed if isinstance(listed, list) else [])
            if isinstance(entry, dict)
        ]
        self._remove([name for name in names if self.is_own(name)])
        self._broom.close()

    def _polls(self, ask: Callable[[str, str], Exchange], name: str, job_id: str) -> Sequence[Exchange]:
        return self.polls_until(_has_ended, lambda: ask(name, job_id))

    def _remove(self, names: list[str]) -> None:
        """Deletes namespaces and sees all deletions of this run through; one that is gone may be gone."""
        self._broom.sweep([self._removal(name) for name in dict.fromkeys(names)])
        names.clear()
        self._broom.sweep([self._seeing_through(name, job) for name, job in self._deletions.items()])
        self._deletions.clear()

    def _removal(self, name: str) -> Removal:
        def remove(target: Target) -> None:
            job_id = target.send("DELETE", _path(name)).body.get("job_id")
            if isinstance(job_id, str):
                self._seeing_through(name, job_id)(target)

        return remove

    def _seeing_through(self, name: str, job_id: str) -> Removal:
        path = _path(name, "delete-jobs", job_id)

        def see_through(target: Target) -> None:
            self.polls_until(_has_ended, lambda: target.send("GET", path))

        return see_through


def _has_ended(exchange: Exchange) -> bool:
    return exchange.body.get("status") in ENDED or not exchange.succeeded


def _path(name: str, *rest: str) -> str:
    return "/namespaces/" + "/".join(quote(part, safe="") for part in (name, *rest))
