"""Mutants of the documents form whose searches answer, limit or refuse wrongly."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mock_server.cortex import rules
from mock_server.cortex import search as searches
from mock_server.cortex.subtenant import SubTenant
from mock_server.rules import Document
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.cortex.rewriting import (
    FIND,
    amend_entries,
    around,
    entries_of,
    place_of,
    refusal,
    refuse_with,
    scope_of,
)
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Body, Handle, document_of, let_pass, saying, tighten

BOUNDS = "cortex.find.limit-bounds"
FIELDS = ("chunk_id", "embedding", "metadata", "score", "source_id")


@mutant("cortex.find.shape", "The hits stand in an object")
def hits_in_an_object(patch: pytest.MonkeyPatch) -> None:
    def wrap(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        return replace(answer, body={"results": answer.body})

    around(patch, FIND, wrap)


@mutant("cortex.find.shape", "A hit does not name its source")
def no_source(patch: pytest.MonkeyPatch) -> None:
    amend_entries(patch, FIND, lambda hit: hit.pop("source_id"))


@mutant("cortex.find.shape", "Score and distance are the same")
def distance_is_the_score(patch: pytest.MonkeyPatch) -> None:
    amend_entries(patch, FIND, lambda hit: hit.update(distance=hit["score"]))


@mutant("cortex.find.shape", "The distance of every hit is 0")
def no_distance(patch: pytest.MonkeyPatch) -> None:
    amend_entries(patch, FIND, lambda hit: hit.update(distance=0.0))


@mutant("cortex.find.shape", "The distance is half of what lacks to a score of 1")
def half_the_distance(patch: pytest.MonkeyPatch) -> None:
    amend_entries(patch, FIND, lambda hit: hit.update(distance=hit["distance"] / 2))


@mutant("cortex.find.shape", "The score of a hit is text")
def score_as_text(patch: pytest.MonkeyPatch) -> None:
    amend_entries(patch, FIND, lambda hit: hit.update(score=str(hit["score"])))


@mutant("cortex.find.shape", "All hits but the best come lowest score first")
def lowest_first(patch: pytest.MonkeyPatch) -> None:
    _change_hits(patch, lambda hits: [*hits[:1], *reversed(hits[1:])])


@mutant("cortex.find.shape", "Hits come by source")
def by_source(patch: pytest.MonkeyPatch) -> None:
    _change_hits(patch, lambda hits: sorted(hits, key=lambda hit: str(hit["source_id"])))


@mutant("cortex.find.limit", "A search of documents finds 9 hits by default")
def nine_by_default(patch: pytest.MonkeyPatch) -> None:
    _find_by_default(patch, 9)


@mutant("cortex.find.limit", "A search of documents finds 11 hits by default")
def eleven_by_default(patch: pytest.MonkeyPatch) -> None:
    _find_by_default(patch, 11)


@mutant("cortex.find.limit", "A search of documents finds as many hits as it may by default")
def all_by_default(patch: pytest.MonkeyPatch) -> None:
    _find_by_default(patch, 1_000)


@mutant("cortex.find.limit", "A search of documents finds one hit more than its limit")
def one_too_many(patch: pytest.MonkeyPatch) -> None:
    _change_limit(patch, lambda body, limit: limit if body.get("limit") is None else limit + 1)


@mutant("cortex.find.limit", "A search of documents finds 20 hits at most", hardest=True)
def at_most_20(patch: pytest.MonkeyPatch) -> None:
    _change_limit(patch, lambda _body, limit: min(limit, 20))


@mutant("cortex.find.limit", "A limit of 1 is refused")
def one_is_refused(patch: pytest.MonkeyPatch) -> None:
    tighten(patch, rules.FIND, BOUNDS, lambda body: body.get("limit") == 1)


@mutant("cortex.find.limit", "A limit of 1,000 is refused")
def a_thousand_is_refused(patch: pytest.MonkeyPatch) -> None:
    tighten(patch, rules.FIND, BOUNDS, lambda body: body.get("limit") == 1_000)


@mutant(BOUNDS, "A limit of 0 is taken for 1")
def zero_is_taken(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.FIND, BOUNDS, lambda body: body.get("limit") == 0)


@mutant(BOUNDS, "A limit of 1,001 is taken for 1,000")
def a_thousand_and_one_is_taken(patch: pytest.MonkeyPatch) -> None:
    let_pass(patch, rules.FIND, BOUNDS, lambda body: body.get("limit") == 1_001)


@mutant(BOUNDS, "A limit out of bounds is refused with 413")
def limits_are_too_large(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, BOUNDS, 413)


@mutant("cortex.find.dimension", "A query of another length finds no document and is no fault")
def any_length(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.FIND_FIT, "cortex.find.dimension")


@mutant("cortex.find.dimension", "A query of documents that is too long is cut")
def long_queries_are_cut(patch: pytest.MonkeyPatch) -> None:
    _fit_query(patch, lambda query, dimension: query[:dimension])


@mutant("cortex.find.dimension", "A query of documents that is too short is filled with zeros")
def short_queries_are_filled(patch: pytest.MonkeyPatch) -> None:
    _fit_query(patch, lambda query, dimension: query and query + [0] * (dimension - len(query)))


@mutant("cortex.find.dimension", "A query of documents of another length is refused with 400")
def lengths_are_bad_requests(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "cortex.find.dimension", 400)


@mutant("cortex.find.metadata", "A hit carries no metadata")
def no_metadata(patch: pytest.MonkeyPatch) -> None:
    amend_entries(patch, FIND, lambda hit: hit.update(metadata={}))


@mutant("cortex.find.metadata", "Every hit carries the metadata of the best one")
def metadata_of_the_best(patch: pytest.MonkeyPatch) -> None:
    def copy(hits: list[Body]) -> list[Body]:
        return [{**hit, "metadata": hits[0]["metadata"]} for hit in hits]

    _change_hits(patch, copy)


@mutant("cortex.find.metadata", "Metadata that are false, zero or empty are left out")
def empty_metadata_is_left_out(patch: pytest.MonkeyPatch) -> None:
    def drop(hit: Body) -> None:
        hit["metadata"] = {key: value for key, value in hit["metadata"].items() if value}

    amend_entries(patch, FIND, drop)


@mutant("cortex.find.metadata", "Metadata come back as text")
def metadata_as_text(patch: pytest.MonkeyPatch) -> None:
    def spell(hit: Body) -> None:
        hit["metadata"] = {key: str(value) for key, value in hit["metadata"].items()}

    amend_entries(patch, FIND, spell)


@mutant("cortex.find.output-fields", "A hit always has its vector")
def always_the_vector(patch: pytest.MonkeyPatch) -> None:
    _choose_vector(patch, lambda _fields: True)


@mutant("cortex.find.output-fields", "A hit never has its vector")
def never_the_vector(patch: pytest.MonkeyPatch) -> None:
    _choose_vector(patch, lambda _fields: False)


@mutant("cortex.find.output-fields", "A hit has its vector unless output_fields leaves it out")
def the_vector_by_default(patch: pytest.MonkeyPatch) -> None:
    _choose_vector(patch, lambda fields: fields is None or "embedding" in fields)


@mutant(
    "cortex.find.output-fields", "A hit has its vector only where nothing else is asked for", hardest=True
)
def the_vector_alone(patch: pytest.MonkeyPatch) -> None:
    _choose_vector(patch, lambda fields: fields == ["embedding"])


@mutant("cortex.find.output-fields", "A name in output_fields that is no field is refused")
def other_fields_are_refused(patch: pytest.MonkeyPatch) -> None:
    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        if not {*(document_of(call).get("output_fields") or ())} <= {*FIELDS}:
            return refusal(400, "output_fields: no such field")
        return handle(world, call)

    around(patch, FIND, refuse)


@mutant("cortex.find.output-fields", "The vector of a hit lacks its last number")
def the_last_number_is_missing(patch: pytest.MonkeyPatch) -> None:
    def cut(hit: Body) -> None:
        hit["embedding"]["embedding"] = hit["embedding"]["embedding"][:-1]

    amend_entries(patch, FIND, cut)


def _change_hits(patch: pytest.MonkeyPatch, change: Callable[[list[Body]], list[Body]]) -> None:
    def changed(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        return replace(answer, body=change(entries_of(answer)))

    around(patch, FIND, changed)


def _find_by_default(patch: pytest.MonkeyPatch, most: int) -> None:
    _change_limit(patch, lambda body, limit: most if body.get("limit") is None else limit)


def _change_limit(patch: pytest.MonkeyPatch, change: Callable[[Document, int], int]) -> None:
    """Changes how many hits a search of documents looks for."""
    asked_limit = searches.asked_limit

    def changed(body: Document, field: str, most: int, usual: int = searches.USUAL_HITS) -> int:
        limit = asked_limit(body, field, most, usual)
        return change(body, limit) if field == "limit" else limit

    patch.setattr(searches, "asked_limit", changed)


def _fit_query(patch: pytest.MonkeyPatch, fit: Callable[[list[Any], int], list[Any]]) -> None:
    """Lets a function change a query, told the dimension of the tenant."""

    def fitted(handle: Handle, world: World, call: Call) -> Answer:
        scope, document = scope_of(world, call), document_of(call)
        query = document.get("query_embedding")
        if isinstance(query, list) and scope is not None and scope.tenant.dimension is not None:
            changed = {**document, "query_embedding": fit(query, scope.tenant.dimension)}
            return handle(world, saying(call, changed))
        return handle(world, call)

    around(patch, FIND, fitted)


def _choose_vector(patch: pytest.MonkeyPatch, wanted: Callable[[list[str] | None], bool]) -> None:
    """Lets hits have their vectors where a function of the output_fields says so."""

    def chosen(handle: Handle, world: World, call: Call) -> Answer:
        place, answer = place_of(world, call), handle(world, call)
        with_vector = wanted(document_of(call).get("output_fields"))
        hits = entries_of(answer)
        for hit in hits:
            vector = _stored_vector(place, hit["embedding"]["chunk_id"]) if with_vector else []
            hit["embedding"]["embedding"] = vector
        return replace(answer, body=hits)

    around(patch, FIND, chosen)


def _stored_vector(place: SubTenant | None, chunk_id: str) -> list[float]:
    numbers: list[float] = place.chunks[chunk_id].vector.tolist() if place is not None else []
    return numbers
