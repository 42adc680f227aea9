"""Checks of the area files: files in a folder that the suite writes to and the server reads."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
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
HEXADECIMAL = "0123456789abcdef"
SECOND = 10**9  # nanoseconds
NO_FOLDER = "needs a folder that the server reads (--files-dir)"

seeds = st.integers(0, 2**32 - 1)
extensions = st.sampled_from((".txt", ".md", ".csv", ".json"))


@dataclass(frozen=True, slots=True)
class Filed:
    """A text file on the server's side, and a namespace to put it into.

    Attributes:
        space: The namespace.
        here: Where the suite writes the file.
        path: Where the server finds it.
        words: The words it speaks of, in their order.
    """

    space: Namespace
    here: Path
    path: str
    words: Sequence[str]

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
@given(seed=seeds, extension=extensions, lines=st.sampled_from((1, 60)))
def a_file_is_indexed(server: Moorcheh, seed: int, extension: str, lines: int) -> None:
    """Once its job is completed it is listed, its chunks are items, and a search finds them."""
    with _file(server, seed, extension, lines) as filed:
        exchange = filed.upload(topic=filed.words[0])
        expect_status(exchange, 202)
        expect_values(exchange, status="success", namespace_name=filed.space.name)
        expect_values(exchange, total=1, ingesting=1, skipped=[])
        expect_fields(exchange, message=str, job_id=str)
        filed.await_job(exchange.body["job_id"])
        listing, entry = server.list_files(filed.space.name), filed.entry() or {}
        stands = {"status": "indexed", "filename": filed.here.name, "file_type": extension}
        for name, value in {**stands, "file_size": filed.here.stat().st_size, "path_exists": True}.items():
            expect(entry.get(name) == value, f"a file with {name} = {value!r}", listing)
        metadata: Any = entry.get("metadata")
        kept = isinstance(metadata, dict) and metadata.get("topic") == filed.words[0]
        expect(kept, "a file with the metadata it was uploaded with", listing)
        _expect_items(filed, entry, listing)
        for word in (filed.words[0], filed.words[-1]):
            search = server.search(about(word)["text"], [filed.space.name], top_k=100)
            found = [str(hit.get("text")) for hit in hits_of(search) if "_chunk_" in str(hit.get("id"))]
            expect(any(word in text for text in found), f"a chunk that holds {word!r}", search)


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


@proves("moorcheh.files.skipped")
@given(seed=seeds, change=st.sampled_from(("size", "time", "nothing")))
def a_changed_file_is_not_skipped(server: Moorcheh, seed: int, change: str) -> None:
    """Whether its size or its time has changed; an unchanged one is not, either, with force_reindex."""
    with _file(server, seed) as filed:
        filed.index()
        moment = filed.here.stat().st_mtime_ns
        if change == "size":
            filed.here.write_text(filed.here.read_text("utf-8") + "One more line.\n", encoding="utf-8")
        later = moment + 10 * SECOND if change == "time" else moment
        os.utime(filed.here, ns=(later, later))
        exchange = filed.upload(**({"force_reindex": True} if change == "nothing" else {}))
        expect(exchange.succeeded, "a 2xx", exchange)
        expect_values(exchange, ingesting=1)
        expect_fields(exchange, job_id=str)
        filed.await_job(exchange.body["job_id"])


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
@given(seed=seeds, by=st.sampled_from(("path", "file_id")), lines=st.sampled_from((1, 60)))
def a_deleted_file_leaves_nothing(server: Moorcheh, seed: int, by: str, lines: int) -> None:
    """By either name: its chunks are gone, also for a search, and their quota is free."""
    with _file(server, seed, lines=lines) as filed:
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
        search = server.search(about(filed.words[0])["text"], [filed.space.name])
        expect(not hits_of(search), "no hits in the namespace of the file", search)


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
@given(file_id=st.text(HEXADECIMAL, min_size=DIGITS, max_size=DIGITS), seed=seeds)
def an_unknown_file_is_refused(server: Moorcheh, file_id: str, seed: int) -> None:
    """Asked for or to be deleted; so is one that differs in its last digit, and one of another namespace."""
    with _file(server, seed) as filed:
        name, known_id = filed.space.name, str(filed.index().get("file_id"))
        other_digit = HEXADECIMAL[HEXADECIMAL.find(known_id[-1:]) - 1]
        elsewhere = text_namespace(server).name
        known = server.get_file(name, known_id)
        for space, unknown in ((name, file_id), (name, known_id[:-1] + other_digit), (elsewhere, known_id)):
            expect_refused_but_twin_accepted(server.get_file(space, unknown), 404, known)
            expect_status(server.delete_file(space, {"file_id": unknown}), 404)


@contextmanager
def _file(server: Moorcheh, seed: int, extension: str = ".txt", lines: int = 3) -> Iterator[Filed]:
    """A new file in the folder, removed in the end, and a new namespace."""
    server.memo(Offer).require("files")
    folder = server.terms.files
    if folder is None:
        require(False, NO_FOLDER)
        return
    name = f"vecpact-{secrets.token_hex(8)}{extension}"
    words = made_up_words(seed, lines)
    notes = [about(word)["text"] for word in words]
    here = folder.here / name
    here.write_text(json.dumps(notes) if extension == ".json" else "\n".join(notes), encoding="utf-8")
    try:
        yield Filed(text_namespace(server), here, f"{folder.there.rstrip('/')}/{name}", words)
    finally:
        here.unlink(missing_ok=True)


def _expect_items(filed: Filed, entry: Mapping[str, Any], listing: Exchange) -> None:
    """Every chunk and summary that the list counts is an item, under its own id, and there is a chunk."""
    for kind in ("chunk", "summary"):
        count = entry.get(f"{kind}_count")
        if not isinstance(count, int):
            expect(False, f"a file with an integer {kind}_count", listing)
            return
        expect(count > 0 or kind == "summary", "a file with chunks", listing)
        ids = [f"{entry.get('file_id')}_{kind}_{n}" for n in range(count)]
        missing = set(ids) - set(filed.space.items(ids))
        expect(not missing, f"items {ids}", listing, f"items/get does not find {sorted(missing)}")
