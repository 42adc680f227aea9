"""Bodies cut into segments."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.segments import HEAD_WITHIN, Segments

items = st.lists(
    st.fixed_dictionaries(
        {"id": st.text(), "vector": st.lists(st.integers())}, optional={"m": st.lists(st.text())}
    ),
    min_size=1,
)


def cut(body: bytes, size: int = 20, chunk: int = 7) -> list[bytes] | None:
    segments = Segments("vectors", size)
    whole = [
        segment
        for start in range(0, len(body), chunk)
        for segment in segments.feed(body[start : start + chunk])
    ]
    last = segments.close()
    return None if last is None else [*whole, last]


@given(items, st.sampled_from([None, 1, "\t"]), st.integers(1, 90), st.integers(1, 90))
def test_the_segments_of_a_body_hold_its_elements_in_order(
    vectors: list[Any], indent: int | str | None, size: int, chunk: int
) -> None:
    segments = cut(json.dumps({"vectors": vectors}, indent=indent).encode(), size, chunk)
    assert segments is not None
    assert [element for segment in segments for element in json.loads(segment)] == vectors


def test_a_body_is_cut_where_elements_end() -> None:
    body = b'{"vectors":[{"id":"a","n":1},{"id":"b","n":2} ,\n{"id":"c","n":3}]}\n'
    assert cut(body) == [b'[{"id":"a","n":1}]', b'[{"id":"b","n":2} ]', b'[{"id":"c","n":3}]']


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"vectors": []}',
        b'{"vectors": [1]}',
        b'{"documents": [{"id": "a"}]}',
        b'{"more": 1, "vectors": [{"id": "a"}]}',
        b'{"vectors": [{"id": "a"}], "more": 1}',
        b'{"vectors": [{"id": "a"}]',
        b'{"vectors": [{"\\u0069d": "a"}]}',
        b" " * 2 * HEAD_WITHIN + b'{"vectors": [{"id": "a"}]}',
    ],
)
def test_another_body_is_not_cut(body: bytes) -> None:
    assert cut(body) is None


def test_a_cut_within_an_element_leaves_a_side_that_is_no_json() -> None:
    inner = [{"id": f"inner {place}"} for place in range(9)]
    segments = cut(json.dumps({"vectors": [{"id": "a", "m": inner}]}).encode(), 60)
    assert segments is not None
    with pytest.raises(ValueError, match="Expecting"):
        [json.loads(segment) for segment in segments]


def test_a_beginning_that_is_none_is_passed_over() -> None:
    """An object within an element may begin like an element; the cut is made where elements end."""
    inner = b'[{"id":1}]'
    body = b'{"vectors":[{"id":"a","m":%b},{"id":"b","m":%b}]}' % (inner * 1, b"[%b,7]" % inner)
    assert cut(body, 16) == [b'[{"id":"a","m":%b}]' % inner, b'[{"id":"b","m":[%b,7]}]' % inner]


def test_a_long_element_is_looked_through_once() -> None:
    class Counting(bytearray):
        """Octets that count those that are searched."""

        searched = 0

        def find(self, sub: Any, start: int = 0, *end: int) -> int:  # type: ignore[override]  # one use of it
            Counting.searched += len(self) - start
            return super().find(sub, start, *end)

    segments = Segments("vectors", 64)
    assert [*segments.feed(b'{"vectors": [{"id": "a", "m": "')] == []
    segments._waiting = Counting(segments._waiting)
    for _ in range(500):
        assert [*segments.feed(b"x" * 100)] == []
    assert Counting.searched < 2 * 50_000
    assert segments.close() is None
