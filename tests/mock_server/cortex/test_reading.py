"""The fast reading of uploads: it agrees with the exact one, whole and in segments, by either parser."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.types import Message

from mock_server import parsers
from mock_server.cortex.bodies import (
    Documents,
    Matrix,
    holds_documents,
    read_documents,
    read_exactly,
    read_matrix,
)
from mock_server.cortex.decoder import FIELD
from mock_server.cortex.reading import (
    Doubtful,
    DoubtfulDocuments,
    DoubtfulMatrix,
    EmbeddingsReader,
    EmbeddingsReading,
    Quick,
    but_for_their_length,
    quick_upload,
)
from mock_server.cortex.shapes import MAX_COLUMNS, MAX_ROWS
from mock_server.payload import MAX_DEPTH
from mock_server.refusal import Refused
from mock_server.segments import LARGE
from mock_server.service import Call
from tests.mock_server.calling import Reply
from tests.mock_server.cortex.calling import KEY, Cortex, refusal
from tests.mock_server.cortex.spelled import WIDTH, bodies, inserts, matrices
from tests.schemas.ground import validator

PIECE = 65_536  # octets of a body that arrive at a time

vectors = st.lists(
    st.lists(st.floats(-3e38, 3e38) | st.integers(-(2**60), 2**60), min_size=3, max_size=3), min_size=1
)


@pytest.fixture(params=["simdjson", "orjson"], autouse=True)
def parsed_by(request: pytest.FixtureRequest) -> Iterator[None]:
    """Runs every test of this module with the fast parser, and with what stands in where it is missing."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "orjson":
            patch.setattr(parsers, "simdjson", lambda: None)
        yield


def whole(body: bytes) -> Quick | Doubtful | None:
    return quick_upload(Call("POST", "/", {}, body))


def in_segments(body: bytes, size: int = 100, chunk: int = 64) -> Quick | Doubtful | None:
    reader = EmbeddingsReader(size)
    for start in range(0, len(body), chunk):
        reader.feed(body[start : start + chunk])
    return reader.close().result()


def fault_of(judge: Callable[[], object]) -> tuple[str, str] | None:
    try:
        judge()
    except Refused as refused:
        return refused.clause, refused.detail
    return None


def agrees(found: Quick | Doubtful | None, body: bytes) -> None:
    """Asserts that the exact reading says the same of a body."""
    if found is None:
        return
    document = read_exactly(body)
    assert json.dumps(found.fields) == json.dumps(
        {key: value for key, value in document.items() if key != FIELD}
    )
    assert holds_documents(document) is isinstance(found, Documents | DoubtfulDocuments)
    if isinstance(found, Matrix):
        assert np.array_equal(found.vectors, read_matrix(document).vectors)
    elif isinstance(found, DoubtfulMatrix):
        assert fault_of(found.judge) == fault_of(lambda: read_matrix(document))
    elif isinstance(found, DoubtfulDocuments):
        for dimension in (None, WIDTH, WIDTH + 1):
            assert fault_of(partial(found.judge, dimension)) == fault_of(
                partial(read_documents, document, dimension)
            )
    else:
        length = found.batch.dimension
        for dimension in (None, length):
            batch = read_documents(document, dimension).batch
            assert [*batch.ids] == [*found.batch.ids]
            assert [*batch.sources] == [*found.batch.sources]
            assert np.array_equal(batch.vectors, found.batch.vectors)
            assert json.dumps(batch.metadata) == json.dumps(found.batch.metadata)
        assert fault_of(lambda: but_for_their_length(found).judge(length + 1)) == fault_of(
            lambda: read_documents(document, length + 1)
        )


@given(bodies(matrices | inserts))
def test_what_the_fast_reading_says_of_a_body_the_exact_one_says_too(body: bytes) -> None:
    agrees(whole(body), body)


@given(bodies(matrices | inserts), st.integers(1, 200), st.integers(1, 200))
def test_what_is_read_in_segments_comes_to_what_the_exact_reading_says(
    body: bytes, size: int, chunk: int
) -> None:
    agrees(in_segments(body, size, chunk), body)


@given(bodies(matrices | inserts))
def test_what_the_fast_reading_takes_for_embeddings_the_published_schema_does(body: bytes) -> None:
    for found in (whole(body), in_segments(body)):
        if isinstance(found, Matrix | Documents):
            # What else the body has is left to the rules, however it was read.
            embeddings = {FIELD: json.loads(body)[FIELD]}
            validator("cortex", "insert-raw-embeddings.request.schema.json").validate(embeddings)


CHUNK = '{"chunk_id": "c", "embedding": [1, 2]}'


@pytest.mark.parametrize(
    "text",
    [
        # An array that comes twice, cut within the first, within the second, and between both.
        f'{{"source_id": "s", "embeddings": [{CHUNK}, {CHUNK}], "embeddings": [{CHUNK}, {CHUNK}]}}',
        f'{{"source_id": "s", "embeddings": [{CHUNK}, {CHUNK}], "embeddings": []}}',
        f'{{"source_id": "s", "embeddings": [{CHUNK}, {CHUNK}], "embeddings": 7}}',
        # Arrays that look like chunks and are none.
        f'{{"source_id": "s", "embeddings": [{CHUNK}], "more": [{CHUNK}, {CHUNK}, {CHUNK}]}}',
        f'{{"more": [{CHUNK}, {CHUNK}, {CHUNK}], "source_id": "s", "embeddings": [{CHUNK}]}}',
        f'{{"more": 7, "source_id": "s", "embeddings": [{CHUNK}], "more": [{CHUNK}, {CHUNK}]}}',
        f'{{"source_id": "s", "embeddings": [{CHUNK}], "metadata": {{"embeddings": [{CHUNK}, {CHUNK}]}}}}',
        # What a document is called, and by whom, stands after its chunks, twice or nowhere.
        f'{{"embeddings": [{CHUNK}, {CHUNK}, {CHUNK}], "source_id": "s", "metadata": {{"a": 1}}}}',
        f'{{"source_id": 7, "embeddings": [{CHUNK}, {CHUNK}, {CHUNK}], "source_id": "s"}}',
        f'{{"source_id": "s", "embeddings": [{CHUNK}, {CHUNK}, {CHUNK}], "source_id": 7}}',
        f'{{"metadata": {{"a": 1}}, "embeddings": [{CHUNK}, {CHUNK}, {CHUNK}], "metadata": {{"b": 1}}}}',
        f'{{"embeddings": [{CHUNK}, {CHUNK}, {CHUNK}]}}',
        # Strings that look like the beginnings of chunks and of documents.
        '{"source_id": ", {\\"source_id\\": ", "embeddings": [{"chunk_id": ", {\\"chunk_id\\": ", '
        f'"embedding": [1, 2]}}, {CHUNK}]}}',
        # Arrays too many, too few and too deep.
        f'{{"source_id": "s", "embeddings": [{CHUNK}, [{CHUNK}, {CHUNK}]]}}',
        f'{{"source_id": "s", "embeddings": [{CHUNK}, {{"chunk_id": "[", "embedding": [[1], 2]}}, {CHUNK}]}}',
        '{"source_id": "s", "embeddings": [{"chunk_id": "\\u005b", "embedding": [[1], 2]}]}',
        f'{{"source_id": "s", "embeddings": [{CHUNK}]}}], "embeddings": [{{"source_id": "", "embeddings": []',
        '{"source_id": "s", "embeddings": {"chunk_id": "c", "embedding": [1, 2]}}',
        f'{{"source_id": "s", "metadata": "m", "embeddings": [{CHUNK}, {CHUNK}]}}',
        f'{{"source_id": "s", "metadata": [], "embeddings": [{CHUNK}, {CHUNK}]}}',
        f'{{"source_id": "s", "embeddings": []}}, [[1, 2], [3, 4]], {{"embeddings": [{CHUNK}]}}',
        f'{{"source_id": "s", "embeddings": [{CHUNK}, {{"chunk_id": "d", "embedding": [1, 2, 3]}}]}}',
        # Chunks with more than they should have.
        f'{{"source_id": "s", "embeddings": [{CHUNK}, {CHUNK[:-1]}, "chunk_id": "b"}}]}}',
        f'{{"source_id": "s", "embeddings": [{CHUNK}, {CHUNK[:-1]}, "more": 1e300}}]}}',
        f'{{"source_id": "s", "embeddings": [{CHUNK}, {CHUNK[:-1]}, "more": ["[", "\\u005b", []]}}]}}',
        f'{{"source_id": "s", "embeddings": [{CHUNK[:-1]}, "embedding": [3, 4]}}, {CHUNK}]}}',
        f'{{"source_id": "s", "embeddings": [{CHUNK[:-1]}, "a": [[1], 2], "b": "["}}, {CHUNK}]}}',
    ],
)
@pytest.mark.parametrize("beside", [False, True])
def test_treacherous_documents_are_read_as_the_exact_reading_does(text: str, beside: bool) -> None:
    other = f'{{"source_id": "o", "embeddings": [{CHUNK}, {CHUNK}]}}'
    body = f'{{"embeddings": [{f"{other}, {text}, {other}" if beside else text}]}}'.encode()
    agrees(whole(body), body)
    for size in range(1, len(body) + 1):
        agrees(in_segments(body, size, 17), body)


@pytest.mark.parametrize(
    "text",
    [
        '"embeddings": [[1, 2], [3, 4], [5, 6]], "embeddings": [[7, 8]]',
        '"embeddings": [[1, 2], [3, 4], [5, 6]], "embeddings": 7',
        '"embeddings": 7, "embeddings": [[1, 2], [3, 4], [5, 6]]',
        '"a": [[9, 9], [8, 8]], "embeddings": [[1, 2], [3, 4], [5, 6]], "a": [[7, 7], [6, 6]]',
        '"a": {"embeddings": [[9, 9], [8, 8]]}, "embeddings": [[1, 2], [3, 4]]',
        '"a": "\\"embeddings\\": [[", "embeddings": [[1, 2], [3, 4]]',
        '"embeddings": [[1, 2], [[3], 4], [5, 6]]',
        '"embeddings": [[1, 2], [], [5, 6]]',
        '"embeddings": [[1, 2], [3, 4], [5, 6, 7], [8, 9, 10]]',
        '"embeddings": [[[1, 2], [3, 4]]]',
        '"embeddings": [[1, 2], {"source_id": "s"}]',
        '"embeddings": [[1, 2]], "a": "\\ud800"',
        '"embeddings": [[1, 2], [3, 4]], "a": NaN',
        '"a": 1e300, "embeddings": [[1, 2], [3, 4]], "b": 18446744073709551616',
        '"embeddings": [[1, 2], [3, 4]], "": [[5, 6]]',
        '"embeddings": [[1, 2], [3, 4],]',
        '"embeddings": [[1, 2] [3, 4]]',
    ],
)
def test_treacherous_matrices_are_read_as_the_exact_reading_does(text: str) -> None:
    for body in (f"{{{text}}}".encode(), f"\ufeff{{{text}}}".encode(), f" {{{text}}} x".encode()):
        if (found := whole(body)) is not None:
            agrees(found, body)
        for size in range(1, len(body) + 1):
            if (found := in_segments(body, size, 17)) is not None:
                agrees(found, body)


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("3.4028235677973362e38", True),
        ("3.4028235677973366e38", False),
        ("1e39", False),
        (str(2**128 - 2**103 - 2**75), True),
        (str(2**128 - 2**103), False),
        ("1e400", False),
        ("1e-400", True),
    ],
)
def test_a_number_fits_that_is_finite_as_a_32_bit_float(number: str, fits: bool, sign: str) -> None:
    matrix = f'{{"embeddings": [[1, {sign}{number}], [2, 3]]}}'.encode()
    chunk = f'{{"chunk_id": "c", "embedding": [1, {sign}{number}]}}'
    documents = f'{{"embeddings": [{{"source_id": "s", "embeddings": [{chunk}, {CHUNK}]}}]}}'.encode()
    for body, kind in ((matrix, Matrix), (documents, Documents)):
        for found in (whole(body), in_segments(body, 20)):
            assert isinstance(found, kind) is fits
            agrees(found, body)


@given(vectors, st.sampled_from([1, 2, 100]), st.booleans())
@example([[0.0, 0.0, 0.0]] * 40, 1, True)
def test_ordinary_uploads_take_the_fast_reading_whole_and_in_segments(
    vectors: list[list[float]], size: int, last: bool
) -> None:
    stored = np.array(vectors, np.float64).astype(np.float32)
    fields: Mapping[str, Any] = {"file_id": "é[", "document_metadata": {"tags": ["a", "[\"'"]}}
    embeddings: Mapping[str, Any] = {"embeddings": vectors}
    body = json.dumps({**fields, **embeddings} if last else {**embeddings, **fields}).encode()
    for matrix in (whole(body), in_segments(body)):
        assert isinstance(matrix, Matrix)
        assert (np.array_equal(matrix.vectors, stored), matrix.fields) == (True, fields)
    documents = [
        {
            "source_id": f"s{first}",
            "metadata": {"deep": [{"a": 1.5}], "[": "]"} if first else None,
            "tenant_id": 7,
            "embeddings": [
                {"chunk_id": f"é{place}", "embedding": vectors[place], **({"text": ["["]} if place else {})}
                for place in range(first, min(first + size, len(vectors)))
            ],
        }
        for first in range(0, len(vectors), size)
    ]
    embeddings = {"embeddings": documents}
    body = json.dumps({**fields, **embeddings} if last else {**embeddings, **fields}).encode()
    for insert in (whole(body), in_segments(body)):
        assert isinstance(insert, Documents)
        assert np.array_equal(insert.batch.vectors, stored)
        assert insert.batch.ids == [f"é{place}" for place in range(len(vectors))]
        assert insert.batch.sources == [f"s{place - place % size}" for place in range(len(vectors))]
        assert (insert.fields, len(insert.batch.metadata)) == (fields, len(documents) - 1)


def test_a_body_is_cut_within_a_document_and_between_documents() -> None:
    chunks = [{"chunk_id": f"c{place}", "embedding": [place, 0.5]} for place in range(40)]
    for documents in (
        [{"source_id": "s", "embeddings": chunks}],
        [{"source_id": f"s{place}", "embeddings": [chunk]} for place, chunk in enumerate(chunks)],
        [{"embeddings": chunks, "source_id": "s"}, {"embeddings": chunks, "source_id": "t"}],
    ):
        body = json.dumps({"tenant_id": "t", "embeddings": documents, "upsert": True}).encode()
        reader = EmbeddingsReader(100)
        reader.feed(body)
        reading = reader.close()
        assert len(reading.parts) > 15
        assert isinstance(reading.result(), Documents)


def upload(embeddings: Sequence[object]) -> bytes:
    return json.dumps({"embeddings": embeddings, "file_id": "a"}).encode()


def test_a_spoiled_matrix_is_refused_by_its_segment() -> None:
    rows: list[list[object]] = [[place, 1, 0.5] for place in range(50)]
    assert isinstance(in_segments(upload(rows)), Matrix)
    rows[-1] = [1, True, 3]
    found = in_segments(upload(rows))
    assert isinstance(found, DoubtfulMatrix)
    assert sum(not isinstance(part, list) for part in found.parts) > 5
    with pytest.raises(Refused, match=r"cortex\.matrix\.numeric"):
        found.judge()


def test_a_spoiled_insert_is_refused_by_its_segment_and_names_document_and_chunk() -> None:
    chunks: list[dict[str, object]] = [{"chunk_id": f"c{n}", "embedding": [n, 1, 0.5]} for n in range(50)]
    documents = [{"source_id": "r", "embeddings": chunks[:9]}, {"source_id": "s", "embeddings": chunks}]
    assert isinstance(in_segments(upload(documents)), Documents)
    chunks[-1] = {"chunk_id": "c49", "embedding": [1, 2, float("nan")]}
    found = in_segments(upload(documents), 300)
    assert isinstance(found, DoubtfulDocuments)
    with pytest.raises(
        Refused,
        match=r'^embeddings\[1\] \(source_id "s"\)\.embeddings\[49\] \(chunk_id "c49"\): value 2 is not',
    ):
        found.judge(3)
    with pytest.raises(
        Refused, match=r'embeddings\[0\] \(source_id "r"\)\.embeddings\[0\] \(chunk_id "c0"\)'
    ):
        found.judge(4)


@pytest.mark.parametrize(("rows", "columns"), [(MAX_ROWS, 1), (MAX_ROWS + 1, 1), (3, MAX_COLUMNS + 1)])
def test_too_large_a_matrix_is_refused_with_what_came(rows: int, columns: int) -> None:
    body = upload([[1] * columns] * rows)
    for found in (whole(body), in_segments(body, 1000, 4096)):
        if (rows, columns) == (MAX_ROWS, 1):
            assert isinstance(found, Matrix)
        else:
            assert isinstance(found, DoubtfulMatrix)
            with pytest.raises(Refused, match=rf"Max rows: 2000, Max cols: 3024\. Got: {rows}x{columns} "):
                found.judge()


def test_a_large_body_that_was_not_read_while_it_arrived_is_read_in_segments() -> None:
    body = upload([[place, 0.5] * 1_000 for place in range(200)])
    assert len(body) > LARGE
    found = whole(body)
    assert isinstance(found, Matrix)
    assert found.vectors.shape == (200, 2_000)


def test_a_reading_of_another_body_is_not_believed() -> None:
    read, sent = upload([[1, 2]]), upload([[3, 4]])
    reader = EmbeddingsReader()
    reader.feed(read)
    call = Call("POST", "/", {}, read, reading=reader.close())
    for each, expected in ((call, [[1, 2]]), (call.saying(sent), [[3, 4]])):
        found = quick_upload(each)
        assert isinstance(found, Matrix)
        assert found.vectors.tolist() == expected


@pytest.mark.parametrize(
    ("above", "head", "tail"),
    [
        (4, '{"embeddings": [{"source_id": "s", "metadata": {"a": ', f'}}, "embeddings": [{CHUNK}]}}]}}'),
        (5, f'{{"embeddings": [{{"source_id": "s", "embeddings": [{CHUNK[:-1]}, "a": ', "}]}]}"),
    ],
)
@pytest.mark.parametrize("more", [0, 1, 2])
def test_both_readings_take_what_is_as_deep(above: int, head: str, tail: str, more: int) -> None:
    depth = MAX_DEPTH - above + more
    body = f"{head}{'[' * depth}{']' * depth}{tail}".encode()
    assert (whole(body) is None) is (more > 0)
    if not more:
        assert read_documents(read_exactly(body), None).batch.ids == ["c"]
    else:
        with pytest.raises(Refused, match="nested more than 200 deep"):
            read_exactly(body)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What readers made of the uploads of a test while they arrived."""
    found: list[object] = []

    def watched(call: Call) -> object:
        found.append(call.reading)
        return quick_upload(call)

    for module in ("matrix", "documents"):
        monkeypatch.setattr(f"mock_server.cortex.{module}.quick_upload", watched)
    return found


def arriving(cortex: Cortex, path: str, body: dict[str, Any]) -> Reply:
    """Sends a body in pieces."""
    octets = json.dumps(body).encode()
    assert len(octets) > 2 * LARGE
    messages: list[Message] = [
        {
            "type": "http.request",
            "body": octets[start : start + PIECE],
            "more_body": start + PIECE < len(octets),
        }
        for start in range(0, len(octets), PIECE)
    ]
    return cortex.client.stream("POST", f"{path}?tenant_id={cortex.tenant}", messages, KEY)


@pytest.mark.parametrize("path", ["/upload/upload_embeddings", "/embeddings/insert-raw-embeddings"])
def test_a_large_matrix_is_read_as_it_comes(cortex: Cortex, readings: list[object], path: str) -> None:
    rows: list[list[object]] = [[row + 0.5] * 300 for row in range(1_500)]
    assert arriving(cortex, path, {"embeddings": rows, "file_id": "a"}).body["chunk_ids"][-1] == "a_1499"
    assert cortex.stored("a_0", "a_1499") == {"a_0": [0.5] * 300, "a_1499": [1499.5] * 300}
    rows[-1][-1] = None
    reply = arriving(cortex, path, {"embeddings": rows, "file_id": "a"})
    assert refusal(reply) == (400, "INVALID_PARAMETERS", "All embedding values must be numeric")
    assert [type(reading) for reading in readings] == [EmbeddingsReading] * 2


def test_a_large_insert_is_read_as_it_comes(cortex: Cortex, readings: list[object]) -> None:
    chunks = [{"chunk_id": f"c{row}", "embedding": [row + 0.5] * 300} for row in range(1_500)]
    body = {"embeddings": [{"source_id": "s", "embeddings": chunks, "metadata": {"a": 1}}], "upsert": True}
    path = "/embeddings/insert_raw_embeddings"
    assert arriving(cortex, path, body).body["insert_count"] == 1_500
    assert cortex.stored("c0", "c1499") == {"c0": [0.5] * 300, "c1499": [1499.5] * 300}
    assert cortex.find(*[1] * 300)[0]["metadata"] == {"a": 1}
    chunks[-1]["embedding"] = [True] * 300
    status, _, message = refusal(arriving(cortex, path, body))
    assert status == 422
    assert message.startswith('embeddings[0] (source_id "s").embeddings[1499] (chunk_id "c1499"): value 0 is')
    assert [type(reading) for reading in readings] == [EmbeddingsReading] * 2
