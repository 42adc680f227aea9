"""What a difference between two answers is said to be in."""

from typing import Any

import pytest

from conformance.clause import load_clauses
from conformance.cortex.drifting import CORTEX
from conformance.drift.choice import load_choices
from conformance.drift.comparing import Comparison, Said
from conformance.drift.difference import Difference, Differences
from conformance.drift.side import Subject
from conformance.drift.step import ABSENT, Names, Step
from conformance.moorcheh.drifting import MOORCHEH
from conformance.wire import Literal

SUBJECTS = {"moorcheh": MOORCHEH, "cortex": CORTEX}


def differing(subject: Subject, operation: str, about: str, a: Said, b: Said) -> list[str]:
    step = Step(operation, about, "POST", "/place", ABSENT)
    return [each.id for each in Comparison(subject.vocabulary, step).differences(a, b)]


HIT = {"id": "a", "score": 0.5, "label": "High Relevance", "metadata": {"n": 1}, "text": ""}
OTHER = {**HIT, "id": "b", "score": 0.4}
SEARCHED = {"results": [HIT, OTHER], "execution_time": 0.1, "timings": {"total": 1}}
UPLOADED = {"status": "success", "message": "m", "job_id": "@job", "total": 1}


@pytest.mark.parametrize(
    ("operation", "a", "b", "ids"),
    [
        ("search", SEARCHED, SEARCHED, []),
        ("search", SEARCHED, {**SEARCHED, "execution_time": 7, "timings": {"other": 2}}, []),
        ("search", SEARCHED, {**SEARCHED, "execution_time": "slow"}, ["search.shape"]),
        ("search", SEARCHED, {**SEARCHED, "results": [OTHER, HIT]}, ["search.sorted"]),
        ("search", SEARCHED, {**SEARCHED, "results": [{**HIT, "score": 0.9}, OTHER]}, ["choice.scores"]),
        (
            "search",
            {"results": [HIT, {**OTHER, "score": 0.5}]},
            {"results": [{**OTHER, "score": 0.5}, HIT]},
            ["choice.scores"],
        ),
        ("search", SEARCHED, {**SEARCHED, "results": [HIT]}, ["search.top-k-clamped"]),
        ("uploadVectors", UPLOADED, {**UPLOADED, "message": ""}, ["vectors.accepted"]),
        (
            "search",
            SEARCHED,
            {**SEARCHED, "results": [{**HIT, "metadata": {"n": 2}}, OTHER]},
            ["vectors.metadata"],
        ),
        ("search", SEARCHED, {**SEARCHED, "results": [{**HIT, "metadata": {"n": 1.0}}, OTHER]}, []),
        ("search", SEARCHED, {**SEARCHED, "more": 1}, ["choice.extra-fields"]),
        ("uploadVectors", UPLOADED, {**UPLOADED, "total": 2}, ["vectors.accepted"]),
        ("uploadVectors", UPLOADED, {**UPLOADED, "message": "other"}, ["choice.message-text"]),
        (
            "getUploadJob",
            {"status": "completed", "total": 1},
            {"status": "done", "total": 1},
            ["jobs.states"],
        ),
        ("getUploadJob", {"failed": 0}, {"failed": 1}, ["jobs.totals"]),
        ("getUploadJob", {"updated_at": "2026"}, {}, ["jobs.shape"]),
        ("health", {"model": "a"}, {"model": "b"}, ["choice.models"]),
        ("health", {"model": "a"}, {"model": None}, ["health.answers"]),
        ("health", {"model": "a"}, {}, ["choice.models"]),
        ("search", SEARCHED, {**SEARCHED, "results": [{**HIT, "score": "0.5"}, OTHER]}, ["search.shape"]),
        (
            "listNamespaces",
            {"namespaces": [{"namespace_name": "@v", "item_count": 1}, {"namespace_name": "theirs"}]},
            {"namespaces": [{"namespace_name": "@v", "item_count": 2}]},
            ["namespaces.item-count"],
        ),
        (
            "listNamespaces",
            {"namespaces": [{"namespace_name": "@v"}, {"namespace_name": "@t"}]},
            {"namespaces": [{"namespace_name": "@t"}, {"namespace_name": "@v"}]},
            ["choice.list-order"],
        ),
        (
            "listNamespaces",
            {"namespaces": [{"namespace_name": "@v"}]},
            {"namespaces": []},
            ["namespaces.listed"],
        ),
        ("health", {"status": "ok", "items": 1}, {"status": "ok", "items": 2}, ["choice.capacity"]),
        ("deleteItems", {"not_found_ids": ["a", "b"]}, {"not_found_ids": ["a", "b"]}, []),
        ("deleteItems", {"not_found_ids": ["a"]}, {"not_found_ids": []}, ["items.delete"]),
        ("getItems", {"items": []}, None, ["items.get"]),
    ],
)
def test_a_field_says_what_a_difference_is_in(operation: str, a: Any, b: Any, ids: list[str]) -> None:
    about = MOORCHEH.vocabulary.accepted[operation]
    found = differing(MOORCHEH, operation, about, Said(200, a), Said(200, b))
    assert found == [f"moorcheh.{each}" for each in ids]


@pytest.mark.parametrize(
    ("about", "b", "what"),
    [
        ("items.delete-none", {"deleted": 1}, "items.delete-none"),
        ("items.ids-100", {"deleted": 1}, "items.delete"),
        ("choice.repeated-ids", {"deleted": 1}, "items.delete"),
        ("items.delete", {}, "items.delete"),
        ("items.delete", {"deleted": 0, "note": 1}, "choice.extra-fields"),
    ],
)
def test_a_call_says_what_a_difference_is_in(about: str, b: Any, what: str) -> None:
    found = differing(MOORCHEH, "deleteItems", about, Said(200, {"deleted": 0}), Said(200, b))
    assert found == [f"moorcheh.{what}"]


FOUND = [{"source_id": "s", "score": 0.5, "distance": 0.5, "embedding": {"chunk_id": "c"}, "metadata": {}}]


@pytest.mark.parametrize(
    ("b", "ids"),
    [
        ([{**FOUND[0], "metadata": {"n": 1}}], ["find.metadata"]),
        ([{key: value for key, value in FOUND[0].items() if key != "metadata"}], ["find.metadata"]),
        ([{**FOUND[0], "score": 0.25}], ["choice.scores"]),
        ([], ["find.limit"]),
        ({}, ["find.limit"]),
    ],
)
def test_a_bare_array_is_compared_hit_by_hit(b: Any, ids: list[str]) -> None:
    found = differing(CORTEX, "searchRawEmbeddings", "find.shape", Said(200, FOUND), Said(200, b))
    assert found == [f"cortex.{each}" for each in ids]


@pytest.mark.parametrize(
    ("operation", "about", "a", "b", "what"),
    [
        ("createNamespace", "namespaces.create-text", 200, 201, "choice.create-status"),
        ("uploadVectors", "vectors.accepted", 202, 200, "vectors.accepted"),
        ("uploadVectors", "vectors.dimension", 202, 400, "vectors.dimension"),
        ("uploadVectors", "vectors.dimension", 422, 400, "vectors.dimension"),
        ("uploadVectors", "vectors.accepted", 413, 400, "choice.refusal-status"),
        ("uploadDocuments", "choice.blank-text", 202, 400, "choice.blank-text"),
    ],
)
def test_a_status_says_what_a_difference_is_in(operation: str, about: str, a: int, b: int, what: str) -> None:
    assert differing(MOORCHEH, operation, about, Said(a, {}), Said(b, {})) == [f"moorcheh.{what}"]


def test_refusals_differ_in_their_body() -> None:
    a, b = {"status": "failure", "message": "a"}, {"status": "error", "message": "b"}
    found = differing(MOORCHEH, "uploadVectors", "vectors.empty", Said(400, a), Said(400, b))
    assert found == ["moorcheh.errors.envelope", "moorcheh.choice.message-text"]
    quota = {"items": 1, "max_items": 2, "requested_new": 3}
    found = differing(
        MOORCHEH, "uploadVectors", "quota.over-cap", Said(409, quota), Said(409, {**quota, "items": 2})
    )
    assert found == ["moorcheh.quota.body"]


@pytest.mark.parametrize("service", ["moorcheh", "cortex"])
def test_every_word_of_a_vocabulary_is_a_clause_or_a_choice(service: str) -> None:
    vocabulary = SUBJECTS[service].vocabulary
    known = load_clauses(service).keys() | load_choices(service).keys()
    words = [*vocabulary.accepted.values(), *vocabulary.statuses.values()]
    words += [what for _, what in (*vocabulary.fields, *vocabulary.refusals)]
    words += [
        "errors.envelope",
        "choice.extra-fields",
        "choice.scores",
        "choice.list-order",
        "choice.refusal-status",
    ]
    assert {f"{service}.{word}" for word in words} <= known


def test_differences_are_counted_by_clause_and_the_first_is_kept() -> None:
    found = Differences(load_clauses("moorcheh"), load_choices("moorcheh"))
    for number, what in enumerate(("choice.scores", "jobs.totals", "jobs.totals", "vectors.id-string")):
        found.add(Difference(f"moorcheh.{what}", f"call {number}", "", "", ""))
    assert [(each.id, each.kind, each.times, each.first.call) for each in found.findings()] == [
        ("moorcheh.vectors.id-string", "clause", 1, "call 3"),
        ("moorcheh.jobs.totals", "clause", 2, "call 1"),
        ("moorcheh.choice.scores", "choice", 1, "call 0"),
    ]
    assert (found.differs(), found.differs(("assumed",)), found.differs(("implied",))) == (True, True, False)
    with pytest.raises(KeyError):
        found.add(Difference("moorcheh.no.such", "", "", "", ""))


def test_names_are_each_servers_own() -> None:
    names = Names()
    names.learn("v", "own/1")
    names.learn("job", "job-7")
    assert names.in_path("/namespaces/@v/jobs/@job?x=@other") == "/namespaces/own%2F1/jobs/job-7?x=%40other"
    assert names.in_body({"a": ["@v", "v", "@other", 1]}) == {"a": ["own/1", "v", "@other", 1]}
    assert (
        names.in_body(Literal('{"a": "@v", "b": 1e2, "c": "@x"}')).text
        == '{"a": "own/1", "b": 1e2, "c": "@x"}'
    )
    answer = {"id": "job-7", "note": "job-7x", "message": "Job job-7 is done.", "n": [None, 1]}
    assert names.masked(answer) == {**answer, "id": "@job", "message": "Job @job is done."}
    assert names.masked_document('{"job-7": "own/1", "x": "job-7 "}') == '{"@job": "@v", "x": "job-7 "}'
