"""Mutants that answer one spelling of a path otherwise, or a matrix otherwise where documents go."""

from dataclasses import replace

import pytest

from mock_server.cortex.service import Cortex
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.cortex.rewriting import (
    FILTER,
    FIND,
    INSERT,
    around,
    asked_in,
    done,
    entries_of,
    is_matrix,
    place_of,
    refusal,
)
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Around, Handle, around_all, document_of, saying

AGREE = "cortex.spellings.agree"
HYBRID = "cortex.seed.hybrid"


@mutant(AGREE, "The path of inserts with underscores refuses an unknown tenant with 400")
def another_refusal(patch: pytest.MonkeyPatch) -> None:
    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            if refused.clause != "cortex.tenants.unknown":
                raise
            return refusal(400, refused.detail)

    _around_snake(patch, INSERT, refuse)


@mutant(AGREE, "The path of inserts with underscores knows no upsert")
def no_upsert_by_underscores(patch: pytest.MonkeyPatch) -> None:
    def insert(handle: Handle, world: World, call: Call) -> Answer:
        return handle(world, saying(call, {**document_of(call), "upsert": False}))

    _around_snake(patch, INSERT, insert)


@mutant(AGREE, "The path of searches with underscores answers no metadata")
def no_metadata_by_underscores(patch: pytest.MonkeyPatch) -> None:
    def find(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        return replace(answer, body=[{**entry, "metadata": {}} for entry in entries_of(answer)])

    _around_snake(patch, FIND, find)


@mutant(AGREE, "The path of filters with underscores answers the first chunk alone")
def one_chunk_by_underscores(patch: pytest.MonkeyPatch) -> None:
    def choose(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        return replace(answer, body=entries_of(answer)[:1])

    _around_snake(patch, FILTER, choose)


@mutant(HYBRID, "A matrix where documents go is refused")
def no_matrix_there(patch: pytest.MonkeyPatch) -> None:
    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        if is_matrix(call):
            return refusal(422, "embeddings[0]: expected an object", "VALIDATION_ERROR")
        return handle(world, call)

    around(patch, INSERT, refuse)


@mutant(HYBRID, "A matrix where documents go is stored under a file_id of its own")
def no_file_id_there(patch: pytest.MonkeyPatch) -> None:
    def forget(handle: Handle, world: World, call: Call) -> Answer:
        body = document_of(call)
        if is_matrix(call):
            body.pop("file_id", None)
            return handle(world, saying(call, body))
        return handle(world, call)

    around(patch, INSERT, forget)


@mutant(HYBRID, "A matrix where documents go has its tenant in the query alone")
def tenants_in_the_query(patch: pytest.MonkeyPatch) -> None:
    def ask(handle: Handle, world: World, call: Call) -> Answer:
        if is_matrix(call) and "tenant_id" not in call.query:
            return refusal(422, "tenant_id: expected a string, got nothing", "VALIDATION_ERROR")
        return handle(world, call)

    around(patch, INSERT, ask)


@mutant(HYBRID, "A matrix where documents go overwrites no file")
def nothing_overwritten_there(patch: pytest.MonkeyPatch) -> None:
    def keep(handle: Handle, world: World, call: Call) -> Answer:
        place, file_id = place_of(world, call), asked_in(call, "file_id")
        if is_matrix(call) and place is not None and place.of_source(file_id):
            return done(file_id=file_id)
        return handle(world, call)

    around(patch, INSERT, keep)


def _around_snake(patch: pytest.MonkeyPatch, path: str, change: Around) -> None:
    """Puts a function around the spelling of a path with underscores alone."""
    folder, _, last = path.rpartition("/")
    snake = f"{folder}/{last.replace('-', '_')}"
    around_all(patch, Cortex, lambda each: each.path == snake, change)
