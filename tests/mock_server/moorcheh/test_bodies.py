"""Reading upload bodies: the fast reading and the exact one agree."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server import parsers
from mock_server.embedder import Embedder
from mock_server.moorcheh.bodies import (
    documents_batch,
    read_exactly,
    read_object,
    vectors_batch,
)
from mock_server.moorcheh.embedding import embed
from mock_server.moorcheh.reading import Doubtful, Quick, VectorsReader, quick_vectors
from mock_server.moorcheh.store import Batch, Namespace
from mock_server.payload import MAX_DEPTH
from mock_server.refusal import Refused
from mock_server.service import Call
from mock_server.vectors import directions
from tests.schemas.ground import validator

DIMENSION = 3

plain_numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(
        ["0", "-0", "-0.0", "1E5", "1e-400", "5e-324", "1e39", "1e308", "0.1e+2", "18446744073709551615"]
    ),
)
odd_numbers = st.sampled_from(
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-1e999",
        "1" + "0" * 400,
        "1" + "0" * 5000,
        "01",
        "1.",
        "+1",
        ".5",
    ]
)
strings = st.one_of(
    st.text().map(json.dumps), st.text().map(lambda text: json.dumps(text, ensure_ascii=False))
)
odd_strings = st.sampled_from(
    ['"\\ud800"', '"\\udc00\\ud83d"', '""', '"\\u0000"', '"\n"', '"\\x"', '"é\\ud83d\\ude00"']
)
odd_values = st.one_of(
    odd_numbers, odd_strings, st.sampled_from(["null", "true", "[]", "{}", "[1]", '{"a": 1}', '"1"'])
)


def array(values: Sequence[str]) -> str:
    return f"[{', '.join(values)}]"


def object_of(pairs: Sequence[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"


json_values = st.recursive(
    st.one_of(plain_numbers, strings, st.sampled_from(["null", "true", "false"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(array), st.lists(st.tuples(strings, inner), max_size=3).map(object_of)
    ),
    max_leaves=6,
)
keys = st.one_of(strings, st.sampled_from(['"id"', '"vector"', '"text"', '"vectors"', '"\\ud800"']))


def items(
    ids: st.SearchStrategy[str], numbers: st.SearchStrategy[str], pairs: st.SearchStrategy[tuple[str, str]]
) -> st.SearchStrategy[str]:
    vectors = st.lists(numbers, min_size=DIMENSION, max_size=DIMENSION).map(array)
    required = st.tuples(ids.map(lambda text: ('"id"', text)), vectors.map(lambda text: ('"vector"', text)))
    around = st.tuples(st.lists(pairs, max_size=2), required, st.lists(pairs, max_size=1))
    return around.map(lambda groups: object_of([pair for group in groups for pair in group]))


tame = items(strings, plain_numbers, st.tuples(strings, json_values))
wild = items(strings | odd_strings, plain_numbers | odd_values, st.tuples(keys, json_values | odd_values))
uploads = st.one_of(
    st.lists(tame, min_size=1, max_size=4).map(array),
    st.tuples(st.lists(tame, max_size=2), wild | odd_values, st.lists(tame, max_size=2)).map(
        lambda parts: array([*parts[0], parts[1], *parts[2]])
    ),
)
bodies = st.one_of(
    uploads.map(lambda text: f'{{"vectors": {text}}}'),
    uploads.map(lambda text: f'{{"vectors": [], "vectors": {text}}}'),
    st.tuples(uploads, uploads).map(lambda both: f'{{"vectors": {both[0]}, "vectors": {both[1]}}}'),
    st.tuples(json_values | odd_values, uploads).map(
        lambda both: f'{{"more": {both[0]}, "vectors": {both[1]}}}'
    ),
    st.tuples(uploads, json_values | odd_values).map(
        lambda both: f'{{"vectors": {both[0]}, "more": {both[1]}}}'
    ),
    uploads | json_values,
).map(lambda text: text.encode(errors="surrogatepass"))


def namespace(dimension: int | None = DIMENSION) -> Namespace:
    return Namespace("demo", dimension, 0.0, count(), Embedder(embed))


def exactly(body: bytes) -> Batch:
    return vectors_batch(read_exactly(body), namespace())


def quick_of(body: bytes) -> Quick | None:
    quick = quick_vectors(Call("POST", "/", {}, body))
    assert not isinstance(quick, Doubtful)
    return quick


def clause_of(body: bytes) -> str:
    with pytest.raises(Refused) as caught:
        exactly(body)
    return caught.value.clause.removeprefix("moorcheh.")


@pytest.fixture(params=["simdjson", "orjson"], autouse=True)
def decoded_by(request: pytest.FixtureRequest) -> Iterator[None]:
    """Runs every test of this module with the fast decoder, and with what stands in where it is missing."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "orjson":
            patch.setattr(parsers, "simdjson", lambda: None)
        yield


@given(bodies)
def test_what_the_fast_reading_accepts_the_exact_one_accepts_alike(body: bytes) -> None:
    quick = quick_of(body)
    if quick is None or quick.directions.shape[1] != DIMENSION:
        return
    batch = exactly(body)
    assert batch.ids == quick.ids
    assert json.dumps(batch.metadata, sort_keys=True) == json.dumps(quick.metadata, sort_keys=True)
    assert np.array_equal(batch.directions, quick.directions)


@given(bodies)
def test_what_the_fast_reading_accepts_the_published_schema_does(body: bytes) -> None:
    if quick_of(body) is not None:
        validator("moorcheh", "upload-vectors.request.schema.json").validate(json.loads(body))


@given(bodies, st.integers(1, 200), st.integers(1, 200))
def test_what_is_read_in_segments_comes_to_what_the_exact_reading_says(
    body: bytes, size: int, chunk: int
) -> None:
    reader = VectorsReader(size)
    for start in range(0, len(body), chunk):
        reader.feed(body[start : start + chunk])
    found = reader.close().result()
    if found is None or (isinstance(found, Quick) and found.length != DIMENSION):
        return
    if isinstance(found, Doubtful):
        assert fault_of(lambda: found.judge(namespace())) == fault_of(lambda: exactly(body))
        return
    batch = exactly(body)
    assert batch.ids == found.ids
    assert json.dumps(batch.metadata, sort_keys=True) == json.dumps(found.metadata, sort_keys=True)
    assert np.array_equal(batch.directions, found.directions)


def fault_of(judge: Callable[[], object]) -> tuple[str, str] | None:
    try:
        judge()
    except Refused as refused:
        return refused.clause, refused.detail
    return None


def test_an_upload_in_segments_is_quick_and_a_spoiled_one_refused_by_its_segment() -> None:
    items = [{"id": f"v{place}", "vector": [place, 1, 0.5]} for place in range(50)]
    assert isinstance(in_segments(upload(*items)), Quick)
    items[-1]["vector"] = [1, True, 3]
    found = in_segments(upload(*items))
    assert isinstance(found, Doubtful)
    assert sum(isinstance(part, Quick) for part in found.parts) > 20
    with pytest.raises(Refused, match=r'^vectors\[49\] \(id "v49"\): value 1 is a boolean, not a number'):
        found.judge(namespace())


def test_a_segment_of_another_length_is_refused_at_its_first_item() -> None:
    items = [{"id": f"v{place}", "vector": [1] * (DIMENSION + (place > 24))} for place in range(50)]
    found = in_segments(upload(*items))
    assert isinstance(found, Doubtful)
    with pytest.raises(Refused, match=r'^vectors\[25\] \(id "v25"\): the vector has 4 values'):
        found.judge(namespace())
    with pytest.raises(Refused, match=r'^vectors\[0\] \(id "v0"\): the vector has 3 values'):
        found.judge(namespace(4))


def test_an_array_that_comes_twice_is_not_read_in_segments() -> None:
    items = [{"id": f"v{place}", "vector": [place, 1, 0.5]} for place in range(20)]
    spoiled = [*items, {"id": "a", "vector": [1, 2, None]}]
    for first, second in ((items, items), (spoiled, items[:1]), (items, spoiled)):
        body = f'{{"vectors": {json.dumps(first)}, "vectors": {json.dumps(second)}}}'.encode()
        assert in_segments(body) is None


def test_what_a_body_has_beside_its_items_is_left_to_the_exact_reading() -> None:
    items = json.dumps([{"id": f"v{place}", "vector": [place, 1, 0.5]} for place in range(20)])
    nested = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    for body in (f'{{"more": {nested}, "vectors": {items}}}', f'{{"vectors": {items}, "more": {nested}}}'):
        assert in_segments(body.encode()) is None


def in_segments(body: bytes) -> Quick | Doubtful | None:
    reader = VectorsReader(100)
    reader.feed(body)
    return reader.close().result()


@given(bodies)
def test_what_the_exact_reading_accepts_can_be_stored_and_answered(body: bytes) -> None:
    try:
        batch = exactly(body)
    except Refused as refused:
        str(refused).encode()
    else:
        json.dumps([batch.ids, batch.metadata], ensure_ascii=False, allow_nan=False).encode()
        assert np.isfinite(batch.directions).all()
        assert batch.directions.shape == (len(batch.ids), DIMENSION)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "id": st.text(min_size=1),
                "vector": st.lists(
                    st.integers(-(2**60), 2**60) | st.floats(-1e300, 1e300),
                    min_size=DIMENSION,
                    max_size=DIMENSION,
                ),
            },
            optional={
                "tags": st.lists(st.text()),
                "rank": st.integers(-(2**60), 2**60),
                "deep": st.just({"a": [1.5]}),
            },
        ),
        min_size=1,
    )
)
def test_ordinary_uploads_take_the_fast_reading(vectors: list[dict[str, Any]]) -> None:
    body = json.dumps({"vectors": vectors}).encode()
    quick = quick_of(body)
    assert quick is not None
    assert quick.ids == [vector["id"] for vector in vectors]
    assert np.array_equal(
        quick.directions, directions(np.array([vector["vector"] for vector in vectors], np.float64))
    )


def upload(*items: object) -> bytes:
    return json.dumps({"vectors": items}).encode()


@pytest.mark.parametrize(
    ("item", "clause"),
    [
        (7, "id-required"),
        (None, "id-required"),
        ([], "id-required"),
        ({"vector": [1, 2, 3]}, "id-required"),
        ({"id": "", "vector": [1, 2, 3]}, "id-string"),
        ({"id": 7, "vector": [1, 2, 3]}, "id-string"),
        ({"id": None, "vector": [1, 2, 3]}, "id-string"),
        ({"id": ["a"], "vector": [1, 2, 3]}, "id-string"),
        ({"id": "b"}, "vector-required"),
        ({"id": "b", "vector": None}, "non-numeric"),
        ({"id": "b", "vector": "1"}, "non-numeric"),
        ({"id": "b", "vector": {"0": 1}}, "non-numeric"),
        ({"id": "b", "vector": [1, "2", 3]}, "non-numeric"),
        ({"id": "b", "vector": [1, True, 3]}, "non-numeric"),
        ({"id": "b", "vector": [1, None, 3]}, "non-numeric"),
        ({"id": "b", "vector": [1, [2], 3]}, "non-numeric"),
        ({"id": "b", "vector": [1, {}, float("nan")]}, "non-numeric"),
        ({"id": "b", "vector": [1, 2, float("nan")]}, "non-finite"),
        ({"id": "b", "vector": [1, float("-inf"), 3]}, "non-finite"),
        ({"id": "b", "vector": [1, 10**400, 3]}, "non-finite"),
        ({"id": "b", "vector": [1, 2]}, "dimension"),
        ({"id": "b", "vector": [1, 2, 3, 4]}, "dimension"),
        ({"id": "b", "vector": []}, "dimension"),
    ],
)
def test_one_bad_item_refuses_the_batch_by_its_clause(item: object, clause: str) -> None:
    body = upload({"id": "a", "vector": [1, 2, 3]}, item, {"id": "c", "vector": [1, 2, 3]})
    assert clause_of(body) == f"vectors.{clause}"
    assert quick_of(body) is None


@pytest.mark.parametrize(
    ("body", "clause"),
    [
        (b"", "errors.malformed-json"),
        (b"[]", "errors.malformed-json"),
        (b"\xff", "errors.malformed-json"),
        (b"{}", "vectors.empty"),
        (b'{"vectors": []}', "vectors.empty"),
        (b'{"vectors": null}', "vectors.empty"),
        (b'{"vectors": {"id": "a"}}', "vectors.empty"),
        (b'{"vectors": [{"id": "a", "vector": [1, 2, 1e999]}]}', "vectors.non-finite"),
        (b'{"vectors": [{"id": "a", "vector": [1, 2, 1' + b"0" * 9000 + b"]}]}", "vectors.non-finite"),
        (b'{"vectors": [{"id": "a", "vector": ["\\ud800", NaN, [1e999]]}]}', "vectors.non-numeric"),
        (b'{"vectors": [{"id": "\\ud800", "vector": [1, 2, 3]}]}', "errors.malformed-json"),
        (b'{"vectors": [{"id": "a", "vector": [1, 2, 3], "m": {"deep": [NaN]}}]}', "errors.malformed-json"),
        (b'{"vectors": [{"id": "a", "vector": [1, 2, 3], "m": 1e999}]}', "errors.malformed-json"),
        (b'{"vectors": [{"id": "a", "vector": [1, 2, 3]}], "more": Infinity}', "errors.malformed-json"),
    ],
)
def test_a_body_that_is_no_upload_is_refused_by_its_clause(body: bytes, clause: str) -> None:
    assert clause_of(body) == clause
    assert quick_of(body) is None


def test_a_refusal_names_item_id_and_position() -> None:
    with pytest.raises(
        Refused, match=r'^vectors\[1\] \(id "é"\): value 2 is not finite \[moorcheh\.vectors\.non-finite\]$'
    ):
        exactly(upload({"id": "a", "vector": [1, 2, 3]}, {"id": "é", "vector": [1, 2, float("nan")]}))


@pytest.mark.parametrize("depth", [MAX_DEPTH - 2, MAX_DEPTH - 1])
def test_both_readings_take_the_same_depth_of_metadata(depth: int) -> None:
    nested = b"[" * (depth - 1) + b"]" * (depth - 1)
    body = b'{"vectors": [{"id": "a", "vector": [1, 2, 3], "m": ' + nested + b"}]}"
    if depth == MAX_DEPTH - 2:
        assert quick_of(body) is not None
        assert len(exactly(body).ids) == 1
    else:
        assert quick_of(body) is None
        assert clause_of(body) == "errors.malformed-json"


@pytest.mark.parametrize(
    ("document", "clause"),
    [
        ({}, "empty"),
        ({"documents": []}, "empty"),
        ({"documents": ["a"]}, "id-required"),
        ({"documents": [{"text": "a"}]}, "id-required"),
        ({"documents": [{"id": "", "text": "a"}]}, "id-string"),
        ({"documents": [{"id": 1, "text": "a"}]}, "id-string"),
        ({"documents": [{"id": "a"}]}, "text-required"),
        ({"documents": [{"id": "a", "text": None}]}, "text-required"),
        ({"documents": [{"id": "a", "text": ["b"]}]}, "text-required"),
        ({"documents": [{"id": "a", "text": " \n"}]}, "text-required"),
    ],
)
def test_invalid_documents_are_refused_by_their_clause(document: object, clause: str) -> None:
    with pytest.raises(Refused) as caught:
        documents_batch(read_object(json.dumps(document).encode()), namespace(None))
    assert caught.value.clause == f"moorcheh.documents.{clause}"
