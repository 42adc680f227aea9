"""Reading bodies: the fast readings and the exact ones agree."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server import decoder
from mock_server.cortex.bodies import (
    Documents,
    Matrix,
    holds_documents,
    quick_update,
    quick_upload,
    read_documents,
    read_exactly,
    read_matrix,
    read_object,
    read_update,
)
from mock_server.payload import MAX_DEPTH
from mock_server.refusal import Refused

WIDTH = 2

plain_numbers = st.one_of(
    st.floats(-3e38, 3e38).map(repr),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(["0", "-0", "-0.0", "1E5", "1e-400", "5e-324", "0.1e+2", "18446744073709551615"]),
)
odd_numbers = st.sampled_from(
    [
        *("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e39", "3.4028235677973366e38", "01", "1."),
        *("3.4028235677973362e38", "1" + "0" * 400, "1" + "0" * 5000, str(2**128 - 2**103 - 1), "+1"),
    ]
)
odd_values = odd_numbers | st.sampled_from(
    ["null", "true", '"1"', "[]", "{}", "[1]", '{"a": 1}', '"\\ud800"', '""', '"\n"', "[[1, 2]]"]
)
strings = st.text().map(json.dumps) | st.sampled_from(['"a"', '"a_1"', '"b_2"', '"A_0"'])


def array(values: Sequence[str]) -> str:
    return f"[{', '.join(values)}]"


def object_of(pairs: Sequence[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"


def rows(numbers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(numbers, min_size=WIDTH, max_size=WIDTH).map(array)


json_values = st.recursive(
    st.one_of(plain_numbers, strings, st.sampled_from(["null", "true", "false"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(array), st.lists(st.tuples(strings, inner), max_size=3).map(object_of)
    ),
    max_leaves=6,
)
keys = strings | st.sampled_from(
    ['"embeddings"', '"embedding"', '"source_id"', '"chunk_id"', '"metadata"', '"file_id"', '"\\ud800"']
)
pairs = st.tuples(keys, json_values | odd_values)
tame_row = rows(plain_numbers)
wild_row = st.one_of(
    rows(plain_numbers | odd_values), st.lists(plain_numbers, max_size=3).map(array), odd_values
)
matrices = st.one_of(
    st.lists(tame_row, min_size=1, max_size=4).map(array),
    st.lists(tame_row | wild_row, max_size=4).map(array),
)


def chunks(
    row: st.SearchStrategy[str], more: st.SearchStrategy[list[tuple[str, str]]]
) -> st.SearchStrategy[str]:
    required = st.tuples(
        strings.map(lambda text: ('"chunk_id"', text)), row.map(lambda text: ('"embedding"', text))
    )
    return st.tuples(more, required, more).map(lambda groups: object_of([*groups[0], *groups[1], *groups[2]]))


def documents(
    chunk: st.SearchStrategy[str], more: st.SearchStrategy[list[tuple[str, str]]]
) -> st.SearchStrategy[str]:
    required = st.tuples(
        strings.map(lambda text: ('"source_id"', text)),
        st.lists(chunk, max_size=3).map(lambda found: ('"embeddings"', array(found))),
    )
    return st.tuples(more, required, more).map(lambda groups: object_of([*groups[0], *groups[1], *groups[2]]))


none: st.SearchStrategy[list[tuple[str, str]]] = st.just([])
metadata = st.lists(
    st.tuples(st.just('"metadata"'), st.lists(st.tuples(strings, json_values), max_size=2).map(object_of)),
    max_size=1,
)
tame = documents(chunks(tame_row, none), metadata)
wild = documents(
    chunks(tame_row | wild_row, st.lists(pairs, max_size=1)) | odd_values, st.lists(pairs, max_size=2)
)
inserts = st.lists(tame, min_size=1, max_size=3).map(array) | st.lists(tame | wild, max_size=3).map(array)
updates = st.lists(
    st.tuples(strings | st.sampled_from(['"a_0"', '"a_1"', '"a_2"']), tame_row | wild_row), max_size=3
).map(object_of)


def bodies(embeddings: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    return st.one_of(
        embeddings.map(lambda text: f'{{"embeddings": {text}}}'),
        st.tuples(embeddings, keys, json_values | odd_values).map(
            lambda parts: f'{{{parts[1]}: {parts[2]}, "embeddings": {parts[0]}}}'
        ),
        embeddings | json_values,
    ).map(lambda text: text.encode(errors="surrogatepass"))


def without_embeddings(document: Any) -> Any:
    return {key: value for key, value in document.items() if key != "embeddings"}


@pytest.fixture(params=["simdjson", "orjson"], autouse=True)
def decoded_by(request: pytest.FixtureRequest) -> Iterator[None]:
    """Runs every test of this module with the fast decoder, and with what stands in where it is missing."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "orjson":
            patch.setattr(decoder, "simdjson", lambda: None)
        yield


@given(bodies(matrices | inserts))
def test_what_the_fast_reading_of_an_upload_accepts_the_exact_one_accepts_alike(body: bytes) -> None:
    quick = quick_upload(body)
    if quick is None:
        return
    document = read_exactly(body)
    assert json.dumps(quick.fields) == json.dumps(without_embeddings(document))
    assert holds_documents(document) is isinstance(quick, Documents)
    if isinstance(quick, Matrix):
        assert np.array_equal(quick.vectors, read_matrix(document).vectors)
    else:
        for dimension in (None, quick.batch.dimension):
            batch = read_documents(document, dimension).batch
            assert [*batch.ids] == [*quick.batch.ids]
            assert [*batch.sources] == [*quick.batch.sources]
            assert np.array_equal(batch.vectors, quick.batch.vectors)
            assert json.dumps(batch.metadata) == json.dumps(quick.batch.metadata)


@given(bodies(updates))
def test_what_the_fast_reading_of_an_update_accepts_the_exact_one_accepts_alike(body: bytes) -> None:
    quick = quick_update(body)
    if quick is not None:
        exact = read_update(read_exactly(body))
        assert [*exact.ids] == [*quick.ids]
        assert np.array_equal(exact.vectors, quick.vectors)


@given(bodies(matrices | inserts | updates))
def test_what_the_exact_reading_accepts_can_be_stored_and_answered(body: bytes) -> None:
    for read in (read_matrix, lambda document: read_documents(document, WIDTH), read_update):
        try:
            taken = read(read_exactly(body))
        except Refused as refused:
            str(refused).encode()
        else:
            parts = taken.batch if isinstance(taken, Documents) else taken
            assert np.isfinite(parts.vectors).all()
            if isinstance(taken, Documents):
                json.dumps(dict(taken.batch.metadata), ensure_ascii=False, allow_nan=False).encode()


@given(
    st.lists(
        st.lists(st.floats(-3e38, 3e38) | st.integers(-(2**60), 2**60), min_size=3, max_size=3), min_size=1
    )
)
def test_ordinary_uploads_take_the_fast_readings(vectors: list[list[float]]) -> None:
    stored = np.array(vectors, np.float64).astype(np.float32)
    matrix = quick_upload(json.dumps({"embeddings": vectors, "file_id": "a"}).encode())
    assert isinstance(matrix, Matrix)
    assert (np.array_equal(matrix.vectors, stored), matrix.fields) == (True, {"file_id": "a"})
    parts = [{"chunk_id": f"c_{place}", "embedding": vector} for place, vector in enumerate(vectors)]
    document = {"source_id": "s", "metadata": {"deep": [{"a": 1.5}]}, "embeddings": parts}
    insert = quick_upload(json.dumps({"embeddings": [document], "upsert": True}).encode())
    assert isinstance(insert, Documents)
    assert np.array_equal(insert.batch.vectors, stored)
    assert insert.batch.metadata == {"s": {"deep": [{"a": 1.5}]}}
    update = quick_update(json.dumps({"embeddings": {p["chunk_id"]: p["embedding"] for p in parts}}).encode())
    assert update is not None
    assert np.array_equal(update.vectors, stored)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"embeddings": [[1]], "file_id": "\\ud800"}',
        b'{"embeddings": [[1]], "document_metadata": {"deep": [NaN]}}',
        b'{"embeddings": [{"source_id": "\\ud800"}]}',
        b'{"embeddings": [{"source_id": "s", "metadata": {"a": 1e999}}]}',
        b'{"embeddings": [{"source_id": "s", "embeddings": [{"chunk_id": "\\ud800", "embedding": [NaN]}]}]}',
        b'{"embeddings": {"\\ud800_0": [1]}}',
        b'{"embeddings": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_a_body_that_is_no_object_of_json_is_malformed(body: bytes) -> None:
    assert quick_upload(body) is None
    assert quick_update(body) is None
    with pytest.raises(Refused) as caught:
        read_exactly(body)
    assert caught.value.clause == "cortex.errors.malformed-json"


def test_a_body_without_vectors_is_read_strictly() -> None:
    assert read_object(b'{"a": 1}') == {"a": 1}
    with pytest.raises(Refused, match=r"cortex\.errors\.malformed-json"):
        read_object(b'{"embeddings": [NaN]}')


@pytest.mark.parametrize("depth", [MAX_DEPTH - 4, MAX_DEPTH - 3, MAX_DEPTH - 2])
def test_both_readings_take_the_same_depth_of_metadata(depth: int) -> None:
    nested = b'{"a": ' + b"[" * depth + b"]" * depth + b"}"
    body = (
        b'{"embeddings": [{"source_id": "s", "metadata": ' + nested + b', "embeddings": '
        b'[{"chunk_id": "c", "embedding": [1]}]}]}'
    )
    assert (quick_upload(body) is None) is (depth > MAX_DEPTH - 4)
    if depth == MAX_DEPTH - 4:
        assert read_documents(read_exactly(body), None).batch.ids == ["c"]
    else:
        with pytest.raises(Refused, match="nested more than 200 deep"):
            read_exactly(body)
