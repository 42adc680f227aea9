"""Routing, bodies and errors that no service decides."""

import asyncio
import json
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from mock_server.admin.service import ADMIN
from mock_server.app import SERVICES, create_app
from mock_server.service import Api, Operation
from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve


@pytest.mark.parametrize("prefix", ["", "/_session/other"])
@pytest.mark.parametrize(
    "path",
    ["/", "/nope", "/health/", "/namespaces/", "/namespaces/a", "/v1/health", "/_mock/nope", "/_session/x"],
)
def test_an_unknown_path_is_404_with_the_error_body(client: Client, prefix: str, path: str) -> None:
    reply = Client(client.app, prefix).call("POST" if path != "/namespaces/a" else "DELETE", path)
    assert (reply.status, reply.body["status"]) == (404, "failure")
    assert "not found" in reply.message


@pytest.mark.parametrize("prefix", ["", "/_session/other"])
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/namespaces", "GET, HEAD, POST"),
        ("GET", "/namespaces/a", "DELETE"),
        ("DELETE", "/health", "GET, HEAD"),
        ("GET", "/namespaces/a/vectors", "POST"),
        ("OPTIONS", "/search", "POST"),
    ],
)
def test_a_wrong_method_is_405_and_says_which_are_right(
    client: Client, prefix: str, method: str, path: str, allowed: str
) -> None:
    reply = Client(client.app, prefix).call(method, path)
    assert (reply.status, reply.body["status"]) == (405, "error" if path == "/search" else "failure")
    assert reply.message == f"{path} does not take {method}, only {allowed}."
    assert {*reply.headers["allow"].split(", ")} == {*allowed.split(", ")}


def test_head_is_answered_as_get(client: Client) -> None:
    assert client.call("HEAD", "/health").status == 200


def test_answers_are_json(client: Client) -> None:
    assert client.get("/health").headers["content-type"] == "application/json"
    assert client.get("/nope").headers["content-type"] == "application/json"


def test_a_body_may_come_in_pieces(client: Client) -> None:
    pieces: list[Message] = [
        {"type": "http.request", "body": b'{"name": "a", ', "more_body": True},
        {"type": "http.request", "more_body": True},
        {"type": "http.request", "body": b'"type": "text"}', "more_body": False},
    ]
    assert client.stream("POST", "/namespaces", pieces).status == 201


def test_a_body_of_the_largest_size_is_read(serve: Serve) -> None:
    body = b'{"name": "a", "type": "text"}'
    assert serve(max_body=len(body)).post("/namespaces", body).status == 201
    assert serve(max_body=len(body) - 1).post("/namespaces", body).status == 413


@pytest.mark.parametrize(("path", "status"), [("/namespaces", "failure"), ("/search", "error")])
def test_too_large_a_body_is_413_before_its_end(serve: Serve, path: str, status: str) -> None:
    pieces: list[Message] = [{"type": "http.request", "body": b"x" * 60, "more_body": True}] * 3
    reply = serve(max_body=100).stream("POST", path, pieces)
    assert (reply.status, reply.body["status"]) == (413, status)
    assert "larger than the 100 bytes" in reply.message
    assert len(pieces) == 1


def test_too_large_a_content_length_is_413_before_any_body(serve: Serve) -> None:
    pieces: list[Message] = [{"type": "http.request", "body": b"x", "more_body": True}]
    reply = serve(max_body=100).stream("POST", "/namespaces", pieces, {"content-length": "101"})
    assert (reply.status, len(pieces)) == (413, 1)


def test_a_client_that_goes_away_is_not_answered(client: Client) -> None:
    pieces: list[Message] = [
        {"type": "http.request", "body": b'{"name": "a", ', "more_body": True},
        {"type": "http.disconnect"},
    ]
    assert client.stream("POST", "/namespaces", pieces).status == 0
    assert client.get("/namespaces").body == {"namespaces": []}


def test_names_in_paths_are_percent_decoded(client: Client) -> None:
    client.create("my-space")
    client.upload("a", "my-space")
    assert [*client.stored("a", "my%2Dspace")] == ["a"]


def test_two_applications_share_nothing() -> None:
    first, second = Client(create_app()), Client(create_app())
    first.create()
    assert second.get("/namespaces").body == {"namespaces": []}


def test_a_service_that_is_not_asked_for_is_not_there() -> None:
    moorcheh = Client(create_app(services=["moorcheh"]))
    assert moorcheh.get("/health").status == 200
    assert moorcheh.get("/tenants/tenant_ids").body["status"] == "failure"
    both = Client(create_app(services=["cortex", "moorcheh", "cortex"]))
    assert both.get("/health").status == 200
    assert "detail" in both.get("/nope").body
    assert {*both.get("/_mock/state").body} >= {"cortex", "moorcheh"}


def test_an_unknown_service_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="no service 'pinecone': expected moorcheh or cortex"):
        create_app(services=["pinecone"])


def test_an_unknown_progress_mode_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="no progress mode"):
        create_app(jobs="soon")


FIELDS = [
    *("vectors", "documents", "id", "vector", "text", "ids", "query", "namespaces", "top_k", "threshold"),
    *(
        "kiosk_mode",
        "namespace_name",
        "name",
        "type",
        "vector_dimension",
        "max_items",
        "jobs",
        "freeze",
        "advance",
    ),
]
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text()
    | st.sampled_from(["demo", "notes", "vector", "text", "\ud800", 10**400, 1e308]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)
APIS: list[Api] = [*(find() for find in SERVICES.values()), ADMIN]
OPERATIONS = [operation for api in APIS for operation in api.operations]


@given(
    calls=st.lists(
        st.tuples(
            st.sampled_from(OPERATIONS),
            st.sampled_from(["demo", "notes", "nope"]),
            st.binary(max_size=8) | anything.map(json.dumps).map(str.encode),
        ),
        min_size=5,
        max_size=20,
    )
)
def test_no_sequence_of_calls_is_ever_a_5xx(calls: list[tuple[Operation, str, bytes]]) -> None:
    client = Client(create_app(max_items=5))
    client.create()
    client.create("notes", None)
    for operation, name, body in calls:
        path = operation.path.format_map(defaultdict(lambda: "job-1", namespace=name))
        reply = client.call(operation.method, path, body)
        assert reply.status < 500
        assert isinstance(reply.body, bytes if operation.path == "/_mock/snapshot" else dict)


def test_the_cap_holds_under_concurrent_uploads(serve: Serve) -> None:
    client = serve(max_items=10, jobs="instant")
    client.create()
    statuses: list[int] = []

    async def upload(first: int) -> None:
        body = json.dumps({"vectors": [{"id": f"{first + n}", "vector": [1, n]} for n in range(3)]}).encode()
        pieces = [
            {"type": "http.request", "body": body[at : at + 9], "more_body": True} for at in range(0, 400, 9)
        ]
        pieces.append({"type": "http.request", "body": b"", "more_body": False})

        async def receive() -> Message:
            await asyncio.sleep(0)
            return pieces.pop(0)

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        scope = {"type": "http", "method": "POST", "path": "/namespaces/demo/vectors", "headers": []}
        await client.app(scope, receive, send)

    async def upload_all() -> None:
        await asyncio.gather(*(upload(3 * place) for place in range(8)))

    asyncio.run(upload_all())
    assert sorted(statuses) == [202] * 3 + [409] * 5
    assert client.count() == 9
