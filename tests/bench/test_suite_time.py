"""Where the time of the suite goes: every moment has one part."""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from bench.suite_time import DRAWING, JUDGING, SPEAKING, looking, part_of
from conformance import wire
from conformance.expectation import listed
from conformance.moorcheh.payload import plain_batch


class Looking:
    """A value that notes what is being done when it is looked at."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def __repr__(self) -> str:
        self.parts.append(part_of(sys._getframe()))
        return "seen"


@pytest.mark.parametrize(
    ("use", "part"),
    [
        (lambda value: listed([value]), JUDGING),
        (lambda value: repr(st.just(value)), DRAWING),
        (repr, JUDGING),
    ],
)
def test_a_moment_belongs_to_the_innermost_module(use: Callable[[Any], object], part: str) -> None:
    value = Looking()
    use(value)
    assert set(value.parts) == {part}


def test_the_time_is_looked_at_as_it_is_spent() -> None:
    batch = plain_batch(100, 100)
    with looking() as seen:
        while not seen[SPEAKING]:
            wire.encode(batch)
    assert seen.most_common(1)[0][0] == SPEAKING
