"""Mutants whose /health is wrong."""

from collections.abc import Callable

import pytest

from mock_server.moorcheh.store import Store
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import HEALTH, Body, Handle, amend, around, said


@mutant("moorcheh.health.answers", 'The status of /health is "healthy"')
def another_status_word(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body.update(status="healthy"))


@mutant("moorcheh.health.answers", "The max_items of /health is a string")
def the_cap_as_text(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body.update(max_items=str(body["max_items"])))


@mutant("moorcheh.health.answers", "/health counts in fractions: items is 3.0")
def a_fraction_of_items(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body.update(items=float(body["items"])))


@mutant("moorcheh.health.remaining", "The remaining of /health never falls")
def remaining_is_the_cap(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body.update(remaining=body["max_items"]))


@mutant(
    "moorcheh.health.remaining",
    "The remaining of /health is one too low once ten items are stored",
    hardest=True,
)
def remaining_is_rounded(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body.update(remaining=body["remaining"] - (body["items"] >= 10)))


@mutant("moorcheh.health.remaining", "The remaining of /health already lacks what running uploads will store")
def remaining_lacks_the_reserved(patch: pytest.MonkeyPatch) -> None:
    def reserve(handle: Handle, world: World, call: Call) -> Answer:
        body = said(handle(world, call))
        return Answer(200, {**body, "remaining": body["max_items"] - world.part(Store).committed})

    around(patch, HEALTH, reserve, "GET")


@mutant("moorcheh.health.counts-all", "The items of /health leaves text namespaces out")
def texts_do_not_count(patch: pytest.MonkeyPatch) -> None:
    def count(store: Store) -> int:
        return sum(len(each.items) for each in store.namespaces.values() if each.type == "vector")

    _recount(patch, count)


@mutant("moorcheh.health.counts-all", "The items of /health takes a text namespace for one item")
def a_text_namespace_counts_once(patch: pytest.MonkeyPatch) -> None:
    def count(store: Store) -> int:
        namespaces = store.namespaces.values()
        return sum(len(each.items) if each.type == "vector" else bool(each.items) for each in namespaces)

    _recount(patch, count)


@mutant("moorcheh.health.providers", "/health does not name the language model")
def no_language_model(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body.pop("llm_model"))


@mutant("moorcheh.health.providers", "The model of /health is null")
def the_model_is_null(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body.update(model=None))


def _change(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    amend(patch, HEALTH, change, "GET")


def _recount(patch: pytest.MonkeyPatch, count: Callable[[Store], int]) -> None:
    """Makes /health count in another way, consistently."""

    def recounted(handle: Handle, world: World, call: Call) -> Answer:
        body, items = said(handle(world, call)), count(world.part(Store))
        return Answer(200, {**body, "items": items, "remaining": body["max_items"] - items})

    around(patch, HEALTH, recounted, "GET")
