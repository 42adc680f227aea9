"""What two Moorcheh servers are asked alike, and what a difference between their answers is in."""

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from conformance.drift.comparing import Vocabulary
from conformance.drift.side import Subject
from conformance.drift.step import ABSENT, Step
from conformance.driver import Driver
from conformance.moorcheh.breaking import (
    Break,
    bad_id,
    broken_batches,
    no_id,
    no_vector,
    not_finite,
    not_numeric,
    other_length,
)
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.payload import Batch, batches, seeded_vector
from conformance.moorcheh.writing import document_batches

V, T, N = "/namespaces/@v", "/namespaces/@t", "/namespaces/@nowhere"
WORDS = ("v", "t", "nowhere")
ENDED = {"status": ("completed", "failed")}
BREAKS: Sequence[tuple[Break, str]] = (
    (no_id, "vectors.id-required"),
    (bad_id, "vectors.id-string"),
    (no_vector, "vectors.vector-required"),
    (not_numeric, "vectors.non-numeric"),
    (not_finite, "vectors.non-finite"),
    (other_length, "vectors.dimension"),
)

VOCABULARY = Vocabulary(
    service="moorcheh",
    accepted={
        "health": "health.answers",
        "createNamespace": "namespaces.create-vector",
        "listNamespaces": "namespaces.listed",
        "deleteNamespace": "namespaces.delete-accepted",
        "getDeleteJob": "namespaces.delete-job",
        "uploadVectors": "vectors.accepted",
        "uploadDocuments": "documents.accepted",
        "getUploadJob": "jobs.shape",
        "getItems": "items.get",
        "deleteItems": "items.delete",
        "fetchTextData": "fetch.shape",
        "search": "search.shape",
        "answer": "answer.shape",
        "uploadFiles": "files.accepted",
        "listFiles": "files.accepted",
        "getFile": "files.accepted",
        "deleteFile": "files.delete",
        "getFileJob": "files.accepted",
    },
    statuses={"createNamespace": "choice.create-status"},
    ignored=(
        r"job_id",
        r"(namespaces\.\*\.)?created_at",
        r"(items\.\*\.|statistics\.)created_at(_min|_max)?",
        r"(started|updated|finished)_at",
        r"execution_time",
        r"timings(\..*)?",
        r"pagination\.next_token",
    ),
    fields=(
        (r"\w+:message", "choice.message-text"),
        (r"health:(embedding_provider|model|llm_provider|llm_model)", "choice.models"),
        (r"health:(items|max_items|remaining)", "choice.capacity"),
        (r"listNamespaces:namespaces\.\*\.item_count", "namespaces.item-count"),
        (r"getUploadJob:status", "jobs.states"),
        (r"getUploadJob:(total|processed|successful|failed)", "jobs.totals"),
        (r"getUploadJob:finished_at", "jobs.finished-at"),
        (r"getItems:items\.\*\.metadata.*", "vectors.metadata"),
        (r"getItems:items\.\*\.text", "items.get-text"),
        (r"getItems:items\.\*\.vector", "items.get-no-vector"),
        (r"search:results\.\*\.(score|label)", "choice.scores"),
        (r"search:results\.\*\.metadata.*", "vectors.metadata"),
        (r"search:results\.\*\.namespace", "search.namespace"),
        (r"search:timings", "choice.timings"),
        (r"search:results", "search.top-k-clamped"),
        (r"answer:(answer|model|context_count)", "choice.answer-text"),
        (r"fetchTextData:items", "fetch.pages"),
        (r"\w+:.*_at", "choice.timestamp-form"),
    ),
    keyed={"namespaces": "namespace_name", "items": "id", "not_found_ids": ""},
    ranked={"results": "id"},
    falling={"results": "search.sorted"},
    own=("namespaces",),
    refusals=(
        (r"\w+:message", "choice.message-text"),
        (r"\w+:(items|max_items|requested_new)", "quota.body"),
    ),
)


def register(driver: Driver, _step: Step, _path: str, body: Any) -> None:
    """Takes note of a namespace that a step has made."""
    if isinstance(driver, Moorcheh):
        driver.adopt(str(body.get("namespace_name", body.get("name"))))


def speaks(driver: Moorcheh) -> bool:
    """Whether a server speaks this API."""
    return driver.health().body.get("status") == "ok"


@st.composite
def stories(draw: st.DrawFn) -> list[Step]:
    """A few chapters about a vector namespace of some dimension and a text one."""
    dimension = draw(st.one_of(st.integers(1, 4), st.integers(1, 64)))
    chapters = draw(st.lists(st.sampled_from(CHAPTERS), min_size=3, max_size=6, unique=True))
    story = _beginning(dimension)
    for chapter in chapters:
        story += chapter(draw, dimension)
    return [*story, *_end()]


def _beginning(dimension: int) -> list[Step]:
    vector = {"namespace_name": "@v", "type": "vector", "vector_dimension": dimension}
    return [
        Step("createNamespace", "namespaces.create-vector", "POST", "/namespaces", vector, prelude=True),
        Step(
            "createNamespace",
            "namespaces.create-text",
            "POST",
            "/namespaces",
            {"namespace_name": "@t", "type": "text"},
            prelude=True,
        ),
        Step("health", "health.answers", "GET", "/health"),
    ]


def _end() -> list[Step]:
    again = {"namespace_name": "@v", "type": "text"}
    return [
        Step("deleteNamespace", "namespaces.delete-accepted", "DELETE", V, keep={"deletion": "job_id"}),
        Step("getDeleteJob", "namespaces.delete-job", "GET", f"{V}/delete-jobs/@deletion", until=ENDED),
        Step("getDeleteJob", "namespaces.delete-job-remains", "GET", f"{V}/delete-jobs/@deletion"),
        Step("uploadVectors", "vectors.unknown-namespace", "POST", f"{V}/vectors", _one(2)),
        Step("createNamespace", "namespaces.delete-frees-name", "POST", "/namespaces", again),
    ]


def _uploads(draw: st.DrawFn, dimension: int) -> list[Step]:
    first, second = draw(batches(dimension, max_size=12)), draw(batches(dimension, max_size=4))
    return [
        *_upload(first),
        *_got([item["id"] for item in first][:90]),
        *_upload(second),
        *_got([item["id"] for item in second]),
        _health(),
    ]


def _broken_uploads(draw: st.DrawFn, dimension: int) -> list[Step]:
    found = []
    for breakage, clause in draw(st.lists(st.sampled_from(BREAKS), min_size=1, max_size=3, unique=True)):
        case = draw(broken_batches(breakage, dimensions=st.just(dimension), max_size=5))
        found.append(Step("uploadVectors", clause, "POST", f"{V}/vectors", {"vectors": case.invalid}))
    found.append(Step("uploadVectors", "vectors.empty", "POST", f"{V}/vectors", {"vectors": []}))
    found.append(
        Step("uploadVectors", "vectors.wrong-namespace-type", "POST", f"{T}/vectors", _one(dimension))
    )
    found.append(Step("uploadVectors", "vectors.unknown-namespace", "POST", f"{N}/vectors", _one(dimension)))
    return [*found, *_upload(_few(dimension)), *_got(["i0", "i1"])]


def _creations(_draw: st.DrawFn, _dimension: int) -> list[Step]:
    vector = {"type": "vector", "vector_dimension": 2}
    bodies: Sequence[tuple[str, dict[str, Any]]] = (
        ("namespaces.exists", {"namespace_name": "@v", **vector}),
        ("namespaces.name-charset", {"namespace_name": "no blanks", **vector}),
        ("namespaces.name-required", dict(vector)),
        ("namespaces.type-known", {"namespace_name": "@nowhere", "type": "graph"}),
        ("namespaces.dimension-required", {"namespace_name": "@nowhere", "type": "vector"}),
        ("namespaces.dimension-positive", {"namespace_name": "@nowhere", **vector, "vector_dimension": 0}),
        ("namespaces.dimension-integer", {"namespace_name": "@nowhere", **vector, "vector_dimension": 2.5}),
        (
            "namespaces.dimension-not-for-text",
            {"namespace_name": "@nowhere", "type": "text", "vector_dimension": 2},
        ),
        (
            "choice.null-dimension-for-text",
            {"namespace_name": "@nowhere", "type": "text", "vector_dimension": None},
        ),
    )
    return [
        Step("deleteNamespace", "namespaces.delete-missing", "DELETE", N),
        *(Step("createNamespace", clause, "POST", "/namespaces", body) for clause, body in bodies),
    ]


def _items(draw: st.DrawFn, dimension: int) -> list[Step]:
    ids = draw(st.lists(st.sampled_from(("i0", "i1", "i2", "nobody")), min_size=1, max_size=4, unique=True))
    delete = f"{V}/items/delete"
    return [
        *_upload(_few(dimension)),
        *_got(["i0", "i1", "i2", "nobody"]),
        *_got([], "items.ids-empty"),
        *_got(["i0", ""], "items.id-empty"),
        *_got([f"i{n}" for n in range(101)], "items.ids-100"),
        Step("getItems", "items.unknown-namespace", "POST", f"{N}/items/get", {"ids": ["i0"]}),
        Step("deleteItems", "items.delete", "POST", delete, {"ids": ids}),
        *_got(["i0", "i1", "i2"]),
        Step("deleteItems", "items.delete-none", "POST", delete, {"ids": ids}),
        Step("deleteItems", "items.ids-empty", "POST", delete, {"ids": []}),
        _listing(),
    ]


def _searches(draw: st.DrawFn, dimension: int) -> list[Step]:
    query = seeded_vector(draw(st.integers(0, 99)), dimension)
    threshold = draw(st.sampled_from((0.0, 0.25, 0.5, 1.0)))
    asked: Sequence[tuple[str, dict[str, Any]]] = (
        ("search.shape", {}),
        ("search.top-k-clamped", {"top_k": draw(st.sampled_from((0, 1, 2, 3, 1_000)))}),
        ("search.threshold-null", {"threshold": None}),
        ("search.kiosk", {"kiosk_mode": True, "threshold": threshold}),
        ("search.threshold-only-kiosk", {"threshold": threshold}),
        ("search.kiosk-needs-threshold", {"kiosk_mode": True}),
        ("search.dimension", {"query": [*query, 0.5]}),
        ("search.query-type", {"query": "words"}),
        ("search.empty", {"query": []}),
        ("search.empty", {"namespaces": []}),
        ("search.unknown-namespace", {"namespaces": ["@nowhere"]}),
    )
    usual = {"query": query, "namespaces": ["@v"]}
    return [
        *_upload(_few(dimension)),
        *(Step("search", clause, "POST", "/search", {**usual, **own}) for clause, own in asked),
    ]


def _texts(draw: st.DrawFn, dimension: int) -> list[Step]:
    documents = draw(document_batches(max_size=3))
    filed = [
        {"id": "one", "text": "A note about turtles.", "team": "ai"},
        {"id": "two", "text": "A note about swifts.", "team": "ops"},
    ]
    place, page = f"{T}/documents", f"{T}/documents/fetch-text-data"
    search = {"namespaces": ["@t"]}
    return [
        *_upload(documents, "t"),
        *_upload(filed, "t"),
        Step("uploadDocuments", "documents.empty", "POST", place, {"documents": []}),
        Step("uploadDocuments", "documents.id-required", "POST", place, {"documents": [{"text": "a"}]}),
        Step("uploadDocuments", "documents.text-required", "POST", place, {"documents": [{"id": "a"}]}),
        Step(
            "uploadDocuments", "choice.blank-text", "POST", place, {"documents": [{"id": "a", "text": " "}]}
        ),
        Step(
            "uploadDocuments",
            "documents.wrong-namespace-type",
            "POST",
            f"{V}/documents",
            {"documents": filed},
        ),
        Step("getItems", "items.get-text", "POST", f"{T}/items/get", {"ids": ["one", "two", "three"]}),
        Step("search", "search.filter-key", "POST", "/search", {**search, "query": "note #team:ai"}),
        Step("search", "search.filter-word", "POST", "/search", {**search, "query": "note #swifts"}),
        Step("search", "choice.word-filter-case", "POST", "/search", {**search, "query": "note #SWIFTS"}),
        Step("search", "search.query-type", "POST", "/search", {**search, "query": [0.5] * dimension}),
        Step("fetchTextData", "fetch.shape", "GET", page),
        Step("fetchTextData", "fetch.limit", "GET", f"{page}?limit=2"),
        Step("fetchTextData", "fetch.limit-bounds", "GET", f"{page}?limit=0"),
        Step("fetchTextData", "fetch.vector-namespace", "GET", f"{V}/documents/fetch-text-data"),
    ]


def _others(_draw: st.DrawFn, dimension: int) -> list[Step]:
    unknown = f"job-{'0' * 32}"
    return [
        *_upload(_few(dimension)),
        Step("getUploadJob", "jobs.unknown", "GET", f"{V}/upload-jobs/{unknown}"),
        Step("getUploadJob", "jobs.other-namespace", "GET", f"{T}/upload-jobs/@job"),
        Step("uploadVectors", "errors.malformed-json", "POST", f"{V}/vectors", [1]),
        Step("answer", "answer.direct", "POST", "/answer", {"query": "Who?", "namespace": ""}),
        Step("deleteFile", "files.delete-one-of", "POST", f"{T}/files/delete", {}),
        Step("getFile", "files.unknown", "GET", f"{T}/files/{'0' * 16}"),
        Step("deleteItems", "choice.repeated-ids", "POST", f"{V}/items/delete", {"ids": ["i0", "i0"]}),
        _listing(),
    ]


Chapter = Callable[[st.DrawFn, int], list[Step]]
CHAPTERS: Sequence[Chapter] = (_uploads, _broken_uploads, _creations, _items, _searches, _texts, _others)


def _upload(batch: Batch, word: str = "v") -> list[Step]:
    operation, field = ("uploadVectors", "vectors") if word == "v" else ("uploadDocuments", "documents")
    place = f"/namespaces/@{word}"
    body = {field: batch}
    return [
        Step(operation, f"{field}.accepted", "POST", f"{place}/{field}", body, keep={"job": "job_id"}),
        Step("getUploadJob", "jobs.completes", "GET", f"{place}/upload-jobs/@job", until=ENDED),
    ]


def _got(ids: list[str], clause: str = "vectors.stored-when-completed") -> list[Step]:
    return [Step("getItems", clause, "POST", f"{V}/items/get", {"ids": ids})]


def _listing() -> Step:
    return Step("listNamespaces", "namespaces.listed", "GET", "/namespaces")


def _health() -> Step:
    return Step("health", "health.answers", "GET", "/health", ABSENT)


def _one(dimension: int) -> dict[str, Any]:
    return {"vectors": [{"id": "one", "vector": [0.5] * dimension}]}


def _few(dimension: int) -> Batch:
    return [{"id": f"i{n}", "vector": seeded_vector(n, dimension), "n": n} for n in range(4)]


MOORCHEH = Subject(
    vocabulary=VOCABULARY,
    words=WORDS,
    stories=stories,
    creations=frozenset({"createNamespace"}),
    register=register,
    speaks=speaks,
)
"""What is compared of the service."""
