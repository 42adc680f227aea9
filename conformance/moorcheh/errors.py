"""Checks of the area errors: what every refusal says, and that no request is too strange for an answer."""

from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance import wire
from conformance.check import proves
from conformance.exchange import Exchange
from conformance.expectation import expect, expect_status, require
from conformance.moorcheh.basis import vector_namespace
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.payload import json_values, plain_batch
from conformance.moorcheh.refusing import Standing

NO_JSON = (b"", b"{", b"not json", b'{"vectors": [}', b"\xff\xfe{}", b"{'vectors': []}", b'{"vectors": [1,]}')
NO_OBJECT = (b"[]", b'"text"', b"12", b"null", b"true", b'[{"id": "a", "vector": [1, 0]}]')
SPOILING: tuple[Callable[[bytes], bytes], ...] = (
    lambda valid: valid[:-1],
    lambda valid: valid[:-1] + b",}",
    lambda valid: valid + b"}",
    lambda valid: valid + b" and more",
    lambda valid: b"// a remark\n" + valid,
    lambda valid: valid.replace(b'"', b"'"),
    lambda valid: valid.replace(b"spoiled", b"sp\xffiled"),
    lambda valid: b"[" + valid + b"]",
    lambda valid: wire.encode(valid.decode()).encode(),
)
STRANGE = (
    b"[" * 100_000,
    b'{"vectors":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    b'{"vectors": [{"id": "\\ud800", "vector": [1, 0]}]}',
    b'{"vectors": [{"id": "a", "vector": [1' + b"0" * 5_000 + b", 0]}]}",
    b'{"vectors": [{"id": "a", "vector": [1, 0], "n": 1' + b"0" * 5_000 + b"}]}",
    b'{"vectors": [{"id": "a", "vector": [1, 0], "n": NaN}]}',
    b'{"ids": ["\\u0000"]}',
    b"\x00" * 100,
    "\ufeff{}".encode(),
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FIELDS = (
    "vectors",
    "documents",
    "ids",
    "query",
    "namespaces",
    "namespace_name",
    "type",
    "vector_dimension",
    "top_k",
)
ENDPOINTS = ("vectors", "items/get", "items/delete")


@proves("moorcheh.errors.envelope")
def every_refusal_has_the_error_body(server: Moorcheh) -> None:
    """Each documented refusal of these endpoints is asked for once."""
    seen = 0
    for exchange, status in _refusals(server):
        if exchange.status is None or not 400 <= exchange.status < 500:
            continue
        seen += 1
        expect(exchange.body.get("status") == status, f'an error body with status "{status}"', exchange)
        message = exchange.body.get("message")
        expect(isinstance(message, str) and bool(message.strip()), "a non-empty message", exchange)
    require(seen > 0, "nothing is ever refused")
    # A server that refuses whatever it is asked says nothing of the reasons.
    vector_namespace(server).store(plain_batch(1, 2))


@proves("moorcheh.errors.malformed-json")
@given(
    content=st.sampled_from(NO_JSON + NO_OBJECT),
    endpoint=st.sampled_from((*ENDPOINTS, "namespaces", "search")),
)
def a_body_that_is_no_object_is_refused(server: Moorcheh, content: bytes, endpoint: str) -> None:
    """With 400, at every endpoint that takes a body, and nothing changes."""
    space = server.memo(Standing).vector(2)
    space.store(plain_batch(1, 2))
    before = space.count()
    path = f"/{endpoint}" if endpoint not in ENDPOINTS else f"/namespaces/{space.name}/{endpoint}"
    exchange = server.target.send("POST", path, content=content)
    expect_status(exchange, 400)
    expect(space.count() == before, f"item_count still {before}", exchange, f"item_count {space.count()}")


@proves("moorcheh.errors.malformed-json")
def a_spoiled_body_is_refused(server: Moorcheh) -> None:
    """What would be taken but for one fault in its JSON: the same without the fault is taken."""
    space = vector_namespace(server)
    bodies: dict[str, Any] = {
        f"/namespaces/{space.name}/vectors": {"vectors": [{"id": "spoiled", "vector": [1, 0]}]},
        f"/namespaces/{space.name}/items/get": {"ids": ["spoiled"]},
        f"/namespaces/{space.name}/items/delete": {"ids": ["spoiled"]},
    }
    for path, body in bodies.items():
        valid = wire.encode(body).encode()
        for spoil in SPOILING:
            expect_status(server.target.send("POST", path, content=spoil(valid)), 400)
    expect(space.count() == 0, "item_count still 0", server.list_namespaces())
    for path, body in bodies.items():
        twin = server.target.send("POST", path, json=body)
        require(twin.succeeded, f"the valid twin is not accepted either: {twin.outcome()}")


@proves("moorcheh.errors.no-5xx")
@given(endpoint=st.sampled_from((*ENDPOINTS, "documents")))
def a_strange_body_is_no_server_error(server: Moorcheh, endpoint: str) -> None:
    """Too deep a nest, too long a number, half a character; the server goes on as before."""
    space = vector_namespace(server)
    for content in STRANGE:
        _expect_answered(server.target.send("POST", f"/namespaces/{space.name}/{endpoint}", content=content))
        _expect_answered(server.target.send("POST", "/search", content=content))
    space.store(plain_batch(1, 2))


@proves("moorcheh.errors.no-5xx")
@given(
    content=st.one_of(
        st.binary(max_size=50),
        st.dictionaries(st.sampled_from(FIELDS), json_values(), max_size=4).map(
            lambda value: wire.encode(value).encode()
        ),
    ),
    method=st.sampled_from(METHODS),
)
def no_request_is_a_server_error(server: Moorcheh, content: bytes, method: str) -> None:
    """Other bodies, methods and paths are refused, not tripped over; the server goes on as before."""
    space = vector_namespace(server)
    for endpoint in (*ENDPOINTS, "documents", "upload-jobs/job-0", "delete-jobs/%00", "no/such/path"):
        path = f"/namespaces/{space.name}/{endpoint}"
        _expect_answered(server.target.send(method, path, content=content))
    _expect_answered(server.target.send("POST", "/search", content=content))
    space.store(plain_batch(1, 2))


def _expect_answered(exchange: Exchange) -> None:
    expect(exchange.status is not None and exchange.status < 500, "an answer below 500", exchange)


def _refusals(server: Moorcheh) -> Iterator[tuple[Exchange, str]]:
    """The documented refusals, each with the `status` its body says."""
    space, nowhere = vector_namespace(server), server.new_name()
    vector = {"type": "vector", "vector_dimension": 2}
    bad_creations: tuple[dict[str, Any], ...] = (
        {"namespace_name": space.name, **vector},
        {"namespace_name": "no blanks", **vector},
        {"namespace_name": nowhere, "type": "graph"},
        {"namespace_name": nowhere, "type": "vector"},
        {"namespace_name": nowhere, "type": "vector", "vector_dimension": 0},
        {"namespace_name": nowhere, "type": "text", "vector_dimension": 2},
    )
    for body in bad_creations:
        yield server.create_namespace(body), "failure"
    yield server.delete_namespace(nowhere), "failure"
    bad_items: tuple[Any, ...] = (
        {"vector": [1, 0]},
        {"id": "a"},
        {"id": "a", "vector": [1, "x"]},
        {"id": "a", "vector": [1, wire.Literal("1e999")]},
        {"id": "a", "vector": [1]},
    )
    for item in bad_items:
        yield server.upload_vectors(space.name, [item]), "failure"
    yield server.upload_vectors(space.name, []), "failure"
    yield server.upload_vectors(nowhere, plain_batch(1, 2)), "failure"
    yield server.upload_vectors(server.memo(Standing).text().name, plain_batch(1, 2)), "failure"
    yield server.upload_job(space.name, "job-" + "0" * 32), "failure"
    for ask in (server.get_items, server.delete_items):
        yield ask(space.name, []), "failure"
        yield ask(space.name, [""]), "failure"
        yield ask(space.name, [f"x{n}" for n in range(101)]), "failure"
        yield ask(nowhere, ["a"]), "failure"
    yield server.search([1], [space.name]), "error"
    yield server.search("words", [space.name]), "error"
    yield server.search([], [space.name]), "error"
    yield server.search([1, 0], []), "error"
    yield server.search([1, 0], [nowhere]), "error"
    yield server.search([1, 0], [space.name], kiosk_mode=True), "error"
