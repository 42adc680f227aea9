"""Reading bodies exactly, and updates fast."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.cortex.bodies import (
    Documents,
    quick_update,
    read_documents,
    read_exactly,
    read_matrix,
    read_object,
    read_update,
)
from mock_server.refusal import Refused
from tests.mock_server.cortex.spelled import WIDTH, bodies, inserts, matrices, updates


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
def test_ordinary_updates_take_the_fast_reading(vectors: list[list[float]]) -> None:
    update = quick_update(
        json.dumps({"embeddings": {f"c_{place}": vector for place, vector in enumerate(vectors)}}).encode()
    )
    assert update is not None
    assert np.array_equal(update.vectors, np.array(vectors, np.float64).astype(np.float32))


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
    assert quick_update(body) is None
    with pytest.raises(Refused) as caught:
        read_exactly(body)
    assert caught.value.clause == "cortex.errors.malformed-json"


def test_a_body_without_vectors_is_read_strictly() -> None:
    assert read_object(b'{"a": 1}') == {"a": 1}
    with pytest.raises(Refused, match=r"cortex\.errors\.malformed-json"):
        read_object(b'{"embeddings": [NaN]}')
