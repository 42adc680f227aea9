"""Mutants that create, refuse or list namespaces wrongly."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from mock_server.moorcheh import namespaces, rules
from mock_server.moorcheh.store import Namespace, Store
from mock_server.refusal import Refused
from mock_server.rules import Document
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    NAMESPACES,
    Body,
    Handle,
    amend,
    amend_refusals,
    around,
    document_of,
    items_in,
    let_pass,
    mishear,
    refuse_with,
    said,
)


@mutant("moorcheh.namespaces.create-vector", "Creating a vector namespace answers the dimension as a string")
def dimension_as_text(patch: pytest.MonkeyPatch) -> None:
    def spell(body: Body) -> None:
        if body["vector_dimension"] is not None:
            body["vector_dimension"] = str(body["vector_dimension"])

    amend(patch, NAMESPACES, spell)


@mutant("moorcheh.namespaces.create-vector", "Creating a namespace answers its name in lower case")
def name_in_lower_case(patch: pytest.MonkeyPatch) -> None:
    def lower(body: Body) -> None:
        if body["type"] == "vector":
            body["namespace_name"] = body["namespace_name"].lower()

    amend(patch, NAMESPACES, lower)


@mutant("moorcheh.namespaces.create-vector", "A dimension above 1,024 is answered as 1,024")
def dimension_is_capped(patch: pytest.MonkeyPatch) -> None:
    amend(
        patch,
        NAMESPACES,
        lambda body: body.update(vector_dimension=_at_most(1_024, body["vector_dimension"])),
    )


@mutant("moorcheh.namespaces.create-text", "Creating a text namespace answers a dimension of 0")
def text_of_dimension_0(patch: pytest.MonkeyPatch) -> None:
    amend(patch, NAMESPACES, lambda body: body.update(vector_dimension=body["vector_dimension"] or 0))


@mutant("moorcheh.namespaces.create-text", "Creating a text namespace answers no vector_dimension at all")
def text_without_the_field(patch: pytest.MonkeyPatch) -> None:
    amend(patch, NAMESPACES, lambda body: body["vector_dimension"] or body.pop("vector_dimension"))


@mutant("moorcheh.namespaces.name-alias", "The key name is unknown")
def no_alias(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "asked_name", lambda body: body.get("namespace_name"))


@mutant("moorcheh.namespaces.name-alias", "A namespace that is asked for by the key name is named otherwise")
def alias_names_another(patch: pytest.MonkeyPatch) -> None:
    def asked(body: Document) -> str:
        return str(body["namespace_name"] if "namespace_name" in body else f"ns-{body.get('name')}")

    patch.setattr(namespaces, "asked_name", asked)


@mutant("moorcheh.namespaces.name-charset", "Every character is allowed in a name")
def any_character(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.CREATION, "moorcheh.namespaces.name-charset")


@mutant("moorcheh.namespaces.name-charset", "A line break at the end of a name is overlooked", hardest=True)
def a_line_break_at_the_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "NAME", re.compile(r"[A-Za-z0-9_-]+\n?"))


@mutant("moorcheh.namespaces.name-charset", "Only the first character of a name is looked at")
def only_the_first_character(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "NAME", re.compile(r"[A-Za-z0-9_-].*", re.DOTALL))


@mutant("moorcheh.namespaces.name-charset", "A dot is allowed in a name")
def a_dot_in_a_name(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "NAME", re.compile(r"[A-Za-z0-9_.-]+"))


@mutant("moorcheh.namespaces.name-charset", "Blanks around a name are cut off")
def blanks_are_cut_off(patch: pytest.MonkeyPatch) -> None:
    def trim(body: Body) -> None:
        name = rules.asked_name(body)
        if isinstance(name, str):
            body["namespace_name"] = name.strip()

    mishear(patch, NAMESPACES, trim)


@mutant("moorcheh.namespaces.name-required", "A namespace can be created without a name")
def no_name_needed(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.CREATION, "moorcheh.namespaces.name-required")


@mutant("moorcheh.namespaces.name-required", "An empty name is replaced by one of the server's choice")
def a_name_of_its_own(patch: pytest.MonkeyPatch) -> None:
    def invent(body: Body) -> None:
        if rules.asked_name(body) == "":
            body["namespace_name"] = "unnamed"

    mishear(patch, NAMESPACES, invent)


@mutant("moorcheh.namespaces.type-known", "Any type is taken, and means text")
def any_type(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.CREATION, "moorcheh.namespaces.type-known")


@mutant("moorcheh.namespaces.type-known", "A namespace created without a type holds text")
def text_by_default(patch: pytest.MonkeyPatch) -> None:
    mishear(patch, NAMESPACES, lambda body: body.setdefault("type", "text"))


@mutant("moorcheh.namespaces.type-known", "A type with an s at the end is taken for the type")
def types_in_the_plural(patch: pytest.MonkeyPatch) -> None:
    mishear(patch, NAMESPACES, lambda body: body.update(type=str(body.get("type")).removesuffix("s")))


@mutant("moorcheh.namespaces.dimension-required", "A vector namespace can be created without a dimension")
def no_dimension_needed(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.CREATION, "moorcheh.namespaces.dimension-required")


@mutant("moorcheh.namespaces.dimension-required", "The dimension is 768 where none is sent")
def a_dimension_by_default(patch: pytest.MonkeyPatch) -> None:
    def fill(body: Body) -> None:
        if body.get("type") == "vector":
            body.setdefault("vector_dimension", 768)

    mishear(patch, NAMESPACES, fill)


@mutant("moorcheh.namespaces.dimension-positive", "A dimension of 0 is taken")
def a_dimension_of_0(patch: pytest.MonkeyPatch) -> None:
    let_pass(
        patch,
        rules.CREATION,
        "moorcheh.namespaces.dimension-positive",
        lambda body: body.get("vector_dimension") == 0,
    )


@mutant("moorcheh.namespaces.dimension-positive", "The sign of a dimension is dropped")
def a_dimension_without_sign(patch: pytest.MonkeyPatch) -> None:
    def drop_sign(body: Body) -> None:
        if type(body.get("vector_dimension")) is int:
            body["vector_dimension"] = abs(body["vector_dimension"])

    mishear(patch, NAMESPACES, drop_sign)


@mutant("moorcheh.namespaces.dimension-integer", "A dimension of any JSON type is taken")
def any_dimension(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.CREATION, "moorcheh.namespaces.dimension-integer")


@mutant("moorcheh.namespaces.dimension-integer", "A dimension in a string is read as a number")
def a_dimension_in_a_string(patch: pytest.MonkeyPatch) -> None:
    _hear_dimension(patch, str)


@mutant("moorcheh.namespaces.dimension-integer", "The fraction of a dimension is cut off")
def a_fraction_is_cut_off(patch: pytest.MonkeyPatch) -> None:
    _hear_dimension(patch, float)


@mutant("moorcheh.namespaces.dimension-integer", "A dimension of true is 1")
def a_dimension_of_true(patch: pytest.MonkeyPatch) -> None:
    _hear_dimension(patch, bool)


@mutant("moorcheh.namespaces.dimension-not-for-text", "The dimension of a text namespace is ignored")
def text_with_a_dimension(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.CREATION, "moorcheh.namespaces.dimension-not-for-text")


@mutant("moorcheh.namespaces.dimension-not-for-text", "A dimension for text is refused with 422")
def unprocessable_dimension_for_text(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "moorcheh.namespaces.dimension-not-for-text", 422)


@mutant("moorcheh.namespaces.exists", "Creating a name that exists begins it anew")
def created_anew(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.OCCUPATION, "moorcheh.namespaces.exists")


@mutant(
    "moorcheh.namespaces.exists", "Creating a name that exists succeeds where type and dimension are the same"
)
def created_twice(patch: pytest.MonkeyPatch) -> None:
    def repeat(handle: Handle, world: World, call: Call) -> Answer:
        body = document_of(call)
        existing = _existing(world, body)
        if (
            existing is None
            or existing.deletion
            or (existing.type, existing.dimension)
            != (
                body["type"],
                body.get("vector_dimension"),
            )
        ):
            return handle(world, call)
        described = {"type": existing.type, "vector_dimension": existing.dimension}
        return Answer(
            200, {"status": "success", "message": "ok", "namespace_name": existing.name, **described}
        )

    around(patch, NAMESPACES, repeat)


@mutant(
    "moorcheh.namespaces.exists",
    "Creating a name that exists is refused, and yet takes over its dimension",
    hardest=True,
)
def retyped_though_refused(patch: pytest.MonkeyPatch) -> None:
    def retype(handle: Handle, world: World, call: Call) -> Answer:
        body = document_of(call)
        existing = _existing(world, body)
        if existing is not None:
            existing.dimension = body.get("vector_dimension")
        return handle(world, call)

    around(patch, NAMESPACES, retype)


@mutant("moorcheh.namespaces.exists", "Creating a name that exists is refused with 400")
def bad_request_for_existing(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "moorcheh.namespaces.exists", 400)


@mutant("moorcheh.namespaces.exists-message", "The 409 for an existing name speaks of a limit")
def an_existing_name_is_a_limit(patch: pytest.MonkeyPatch) -> None:
    _reword_conflict(patch, {"message": "this namespace already exists: the limit is one of a name"})


@mutant("moorcheh.namespaces.exists-message", "The 409 for an existing name has a max_items")
def an_existing_name_has_max_items(patch: pytest.MonkeyPatch) -> None:
    _reword_conflict(patch, {"max_items": 100_000})


@mutant("moorcheh.namespaces.exists-message", "The 409 for an existing name does not say what exists")
def a_bare_conflict(patch: pytest.MonkeyPatch) -> None:
    _reword_conflict(patch, {"message": "conflict"})


@mutant("moorcheh.namespaces.listed", "Namespaces are listed without the time of their creation")
def no_created_at(patch: pytest.MonkeyPatch) -> None:
    _change_entries(patch, lambda entry: entry.pop("created_at"))


@mutant("moorcheh.namespaces.listed", "Text namespaces are not listed")
def texts_are_not_listed(patch: pytest.MonkeyPatch) -> None:
    def leave_out(body: Body) -> None:
        body["namespaces"] = [entry for entry in body["namespaces"] if entry["type"] == "vector"]

    amend(patch, NAMESPACES, leave_out, "GET")


@mutant("moorcheh.namespaces.listed", "A text namespace is listed with the dimension of its embeddings")
def texts_with_a_dimension(patch: pytest.MonkeyPatch) -> None:
    _change_entries(patch, lambda entry: entry.update(vector_dimension=entry["vector_dimension"] or 768))


@mutant("moorcheh.namespaces.item-count", "The item_count of a text namespace is always 0", hardest=True)
def texts_are_not_counted(patch: pytest.MonkeyPatch) -> None:
    _change_entries(patch, lambda entry: entry["type"] == "vector" or entry.update(item_count=0))


@mutant("moorcheh.namespaces.item-count", "An item_count includes namespaces whose name begins with this one")
def counted_by_prefix(patch: pytest.MonkeyPatch) -> None:
    def count(handle: Handle, world: World, call: Call) -> Answer:
        stored = world.part(Store).namespaces.values()
        entries = items_in(said(handle(world, call)), "namespaces")
        for entry in entries:
            entry["item_count"] = sum(
                len(n.items) for n in stored if n.name.startswith(entry["namespace_name"])
            )
        return Answer(200, {"namespaces": entries})

    around(patch, NAMESPACES, count, "GET")


def _at_most(most: int, dimension: int | None) -> int | None:
    return None if dimension is None else min(most, dimension)


def _hear_dimension(patch: pytest.MonkeyPatch, kind: type[str | float | bool]) -> None:
    """Makes an integer of a dimension of another type, where Python can."""

    def hear(body: Body) -> None:
        dimension: Any = body.get("vector_dimension")
        if type(dimension) is kind and dimension:
            body["vector_dimension"] = int(dimension)

    mishear(patch, NAMESPACES, hear)


def _existing(world: World, body: Body) -> Namespace | None:
    return world.part(Store).namespaces.get(str(rules.asked_name(body)))


def _reword_conflict(patch: pytest.MonkeyPatch, words: Body) -> None:
    def reword(_call: Call, refused: Refused, body: Body) -> None:
        if refused.clause == "moorcheh.namespaces.exists":
            body.update(words)

    amend_refusals(patch, reword)


def _change_entries(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    def change_all(body: Body) -> None:
        for entry in body["namespaces"]:
            change(entry)

    amend(patch, NAMESPACES, change_all, "GET")
