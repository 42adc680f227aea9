"""Mutants whose answers lack something, or look for texts where none were asked for."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from mock_server.moorcheh.store import Store
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    ANSWER,
    Body,
    Handle,
    amend,
    around,
    document_of,
    put_status,
    refusal,
    said,
    saying,
)


@mutant("moorcheh.answer.shape", "An answer is created: its status is 201")
def an_answer_is_created(patch: pytest.MonkeyPatch) -> None:
    put_status(patch, ANSWER, 201)


@mutant("moorcheh.answer.shape", "An answer does not name its model")
def no_model(patch: pytest.MonkeyPatch) -> None:
    amend(patch, ANSWER, lambda body: body.pop("model"))


@mutant("moorcheh.answer.shape", "An answer does not repeat the question")
def no_query(patch: pytest.MonkeyPatch) -> None:
    amend(patch, ANSWER, lambda body: body.pop("query"))


@mutant("moorcheh.answer.shape", "An answer from texts is an array of sentences")
def sentences_in_an_array(patch: pytest.MonkeyPatch) -> None:
    _change_retrieved(patch, lambda body: body.update(answer=[body["answer"]]))


@mutant("moorcheh.answer.shape", "The context_count of an answer from texts is a string")
def a_count_in_words(patch: pytest.MonkeyPatch) -> None:
    _change_retrieved(patch, lambda body: body.update(context_count=str(body["context_count"])))


@mutant("moorcheh.answer.shape", "The context_count of an answer from texts is no whole number")
def a_count_with_a_point(patch: pytest.MonkeyPatch) -> None:
    _change_retrieved(patch, lambda body: body.update(context_count=float(body["context_count"])))


@mutant("moorcheh.answer.direct", 'The namespace "" stands for all text namespaces')
def all_namespaces(patch: pytest.MonkeyPatch) -> None:
    def ask_all(handle: Handle, world: World, call: Call) -> Answer:
        document = document_of(call)
        if document.get("namespace") != "":
            return handle(world, call)
        names = [name for name, each in world.part(Store).namespaces.items() if each.dimension is None]
        answers = [said(handle(world, saying(call, {**document, "namespace": name}))) for name in names]
        count = sum(answer["context_count"] for answer in answers)
        return Answer(200, {**(answers or [said(handle(world, call))])[-1], "context_count": count})

    around(patch, ANSWER, ask_all)


@mutant("moorcheh.answer.direct", "The question itself counts as context where there is none")
def the_question_counts(patch: pytest.MonkeyPatch) -> None:
    _change_direct(patch, lambda body: body.update(context_count=1))


@mutant("moorcheh.answer.direct", "The context_count is null where nothing was retrieved")
def no_count_without_retrieval(patch: pytest.MonkeyPatch) -> None:
    _change_direct(patch, lambda body: body.update(context_count=None))


@mutant("moorcheh.answer.direct", 'A namespace called "" is not found')
def a_namespace_is_needed(patch: pytest.MonkeyPatch) -> None:
    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        if document_of(call).get("namespace") == "":
            return refusal(400, "namespace '' not found")
        return handle(world, call)

    around(patch, ANSWER, refuse)


def _change_retrieved(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    """Lets a function change answers that were looked for in a namespace."""
    _change(patch, change, lambda document: document.get("namespace") != "")


def _change_direct(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    """Lets a function change answers without retrieval."""
    _change(patch, change, lambda document: document.get("namespace") == "")


def _change(
    patch: pytest.MonkeyPatch, change: Callable[[Body], object], chosen: Callable[[Body], bool]
) -> None:
    def changed(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        body = said(answer)
        if chosen(document_of(call)):
            change(body)
        return replace(answer, body=body)

    around(patch, ANSWER, changed)
