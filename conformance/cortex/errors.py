"""Checks of the areas errors, spellings and seed: what refusals say, and what other paths answer."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.cortex.basis import (
    DIMENSION,
    Documents,
    Matrices,
    chunk_ids_of,
    documents,
    entries_of,
    matrices,
    require_form,
    spoken_form,
    spoken_forms,
    strings_of,
)
from conformance.cortex.driver import FORMS, Cortex, Form
from conformance.cortex.payload import chunk, document, file_ids, matrix, written
from conformance.cortex.refusing import UNPROCESSABLE
from conformance.exchange import Exchange
from conformance.expectation import expect, expect_status, expect_values, require

NO_OBJECT = (b"", b"{", b"not json", b"\xff\xfe{}", b'{"embeddings": [}', b"[]", b'"text"', b"12", b"null")
STRANGE = (
    b"[" * 100_000,
    b'{"embeddings":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    b'{"embeddings": [[1' + b"0" * 5_000 + b", 0, 0, 0]]}",
    b'{"embeddings": [[1, 0, 0, 0]], "file_id": "\\ud800"}',
    b'{"embeddings": [[1, 0, 0, 0]], "file_id": 7}',
    b'{"embeddings": {"a": {"b": {}}}}',
    b'{"embeddings": [{"source_id": {}, "embeddings": [[]]}]}',
    b'{"chunk_ids": {"a": 1}, "limit": 1e400}',
    b"\x00" * 100,
)
ENDPOINTS: dict[Form, tuple[tuple[str, str], ...]] = {
    "matrix": (
        ("POST", "/upload/upload_embeddings"),
        ("PATCH", "/upload/update_embeddings"),
        ("POST", "/embeddings/search"),
        ("POST", "/embeddings/retrieve_by_ids"),
        ("DELETE", "/embeddings/delete"),
    ),
    "documents": (
        ("POST", "/embeddings/insert-raw-embeddings"),
        ("POST", "/embeddings/search-raw-embeddings"),
        ("POST", "/embeddings/filter-raw-embeddings"),
    ),
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SPELLED: tuple[tuple[Form, str], ...] = (
    ("documents", "insert-raw-embeddings"),
    ("documents", "search-raw-embeddings"),
    ("documents", "filter-raw-embeddings"),
    ("matrix", "retrieve-by-ids"),
)
QUERY = [0.5] * DIMENSION


@proves("cortex.errors.envelope")
def every_refusal_has_the_error_body(server: Cortex) -> None:
    """Each documented refusal is asked for once."""
    seen = 0
    for exchange in _refusals(server):
        if exchange.status is None or not 400 <= exchange.status < 500:
            continue
        seen += 1
        detail = exchange.body.get("detail")
        expect(isinstance(detail, dict), "an object under detail", exchange)
        said: dict[str, Any] = detail if isinstance(detail, dict) else {}
        expect(said.get("success") is False, "success false in detail", exchange)
        for field in ("message", "error_code"):
            text = said.get(field)
            expect(isinstance(text, str) and bool(text.strip()), f"a non-empty {field} in detail", exchange)
    require(seen > 0, "nothing is ever refused")
    # A server that refuses whatever it is asked says nothing of the reasons.
    for form in spoken_forms(server):
        _require_alive(matrices(server) if form == "matrix" else documents(server))


@proves("cortex.errors.malformed-json")
def a_body_that_is_no_object_is_refused(server: Cortex) -> None:
    """With 400 or 422, and nothing changes."""
    for method, path, place in _endpoints(server):
        _require_alive(place)
        before = _shown(place)
        for content in NO_OBJECT:
            exchange = server.target.send(method, path, content=content)
            expect_status(exchange, *UNPROCESSABLE)
            expect(_shown(place) == before, "nothing changed", exchange, f"{_shown(place)} after {before}")


@proves("cortex.errors.no-5xx")
def strange_requests_are_no_server_error(server: Cortex) -> None:
    """Strange bodies and methods are refused, not tripped over; the server goes on as before."""
    for method, path, place in _endpoints(server):
        for content in STRANGE:
            _expect_no_server_error(server, method, path, content)
        for another in METHODS:
            _expect_no_server_error(server, another, path, b"{}")
        _require_alive(place)


@proves("cortex.errors.no-5xx")
@given(content=st.binary(max_size=50), which=st.integers(0, 7))
def bytes_are_no_server_error(server: Cortex, content: bytes, which: int) -> None:
    """Nor is a body of whatever bytes."""
    endpoints = list(_endpoints(server))
    require(bool(endpoints), "the server speaks neither form")
    method, path, place = endpoints[which % len(endpoints)]
    _expect_no_server_error(server, method, path, content)
    _require_alive(place)


@proves("cortex.spellings.agree")
@given(spelled=st.sampled_from(SPELLED), sound=st.booleans())
def both_spellings_answer_alike(server: Cortex, spelled: tuple[Form, str], sound: bool) -> None:
    """Kebab and snake, to a sound request and to a refused one."""
    form = spoken_form(server, spelled[0])
    name = next(path for spoken, path in (spelled, *SPELLED) if spoken == form)
    kebab, snake = f"/embeddings/{name}", f"/embeddings/{name.replace('-', '_')}"
    require(server.is_there(kebab) and server.is_there(snake), "the server has one spelling only")
    place: Matrices | Documents
    if form == "matrix":
        place = matrices(server)
        place.store(matrix(2, DIMENSION), "s")
    else:
        place = documents(server)
        place.store([document("s", 3, DIMENSION, n=1)])
    tenant = place.ids if sound else {"tenant_id": server.new_name()}
    bodies: dict[str, dict[str, Any]] = {
        "insert-raw-embeddings": {"embeddings": [document("s", 2, DIMENSION)], "upsert": True},
        "search-raw-embeddings": {"query_embedding": QUERY},
        "filter-raw-embeddings": {"source_id": "s"},
        "retrieve-by-ids": {"chunk_ids": ["s_0", "s_1", "s_2"]},
    }
    body = {**tenant, **bodies[name]}
    one, other = (_told(server, path, body) for path in (kebab, snake))
    expect_status(other, one.status or 0)
    if sound:
        expect(_facts(one) == _facts(other), f"the answer of {kebab}, which tells {_facts(one)}", other)


@proves("cortex.seed.hybrid")
@given(size=st.integers(1, 5), file_id=file_ids, in_query=st.booleans())
def a_matrix_is_taken_at_the_path_of_documents(
    server: Cortex, size: int, file_id: str, in_query: bool
) -> None:
    """It is uploaded there as at its own path, and overwritten likewise."""
    require_form(server, "matrix")
    require(any(map(server.is_there, FORMS["documents"])), "the server has no such path")
    place, twin = matrices(server), matrices(server)
    for seed in (1, 2):
        rows = matrix(size, DIMENSION, seed)
        body = {"embeddings": rows, "file_id": file_id}
        query: dict[str, str | None] = dict(place.ids) if in_query else {}
        exchange = server.post(
            "/embeddings/insert-raw-embeddings", body | ({} if in_query else place.ids), **query
        )
        expect_status(exchange, 200)
        expect_values(exchange, file_id=file_id)
        place.await_indexed(exchange)
        ids, own_ids = chunk_ids_of(exchange, size + 1), twin.store(rows, file_id)
        found, own = place.rows(ids), twin.rows(own_ids)
        wanted = [*map(own.get, own_ids), None]
        expect([*map(found.get, ids)] == wanted, "the rows as uploaded", exchange, f"{found}")


def _endpoints(server: Cortex) -> Iterator[tuple[str, str, Matrices | Documents]]:
    """The endpoints that take a body: method, path with a place in its query, and that place."""
    for form in spoken_forms(server):
        place = matrices(server) if form == "matrix" else documents(server)
        for method, path in ENDPOINTS[form]:
            query = f"?tenant_id={place.tenant}&sub_tenant_id={place.sub_tenant}"
            yield method, server.spelled(path, method) + query, place


def _told(server: Cortex, path: str, body: dict[str, Any]) -> Exchange:
    """The answer to a request, of a search once it finds something: it may lag behind what is stored."""
    return server.polls_until(
        lambda exchange: not exchange.succeeded or bool(exchange.value),
        lambda: server.target.send("POST", path, json=body),
    )[-1]


def _facts(answer: Exchange) -> object:
    """What an answer of these endpoints tells of chunks; its words, order and further fields may vary."""
    if isinstance(answer.value, list):
        entries = {str(entry["embedding"]["chunk_id"]): entry for entry in entries_of(answer)}
        return {each: (entry.get("source_id"), entry.get("metadata")) for each, entry in entries.items()}
    told = {name: answer.body.get(name) for name in ("success", "insert_count", "ids", "embeddings")}
    return {**told, "not_found_chunk_ids": sorted(strings_of(answer.body.get("not_found_chunk_ids")))}


def _expect_no_server_error(server: Cortex, method: str, path: str, content: bytes) -> None:
    exchange = server.target.send(method, path, content=content)
    expect(exchange.status is not None and exchange.status < 500, "an answer below 500", exchange)


def _require_alive(place: Matrices | Documents) -> None:
    if isinstance(place, Matrices):
        place.store(matrix(1, DIMENSION), "alive")
    else:
        place.store([document("alive", 1, DIMENSION)], upsert=True)


def _shown(place: Matrices | Documents) -> object:
    return place.count() if isinstance(place, Matrices) else sorted(place.chunks(["alive-0", "s-0"]))


def _refusals(server: Cortex) -> Iterator[Exchange]:
    nowhere = server.new_name()
    for form in spoken_forms(server):
        yield from (
            _matrix_refusals(server, nowhere) if form == "matrix" else _documents_refusals(server, nowhere)
        )


def _matrix_refusals(server: Cortex, nowhere: str) -> Iterator[Exchange]:
    place = matrices(server)
    place.store(matrix(2, DIMENSION), "f")
    yield server.target.send(
        "POST", "/embeddings/search", json={"embeddings": QUERY, **place.ids}, headers={}
    )
    yield server.upload(nowhere, None, {"embeddings": [QUERY]})
    refused: tuple[Any, ...] = ([], [0.5], [[]], [[0.5, "x", 0.5, 0.5]], [[0.5] * 4, [0.5]], [[0.5]] * 2_001)
    for rows in refused:
        yield place.upload(rows)
    yield server.update(place.tenant, place.sub_tenant, {"f-0": QUERY})
    yield server.update(place.tenant, place.sub_tenant, {"f_0": QUERY, "g_0": QUERY})
    yield place.search([])
    yield place.search(QUERY, max_chunks=0)
    yield server.delete({"chunk_ids": [], **place.ids})
    yield server.retrieve({"tenant_id": nowhere, "chunk_ids": ["f_0"]})


def _documents_refusals(server: Cortex, nowhere: str) -> Iterator[Exchange]:
    place = documents(server)
    place.store(written([1], DIMENSION))
    yield server.target.send(
        "POST", server.spelled("/embeddings/search-raw-embeddings"), json=place.ids, headers={}
    )
    yield server.insert({"tenant_id": nowhere, "embeddings": written([1], DIMENSION)})
    yield place.insert([{"source_id": "s"}])
    yield place.insert([{"source_id": "s", "embeddings": [chunk("c", [0.5])]}])
    yield place.insert([{"source_id": "s", "embeddings": [chunk("c", [0.5, "x", 0.5, 0.5])]}])
    yield place.find([0.5])
    yield place.find(QUERY, limit=0)
    yield place.find(QUERY, filter_expr="==")
    yield server.filter({**place.ids})
    yield server.remove(**place.ids)
    yield server.delete_tenant(nowhere)
