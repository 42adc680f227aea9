"""Mutants of the matrix form whose searches find, score or refuse wrongly."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mock_server.cortex import rules, subtenant
from mock_server.cortex import search as searches
from mock_server.rules import Document
from mock_server.service import Answer, Call
from mock_server.session import World
from mock_server.vectors import Directions, directions
from tests.mutants.cortex.rewriting import SEARCH, amend, around, mishear, refuse_with, scope_of
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Body, Handle, document_of, let_pass, saying

PERFECT = 0.999999
Scored = tuple[str, float]


@mutant("cortex.search.shape", "A search answers one score fewer than chunk_ids")
def a_score_is_missing(patch: pytest.MonkeyPatch) -> None:
    amend(patch, SEARCH, lambda body: body.update(scores=body["scores"][:-1]))


@mutant("cortex.search.shape", "The scores of a search are an object by chunk_id")
def scores_by_id(patch: pytest.MonkeyPatch) -> None:
    def name(body: Body) -> None:
        body["scores"] = dict(zip(body["chunk_ids"], body["scores"], strict=True))

    amend(patch, SEARCH, name)


@mutant("cortex.search.shape", "Scores are percentages")
def scores_in_percent(patch: pytest.MonkeyPatch) -> None:
    _score(patch, lambda score: 100 * score)


@mutant("cortex.search.shape", "The score of a perfect match is a little above 1")
def scores_above_one(patch: pytest.MonkeyPatch) -> None:
    _score(patch, lambda score: score if score < PERFECT else 1.000001)


@mutant("cortex.search.shape", "The score of what points away from the query is below 0")
def scores_below_zero(patch: pytest.MonkeyPatch) -> None:
    _score(patch, lambda score: score or -0.25)


@mutant("cortex.search.shape", "Scores are text")
def scores_as_text(patch: pytest.MonkeyPatch) -> None:
    _score(patch, str)


@mutant("cortex.search.shape", "A search answers distances in the place of scores")
def distances_for_scores(patch: pytest.MonkeyPatch) -> None:
    _score(patch, lambda score: 1.0 - score)


@mutant("cortex.search.shape", "All chunks but the best come lowest score first")
def lowest_first(patch: pytest.MonkeyPatch) -> None:
    _reorder(patch, lambda hits: [*hits[:1], *reversed(hits[1:])])


@mutant("cortex.search.shape", "The last two of more than five chunks are swapped")
def the_last_two_are_swapped(patch: pytest.MonkeyPatch) -> None:
    _reorder(patch, lambda hits: [*hits[:-2], hits[-1], hits[-2]] if len(hits) > 5 else hits)


@mutant("cortex.search.max-chunks", "A search finds 9 chunks by default")
def nine_by_default(patch: pytest.MonkeyPatch) -> None:
    _find_by_default(patch, 9)


@mutant("cortex.search.max-chunks", "A search finds 11 chunks by default")
def eleven_by_default(patch: pytest.MonkeyPatch) -> None:
    _find_by_default(patch, 11)


@mutant("cortex.search.max-chunks", "A search finds as many chunks as it may by default")
def all_by_default(patch: pytest.MonkeyPatch) -> None:
    _find_by_default(patch, 200)


@mutant("cortex.search.max-chunks", "A search finds one chunk more than max_chunks")
def one_too_many(patch: pytest.MonkeyPatch) -> None:
    _change_limit(patch, lambda body, limit: limit if body.get("max_chunks") is None else limit + 1)


@mutant("cortex.search.max-chunks", "A max_chunks of 200 is refused")
def refused_at_200(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "MAX_CHUNKS", 199)


@mutant("cortex.search.max-chunks", "A max_chunks of 201 is taken for 200")
def taken_at_201(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "MAX_CHUNKS", 201)


@mutant("cortex.search.max-chunks", "A max_chunks of 0 stands for the default")
def zero_is_the_default(patch: pytest.MonkeyPatch) -> None:
    def drop(body: Body) -> None:
        if body.get("max_chunks") == 0:
            del body["max_chunks"]

    mishear(patch, SEARCH, drop)


@mutant("cortex.search.max-chunks", "A max_chunks of 0 finds one chunk")
def zero_is_one(patch: pytest.MonkeyPatch) -> None:
    clause = "cortex.search.max-chunks"
    let_pass(patch, rules.SEARCH, clause, lambda body: body.get("max_chunks") == 0)


@mutant("cortex.search.max-chunks", "A max_chunks out of bounds is refused with 422")
def bounds_are_unprocessable(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "cortex.search.max-chunks", 422)


@mutant("cortex.search.nearest", "A perfect match is taken for a duplicate and comes last")
def perfect_matches_come_last(patch: pytest.MonkeyPatch) -> None:
    def demote(hits: list[Scored]) -> list[Scored]:
        perfect = [(name, 0.0) for name, score in hits if score >= PERFECT]
        return [*((name, score) for name, score in hits if score < PERFECT), *perfect]

    _reorder(patch, demote)


@mutant("cortex.search.nearest", "Only the first four numbers of a query are compared")
def four_numbers_are_compared(patch: pytest.MonkeyPatch) -> None:
    def blank(body: Body) -> None:
        query = body.get("embeddings")
        if isinstance(query, list) and len(query) > 4:
            body["embeddings"] = [*query[:4], *[0] * (len(query) - 4)]

    mishear(patch, SEARCH, blank)


@mutant("cortex.search.nearest", "Rows are compared without the signs of their numbers")
def signs_do_not_count(patch: pytest.MonkeyPatch) -> None:
    def unsigned(numbers: NDArray[np.float64]) -> Directions:
        return directions(np.abs(numbers))

    patch.setattr(subtenant, "directions", unsigned)


@mutant("cortex.search.empty", "An empty query finds nothing and is no fault")
def an_empty_query(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.SEARCH, "cortex.search.empty")


@mutant("cortex.search.empty", "An empty query is taken for one of zeros")
def zeros_for_an_empty_query(patch: pytest.MonkeyPatch) -> None:
    _fit_query(patch, lambda query, dimension: query or [0] * dimension)


@mutant("cortex.search.empty", "An empty query is refused with 422")
def an_empty_query_is_unprocessable(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "cortex.search.empty", 422)


@mutant("cortex.search.dimension", "A query of another length finds nothing and is no fault")
def any_length(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.SEARCH_FIT, "cortex.search.dimension")


@mutant("cortex.search.dimension", "A query that is too long is cut")
def long_queries_are_cut(patch: pytest.MonkeyPatch) -> None:
    _fit_query(patch, lambda query, dimension: query[:dimension])


@mutant("cortex.search.dimension", "A query that is too short is filled with zeros")
def short_queries_are_filled(patch: pytest.MonkeyPatch) -> None:
    _fit_query(patch, lambda query, dimension: query and query + [0] * (dimension - len(query)))


@mutant("cortex.search.dimension", "A query of another length is refused with 409")
def lengths_conflict(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "cortex.search.dimension", 409)


def _score(patch: pytest.MonkeyPatch, change: Callable[[float], Any]) -> None:
    amend(patch, SEARCH, lambda body: body.update(scores=[change(score) for score in body["scores"]]))


def _reorder(patch: pytest.MonkeyPatch, order: Callable[[list[Scored]], list[Scored]]) -> None:
    """Brings the chunks of a search and their scores into another order."""

    def reorder(body: Body) -> None:
        hits = order([*zip(body["chunk_ids"], body["scores"], strict=True)])
        body.update(chunk_ids=[name for name, _ in hits], scores=[score for _, score in hits])

    amend(patch, SEARCH, reorder)


def _find_by_default(patch: pytest.MonkeyPatch, most: int) -> None:
    _change_limit(patch, lambda body, limit: most if body.get("max_chunks") is None else limit)


def _change_limit(patch: pytest.MonkeyPatch, change: Callable[[Document, int], int]) -> None:
    """Changes how many chunks a search in the matrix form looks for."""
    asked_limit = searches.asked_limit

    def changed(body: Document, field: str, most: int, usual: int = searches.USUAL_HITS) -> int:
        limit = asked_limit(body, field, most, usual)
        return change(body, limit) if field == "max_chunks" else limit

    patch.setattr(searches, "asked_limit", changed)


def _fit_query(patch: pytest.MonkeyPatch, fit: Callable[[list[Any], int], list[Any]]) -> None:
    """Lets a function change a query, told the dimension of the tenant."""

    def fitted(handle: Handle, world: World, call: Call) -> Answer:
        scope, document = scope_of(world, call), document_of(call)
        query = document.get("embeddings")
        if isinstance(query, list) and scope is not None and scope.tenant.dimension is not None:
            changed = {**document, "embeddings": fit(query, scope.tenant.dimension)}
            return handle(world, saying(call, changed))
        return handle(world, call)

    around(patch, SEARCH, fitted)
