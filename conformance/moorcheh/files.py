"""Checks of the area files: files in a folder that the suite writes to and the server reads."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.exchange import Exchange
from conformance.expectation import (
    expect,
    expect_fields,
    expect_status,
    expect_values,
    require,
    require_success,
)
from conformance.moorcheh.basis import Namespace, health_of, hits_of, text_namespace
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.generation import Offer
from conformance.moorcheh.refusing import expect_refused_but_twin_accepted
from conformance.moorcheh.writing import about, made_up_words

DIGITS = 16
NO_FOLDER = "needs a folder that the server reads (--files-dir)"

seeds = st.integers(0, 2**32 - 1)
extensions = st.sampled_from((".txt", ".md"))


@dataclass(frozen=True, slots=True)
class Filed:
    """A text file on the server's side, and a namespace to put it into.

    Attributes:
        space: The namespace.
        path: Where the server finds the file.
        text: What it holds.
    """

    space: Namespace
    path: str
    text: str

    def upload(self, **more: Any) -> Exchange:
        """Uploads the file; judges nothing."""
        return self.space.server.upload_files(self.space.name, [{"path": self.path, **more}])

    def index(self) -> dict[str, Any]:
        """Uploads the file, needs it indexed, and answers its entry in the list."""
        job_id = require_success(self.upload(), "a file is not accepted").body.get("job_id")
        require(isinstance(job_id, str), "an accepted file has no job_id")
        self.await_job(str(job_id))
        entry = self.entry()
        require(entry is not None, "a file whose job is completed is not listed")
        return entry or {}

    def await_job(self, job_id: str) -> None:
        """Waits for a file job and needs it completed."""
        last = self.space.server.file_polls_until_end(self.space.name, job_id)[-1]
        require(last.body.get("status") == "completed", f"a file job does not complete: {last.outcome()}")

    def entry(self) -> dict[str, Any] | None:
        """The file's entry in the list, or None."""
        listing = self.space.server.list_files(self.space.name)
        files = require_success(listing, "files cannot be listed").body.get("files")
        require(isinstance(files, list), "the list holds no files")
        return next((each for each in files or [] if isinstance(each, dict)), None)


@proves("moorcheh.files.accepted")
@given(seed=seeds, extension=extensions)
def a_file_is_indexed(server: Moorcheh, seed: int, extension: str) -> None:
    """Once its job is completed it is listed, its chunks are items, and a search finds them."""
    with _file(server, seed, extension) as filed:
        exchange = filed.upload()
        expect_status(exchange, 202)
        expect_values(exchange, status="success", namespace_name=filed.space.name)
        expect_values(exchange, total=1, ingesting=1, skipped=[])
        expect_fields(exchange, message=str, job_id=str)
        filed.await_job(exchange.body["job_id"])
        listing = server.list_files(filed.space.name)
        entry = filed.entry()
        expect(entry is not None and entry.get("status") == "indexed", 'a file of status "indexed"', listing)
        chunk = f"{(entry or {}).get('file_id')}_chunk_0"
        expect(
            chunk in filed.space.items([chunk]), f"an item {chunk!r}", listing, "items/get does not find it"
        )
        search = server.search(filed.text, [filed.space.name])
        expect(chunk in {hit.get("id") for hit in hits_of(search)}, f"a hit {chunk!r}", search)


@proves("moorcheh.files.skipped")
@given(seed=seeds)
def an_unchanged_file_is_skipped(server: Moorcheh, seed: int) -> None:
    """It is told so, and there is no job."""
    with _file(server, seed) as filed:
        file_id = filed.index().get("file_id")
        exchange = filed.upload()
        expect(exchange.succeeded, "a 2xx", exchange)
        expect(exchange.body.get("job_id") is None, "no job_id", exchange)
        expect_values(exchange, ingesting=0)
        skipped = exchange.body.get("skipped")
        ids = [each.get("file_id") for each in skipped] if isinstance(skipped, list) else skipped
        expect(ids == [file_id], f"the file {file_id!r} skipped", exchange)


@proves("moorcheh.files.file-id")
@given(seed=seeds)
def a_file_id_is_a_digest(server: Moorcheh, seed: int) -> None:
    """Of the namespace and the absolute path."""
    with _file(server, seed) as filed:
        entry = filed.index()
        whole = f"{filed.space.name}\0{entry.get('absolute_path')}".encode()
        digest = hashlib.sha256(whole).hexdigest()[:DIGITS]
        listing = server.list_files(filed.space.name)
        expect(entry.get("file_id") == digest, f"file_id {digest!r}", listing)


@proves("moorcheh.files.delete")
@given(seed=seeds, by=st.sampled_from(("path", "file_id")))
def a_deleted_file_leaves_nothing(server: Moorcheh, seed: int, by: str) -> None:
    """By either name: its chunks are gone, and their quota is free."""
    with _file(server, seed) as filed:
        before = health_of(server)["items"]
        entry = filed.index()
        chunk = f"{entry.get('file_id')}_chunk_0"
        require(chunk in filed.space.items([chunk]), "the chunks of an indexed file are no items")
        which = {"path": filed.path} if by == "path" else {"file_id": entry.get("file_id")}
        exchange = server.delete_file(filed.space.name, which)
        expect_status(exchange, 202)
        expect_fields(exchange, job_id=str)
        filed.await_job(exchange.body["job_id"])
        expect(filed.entry() is None, "no such file in the list", exchange, f"{filed.entry()}")
        expect(chunk not in filed.space.items([chunk]), f"no item {chunk!r}", exchange, "it is still there")
        items = health_of(server)["items"]
        expect(items == before, f"items = {before} in /health", exchange, f"items = {items}")


@proves("moorcheh.files.delete-one-of")
@given(seed=seeds)
def a_file_is_deleted_by_one_name(server: Moorcheh, seed: int) -> None:
    """Both path and file_id are refused, and so is neither."""
    with _file(server, seed) as filed:
        file_id = filed.index().get("file_id")
        both = server.delete_file(filed.space.name, {"path": filed.path, "file_id": file_id})
        neither = server.delete_file(filed.space.name, {})
        twin = server.delete_file(filed.space.name, {"file_id": file_id})
        for exchange in (both, neither):
            expect_refused_but_twin_accepted(exchange, 400, twin)


@proves("moorcheh.files.unknown")
@given(file_id=st.text("0123456789abcdef", min_size=DIGITS, max_size=DIGITS), seed=seeds)
def an_unknown_file_is_refused(server: Moorcheh, file_id: str, seed: int) -> None:
    """Asked for or to be deleted."""
    with _file(server, seed) as filed:
        known = server.get_file(filed.space.name, str(filed.index().get("file_id")))
        expect_refused_but_twin_accepted(server.get_file(filed.space.name, file_id), 404, known)
        expect_status(server.delete_file(filed.space.name, {"file_id": file_id}), 404)


@contextmanager
def _file(server: Moorcheh, seed: int, extension: str = ".txt") -> Iterator[Filed]:
    """A new file in the folder, removed in the end, and a new namespace."""
    server.memo(Offer).require("files")
    folder = server.terms.files
    if folder is None:
        require(False, NO_FOLDER)
        return
    name = f"vecpact-{secrets.token_hex(8)}{extension}"
    text = "\n".join(about(word)["text"] for word in made_up_words(seed, 3))
    here = folder.here / name
    here.write_text(text, encoding="utf-8")
    try:
        yield Filed(text_namespace(server), f"{folder.there.rstrip('/')}/{name}", text)
    finally:
        here.unlink()
