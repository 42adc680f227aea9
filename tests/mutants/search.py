"""Mutants whose hits lack something, come in the wrong order or score wrongly."""

import math
from collections.abc import Callable

import pytest

from mock_server.moorcheh import search as searching
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    SEARCH,
    Body,
    Handle,
    amend,
    around,
    document_of,
    mishear,
    said,
)

PERFECT = 0.999999


@mutant("moorcheh.search.shape", "A search does not say how long it took")
def no_execution_time(patch: pytest.MonkeyPatch) -> None:
    amend(patch, SEARCH, lambda body: body.pop("execution_time"))


@mutant("moorcheh.search.shape", "The score of a hit is a string")
def scores_as_text(patch: pytest.MonkeyPatch) -> None:
    _change_hits(patch, lambda hit: hit.update(score=str(hit["score"])))


@mutant("moorcheh.search.namespace", "A hit does not name its namespace")
def no_namespace(patch: pytest.MonkeyPatch) -> None:
    _change_hits(patch, lambda hit: hit.pop("namespace"))


@mutant("moorcheh.search.namespace", "Every hit names the first namespace asked")
def the_first_namespace(patch: pytest.MonkeyPatch) -> None:
    def rename(handle: Handle, world: World, call: Call) -> Answer:
        body, asked = said(handle(world, call)), document_of(call)["namespaces"]
        return Answer(200, {**body, "results": [{**hit, "namespace": asked[0]} for hit in body["results"]]})

    around(patch, SEARCH, rename)


@mutant("moorcheh.search.sorted", "In one namespace all hits but the best come lowest first")
def lowest_first(patch: pytest.MonkeyPatch) -> None:
    _reorder(patch, lambda hits: [*hits[:1], *reversed(hits[1:])])


@mutant("moorcheh.search.sorted", "In one namespace hits of one label come by id")
def by_label_and_id(patch: pytest.MonkeyPatch) -> None:
    labels = [name for _, name in searching.LABELS]

    def place(hit: Body) -> tuple[bool, int, str]:
        worst = len(labels)
        return (
            hit["score"] < PERFECT,
            labels.index(hit["label"]) if hit["label"] in labels else worst,
            hit["id"],
        )

    _reorder(patch, lambda hits: sorted(hits, key=place))


@mutant("moorcheh.search.sorted", "In one namespace the last two of more than five hits are swapped")
def the_last_two_are_swapped(patch: pytest.MonkeyPatch) -> None:
    _reorder(patch, lambda hits: [*hits[:-2], hits[-1], hits[-2]] if len(hits) > 5 else hits)


@mutant("moorcheh.search.score-range", "The score of what points away from the query is below 0")
def negative_scores(patch: pytest.MonkeyPatch) -> None:
    _change_hits(patch, lambda hit: hit.update(score=hit["score"] or -0.25))


@mutant("moorcheh.search.score-range", "Scores grow with the length of a long query")
def scores_grow_with_the_query(patch: pytest.MonkeyPatch) -> None:
    def scale(handle: Handle, world: World, call: Call) -> Answer:
        body, query = said(handle(world, call)), document_of(call)["query"]
        length = math.hypot(*query) if isinstance(query, list) else 1.0
        factor = length if length > 100 else 1.0
        results = [{**hit, "score": hit["score"] * factor} for hit in body["results"]]
        return Answer(200, {**body, "results": results})

    around(patch, SEARCH, scale)


@mutant("moorcheh.search.label", "Labels are in lower case")
def labels_in_lower_case(patch: pytest.MonkeyPatch) -> None:
    _change_hits(patch, lambda hit: hit.update(label=hit["label"].lower()))


@mutant("moorcheh.search.label", "The least relevant hits have no label")
def no_label_for_the_irrelevant(patch: pytest.MonkeyPatch) -> None:
    _change_hits(patch, lambda hit: hit.update(label="") if hit["score"] < 0.1 else None)


@mutant("moorcheh.search.label", "High Relevance begins at 0.5")
def high_relevance_from_a_half(patch: pytest.MonkeyPatch) -> None:
    _label_by(patch, 0.447, 0.5)


@mutant("moorcheh.search.label", "Very High Relevance begins at 0.65")
def very_high_relevance_from_065(patch: pytest.MonkeyPatch) -> None:
    _label_by(patch, 0.632, 0.65)


@mutant("moorcheh.search.label", "Close Match begins at 0.9")
def close_match_from_09(patch: pytest.MonkeyPatch) -> None:
    _label_by(patch, 0.894, 0.9)


@mutant("moorcheh.search.nearest", "A perfect match is taken for a duplicate and comes last")
def perfect_matches_come_last(patch: pytest.MonkeyPatch) -> None:
    def demote(body: Body) -> None:
        perfect = [hit for hit in body["results"] if hit["score"] >= PERFECT]
        others = [hit for hit in body["results"] if hit not in perfect]
        for hit in perfect if others else []:
            hit.update(score=others[-1]["score"], label=others[-1]["label"])
        body["results"] = [*others, *perfect]

    amend(patch, SEARCH, demote)


@mutant("moorcheh.search.nearest", "Only the first four numbers of a query are compared")
def four_numbers_are_compared(patch: pytest.MonkeyPatch) -> None:
    def cut(body: Body) -> None:
        query = body.get("query")
        if isinstance(query, list) and len(query) > 4:
            body["query"] = [*query[:4], *[0] * (len(query) - 4)]

    mishear(patch, SEARCH, cut)


@mutant("moorcheh.search.nearest", "The sign of the numbers in a query is lost")
def the_sign_is_lost(patch: pytest.MonkeyPatch) -> None:
    def drop_signs(body: Body) -> None:
        query = body.get("query")
        if isinstance(query, list) and len(query) > 4 and len({number > 0 for number in query}) > 1:
            body["query"] = [abs(number) for number in query]

    mishear(patch, SEARCH, drop_signs)


@mutant("moorcheh.search.vector-text", "The text of a vector hit is its id")
def the_id_for_the_text(patch: pytest.MonkeyPatch) -> None:
    _change_hits(patch, lambda hit: hit.update(text=hit["text"] or hit["id"]))


@mutant("moorcheh.search.vector-text", 'The text of a vector hit is "None"')
def none_in_words(patch: pytest.MonkeyPatch) -> None:
    _change_hits(patch, lambda hit: hit.update(text=hit["text"] or "None"))


def _change_hits(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    def change_all(body: Body) -> None:
        for hit in body["results"]:
            change(hit)

    amend(patch, SEARCH, change_all)


def _reorder(patch: pytest.MonkeyPatch, order: Callable[[list[Body]], list[Body]]) -> None:
    """Brings the hits of a search in a single namespace into another order."""

    def reorder(handle: Handle, world: World, call: Call) -> Answer:
        body = said(handle(world, call))
        alone = len(document_of(call)["namespaces"]) == 1
        return Answer(200, {**body, "results": order(body["results"]) if alone else body["results"]})

    around(patch, SEARCH, reorder)


def _label_by(patch: pytest.MonkeyPatch, bound: float, instead: float) -> None:
    """Moves one bound of the labels."""
    table = [(instead if least == bound else least, name) for least, name in searching.LABELS]
    patch.setattr(searching, "LABELS", table)
