"""Mutants that index, skip, name or delete files wrongly."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from mock_server.moorcheh.files import catalogue, endpoints, ingestion, rules
from mock_server.moorcheh.files.catalogue import Entry, FileJob
from mock_server.moorcheh.files.chunking import chunks
from mock_server.moorcheh.files.deletion import delete
from mock_server.moorcheh.files.ingestion import Cut
from mock_server.moorcheh.store import Namespace, Store
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    DELETE_FILE,
    FILE,
    FILES,
    SEARCH,
    Body,
    Handle,
    amend,
    around,
    document_of,
    items_in,
    let_pass,
    mishear,
    place_of,
    put_status,
    refuse_also,
    refuse_with,
    said,
)

JOB_ID = "job-" + "0" * 32
UNKNOWN = "moorcheh.files.unknown"


@mutant("moorcheh.files.accepted", "An upload of files is answered with 200")
def an_upload_of_files_is_ok(patch: pytest.MonkeyPatch) -> None:
    put_status(patch, FILES, 200)


@mutant("moorcheh.files.accepted", "Where no file is skipped, the list of skipped ones is left out")
def no_skipped(patch: pytest.MonkeyPatch) -> None:
    amend(patch, FILES, lambda body: body["skipped"] or body.pop("skipped"))


@mutant("moorcheh.files.accepted", "A file stays processing when its job is completed")
def forever_processing(patch: pytest.MonkeyPatch) -> None:
    _change_listed(patch, lambda entry: entry.update(status="processing"))


@mutant("moorcheh.files.accepted", "The filename of a file lacks its extension")
def filenames_without_extension(patch: pytest.MonkeyPatch) -> None:
    _change_listed(patch, lambda entry: entry.update(filename=PurePosixPath(entry["filename"]).stem))


@mutant("moorcheh.files.accepted", "The metadata of a file are lost")
def metadata_are_lost(patch: pytest.MonkeyPatch) -> None:
    _change_listed(patch, lambda entry: entry.update(metadata={}))


@mutant("moorcheh.files.accepted", "Files with the extension .csv are refused", hardest=True)
def no_tables(patch: pytest.MonkeyPatch) -> None:
    refuse_also(
        patch,
        rules.FILE,
        "moorcheh.files.accepted",
        lambda asked: isinstance(asked.item, dict) and str(asked.item.get("path")).endswith(".csv"),
    )


@mutant("moorcheh.files.accepted", "Chunks are counted from 1")
def chunks_from_1(patch: pytest.MonkeyPatch) -> None:
    ids = Cut.ids

    def later(self: Cut) -> list[str]:
        of = self.entry.file_id
        first = [f"{of}_chunk_{self.chunk_count}"] if self.chunk_count else []
        return [*first, *(each for each in ids.__get__(self) if each != f"{of}_chunk_0")]

    patch.setattr(Cut, "ids", property(later))


@mutant("moorcheh.files.accepted", "Only the beginning of a file is indexed")
def only_the_beginning(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ingestion, "chunks", lambda text: chunks(text)[:1])


@mutant("moorcheh.files.accepted", "The chunks of a file are not found by a search")
def chunks_are_not_found(patch: pytest.MonkeyPatch) -> None:
    def hide(body: Body) -> None:
        body["results"] = [hit for hit in body["results"] if "_chunk_" not in hit["id"]]

    amend(patch, SEARCH, hide)


@mutant("moorcheh.files.skipped", "A job is named for a file that is skipped")
def a_job_for_nothing(patch: pytest.MonkeyPatch) -> None:
    amend(patch, FILES, lambda body: body.setdefault("job_id", JOB_ID))


@mutant("moorcheh.files.skipped", "An unchanged file is indexed again")
def never_skipped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Entry, "covers", lambda _self, _other: False)


@mutant("moorcheh.files.skipped", "A file that was skipped is not listed as skipped")
def skipped_in_silence(patch: pytest.MonkeyPatch) -> None:
    amend(patch, FILES, lambda body: body.update(skipped=[]))


@mutant("moorcheh.files.skipped", "A file is skipped by its size alone")
def size_decides(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Entry, "covers", lambda self, other: self.size == other.size)


@mutant("moorcheh.files.skipped", "A file is skipped by its time alone")
def time_decides(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Entry, "covers", lambda self, other: self.mtime == other.mtime)


@mutant("moorcheh.files.skipped", "An unchanged file is skipped with force_reindex, too")
def no_force(patch: pytest.MonkeyPatch) -> None:
    def weaken(body: Body) -> None:
        for item in items_in(body, "files"):
            item.pop("force_reindex", None)

    mishear(patch, FILES, weaken)


@mutant("moorcheh.files.file-id", "A file_id is a digest of the path alone")
def a_digest_of_the_path(patch: pytest.MonkeyPatch) -> None:
    _name_by(patch, lambda _namespace, path: hashlib.sha256(path.encode()).hexdigest()[: catalogue.DIGITS])


@mutant("moorcheh.files.file-id", "A file_id is a digest of the namespace and the path without a NUL")
def a_digest_without_nul(patch: pytest.MonkeyPatch) -> None:
    _name_by(
        patch,
        lambda namespace, path: hashlib.sha256(f"{namespace}{path}".encode()).hexdigest()[: catalogue.DIGITS],
    )


@mutant("moorcheh.files.file-id", "A file_id has all digits of its digest")
def the_whole_digest(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(catalogue, "DIGITS", 64)


@mutant("moorcheh.files.delete", "Deleting by path leaves the chunks")
def a_path_leaves_the_chunks(patch: pytest.MonkeyPatch) -> None:
    _spare(patch, "path", "_chunk_")


@mutant("moorcheh.files.delete", "Deleting by file_id leaves the summaries", hardest=True)
def an_id_leaves_the_summaries(patch: pytest.MonkeyPatch) -> None:
    _spare(patch, "file_id", "_summary_")


@mutant("moorcheh.files.delete", "Deleting leaves all chunks but the first")
def only_the_first_chunk_goes(patch: pytest.MonkeyPatch) -> None:
    def forget(entry: Entry) -> None:
        entry.owned = [each for each in entry.owned if "_chunk_" not in each or each.endswith("_chunk_0")]

    _before_deletion(patch, lambda _namespace, entry: forget(entry))


@mutant("moorcheh.files.delete", "The chunks of a deleted file are put aside, and keep their quota")
def chunks_are_put_aside(patch: pytest.MonkeyPatch) -> None:
    def put_aside(namespace: Namespace, entry: Entry) -> None:
        for item_id in [each for each in entry.owned if each in namespace.items]:
            [aside], _ = namespace.embed(["put aside"])
            namespace.vectors.put([f"aside-{item_id}"], aside.reshape(1, -1))
            namespace.items[f"aside-{item_id}"] = namespace.items[item_id]

    _before_deletion(patch, put_aside)


@mutant("moorcheh.files.delete", "A deleted file stays in the list")
def the_list_remembers(patch: pytest.MonkeyPatch) -> None:
    def keep(namespace: Namespace, entry: Entry) -> None:
        namespace.files.entries[entry.file_id] = replace(entry)

    _before_deletion(patch, keep)


@mutant("moorcheh.files.delete", "The chunks of a deleted file are still found by a search")
def deleted_chunks_are_found(patch: pytest.MonkeyPatch) -> None:
    ghosts: dict[str, list[Body]] = {}

    def note(namespace: Namespace, entry: Entry) -> None:
        words = {"namespace": namespace.name, "score": 0.0, "label": "Irrelevant", "metadata": {}, "text": ""}
        ghosts[namespace.name] = [{"id": item_id, **words} for item_id in entry.owned]

    def haunt(handle: Handle, world: World, call: Call) -> Answer:
        body = said(handle(world, call))
        known = [hit["id"] for hit in body["results"]]
        back = [ghost for name in document_of(call)["namespaces"] for ghost in ghosts.get(name, ())]
        return Answer(
            200, {**body, "results": body["results"] + [each for each in back if each["id"] not in known]}
        )

    _before_deletion(patch, note)
    around(patch, SEARCH, haunt)


@mutant("moorcheh.files.delete-one-of", "Of path and file_id both may be given")
def both_names(patch: pytest.MonkeyPatch) -> None:
    let_pass(
        patch,
        rules.DELETION,
        "moorcheh.files.delete-one-of",
        lambda body: isinstance(body.get("path"), str) and isinstance(body.get("file_id"), str),
    )


@mutant("moorcheh.files.delete-one-of", "A deletion that names no file deletes none")
def no_name(patch: pytest.MonkeyPatch) -> None:
    def succeed(handle: Handle, world: World, call: Call) -> Answer:
        if document_of(call):
            return handle(world, call)
        return Answer(202, {"status": "success", "message": "There is nothing to delete."})

    around(patch, DELETE_FILE, succeed)


@mutant("moorcheh.files.delete-one-of", "A deletion that names no file is refused with 404")
def not_found_without_name(patch: pytest.MonkeyPatch) -> None:
    let_pass(
        patch,
        rules.DELETION,
        "moorcheh.files.delete-one-of",
        lambda body: "path" not in body and "file_id" not in body,
    )


@mutant("moorcheh.files.unknown", "An unknown file is refused with 400")
def bad_request_for_an_unknown_file(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, UNKNOWN, 400)


@mutant("moorcheh.files.unknown", "An unknown file is null")
def null_for_an_unknown_file(patch: pytest.MonkeyPatch) -> None:
    def show(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            if refused.clause != UNKNOWN or place_of(world, call) is None:
                raise
            return Answer(200, {"status": "success", "file": None})

    around(patch, FILE, show, "GET")


@mutant("moorcheh.files.unknown", "Deleting an unknown file succeeds")
def deleting_nothing_succeeds(patch: pytest.MonkeyPatch) -> None:
    def succeed(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            if refused.clause != UNKNOWN or place_of(world, call) is None:
                raise
            return Answer(202, {"status": "success", "message": "There is nothing to delete."})

    around(patch, DELETE_FILE, succeed)


@mutant("moorcheh.files.unknown", "A file is found by the first eight digits of its id")
def eight_digits_are_enough(patch: pytest.MonkeyPatch) -> None:
    def find(handle: Handle, world: World, call: Call) -> Answer:
        namespace, asked = place_of(world, call), call.parameters["file_id"]
        known = namespace.files.entries if namespace is not None else {}
        found = next((each for each in known if each[:8] == asked[:8]), asked)
        return handle(world, replace(call, parameters={**call.parameters, "file_id": found}))

    around(patch, FILE, find, "GET")


@mutant("moorcheh.files.unknown", "A file is found under every namespace")
def files_of_all(patch: pytest.MonkeyPatch) -> None:
    def find(handle: Handle, world: World, call: Call) -> Answer:
        for namespace in world.part(Store).namespaces.values():
            if call.parameters["file_id"] in namespace.files.entries:
                return handle(
                    world, replace(call, parameters={**call.parameters, "namespace": namespace.name})
                )
        return handle(world, call)

    around(patch, FILE, find, "GET")


def _change_listed(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    """Lets a function change every file of a list."""

    def change_all(body: Body) -> None:
        for entry in body["files"]:
            change(entry)

    amend(patch, FILES, change_all, "GET")


def _name_by(patch: pytest.MonkeyPatch, named: Callable[[str, str], str]) -> None:
    """Makes the ids of files by another function of namespace and path."""
    patch.setattr(endpoints, "file_id", named)


def _before_deletion(patch: pytest.MonkeyPatch, change: Callable[[Namespace, Entry], object]) -> None:
    """Lets a function change a namespace and the entry of a file in it before this is deleted."""

    def delete_then(world: World, namespace: Namespace, entry: Entry) -> FileJob:
        change(namespace, entry)
        return delete(world, namespace, entry)

    patch.setattr(endpoints, "delete", delete_then)


def _spare(patch: pytest.MonkeyPatch, name: str, kind: str) -> None:
    """Spares the items of one kind when a file is deleted by one of its names."""

    def spare(handle: Handle, world: World, call: Call) -> Answer:
        namespace = place_of(world, call)
        if namespace is not None and name in document_of(call):
            for entry in namespace.files.entries.values():
                entry.owned = [item_id for item_id in entry.owned if kind not in item_id]
        return handle(world, call)

    around(patch, DELETE_FILE, spare)
