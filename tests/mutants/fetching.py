"""Mutants whose pages of texts lose or repeat items, do not end, or are too large."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from mock_server.moorcheh import fetching, rules
from mock_server.moorcheh.store import Namespace
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    DOCUMENTS,
    FETCH,
    Body,
    Handle,
    amend,
    around,
    let_pass,
    place_of,
    refuse_with,
    said,
    sent_items,
)

Asked = Mapping[str, Sequence[str]]


@mutant("moorcheh.fetch.shape", "A page does not say how long it took")
def no_execution_time(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body.pop("execution_time"))


@mutant("moorcheh.fetch.shape", "A page of an empty namespace has no statistics")
def no_statistics_of_nothing(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body["items"] or body.update(statistics=None))


@mutant("moorcheh.fetch.shape", "The statistics of a page are those of the whole namespace")
def statistics_of_all(patch: pytest.MonkeyPatch) -> None:
    def count(handle: Handle, world: World, call: Call) -> Answer:
        answer, namespace = handle(world, call), place_of(world, call)
        body = said(answer)
        body["statistics"]["total_items"] = len(namespace.items) if namespace is not None else 0
        return replace(answer, body=body)

    around(patch, FETCH, count, "GET")


@mutant("moorcheh.fetch.shape", "The is_summary of an item is 0 or 1")
def summaries_in_numbers(patch: pytest.MonkeyPatch) -> None:
    _change_items(patch, lambda item: item.update(is_summary=int(item["is_summary"])))


@mutant("moorcheh.fetch.shape", "The text of an item ends after ten characters")
def texts_are_cut(patch: pytest.MonkeyPatch) -> None:
    _change_items(patch, lambda item: item.update(text=item["text"][:10]))


@mutant("moorcheh.fetch.shape", "Metadata are spread over the item")
def metadata_beside_the_text(patch: pytest.MonkeyPatch) -> None:
    _change_items(patch, lambda item: item.update(item["metadata"], metadata={}))


@mutant("moorcheh.fetch.pages", "The first item after a page is on none")
def the_border_is_lost(patch: pytest.MonkeyPatch) -> None:
    _move_tokens(patch, 1)


@mutant("moorcheh.fetch.pages", "The last item of a page is the first of the next one, too")
def the_border_comes_twice(patch: pytest.MonkeyPatch) -> None:
    _move_tokens(patch, -1)


@mutant("moorcheh.fetch.pages", "The last page has a next_token, too")
def next_token_is_never_null(patch: pytest.MonkeyPatch) -> None:
    _change_pagination(patch, lambda told: told.update(next_token=told["next_token"] or "bGFzdA"))


@mutant("moorcheh.fetch.pages", "The last page leads to the first")
def pages_go_round(patch: pytest.MonkeyPatch) -> None:
    def lead_back(handle: Handle, world: World, call: Call) -> Answer:
        answer, namespace = handle(world, call), place_of(world, call)
        body = said(answer)
        if body["pagination"]["next_token"] is None and namespace is not None and "next_token" in call.query:
            body["pagination"].update(has_more=True, next_token=fetching._token(namespace, -1))
        return replace(answer, body=body)

    around(patch, FETCH, lead_back, "GET")


@mutant("moorcheh.fetch.pages", "A page has more after it whenever it is full")
def full_pages_have_more(patch: pytest.MonkeyPatch) -> None:
    def claim(body: Body) -> None:
        told = body["pagination"]
        told["has_more"] = told["limit"] == len(body["items"])

    _change(patch, claim)


@mutant("moorcheh.fetch.pages", "The last page of several says that it has more")
def the_last_page_has_more(patch: pytest.MonkeyPatch) -> None:
    def claim(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        body = said(answer)
        body["pagination"]["has_more"] |= "next_token" in call.query
        return replace(answer, body=body)

    around(patch, FETCH, claim, "GET")


@mutant("moorcheh.fetch.pages", "All readers share one token: it goes on where the last page ended")
def one_token_for_all(patch: pytest.MonkeyPatch) -> None:
    ended: list[int] = [-1]
    token_for, age_after = fetching._token, fetching._after

    def note(namespace: Namespace, age: int) -> str:
        ended[0] = age
        return token_for(namespace, age)

    def go_on(namespace: Namespace, query: Asked) -> int:
        return ended[0] if age_after(namespace, query) >= 0 else -1

    patch.setattr(fetching, "_token", note)
    patch.setattr(fetching, "_after", go_on)


@mutant("moorcheh.fetch.pages", "An item that was uploaded twice comes twice")
def updates_come_too(patch: pytest.MonkeyPatch) -> None:
    uploads: Counter[tuple[str, str]] = Counter()

    def note(handle: Handle, world: World, call: Call) -> Answer:
        name = call.parameters["namespace"]
        uploads.update((name, str(item.get("id"))) for item in sent_items(call, "documents"))
        return handle(world, call)

    def repeat(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        body, name = said(answer), call.parameters["namespace"]
        if not body["pagination"]["has_more"] and len(body["items"]) < body["pagination"]["limit"]:
            body["items"] += [item for item in body["items"] if uploads[name, item["id"]] > 1]
        return replace(answer, body=body)

    around(patch, DOCUMENTS, note)
    around(patch, FETCH, repeat, "GET")


@mutant("moorcheh.fetch.limit", "The limit is ignored")
def no_limit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fetching, "_limit", lambda _query: fetching.LIMIT)


@mutant("moorcheh.fetch.limit", "A page holds one item more than its limit")
def one_more(patch: pytest.MonkeyPatch) -> None:
    limit_of = fetching._limit
    patch.setattr(fetching, "_limit", lambda query: min(limit_of(query) + 1, fetching.LIMIT))
    _change_pagination(patch, lambda told: told.update(limit=told["limit"] - 1))


@mutant("moorcheh.fetch.limit", "A page holds five items even where fewer are its limit")
def at_least_five(patch: pytest.MonkeyPatch) -> None:
    limit_of = fetching._limit
    patch.setattr(fetching, "_limit", lambda query: max(limit_of(query), 5))


@mutant("moorcheh.fetch.limit", "A page says that its limit is 100 whatever it is")
def the_limit_is_told_wrongly(patch: pytest.MonkeyPatch) -> None:
    _change_pagination(patch, lambda told: told.update(limit=fetching.LIMIT))


@mutant("moorcheh.fetch.limit-bounds", "A limit of 0 acts as 1")
def zero_is_one(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.PAGE, "moorcheh.fetch.limit-bounds", lambda query: query.get("limit") == ["0"])


@mutant("moorcheh.fetch.limit-bounds", "A limit that is a word is ignored")
def words_are_ignored(patch: pytest.MonkeyPatch) -> None:
    let_pass(
        patch,
        rules.PAGE,
        "moorcheh.fetch.limit-bounds",
        lambda query: not query.get("limit", ["0"])[0].isdigit(),
    )


@mutant("moorcheh.fetch.limit-bounds", "A page holds as many items as are asked for, beyond 100 too")
def as_many_as_asked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fetching, "LIMIT", 10_000)


@mutant("moorcheh.fetch.limit-bounds", "A limit above 100 acts as 101")
def one_above_the_most(patch: pytest.MonkeyPatch) -> None:
    limit_of = fetching._limit

    def limit(query: Asked) -> int:
        return limit_of(query) + (query.get("limit", ["1"])[0] in ("101", "1000"))

    patch.setattr(fetching, "_limit", limit)


@mutant("moorcheh.fetch.vector-namespace", "The items of a vector namespace are fetched with blank texts")
def blank_texts_of_vectors(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.FETCH_TARGET, "moorcheh.fetch.vector-namespace")


@mutant("moorcheh.fetch.vector-namespace", "Fetching from a vector namespace is refused with 404")
def not_found_among_vectors(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "moorcheh.fetch.vector-namespace", 404)


def _change(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    amend(patch, FETCH, change, "GET")


def _change_items(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    def change_all(body: Body) -> None:
        for item in body["items"]:
            change(item)

    _change(patch, change_all)


def _change_pagination(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    _change(patch, lambda body: change(body["pagination"]))


def _move_tokens(patch: pytest.MonkeyPatch, places: int) -> None:
    """Lets tokens lead some places further than they should."""
    age_after = fetching._after

    def after(namespace: Namespace, query: Asked) -> int:
        age = age_after(namespace, query)
        return age + places if age >= 0 else age

    patch.setattr(fetching, "_after", after)
