"""Mutants that overwrite a file in part, not at all, or another one with it; and say so wrongly."""

from collections.abc import Callable

import numpy as np
import pytest

from mock_server.cortex.subtenant import Batch, SubTenant
from mock_server.vectors import directions
from tests.mutants.cortex.rewriting import UPLOAD, amend
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Body

Replace = Callable[[SubTenant, str, Batch], None]

OVERWRITE = "cortex.matrix.overwrite"
MESSAGE = "cortex.matrix.overwrite-message"
ONLY_THAT = "cortex.matrix.overwrite-only-that-file"


@mutant(OVERWRITE, "Rows beyond the end of a shorter file stay")
def the_rest_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SubTenant, "replace", lambda place, _file_id, batch: place.put(batch))


@mutant(OVERWRITE, "A file is not replaced by a shorter one")
def never_shorter(patch: pytest.MonkeyPatch) -> None:
    def replace(original: Replace, place: SubTenant, file_id: str, batch: Batch) -> None:
        if len(batch.ids) >= len(place.of_source(file_id)):
            original(place, file_id, batch)

    _replace(patch, replace)


@mutant(OVERWRITE, "Rows that are known keep their vectors")
def known_rows_stay(patch: pytest.MonkeyPatch) -> None:
    def replace(_original: Replace, place: SubTenant, file_id: str, batch: Batch) -> None:
        place.remove(place.of_source(file_id)[len(batch.ids) :])
        new = [row for row, chunk_id in enumerate(batch.ids) if chunk_id not in place.chunks]
        place.put(_some(batch, new))

    _replace(patch, replace)


@mutant(OVERWRITE, "A search still finds the rows of the old file")
def old_rows_are_found(patch: pytest.MonkeyPatch) -> None:
    def replace(original: Replace, place: SubTenant, file_id: str, batch: Batch) -> None:
        gone = [each for each in place.of_source(file_id) if each not in batch.ids]
        vectors = [place.chunks[each].vector for each in gone]
        original(place, file_id, batch)
        if gone:
            place._directions.put(gone, directions(np.array(vectors, np.float64)))

    _replace(patch, replace)


@mutant(OVERWRITE, "A file is replaced only once")
def replaced_once(patch: pytest.MonkeyPatch) -> None:
    replaced: set[tuple[int, str]] = set()

    def replace(original: Replace, place: SubTenant, file_id: str, batch: Batch) -> None:
        if (id(place), file_id) not in replaced:
            original_file = place.of_source(file_id)
            original(place, file_id, batch)
            if original_file:
                replaced.add((id(place), file_id))

    _replace(patch, replace)


@mutant(MESSAGE, "An answer does not say that a file was overwritten")
def nothing_said(patch: pytest.MonkeyPatch) -> None:
    amend(patch, UPLOAD, lambda body: body.update(message="Embeddings uploaded successfully."))


@mutant(MESSAGE, "Every answer says that a file was overwritten")
def always_said(patch: pytest.MonkeyPatch) -> None:
    ending = " Existing embeddings with file_id '{}' have been overwritten."
    amend(patch, UPLOAD, lambda body: body.update(message="Uploaded." + ending.format(body["file_id"])))


@mutant(MESSAGE, "An answer says that some file was overwritten, but not which")
def no_name_said(patch: pytest.MonkeyPatch) -> None:
    _amend_overwritten(patch, lambda body: body.update(message="Existing embeddings have been overwritten."))


@mutant(MESSAGE, "The status of an upload that overwrites is overwritten")
def a_status_of_its_own(patch: pytest.MonkeyPatch) -> None:
    _amend_overwritten(patch, lambda body: body.update(status="overwritten"))


@mutant("cortex.matrix.idempotent", "Rows that are uploaded again are stored twice")
def stored_twice(patch: pytest.MonkeyPatch) -> None:
    def replace(original: Replace, place: SubTenant, file_id: str, batch: Batch) -> None:
        again = _is_stored(place, file_id, batch)
        original(place, file_id, batch)
        if again:
            ids = [f"{file_id}_{len(batch.ids) + row}" for row in range(len(batch.ids))]
            place.put(Batch(ids, batch.sources, batch.vectors, {}))

    _replace(patch, replace)


@mutant("cortex.matrix.idempotent", "Rows that are uploaded again are removed")
def removed_again(patch: pytest.MonkeyPatch) -> None:
    def replace(original: Replace, place: SubTenant, file_id: str, batch: Batch) -> None:
        again = _is_stored(place, file_id, batch)
        original(place, file_id, batch)
        if again:
            place.remove(batch.ids)

    _replace(patch, replace)


@mutant("cortex.matrix.idempotent", "Rows that are uploaded again are added to the old ones")
def added_up(patch: pytest.MonkeyPatch) -> None:
    def replace(original: Replace, place: SubTenant, file_id: str, batch: Batch) -> None:
        factor = 1 + _is_stored(place, file_id, batch)
        original(place, file_id, Batch(batch.ids, batch.sources, factor * batch.vectors, batch.metadata))

    _replace(patch, replace)


@mutant(ONLY_THAT, "To overwrite a file removes every other one")
def all_others_go(patch: pytest.MonkeyPatch) -> None:
    _remove_too(patch, lambda _file_id, _source_id, _chunk_id: True)


@mutant(ONLY_THAT, "To overwrite a file removes those whose name begins with its own")
def longer_names_go(patch: pytest.MonkeyPatch) -> None:
    _remove_too(patch, lambda file_id, source_id, _chunk_id: source_id.startswith(file_id))


@mutant(
    ONLY_THAT,
    "To overwrite a file removes all rows whose id begins with its name and an underscore",
    hardest=True,
)
def longer_ids_go(patch: pytest.MonkeyPatch) -> None:
    _remove_too(patch, lambda file_id, _source_id, chunk_id: chunk_id.startswith(f"{file_id}_"))


@mutant(ONLY_THAT, "To overwrite a file gives its first vector to the files whose name begins with its own")
def longer_names_change(patch: pytest.MonkeyPatch) -> None:
    def replace(original: Replace, place: SubTenant, file_id: str, batch: Batch) -> None:
        known = place.of_source(file_id)
        original(place, file_id, batch)
        longer = [each for each in place.sources if known and each.startswith(file_id) and each != file_id]
        for source_id in longer:
            place.put(Batch(place.of_source(source_id)[:1], [source_id], batch.vectors[:1], {}))

    _replace(patch, replace)


def _replace(patch: pytest.MonkeyPatch, change: Callable[[Replace, SubTenant, str, Batch], None]) -> None:
    """Puts a function in the place of what overwrites a file; it is given the original."""
    original = SubTenant.replace
    patch.setattr(SubTenant, "replace", lambda place, file_id, batch: change(original, place, file_id, batch))


def _remove_too(patch: pytest.MonkeyPatch, chosen: Callable[[str, str, str], bool]) -> None:
    """Removes chunks when a file is overwritten, chosen by that file, their own file and their id."""

    def replace(original: Replace, place: SubTenant, file_id: str, batch: Batch) -> None:
        chunks = place.chunks.items() if place.of_source(file_id) else ()
        place.remove([each for each, chunk in chunks if chosen(file_id, chunk.source_id, each)])
        original(place, file_id, batch)

    _replace(patch, replace)


def _amend_overwritten(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    """Changes the answers of uploads that overwrite a file."""

    def change_again(body: Body) -> None:
        if "overwritten" in body["message"]:
            change(body)

    amend(patch, UPLOAD, change_again)


def _is_stored(place: SubTenant, file_id: str, batch: Batch) -> bool:
    """Tells whether a file holds exactly these rows already."""
    ids = place.of_source(file_id)
    return [*ids] == [*batch.ids] and all(
        np.array_equal(place.chunks[each].vector, row) for each, row in zip(ids, batch.vectors, strict=True)
    )


def _some(batch: Batch, rows: list[int]) -> Batch:
    """Answers a batch of only some rows of another."""
    ids, sources = ([names[row] for row in rows] for names in (batch.ids, batch.sources))
    return Batch(ids, sources, batch.vectors[rows], batch.metadata)
