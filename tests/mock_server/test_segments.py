"""Bodies cut into segments."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.segments import HEAD_WITHIN, Segment, Segments

items = st.lists(
    st.fixed_dictionaries(
        {"id": st.text(), "vector": st.lists(st.integers())}, optional={"m": st.lists(st.text())}
    ),
    min_size=1,
)


def cut(body: bytes, size: int = 20, chunk: int = 7, inner: str = "") -> list[Segment] | None:
    segments = Segments("vectors", inner, size)
    whole = [
        segment
        for start in range(0, len(body), chunk)
        for segment in segments.feed(body[start : start + chunk])
    ]
    last = segments.close()
    return None if last is None else [*whole, last]


def texts(body: bytes, size: int = 20) -> list[bytes]:
    segments = cut(body, size)
    assert segments is not None
    return [segment.text for segment in segments]


def elements(segments: list[Segment]) -> list[Any]:
    """Puts the elements of segments together again."""
    found: list[Any] = []
    for segment in segments:
        read = json.loads(segment.text)
        read = read["vectors"] if segment.is_last else read
        if segment.goes_on:
            found[-1]["inner"] += read.pop(0)["inner"]
        found += read
    return found


@given(items, st.sampled_from([None, 1, "\t"]), st.integers(1, 90), st.integers(1, 90))
def test_the_segments_of_a_body_hold_its_elements_in_order(
    vectors: list[Any], indent: int | str | None, size: int, chunk: int
) -> None:
    segments = cut(json.dumps({"vectors": vectors}, indent=indent).encode(), size, chunk)
    assert segments is not None
    assert elements(segments) == vectors


@given(
    st.lists(items, min_size=1),
    st.sampled_from([None, 1, "\t"]),
    st.integers(1, 90),
    st.integers(1, 90),
    st.booleans(),
)
def test_the_segments_hold_the_elements_of_inner_arrays_too(
    inner: list[list[Any]], indent: int | str | None, size: int, chunk: int, named: bool
) -> None:
    vectors = [{**({"a": "b"} if named else {}), "inner": each} for each in inner]
    segments = cut(json.dumps({"vectors": vectors}, indent=indent).encode(), size, chunk, "inner")
    assert segments is not None
    assert elements(segments) == vectors
    assert [segment.goes_on for segment in segments[1:]] == [each.breaks_off for each in segments[:-1]]
    assert [segment.is_last for segment in segments] == [False] * (len(segments) - 1) + [True]


def test_a_body_is_cut_where_elements_end() -> None:
    body = b'{"vectors":[{"id":"a","n":1},{"id":"b","n":2} ,\n{"id":"c","n":3}]}\n'
    last = b'{"vectors":[{"id":"c","n":3}]}\n'
    assert texts(body) == [b'[{"id":"a","n":1}]', b'[{"id":"b","n":2} ]', last]


def test_arrays_are_cut_as_objects_are() -> None:
    assert texts(b'{"vectors": [[1, 2], [3, 4], [5, 6]]}', 10) == [
        b"[[1, 2]]",
        b"[[3, 4]]",
        b'{"vectors":[[5, 6]]}',
    ]


def test_what_a_body_has_before_its_array_are_fields_and_what_after_it_is_in_the_last_segment() -> None:
    before = rb'{"a": {"vectors": [{"id": 1}]}, "b": "\"vectors\": [[", "vectors": 7, '
    segments = Segments("vectors", size=20)
    fed = [*segments.feed(before + b'"vectors": [{"id": "a"}, {"id": "b"}], "d": [{"id": 1}]}')]
    assert [segment.text for segment in fed] == [b'[{"id": "a"}]']
    assert segments.fields == {"a": {"vectors": [{"id": 1}]}, "b": '"vectors": [['}
    last = segments.close()
    assert last is not None
    assert last.text == b'{"vectors":[{"id": "b"}], "d": [{"id": 1}]}'


def test_elements_with_one_inner_element_each_are_cut_where_they_end() -> None:
    body = b'{"vectors":[{"a":1,"inner":[{"id":1}]},{"a":2,"inner":[{"id":2}]},{"a":3,"inner":[{"id":3}]}]}'
    segments = cut(body, 40, 7, "inner")
    assert segments is not None
    assert [segment.text for segment in segments] == [
        b'[{"a":1,"inner":[{"id":1}]}]',
        b'[{"a":2,"inner":[{"id":2}]}]',
        b'{"vectors":[{"a":3,"inner":[{"id":3}]}]}',
    ]
    assert not any(segment.goes_on or segment.breaks_off for segment in segments)


def test_an_inner_array_is_cut_and_the_rest_of_its_element_told() -> None:
    body = b'{"vectors":[{"inner":[{"id":1},{"id":2},{"id":3}],"a":1}],"b":2}'
    segments = cut(body, 20, 7, "inner")
    assert segments == [
        Segment(b'[{"inner":[{"id":1}]}]', breaks_off=True),
        Segment(b'[{"inner":[{"id":2}]}]', goes_on=True, breaks_off=True),
        Segment(b'{"vectors":[{"inner":[{"id":3}],"a":1}],"b":2}', goes_on=True, is_last=True),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"vectors": []}',
        b'{"vectors": [1]}',
        b'{"documents": [{"id": "a"}]}',
        b'{"more": {"vectors": [{"id": "a"}]}}',
        b'{"more": NaN, "vectors": [{"id": "a"}]}',
        b'[{"vectors": [{"id": "a"}]}]',
        b'{"vectors": [{"\\u0069d": "a"}]}',
        b" " * 2 * HEAD_WITHIN + b'{"vectors": [{"id": "a"}]}',
    ],
)
def test_another_body_is_not_cut(body: bytes) -> None:
    assert cut(body) is None


def test_a_cut_within_an_element_leaves_a_side_that_is_no_json() -> None:
    inner = [{"id": f"inner {place}"} for place in range(9)]
    segments = texts(json.dumps({"vectors": [{"id": "a", "m": inner}]}).encode(), 60)
    with pytest.raises(ValueError, match="Expecting"):
        [json.loads(segment) for segment in segments]


def test_a_beginning_that_is_none_is_passed_over() -> None:
    """An object within an element may begin like an element; the cut is made where elements end."""
    inner = b'[{"id":1}]'
    body = b'{"vectors":[{"id":"a","m":%b},{"id":"b","m":%b}]}' % (inner * 1, b"[%b,7]" % inner)
    assert texts(body, 16) == [b'[{"id":"a","m":%b}]' % inner, b'{"vectors":[{"id":"b","m":[%b,7]}]}' % inner]


def test_a_long_element_is_looked_through_once() -> None:
    class Counting(bytearray):
        """Octets that count those that are searched."""

        searched = 0

        def find(self, sub: Any, start: int = 0, *end: int) -> int:  # type: ignore[override]  # one use of it
            Counting.searched += len(self) - start
            return super().find(sub, start, *end)

    segments = Segments("vectors", size=64)
    assert [*segments.feed(b'{"vectors": [{"id": "a", "m": "')] == []
    segments._waiting = Counting(segments._waiting)
    for _ in range(500):
        assert [*segments.feed(b"x" * 100)] == []
    assert Counting.searched < 2 * 50_000
