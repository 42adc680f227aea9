"""Floors that are numpy alone, asked line by line."""

import pytest

from bench.rows.storage import TENTHS, by_tenths
from bench.server import asking, numpy_floor


@pytest.mark.parametrize(
    ("command", "line"), [(numpy_floor("memory", 4, 4_096), 2), (numpy_floor("search", 40, 3), 0.01)]
)
def test_a_floor_answers_each_line_with_milliseconds(command: list[str], line: float) -> None:
    with asking(command) as ask:
        assert ask(line) > 0
        assert ask(line) > 0


def test_each_tenth_is_the_median_of_all_times_the_way_was_gone() -> None:
    ones = [*range(1, TENTHS + 1), *[2] * TENTHS, *[30] * TENTHS]
    assert by_tenths(ones, [2] * len(ones)) == [1.0, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0]
