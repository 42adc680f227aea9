"""Mutants that answer a matrix wrongly: its status, its file, the ids of its rows."""

from collections.abc import Callable

import pytest

from mock_server.cortex import matrix, rules
from mock_server.cortex.shapes import rows_of
from mock_server.cortex.subtenant import Batch, Floats
from mock_server.rules import Document
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.cortex.rewriting import (
    INSERT,
    SEARCH,
    UPLOAD,
    amend,
    around,
    mishear,
    put_status,
    refuse_also,
)
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Body, Handle, document_of, said

CHUNK_IDS = "cortex.matrix.chunk-ids"


@mutant("cortex.matrix.accepted", "An upload is answered with 202")
def an_upload_is_202(patch: pytest.MonkeyPatch) -> None:
    put_status(patch, UPLOAD, 202)


@mutant("cortex.matrix.accepted", "The first upload of a file has no message")
def no_message(patch: pytest.MonkeyPatch) -> None:
    _amend_first(patch, lambda body: body.pop("message"))


@mutant("cortex.matrix.accepted", "The first upload of a file is accepted without success")
def no_success(patch: pytest.MonkeyPatch) -> None:
    _amend_first(patch, lambda body: body.update(success=False, status="accepted"))


@mutant("cortex.matrix.accepted", "A value above the largest 16-bit float is refused")
def half_precision(patch: pytest.MonkeyPatch) -> None:
    def is_large(body: Document) -> bool:
        return any(
            type(value) in (int, float) and abs(value) > 65_504 for row in rows_of(body) for value in row
        )

    refuse_also(patch, rules.MATRIX, "cortex.matrix.finite", is_large)


@mutant("cortex.matrix.file-id-kept", "A file_id in document_metadata is not seen")
def metadata_is_not_read(patch: pytest.MonkeyPatch) -> None:
    mishear(patch, UPLOAD, lambda body: body.pop("document_metadata", None))


@mutant("cortex.matrix.file-id-kept", "The file_id of an answer is in lower case")
def file_ids_in_lower_case(patch: pytest.MonkeyPatch) -> None:
    amend(
        patch,
        UPLOAD,
        lambda body: body.update(file_id=body["file_id"].lower(), batch_id=body["file_id"].lower()),
    )


@mutant("cortex.matrix.file-id-kept", "A file_id that was sent is not said again")
def sent_and_not_said(patch: pytest.MonkeyPatch) -> None:
    def forget(body: Body) -> None:
        if not body["file_id"].startswith("emb_"):
            del body["file_id"]

    amend(patch, UPLOAD, forget)


@mutant("cortex.matrix.file-id-generated", "All uploads without file_id are one file")
def one_file_for_all(patch: pytest.MonkeyPatch) -> None:
    def name(body: Body) -> None:
        if not body.get("file_id") and not body.get("document_metadata"):
            body["file_id"] = "emb_default"

    mishear(patch, UPLOAD, name)


@mutant(
    "cortex.matrix.file-id-generated", "An upload whose file_id is null is of the file null", hardest=True
)
def the_file_null(patch: pytest.MonkeyPatch) -> None:
    def name(body: Body) -> None:
        if "file_id" in body and body["file_id"] is None:
            body["file_id"] = "null"

    mishear(patch, UPLOAD, name)


@mutant("cortex.matrix.file-id-generated", "An upload without file_id is answered with an empty one")
def an_empty_file_id(patch: pytest.MonkeyPatch) -> None:
    def empty(body: Body) -> None:
        if body["file_id"].startswith("emb_"):
            body["file_id"] = ""

    amend(patch, UPLOAD, empty)


@mutant(CHUNK_IDS, "An answer numbers the rows from 1")
def numbered_from_1(patch: pytest.MonkeyPatch) -> None:
    def renumber(body: Body) -> None:
        body["chunk_ids"] = [f"{body['file_id']}_{row + 1}" for row in range(len(body["chunk_ids"]))]

    amend(patch, UPLOAD, renumber)


@mutant(CHUNK_IDS, "An answer lists the chunk ids in the order of text")
def sorted_as_text(patch: pytest.MonkeyPatch) -> None:
    amend(patch, UPLOAD, lambda body: body["chunk_ids"].sort())


@mutant(CHUNK_IDS, "The rows of a matrix of more than 40 rows are numbered from 1", hardest=True)
def large_ones_from_1(patch: pytest.MonkeyPatch) -> None:
    make = matrix._batch

    def numbered(file_id: str, fields: Document, vectors: Floats) -> Batch:
        batch = make(file_id, fields, vectors)
        first = int(len(vectors) > 40)
        ids = [f"{file_id}_{row + first}" for row in range(len(vectors))]
        return Batch(ids, batch.sources, batch.vectors, batch.metadata)

    patch.setattr(matrix, "_batch", numbered)


@mutant(CHUNK_IDS, "A search answers the rows of vectors of one value by their numbers alone")
def numbers_for_ids(patch: pytest.MonkeyPatch) -> None:
    def shorten(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        body = said(answer)
        if len(document_of(call)["embeddings"]) == 1:
            body["chunk_ids"] = [each.rpartition("_")[2] for each in body["chunk_ids"]]
        return Answer(answer.status, body)

    around(patch, SEARCH, shorten)


@mutant("cortex.matrix.batch-is-file", "The batch of an upload is null")
def a_null_batch(patch: pytest.MonkeyPatch) -> None:
    amend(patch, UPLOAD, lambda body: body.update(batch_id=None))


@mutant("cortex.matrix.batch-is-file", "The batch of an upload is empty")
def an_empty_batch(patch: pytest.MonkeyPatch) -> None:
    amend(patch, UPLOAD, lambda body: body.update(batch_id=""))


@mutant("cortex.matrix.batch-is-file", "A batch has a name of its own, as its rows have")
def a_batch_of_its_own(patch: pytest.MonkeyPatch) -> None:
    make = matrix._batch

    def named(file_id: str, fields: Document, vectors: Floats) -> Batch:
        batch = make(file_id, fields, vectors)
        return Batch([f"b.{each}" for each in batch.ids], batch.sources, batch.vectors, batch.metadata)

    patch.setattr(matrix, "_batch", named)
    for path in (UPLOAD, INSERT):
        amend(patch, path, _name_batch)


def _amend_first(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    """Changes the answers of uploads that overwrite nothing."""

    def change_first(body: Body) -> None:
        if "overwritten" not in body["message"]:
            change(body)

    amend(patch, UPLOAD, change_first)


def _name_batch(body: Body) -> None:
    if "file_id" in body:
        body["batch_id"] = f"b.{body['file_id']}"
