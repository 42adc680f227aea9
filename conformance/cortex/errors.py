"""Checks of the areas errors, spellings and seed: what refusals say, and what other paths answer."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance import wire
from conformance.check import proves
from conformance.cortex.basis import (
    DIMENSION,
    Documents,
    Matrices,
    chunk_ids_of,
    documents,
    matrices,
    require_form,
    spoken_forms,
)
from conformance.cortex.driver import FORMS, Cortex
from conformance.cortex.matrix import expect_file
from conformance.cortex.payload import chunk, document, file_ids, matrix, written
from conformance.cortex.refusing import UNPROCESSABLE
from conformance.exchange import Exchange
from conformance.expectation import expect, expect_status, require

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
ENDPOINTS: dict[str, tuple[str, ...]] = {
    "matrix": ("/upload/upload_embeddings", "/embeddings/search", "/embeddings/retrieve_by_ids"),
    "documents": (
        "/embeddings/insert-raw-embeddings",
        "/embeddings/search-raw-embeddings",
        "/embeddings/filter-raw-embeddings",
    ),
}
SPELLED = ("insert-raw-embeddings", "search-raw-embeddings", "filter-raw-embeddings")
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


@proves("cortex.errors.malformed-json")
@given(content=st.sampled_from(NO_OBJECT), which=st.integers(0, 5))
def a_body_that_is_no_object_is_refused(server: Cortex, content: bytes, which: int) -> None:
    """With 400 or 422, and nothing changes."""
    path, place = _endpoint(server, which)
    _require_alive(place)
    before = _shown(place)
    query = f"?tenant_id={place.tenant}&sub_tenant_id={place.sub_tenant}"
    exchange = server.target.send("POST", server.spelled(path) + query, content=content)
    expect_status(exchange, *UNPROCESSABLE)
    expect(_shown(place) == before, "nothing changed", exchange, f"{_shown(place)} after {before}")


@proves("cortex.errors.no-5xx")
@given(
    content=st.one_of(st.sampled_from(STRANGE), st.binary(max_size=50)),
    which=st.integers(0, 5),
    method=st.sampled_from(("POST", "PUT", "PATCH", "DELETE", "GET")),
)
def no_request_is_a_server_error(server: Cortex, content: bytes, which: int, method: str) -> None:
    """Strange bodies and methods are refused, not tripped over; the server goes on as before."""
    path, place = _endpoint(server, which)
    spelled = server.spelled(path)
    query = f"?tenant_id={place.tenant}&sub_tenant_id={place.sub_tenant}"
    for exchange in (
        server.target.send("POST", spelled + query, content=content),
        server.target.send(method, spelled, content=content),
    ):
        expect(exchange.status is not None and exchange.status < 500, "an answer below 500", exchange)
    _require_alive(place)


@proves("cortex.spellings.agree")
@given(name=st.sampled_from(SPELLED), sound=st.booleans())
def both_spellings_answer_alike(server: Cortex, name: str, sound: bool) -> None:
    """Kebab and snake, to a sound request and to a refused one."""
    require_form(server, "documents")
    kebab, snake = f"/embeddings/{name}", f"/embeddings/{name.replace('-', '_')}"
    require(server.is_there(kebab) and server.is_there(snake), "the server has one spelling only")
    place = documents(server)
    place.store([document("s", 3, DIMENSION)])
    tenant = place.ids if sound else {"tenant_id": server.new_name()}
    bodies: dict[str, dict[str, Any]] = {
        "insert-raw-embeddings": {"embeddings": [document("s", 2, DIMENSION)], "upsert": True},
        "search-raw-embeddings": {"query_embedding": QUERY},
        "filter-raw-embeddings": {"source_id": "s"},
    }
    body = {**tenant, **bodies[name]}
    one, other = (server.target.send("POST", path, json=body) for path in (kebab, snake))
    expect_status(other, one.status or 0)
    if sound:
        expect(wire.same(one.value, other.value), f"the answer of {kebab}", other)


@proves("cortex.seed.hybrid")
@given(size=st.integers(1, 5), file_id=file_ids, in_query=st.booleans())
def a_matrix_is_taken_at_the_path_of_documents(
    server: Cortex, size: int, file_id: str, in_query: bool
) -> None:
    """It is uploaded there as at its own path, and overwritten likewise."""
    require_form(server, "matrix")
    require(any(map(server.is_there, FORMS["documents"])), "the server has no such path")
    place = matrices(server)
    for seed in (1, 2):
        rows = matrix(size, DIMENSION, seed)
        body = {"embeddings": rows, "file_id": file_id}
        query: dict[str, str | None] = dict(place.ids) if in_query else {}
        exchange = server.post(
            "/embeddings/insert-raw-embeddings", body | ({} if in_query else place.ids), **query
        )
        expect_status(exchange, 200)
        place.await_indexed(exchange)
        ids = chunk_ids_of(exchange, size)
        expect(ids[0] == f"{file_id}_0", f"the file {file_id!r}", exchange)
        expect_file(place, exchange, file_id, rows, size + 1)


def _endpoint(server: Cortex, which: int) -> tuple[str, Matrices | Documents]:
    """One of the endpoints of the forms spoken, and a place for it."""
    forms = spoken_forms(server)
    form = forms[which % len(forms)]
    place = matrices(server) if form == "matrix" else documents(server)
    return ENDPOINTS[form][which % len(ENDPOINTS[form])], place


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
