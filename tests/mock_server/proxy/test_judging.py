"""What is said of traffic: nothing where the contract is kept, and the clause where it is broken."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from mock_server import create_app
from mock_server.contract import contract
from tests.mock_server.proxy.sessions import CREATION, ITEMS, V, cortex_day, moorcheh_day, upload
from tests.mock_server.proxy.traffic import Traffic, rewriting
from tests.mock_server.replaying import read_examples

Change = Callable[[dict[str, Any]], object]


def broken(method: str, ending: str, change: Change, after: int = 0) -> Any:
    """Makes the rewriting that changes a success of one operation in place, after some of them."""
    seen = 0

    def rewrite(asked: str, path: str, status: int, value: Any) -> tuple[int, Any]:
        nonlocal seen
        if asked == method and path.endswith(ending) and status < 300:
            seen += 1
            if seen > after:
                answered = change(value)
                if isinstance(answered, int) and not isinstance(answered, bool):
                    return answered, value
        return status, value

    return rewrite


def put(**fields: Any) -> Change:
    """Makes the change that sets fields."""
    return lambda body: body.update(fields)


def less(field: str) -> Change:
    """Makes the change that takes a field away."""
    return lambda body: body.pop(field, None) and None


def with_status(status: int) -> Change:
    """Makes the change of the status."""
    return lambda _body: status


def in_each(array: str, change: Change) -> Change:
    """Makes a change of each element of an array."""

    def change_each(body: dict[str, Any]) -> None:
        for element in body[array]:
            change(element)

    return change_each


def in_the_first(array: str, change: Change) -> Change:
    """Makes a change of the first element of an array."""
    return lambda body: change(body[array][0])


def reverse(*fields: str) -> Change:
    """Makes the change that turns arrays round."""

    def change(body: dict[str, Any]) -> None:
        for field in fields:
            body[field].reverse()

    return change


def more_of_it(field: str) -> Change:
    """Makes the change that repeats the elements of an array."""
    return lambda body: body[field].extend([dict(each) for each in body[field]])


MOORCHEH: dict[str, list[Any]] = {
    "moorcheh.health.answers": [broken("GET", "/health", put(status="up"))],
    "moorcheh.health.remaining": [broken("GET", "/health", put(remaining=7))],
    "moorcheh.namespaces.create-vector": [
        broken("POST", "/namespaces", put(vector_dimension="2")),
        broken("POST", "/namespaces", put(vector_dimension=7)),
        broken("POST", "/namespaces", put(namespace_name="other")),
        broken("POST", "/namespaces", with_status(202)),
    ],
    "moorcheh.namespaces.create-text": [broken("POST", "/namespaces", less("message"), after=1)],
    "moorcheh.namespaces.listed": [
        broken("GET", "/namespaces", lambda body: body["namespaces"].pop()),
        broken("GET", "/namespaces", in_each("namespaces", less("created_at"))),
    ],
    "moorcheh.namespaces.item-count": [
        broken("GET", "/namespaces", in_each("namespaces", put(item_count=9)), after=1)
    ],
    "moorcheh.namespaces.delete-accepted": [broken("DELETE", V, with_status(200))],
    "moorcheh.namespaces.delete-job": [
        broken("GET", "", lambda body: "deleted_items" in body and body.update(deleted_items=0))
    ],
    "moorcheh.vectors.accepted": [
        broken("POST", "/vectors", put(total=2)),
        broken("POST", "/vectors", with_status(200)),
        broken("POST", "/vectors", less("job_id")),
        broken("POST", "/vectors", put(namespace_name="other")),
    ],
    "moorcheh.vectors.job-id": [broken("POST", "/vectors", put(job_id="7"))],
    "moorcheh.documents.accepted": [broken("POST", "/documents", put(total=7))],
    "moorcheh.jobs.id-new": [broken("POST", "/vectors", put(job_id=f"job-{'0' * 32}"))],
    "moorcheh.jobs.states": [broken("GET", "", lambda body: "total" in body and body.update(status="done"))],
    "moorcheh.jobs.shape": [broken("GET", "", less("last_error"))],
    "moorcheh.jobs.totals": [
        broken("GET", "", lambda body: "total" in body and body.update(total=body["total"] + 1)),
        broken("GET", "", lambda body: "total" in body and body.update(successful=0)),
    ],
    "moorcheh.jobs.finished-at": [
        broken("GET", "", lambda body: "total" in body and body.update(finished_at="2020-01-01T00:00:00Z")),
        broken("GET", "", lambda body: "total" in body and body.update(finished_at=None)),
    ],
    "moorcheh.jobs.monotonic": [
        broken(
            "GET",
            "",
            lambda body: "total" in body and body.update(status="running", processed=0, finished_at=None),
            after=9,
        )
    ],
    "moorcheh.items.get": [
        broken("POST", "/items/get", put(found_items=7)),
        broken("POST", "/items/get", put(requested_ids=0)),
        broken("POST", "/items/get", in_each("items", less("metadata"))),
    ],
    "moorcheh.items.get-missing": [broken("POST", "/items/get", in_each("items", put(id="nobody else")))],
    "moorcheh.items.get-text": [broken("POST", "/items/get", in_each("items", less("text")))],
    "moorcheh.items.get-no-vector": [broken("POST", "/items/get", in_each("items", put(vector=[1, 0])))],
    "moorcheh.items.delete": [
        broken("POST", "/items/delete", put(deleted=0)),
        broken("POST", "/items/delete", put(requested=7)),
        broken("POST", "/items/delete", put(not_found_ids=["stranger"])),
        broken("POST", "/items/delete", put(deleted=2, not_found_ids=[])),
    ],
    "moorcheh.vectors.metadata": [broken("POST", "/items/get", in_each("items", put(metadata={"n": 1.5})))],
    "moorcheh.vectors.stored-when-completed": [
        broken("POST", "/items/get", lambda body: body.update(items=[], found_items=0))
    ],
    "moorcheh.search.shape": [broken("POST", "/search", in_each("results", less("label")))],
    "moorcheh.search.sorted": [broken("POST", "/search", reverse("results"))],
    "moorcheh.search.score-range": [broken("POST", "/search", in_each("results", put(score=1.5)))],
    "moorcheh.search.label": [broken("POST", "/search", in_each("results", put(label="Great")))],
    "moorcheh.search.kiosk": [broken("POST", "/search", in_each("results", put(score=0.1)))],
    "moorcheh.search.vector-text": [broken("POST", "/search", in_each("results", put(text="words")))],
    "moorcheh.search.only-asked": [broken("POST", "/search", in_each("results", put(namespace="other")))],
    "moorcheh.search.namespace": [broken("POST", "/search", in_the_first("results", less("namespace")))],
    "moorcheh.search.top-k-clamped": [broken("POST", "/search", more_of_it("results"))],
    "moorcheh.search.filter-key": [
        broken("POST", "/search", in_each("results", lambda hit: hit["metadata"].update(team="web")))
    ],
    "moorcheh.search.filter-word": [broken("POST", "/search", in_each("results", put(text="Nothing.")))],
    "moorcheh.search.deleted": [broken("POST", "/search", in_each("results", put(id="b")))],
    "moorcheh.fetch.shape": [broken("GET", "fetch-text-data", less("pagination"))],
    "moorcheh.fetch.limit": [broken("GET", "fetch-text-data", more_of_it("items"))],
    "moorcheh.answer.shape": [broken("POST", "/answer", less("model"))],
    "moorcheh.answer.direct": [broken("POST", "/answer", put(context_count=3))],
}
CORTEX: dict[str, list[Any]] = {
    "cortex.matrix.accepted": [
        broken("POST", "/upload_embeddings", less("file_id")),
        broken("POST", "/upload_embeddings", with_status(201)),
    ],
    "cortex.matrix.file-id-kept": [broken("POST", "/upload_embeddings", put(file_id="g", batch_id="g"))],
    "cortex.matrix.file-id-generated": [broken("POST", "/upload_embeddings", put(file_id="f", batch_id="f"))],
    "cortex.matrix.chunk-ids": [broken("POST", "/upload_embeddings", reverse("chunk_ids"))],
    "cortex.processing.states": [broken("POST", "/verify_processing", put(indexing_status="done"))],
    "cortex.processing.order": [
        broken("POST", "/verify_processing", in_each("statuses", put(indexing_status="queued")), after=2)
    ],
    "cortex.processing.searchable": [
        broken(
            "POST",
            "/retrieve_by_ids",
            put(embeddings={}, not_found_chunk_ids=["f_0", "f_2", "f_9"]),
        )
    ],
    "cortex.retrieve.vectors": [
        broken("POST", "/retrieve_by_ids", lambda body: body["embeddings"].update({"f_0": [0.5, 0.5]})),
        broken("POST", "/retrieve_by_ids", less("embeddings")),
    ],
    "cortex.retrieve.not-found": [broken("POST", "/retrieve_by_ids", put(not_found_chunk_ids=[]))],
    "cortex.search.shape": [
        broken("POST", "/search", reverse("scores")),
        broken("POST", "/search", lambda body: body["scores"].pop() and None),
    ],
    "cortex.search.max-chunks": [
        broken(
            "POST",
            "/search",
            put(scores=[0.5] * 11, chunk_ids=[f"f_{n}" for n in range(11)]),
        )
    ],
    "cortex.update.replaces": [broken("PATCH", "", put(updated_count=2))],
    "cortex.stats.count": [broken("GET", "/stats", put(vector_dimension=None))],
    "cortex.delete.truthful": [broken("DELETE", "/delete", put(total_deleted=2))],
    "cortex.tenants.create": [broken("POST", "/create", put(tenant_id="other"))],
    "cortex.documents.accepted": [
        broken("POST", "insert_raw_embeddings", put(insert_count=2)),
        broken("POST", "insert_raw_embeddings", reverse("ids")),
    ],
    "cortex.remove.by-ids": [broken("DELETE", "delete_raw_embeddings", put(delete_count=5))],
    "cortex.tenants.delete": [broken("DELETE", "/tenants/delete", put(tenant_id="other"))],
}


def hits(change: Callable[[list[Any]], object]) -> Any:
    """Makes the rewriting that changes every bare array of hits in place."""

    def rewrite(_method: str, _path: str, status: int, value: Any) -> tuple[int, Any]:
        if isinstance(value, list):
            change(value)
        return status, value

    return rewrite


CORTEX |= {
    "cortex.find.shape": [
        hits(lambda found: found.reverse()),
        hits(lambda found: [hit.update(distance=0.7) for hit in found]),
        hits(lambda found: [hit.pop("source_id") for hit in found]),
    ],
    "cortex.find.limit": [hits(lambda found: found.extend(found[-1:]))],
    "cortex.find.output-fields": [
        hits(lambda found: [hit["embedding"].update(embedding=[]) for hit in found])
    ],
    "cortex.filter.limit": [hits(lambda found: found.extend(found[-1:]))],
    "cortex.filter.by-source": [hits(lambda found: [hit.update(source_id="other") for hit in found])],
    "cortex.filter.by-ids": [hits(lambda found: [hit["embedding"].update(chunk_id="c") for hit in found])],
}


class Kept(dict[str, Any]):
    """Gives the job of an answer for whatever an example keeps of the exchanges before."""

    def __missing__(self, _name: str) -> str:
        return str(self.get("job_id", "job-0"))


def cases(table: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(clause, rewrite, id=f"{clause}-{number}")
        for clause, rewrites in table.items()
        for number, rewrite in enumerate(rewrites)
    ]


@pytest.mark.parametrize("jobs", ["polls=2", "instant"])
@pytest.mark.parametrize("day", [moorcheh_day, cortex_day])
def test_nothing_is_said_of_the_mock(day: Callable[[Traffic], None], jobs: str) -> None:
    traffic = Traffic(create_app(jobs=jobs), evidence=("documented", "implied", "assumed"))
    day(traffic)
    assert traffic.findings == []
    assert "no clause is broken" in traffic.report.table()


@pytest.mark.parametrize(("clause", "rewrite"), cases(MOORCHEH))
def test_a_broken_answer_is_said_under_its_clause(clause: str, rewrite: Any) -> None:
    traffic = Traffic(rewriting(create_app(), rewrite), "moorcheh")
    moorcheh_day(traffic)
    assert clause in traffic.of("server")
    assert traffic.of("client") == set()


@pytest.mark.parametrize(("clause", "rewrite"), cases(CORTEX))
def test_a_broken_answer_of_cortex_is_said_under_its_clause(clause: str, rewrite: Any) -> None:
    traffic = Traffic(rewriting(create_app(), rewrite), "cortex")
    cortex_day(traffic)
    assert clause in traffic.of("server")
    assert traffic.of("client") == set()


@pytest.mark.parametrize("service", ["moorcheh", "cortex"])
def test_the_exchanges_of_the_examples_are_the_clients_breaks_alone(service: str) -> None:
    clauses = contract(service)
    for parameters in read_examples(service):
        example = parameters.values[0]
        traffic = Traffic(create_app(), service)
        request = example["request"]
        body = request["raw"].encode() if "raw" in request else request.get("body")
        anonymous = {"authorization": ""} if request.get("anonymous") else {}
        answer = example["response"]
        kept = Kept(answer["body"] if isinstance(answer["body"], dict) else {})
        path = request["path"].format_map(kept)
        exchange = traffic.begin(request["method"], path, body, anonymous)
        traffic.end(exchange, answer["status"], [], json.dumps(answer["body"]).encode())
        assert traffic.of("server") == set(), parameters.id
        for clause in traffic.of("client"):
            assert answer["status"] in clauses[clause].statuses, parameters.id


BAD: list[tuple[str, str, str, Any]] = [
    ("moorcheh.namespaces.name-charset", "POST", "/namespaces", {**CREATION, "namespace_name": "no blanks"}),
    ("moorcheh.namespaces.type-known", "POST", "/namespaces", {"namespace_name": "n", "type": "graph"}),
    ("moorcheh.namespaces.exists", "POST", "/namespaces", CREATION),
    ("moorcheh.vectors.dimension", "POST", f"{V}/vectors", {"vectors": [{"id": "a", "vector": [1]}]}),
    ("moorcheh.vectors.id-required", "POST", f"{V}/vectors", {"vectors": [{"vector": [1, 0]}]}),
    ("moorcheh.vectors.non-numeric", "POST", f"{V}/vectors", {"vectors": [{"id": "a", "vector": [1, "x"]}]}),
    (
        "moorcheh.vectors.non-finite",
        "POST",
        f"{V}/vectors",
        b'{"vectors": [{"id": "a", "vector": [1, 1e999]}]}',
    ),
    ("moorcheh.vectors.empty", "POST", f"{V}/vectors", {"vectors": []}),
    (
        "moorcheh.documents.wrong-namespace-type",
        "POST",
        f"{V}/documents",
        {"documents": [{"id": "a", "text": "b"}]},
    ),
    ("moorcheh.items.ids-empty", "POST", f"{V}/items/get", {"ids": []}),
    ("moorcheh.items.ids-100", "POST", f"{V}/items/get", {"ids": [f"i{n}" for n in range(101)]}),
    ("moorcheh.items.id-empty", "POST", f"{V}/items/delete", {"ids": ["a", ""]}),
    ("moorcheh.search.dimension", "POST", "/search", {"query": [1], "namespaces": ["vectors-1"]}),
    ("moorcheh.search.query-type", "POST", "/search", {"query": "words", "namespaces": ["vectors-1"]}),
    ("moorcheh.search.empty", "POST", "/search", {"query": [], "namespaces": ["vectors-1"]}),
    (
        "moorcheh.search.kiosk-needs-threshold",
        "POST",
        "/search",
        {"query": [1, 0], "namespaces": ["vectors-1"], "kiosk_mode": True},
    ),
    ("moorcheh.fetch.vector-namespace", "GET", f"{V}/documents/fetch-text-data", None),
    ("moorcheh.files.delete-one-of", "POST", f"{V}/files/delete", {}),
]


@pytest.mark.parametrize(("clause", "method", "target", "body"), BAD)
def test_a_bad_request_is_the_clients_break_where_it_is_refused(
    clause: str, method: str, target: str, body: Any
) -> None:
    traffic = Traffic(create_app(), "moorcheh")
    traffic.call("POST", "/namespaces", CREATION)
    assert traffic.call(method, target, body).status >= 400
    assert (traffic.of("client"), traffic.of("server")) == ({clause}, set())


@pytest.mark.parametrize(("clause", "method", "target", "body"), BAD)
def test_a_bad_request_that_is_accepted_is_the_servers_break_too(
    clause: str, method: str, target: str, body: Any
) -> None:
    def accept(asked: str, path: str, status: int, value: Any) -> tuple[int, Any]:
        return (200, value) if (asked, path) == (method, target) and status >= 400 else (status, value)

    traffic = Traffic(rewriting(create_app(), accept), "moorcheh")
    traffic.call("POST", "/namespaces", CREATION)
    traffic.call(method, target, body)
    assert clause in traffic.of("client") & traffic.of("server")


def test_a_bad_request_refused_otherwise_is_the_servers_break() -> None:
    def otherwise(_method: str, _path: str, status: int, value: Any) -> tuple[int, Any]:
        return (422 if status == 400 else status), value

    traffic = Traffic(rewriting(create_app(), otherwise), "moorcheh")
    traffic.call("POST", "/namespaces", CREATION)
    traffic.call("POST", f"{V}/vectors", {"vectors": []})
    assert traffic.of("server") == {"moorcheh.vectors.empty"}
    assert "refused with 422, documented: 400" in traffic.findings[-1].detail


UPLOAD, UPDATE = "/upload/upload_embeddings?tenant_id=d", "/upload/update_embeddings?tenant_id=d"
INSERT, FIND = "/embeddings/insert_raw_embeddings", "/embeddings/search_raw_embeddings"
FILTER, REMOVE = "/embeddings/filter_raw_embeddings", "/embeddings/delete_raw_embeddings?tenant_id=d"
SEARCH, DELETE = "/embeddings/search", "/embeddings/delete"
D = {"tenant_id": "d"}


def chunk_of(vector: list[Any]) -> dict[str, Any]:
    """Makes the insert of a document of one chunk."""
    chunks = [{"chunk_id": "c", "embedding": vector}]
    return {**D, "embeddings": [{"source_id": "s", "embeddings": chunks}]}


BAD_OF_CORTEX: list[tuple[str, str, str, Any]] = [
    ("cortex.matrix.empty", "POST", UPLOAD, {"embeddings": []}),
    ("cortex.matrix.rectangular", "POST", UPLOAD, {"embeddings": [[1, 2], [1]]}),
    ("cortex.matrix.numeric", "POST", UPLOAD, {"embeddings": [[1, "x"]]}),
    ("cortex.matrix.finite", "POST", UPLOAD, b'{"embeddings": [[1, 1e999]]}'),
    ("cortex.matrix.two-dimensional", "POST", UPLOAD, {"embeddings": [1, 2]}),
    ("cortex.update.id-format", "PATCH", UPDATE, {"embeddings": {"f": [1, 2]}}),
    ("cortex.update.same-batch", "PATCH", UPDATE, {"embeddings": {"f_0": [1, 2], "g_0": [1, 2]}}),
    ("cortex.search.empty", "POST", SEARCH, {**D, "embeddings": []}),
    ("cortex.search.max-chunks", "POST", SEARCH, {**D, "embeddings": [1, 2], "max_chunks": 0}),
    ("cortex.delete.empty", "DELETE", DELETE, {**D, "chunk_ids": []}),
    ("cortex.documents.shape-required", "POST", INSERT, {**D, "embeddings": [{"source_id": "s"}]}),
    ("cortex.documents.dimension", "POST", INSERT, chunk_of([1])),
    ("cortex.documents.numeric", "POST", INSERT, chunk_of([1, "x"])),
    ("cortex.find.dimension", "POST", FIND, {**D, "query_embedding": [1]}),
    ("cortex.find.limit-bounds", "POST", FIND, {**D, "query_embedding": [1, 2], "limit": 0}),
    ("cortex.filter.one-of", "POST", FILTER, D),
    ("cortex.filter.limit", "POST", FILTER, {**D, "source_id": "s", "limit": 10_001}),
    ("cortex.remove.one-of", "DELETE", REMOVE, None),
    ("cortex.tenants.unknown", "POST", SEARCH, {"tenant_id": "gone", "embeddings": [1, 2]}),
    ("cortex.tenants.delete", "DELETE", "/tenants/delete?tenant_id=gone", None),
]


@pytest.mark.parametrize(("clause", "method", "target", "body"), BAD_OF_CORTEX)
def test_a_bad_request_to_cortex_is_the_clients_break(
    clause: str, method: str, target: str, body: Any
) -> None:
    traffic = Traffic(create_app(), "cortex")
    for tenant in ("d", "gone"):
        creation = {"tenant_id": tenant, "is_embeddings_tenant": True, "embeddings_dimension": 2}
        traffic.call("POST", "/tenants/create", creation)
    traffic.call("DELETE", "/tenants/delete?tenant_id=gone")
    assert traffic.call(method, target, body).status >= 400
    assert (traffic.of("client"), traffic.of("server")) == ({clause}, set())


def test_a_call_without_a_key_is_the_clients_break() -> None:
    traffic = Traffic(create_app(), "cortex")
    assert traffic.call("GET", "/tenants/tenant_ids", headers={"authorization": ""}).status == 401
    assert traffic.of("client") == {"cortex.auth.required"}


def test_an_error_page_in_place_of_a_documented_refusal_is_no_error_body() -> None:
    def page(_method: str, _path: str, status: int, value: Any) -> tuple[int, Any]:
        return status, value if status < 400 else b"<html>Bad Request</html>"

    traffic = Traffic(rewriting(create_app(), page), "moorcheh")
    traffic.call("POST", f"{V}/vectors", {"vectors": []})
    traffic.call("POST", "/search", {"query": [], "namespaces": []})
    assert traffic.of("server") == {"moorcheh.errors.envelope"}


def test_assumptions_are_shown_only_if_asked_for() -> None:
    for evidence, clauses in ((("documented",), set()), (("assumed",), {"moorcheh.errors.malformed-json"})):
        traffic = Traffic(create_app(), "moorcheh", evidence=evidence)
        traffic.call("POST", "/search", b"no JSON")
        assert traffic.of("client") == clauses


def test_a_quota_that_lets_too_much_in_is_the_servers_break() -> None:
    def full(_method: str, path: str, status: int, value: Any) -> tuple[int, Any]:
        if path == "/health":
            value = {**value, "max_items": 2, "remaining": 2 - value["items"]}
        return status, value

    traffic = Traffic(rewriting(create_app(), full), "moorcheh")
    traffic.call("POST", "/namespaces", CREATION)
    traffic.call("GET", "/health")
    upload(traffic, V, "vectors", ITEMS)
    assert traffic.of("server") == {"moorcheh.quota.over-cap"}


def test_a_quota_that_refuses_what_fits_is_the_servers_break() -> None:
    traffic = Traffic(create_app(max_items=2), "moorcheh")
    traffic.call("POST", "/namespaces", CREATION)
    traffic.call("GET", "/health")
    upload(traffic, V, "vectors", ITEMS)
    assert traffic.findings == []
    quota = {"status": "failure", "message": "full", "items": 0, "max_items": 2, "requested_new": 2}
    exchange = traffic.begin("POST", f"{V}/vectors", {"vectors": ITEMS[:1]})
    traffic.end(exchange, 409, [], json.dumps(quota).encode())
    assert traffic.of("server") == {"moorcheh.quota.exact-fill", "moorcheh.quota.body-true"}


def test_nothing_rests_on_the_past_where_others_use_the_server_too() -> None:
    traffic = Traffic(create_app(), "moorcheh", alone=False)
    traffic.call("POST", "/namespaces", CREATION)
    traffic.call("POST", f"{V}/vectors", {"vectors": [{"id": "a", "vector": [1]}]})
    traffic.call("POST", "/namespaces", CREATION)
    assert traffic.findings == []


def test_what_overlaps_is_not_held_against_anyone() -> None:
    traffic = Traffic(create_app(jobs="instant"), "moorcheh")
    traffic.call("POST", "/namespaces", CREATION)
    upload(traffic, V, "vectors", ITEMS)
    reading = traffic.begin("POST", f"{V}/items/get", {"ids": ["a"]})
    deletion = traffic.begin("POST", f"{V}/items/delete", {"ids": ["a"]})
    empty = {"status": "success", "message": "", "requested_ids": 1, "found_items": 0, "items": []}
    traffic.end(reading, 200, [], json.dumps(empty).encode())
    done = {"status": "success", "message": "", "namespace_name": "vectors-1", "requested": 1, "deleted": 1}
    traffic.end(deletion, 200, [], json.dumps({**done, "not_found_ids": []}).encode())
    assert traffic.findings == []
    reading = traffic.begin("POST", f"{V}/items/get", {"ids": ["b"]})
    traffic.end(reading, 200, [], json.dumps(empty).encode())
    assert traffic.of("server") == {"moorcheh.vectors.stored-when-completed"}


def test_steering_the_mock_makes_all_forgotten() -> None:
    traffic = Traffic(create_app(), "moorcheh")
    traffic.call("POST", "/_session/one/namespaces", CREATION)
    traffic.call("POST", "/namespaces", CREATION)
    traffic.call("POST", "/_session/one/_mock/reset", {})
    assert traffic.call("POST", "/_session/one/namespaces", CREATION).status == 201
    assert traffic.findings == []
    traffic.call("POST", "/namespaces", CREATION)
    assert traffic.of("client") == {"moorcheh.namespaces.exists"}


def test_compressed_answers_are_judged_and_unknown_encodings_are_not() -> None:
    traffic = Traffic(create_app(), "moorcheh")
    wrong = json.dumps({"status": "up"}).encode()
    for encoding, octets, judged in (
        ("gzip", gzip.compress(wrong), True),
        ("br", wrong, False),
        ("gzip", b"no gzip", False),
        ("gzip", gzip.compress(wrong)[:-4], False),
        ("identity", wrong, True),
    ):
        before = len(traffic.findings)
        exchange = traffic.begin("GET", "/health")
        traffic.end(exchange, 200, [(b"Content-Encoding", encoding.encode())], octets)
        assert (len(traffic.findings) > before) is judged, encoding
        assert bool(traffic.last.unjudged) is not judged


@pytest.mark.parametrize(
    ("method", "target", "body", "headers", "why"),
    [
        ("GET", "/nowhere", None, {}, "no contract has this operation"),
        ("GET", "/namespaces/a%2Fb/files", None, {}, "the path holds what servers read differently"),
        ("POST", f"{V}/vectors", b'{"vectors": [], "vectors": []}', {}, "an object has a key twice"),
        ("POST", f"{V}/vectors", b"x", {"content-encoding": "gzip"}, "the request is in an encoding"),
    ],
)
def test_what_readers_may_differ_over_is_not_judged(
    method: str, target: str, body: Any, headers: dict[str, str], why: str
) -> None:
    traffic = Traffic(create_app(), "moorcheh")
    traffic.call(method, target, body, headers)
    assert traffic.last.unjudged.startswith(why)
    assert traffic.findings == []
