"""What is certain by the traffic before, and what a plainly valid request is owed."""

import json
from typing import Any

import pytest

from mock_server import create_app
from mock_server.sameness import digest, has_repeated_keys
from tests.mock_server.proxy.sessions import CREATION, ITEMS, NOTES, T, V, upload
from tests.mock_server.proxy.traffic import Traffic

FAILURE = {"status": "failure", "message": "No."}
REFUSED = {"detail": {"success": False, "message": "No.", "error_code": "INVALID_PARAMETERS"}}


@pytest.fixture
def traffic() -> Traffic:
    """Traffic with a mock that has both namespaces, and the items in them."""
    traffic = Traffic(create_app(), "moorcheh")
    traffic.call("POST", "/namespaces", CREATION)
    traffic.call("POST", "/namespaces", {"namespace_name": "texts-1", "type": "text"})
    upload(traffic, V, "vectors", ITEMS)
    upload(traffic, T, "documents", NOTES)
    assert traffic.findings == []
    return traffic


def answered(traffic: Traffic, method: str, target: str, body: Any, status: int, answer: Any) -> set[str]:
    """Answers the server's breaks where a request has a certain answer."""
    exchange = traffic.begin(method, target, body)
    content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    before = len(traffic.findings)
    traffic.end(exchange, status, [], content)
    return {each.clause for each in traffic.findings[before:] if each.side == "server"}


@pytest.mark.parametrize(
    ("clause", "method", "target", "body", "status"),
    [
        ("moorcheh.health.answers", "GET", "/health", None, 404),
        ("moorcheh.namespaces.listed", "GET", "/namespaces", None, 404),
        (
            "moorcheh.namespaces.create-text",
            "POST",
            "/namespaces",
            {"namespace_name": "n", "type": "text"},
            400,
        ),
        (
            "moorcheh.namespaces.create-vector",
            "POST",
            "/namespaces",
            {**CREATION, "namespace_name": "n"},
            400,
        ),
        ("moorcheh.vectors.accepted", "POST", f"{V}/vectors", {"vectors": ITEMS}, 400),
        ("moorcheh.vectors.accepted", "POST", f"{V}/vectors", {"vectors": ITEMS}, 404),
        ("moorcheh.documents.accepted", "POST", f"{T}/documents", {"documents": NOTES}, 400),
        ("moorcheh.items.get", "POST", f"{V}/items/get", {"ids": ["a"]}, 404),
        ("moorcheh.items.delete", "POST", f"{V}/items/delete", {"ids": ["a"]}, 400),
    ],
)
def test_a_plainly_valid_request_is_owed_an_acceptance(
    traffic: Traffic, clause: str, method: str, target: str, body: Any, status: int
) -> None:
    assert clause in answered(traffic, method, target, body, status, FAILURE)


@pytest.mark.parametrize(
    ("clause", "more"),
    [
        ("moorcheh.search.shape", {}),
        ("moorcheh.search.shape", {"top_k": 100, "threshold": 0.5, "kiosk_mode": True}),
        ("moorcheh.search.top-k-clamped", {"top_k": 0}),
    ],
)
def test_a_plainly_valid_search_is_owed_hits(traffic: Traffic, clause: str, more: dict[str, Any]) -> None:
    body = {"query": [1, 0], "namespaces": ["vectors-1"], **more}
    assert answered(traffic, "POST", "/search", body, 400, {"status": "error", "message": "No."}) == {clause}


@pytest.mark.parametrize(
    ("target", "body"),
    [
        (f"{V}/vectors", {"vectors": [{"id": "x" * 201, "vector": [1, 0]}]}),
        (f"{V}/vectors", {"vectors": [{"id": "a\n", "vector": [1, 0]}]}),
        (f"{V}/vectors", {"vectors": [{"id": f"i{n}", "vector": [1, 0]} for n in range(201)]}),
        (f"{V}/vectors", {"vectors": [ITEMS[0], ITEMS[0]]}),
        ("/namespaces/unseen/vectors", {"vectors": ITEMS}),
        ("/namespaces", {**CREATION, "namespace_name": "n" * 65}),
        ("/namespaces", {**CREATION, "namespace_name": "n", "vector_dimension": 100_000}),
        ("/namespaces", {"namespace_name": "n", "type": "text", "vector_dimension": None}),
        ("/namespaces", {"namespace_name": "n", "type": "text", "unknown": 1}),
        (f"{T}/documents", {"documents": [{"id": "a", "text": " "}]}),
    ],
)
def test_a_doubtful_request_is_owed_nothing(traffic: Traffic, target: str, body: Any) -> None:
    assert answered(traffic, "POST", target, body, 400, FAILURE) == set()


@pytest.mark.parametrize(
    "more", [{"top_k": 5_000}, {"query": [0, 0]}, {"query": "a"}, {"namespaces": ["unseen"]}, {"more": 1}]
)
def test_a_doubtful_search_is_owed_nothing(traffic: Traffic, more: dict[str, Any]) -> None:
    body = {"query": [1, 0], "namespaces": ["vectors-1"], **more}
    assert answered(traffic, "POST", "/search", body, 400, {"status": "error", "message": "No."}) == set()


def test_a_body_without_its_content_type_is_owed_nothing(traffic: Traffic) -> None:
    exchange = traffic.begin("POST", f"{V}/vectors", {"vectors": ITEMS}, {"content-type": "text/plain"})
    traffic.end(exchange, 400, [], json.dumps(FAILURE).encode())
    assert traffic.findings == []


def job(traffic: Traffic, place: str, items: list[dict[str, Any]], field: str = "vectors") -> str:
    """Uploads, and answers the job, which runs."""
    return str(traffic.call("POST", f"{place}/{field}", {field: items}).body["job_id"])


def test_a_job_that_is_not_found_before_its_end_was_never_completed(traffic: Traffic) -> None:
    path = f"{V}/upload-jobs/{job(traffic, V, ITEMS)}"
    assert answered(traffic, "GET", path, None, 404, FAILURE) == {"moorcheh.jobs.completes"}
    for _ in range(3):
        traffic.call("GET", path)
    assert answered(traffic, "GET", path, None, 404, FAILURE) == set()


def test_a_job_belongs_to_one_namespace(traffic: Traffic) -> None:
    job_id = job(traffic, V, ITEMS)
    own = traffic.call("GET", f"{V}/upload-jobs/{job_id}").body
    other = {**own, "namespace_name": "texts-1"}
    found = answered(traffic, "GET", f"{T}/upload-jobs/{job_id}", None, 200, other)
    assert found == {"moorcheh.jobs.other-namespace"}


def test_a_completed_job_stays_so(traffic: Traffic) -> None:
    job_id = job(traffic, V, ITEMS)
    path = f"{V}/upload-jobs/{job_id}"
    running = traffic.call("GET", path).body
    while traffic.call("GET", path).body["status"] != "completed":
        pass
    assert answered(traffic, "GET", path, None, 200, running) == {"moorcheh.jobs.monotonic"}


def test_timestamps_are_timestamps_and_in_order_whatever_their_precision(traffic: Traffic) -> None:
    job_id = job(traffic, V, ITEMS)
    path = f"{V}/upload-jobs/{job_id}"
    while (done := traffic.call("GET", path).body)["status"] != "completed":
        pass
    fine = {"started_at": "2026-05-21T12:00:00.900Z", "updated_at": "2026-05-21T12:00:00Z"}
    assert (
        answered(traffic, "GET", path, None, 200, {**done, **fine, "finished_at": fine["updated_at"]})
        == set()
    )
    for field, clause in (
        ("started_at", "moorcheh.jobs.shape"),
        ("finished_at", "moorcheh.jobs.finished-at"),
    ):
        assert answered(traffic, "GET", path, None, 200, {**done, field: "yesterday"}) == {clause}
    late = {**done, "started_at": "2126-05-21T12:00:00Z"}
    assert answered(traffic, "GET", path, None, 200, late) == {"moorcheh.jobs.finished-at"}


def test_a_delete_job_outlives_its_namespace(traffic: Traffic) -> None:
    job_id = traffic.call("DELETE", V).body["job_id"]
    path = f"{V}/delete-jobs/{job_id}"
    assert answered(traffic, "GET", path, None, 404, FAILURE) == {"moorcheh.namespaces.delete-job-remains"}


def test_a_namespace_that_is_gone_is_refused(traffic: Traffic) -> None:
    job_id = traffic.call("DELETE", V).body["job_id"]
    for _ in range(3):
        traffic.call("GET", f"{V}/delete-jobs/{job_id}")
    for method, target, body in (
        ("POST", f"{V}/vectors", {"vectors": ITEMS}),
        ("POST", f"{V}/items/get", {"ids": ["a"]}),
        ("POST", "/search", {"query": [1, 0], "namespaces": ["vectors-1"]}),
        ("DELETE", V, None),
    ):
        assert traffic.call(method, target, body).status >= 400
    assert traffic.of("client") == {
        "moorcheh.vectors.unknown-namespace",
        "moorcheh.items.unknown-namespace",
        "moorcheh.search.unknown-namespace",
        "moorcheh.namespaces.delete-missing",
    }
    again = answered(traffic, "POST", "/namespaces", CREATION, 409, FAILURE)
    assert again == {"moorcheh.namespaces.delete-frees-name"}


def test_a_deleted_document_is_in_no_page(traffic: Traffic) -> None:
    page = traffic.call("GET", f"{T}/documents/fetch-text-data").body
    traffic.call("POST", f"{T}/items/delete", {"ids": ["t1"]})
    found = answered(traffic, "GET", f"{T}/documents/fetch-text-data", None, 200, page)
    assert found == {"moorcheh.items.delete"}


def test_a_namespace_is_known_from_a_listing_too() -> None:
    app = create_app()
    first, second = Traffic(app, "moorcheh"), Traffic(app, "moorcheh")
    first.call("POST", "/namespaces", CREATION)
    second.call("POST", f"{V}/vectors", {"vectors": [{"id": "a", "vector": [1]}]})
    assert second.findings == []
    second.call("GET", "/namespaces")
    second.call("POST", f"{V}/vectors", {"vectors": [{"id": "a", "vector": [1]}]})
    assert second.of("client") == {"moorcheh.vectors.dimension"}
    listed = {"namespaces": [{**CREATION, "item_count": 0, "created_at": "2026-01-01T00:00:00Z"}]}
    listed["namespaces"][0]["vector_dimension"] = 3
    assert answered(second, "GET", "/namespaces", None, 200, listed) == {"moorcheh.namespaces.listed"}


def test_what_files_bring_is_beyond_sight(traffic: Traffic) -> None:
    answered(traffic, "POST", f"{T}/files", {"files": [{"path": "/a.txt"}]}, 400, FAILURE)
    entry = {"namespace_name": "texts-1", "type": "text", "vector_dimension": None, "item_count": 99}
    known = [
        each for each in traffic.call("GET", "/namespaces").body["namespaces"] if each["type"] == "vector"
    ]
    listing = {"namespaces": [*known, {**entry, "created_at": "2026-01-01T00:00:00Z"}]}
    assert answered(traffic, "GET", "/namespaces", None, 200, listing) == set()


def test_writes_that_overlap_leave_their_ids_unsure(traffic: Traffic) -> None:
    one, other = (traffic.begin("POST", f"{V}/vectors", {"vectors": ITEMS[:1]}) for _ in range(2))
    for number, exchange in enumerate((one, other)):
        accepted = {"status": "success", "message": "", "namespace_name": "vectors-1", "total": 1}
        traffic.end(exchange, 202, [], json.dumps({**accepted, "job_id": f"job-{number:032x}"}).encode())
        done = {"job_id": f"job-{number:032x}", "namespace_name": "vectors-1", "status": "completed"}
        moments = dict.fromkeys(("started_at", "updated_at", "finished_at"), "2026-01-01T00:00:00Z")
        counts = {"total": 1, "processed": 1, "successful": 1, "failed": 0, "last_error": None}
        path = f"{V}/upload-jobs/job-{number:032x}"
        assert answered(traffic, "GET", path, None, 200, {**done, **moments, **counts}) == set()
    empty = {"status": "success", "message": "", "requested_ids": 1, "found_items": 0, "items": []}
    assert answered(traffic, "POST", f"{V}/items/get", {"ids": ["a"]}, 200, empty) == set()
    found = answered(traffic, "POST", f"{V}/items/get", {"ids": ["b"]}, 200, empty)
    assert found == {"moorcheh.vectors.stored-when-completed"}


@pytest.mark.parametrize(
    ("clause", "target", "body", "answer"),
    [
        (
            "files.accepted",
            f"{T}/files",
            {"files": [{"path": "/a.txt"}]},
            {"total": 2, "ingesting": 1, "job_id": "j"},
        ),
        (
            "files.skipped",
            f"{T}/files",
            {"files": [{"path": "/a.txt"}]},
            {"total": 1, "ingesting": 0, "job_id": "j"},
        ),
        (
            "files.file-id",
            f"{T}/files",
            {"files": [{"path": "/a.txt"}]},
            {
                "total": 1,
                "ingesting": 0,
                "skipped": [{"file_id": "0" * 16, "absolute_path": "/a.txt", "message": ""}],
            },
        ),
        ("files.delete", f"{T}/files/delete", {"file_id": "1" * 16}, {"job_id": "j", "file_id": "0" * 16}),
    ],
)
def test_answers_about_files_fit_their_requests(
    traffic: Traffic, clause: str, target: str, body: Any, answer: dict[str, Any]
) -> None:
    usual = {
        "status": "success",
        "message": "",
        "namespace_name": "texts-1",
        "skipped": [],
        "absolute_path": "/a",
    }
    assert f"moorcheh.{clause}" in answered(traffic, "POST", target, body, 202, {**usual, **answer})


def test_a_listing_of_files_counts_them(traffic: Traffic) -> None:
    listing = {"status": "success", "count": 1, "files": []}
    assert answered(traffic, "GET", f"{T}/files", None, 200, listing) == {"moorcheh.files.accepted"}


def test_a_quota_error_names_its_counts(traffic: Traffic) -> None:
    found = answered(traffic, "POST", f"{V}/vectors", {"vectors": ITEMS}, 409, FAILURE)
    assert found == {"moorcheh.quota.body"}
    wrong = {**FAILURE, "items": 1, "max_items": 2, "requested_new": 9}
    found = answered(traffic, "POST", f"{V}/vectors", {"vectors": ITEMS}, 409, wrong)
    assert found == {"moorcheh.quota.body-true"}


def test_a_server_error_is_an_assumption() -> None:
    traffic = Traffic(create_app(), evidence=("assumed",))
    assert answered(traffic, "GET", "/health", None, 500, b"Oops") == {"moorcheh.errors.no-5xx"}
    assert answered(traffic, "GET", "/tenants/tenant_ids", None, 503, b"Oops") == {"cortex.errors.no-5xx"}


UPLOAD, UPDATE = "/upload/upload_embeddings?tenant_id=t", "/upload/update_embeddings?tenant_id=t"
INSERT, FILTER = "/embeddings/insert_raw_embeddings", "/embeddings/filter_raw_embeddings"
RETRIEVE, DELETE = "/embeddings/retrieve_by_ids", "/embeddings/delete"
CREATE, CREATE_BARE = "/tenants/create", "/embeddings/create_tenant?tenant_id=t"
TENANT, DONE = {"tenant_id": "t"}, {"success": True, "message": "Done."}
CHUNKS = {**TENANT, "chunk_ids": ["a"]}
WRONG_OF_CORTEX: list[tuple[str, str, str, Any, int, Any]] = [
    ("errors.envelope", "POST", UPLOAD, {"embeddings": []}, 400, b"No."),
    ("matrix.empty", "POST", UPLOAD, {"embeddings": []}, 422, REFUSED),
    (
        "matrix.batch-is-file",
        "POST",
        UPLOAD,
        {"embeddings": [[1]]},
        200,
        {**DONE, "file_id": "f", "batch_id": "g"},
    ),
    ("matrix.accepted", "POST", INSERT, {**TENANT, "embeddings": [[1]]}, 200, b""),
    ("tenants.create", "POST", CREATE, TENANT, 201, TENANT),
    ("tenants.create", "POST", CREATE, TENANT, 200, b"created"),
    (
        "subtenants.default-is-tenant-id",
        "POST",
        CREATE_BARE,
        None,
        200,
        {**TENANT, **DONE, "sub_tenant_id": "d"},
    ),
    ("filter.by-ids", "POST", FILTER, CHUNKS, 200, {}),
    (
        "update.replaces",
        "PATCH",
        UPDATE,
        {"embeddings": {"f_0": [1]}},
        200,
        {**DONE, "file_id": "f", "chunk_ids": ["f_1"]},
    ),
    ("delete.truthful", "DELETE", DELETE, CHUNKS, 200, {"status": {"b": True}, "total_deleted": 1}),
    (
        "retrieve.not-found",
        "POST",
        RETRIEVE,
        CHUNKS,
        200,
        {"embeddings": {"a": [1.0]}, "not_found_chunk_ids": ["a"]},
    ),
    (
        "retrieve.vectors",
        "POST",
        RETRIEVE,
        CHUNKS,
        200,
        {"embeddings": {"b": [1.0]}, "not_found_chunk_ids": ["a"]},
    ),
]


@pytest.mark.parametrize(("clause", "method", "target", "body", "status", "answer"), WRONG_OF_CORTEX)
def test_answers_of_cortex_fit_their_requests(
    clause: str, method: str, target: str, body: Any, status: int, answer: Any
) -> None:
    traffic = Traffic(create_app(), "cortex", evidence=("documented", "implied", "assumed"))
    assert f"cortex.{clause}" in answered(traffic, method, target, body, status, answer)


def test_a_place_that_changes_is_forgotten() -> None:
    traffic = Traffic(create_app(jobs="instant"), "cortex")
    traffic.call("POST", "/embeddings/create_tenant?tenant_id=m")
    path, ask = "/upload/upload_embeddings?tenant_id=m", {"tenant_id": "m", "chunk_ids": ["f_0"]}
    missing = {"embeddings": {}, "not_found_chunk_ids": ["f_0"]}
    for change, clauses in (
        (None, {"cortex.processing.searchable"}),
        (("DELETE", "/embeddings/delete", {"tenant_id": "m", "chunk_ids": ["f_1"]}), set()),
    ):
        traffic.call("POST", path, {"embeddings": [[1, 0]], "file_id": "f"})
        traffic.call("POST", "/upload/verify_processing?tenant_id=m&file_id=f")
        if change:
            traffic.call(*change)
        assert answered(traffic, "POST", "/embeddings/retrieve_by_ids", ask, 200, missing) == clauses


def test_a_line_is_cut_and_holds_no_commands_for_a_terminal() -> None:
    traffic = Traffic(create_app(), "moorcheh")
    traffic.call("POST", "/namespaces", {**CREATION, "namespace_name": "\x1b[31m" + "x" * 50})
    traffic.call("POST", "/search", {"query": [], "namespaces": []})
    assert all("\x1b" not in line and "\n" not in line and len(line) <= 300 for line in traffic.lines)
    assert len(traffic.lines) == 2
    assert "2 clauses broken by the client" in traffic.report.table()


def test_advice_is_told_and_breaks_nothing(traffic: Traffic) -> None:
    accepted = {"status": "success", "message": "", "namespace_name": "vectors-1", "total": 3, "job_id": "7"}
    assert answered(traffic, "POST", f"{V}/vectors", {"vectors": ITEMS}, 202, accepted) == {
        "moorcheh.vectors.job-id"
    }
    assert traffic.lines[-1].startswith("advice  moorcheh.vectors.job-id")
    assert not traffic.report.is_broken
    assert traffic.report.table().endswith("1 clause of advice not kept")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1.0}, True),
        ({"a": True}, {"a": 1}, False),
        ([1, 2], [2, 1], False),
        ({"a": None}, {}, False),
    ],
)
def test_values_that_say_the_same_have_one_digest(one: Any, other: Any, same: bool) -> None:
    assert (digest(one) == digest(other)) is same


@pytest.mark.parametrize("value", [2**53 + 1, [1e300], "\ud800", {"\ud800": 1}])
def test_what_readers_differ_over_has_no_digest(value: Any) -> None:
    assert digest(value) is None


@pytest.mark.parametrize(
    ("body", "repeated"),
    [
        (b'{"a": 1, "a": 1}', True),
        (b'[{"b": {"a": 1, "a": 2}}]', True),
        (b'{"a": {"a": 1}}', False),
        (b"x", False),
    ],
)
def test_repeated_keys_are_found(body: bytes, repeated: bool) -> None:
    assert has_repeated_keys(body) is repeated
