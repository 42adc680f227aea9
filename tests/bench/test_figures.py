"""Figures: medians, ratios round by round, and goals."""

import json

import pytest

from bench.figures import Figure, Result, at_least, at_most, percentile, quartiles, rounded


@pytest.mark.parametrize(
    ("goal", "figure", "met"),
    [
        (at_least(0.6), 0.6, True),
        (at_least(0.6), 0.59, False),
        (at_most(5), 5, True),
        (at_most(5), 5.1, False),
    ],
)
def test_a_goal_includes_its_value(goal: object, figure: float, met: bool) -> None:
    assert Figure("", [figure], "", goal).met is met  # type: ignore[arg-type] # parametrize knows no type


def test_a_ratio_pairs_the_rounds() -> None:
    result = Result("requests/s")
    for mine, its in ((10, 20), (30, 10), (5, 5)):
        result.add("mock", mine)
        result.add("floor", its)
    result.ratio("mock", "floor", at_least(1))
    (figure,) = result.figures
    assert figure.values == [0.5, 3.0, 1.0]
    assert figure.median == 1.0
    assert figure.met
    assert figure.label == "mock / floor"


def test_a_ratio_with_what_was_not_measured_is_no_figure() -> None:
    result = Result("ms", {"mock": [1.0]})
    result.ratio("mock", "floor")
    assert result.figures == []


def test_a_figure_without_goal_is_neither_met_nor_missed() -> None:
    assert Figure("", [1.0]).met is None


def test_a_result_is_described_as_json() -> None:
    result = Result("ms", {"mock": [1.0, 2.0, 3.0]}, {"mock": [0.5]}, [Figure("x", [2.0], "ms", at_most(3))])
    described = json.loads(json.dumps(result.described()))
    assert described["samples"]["mock"] == {"median": 2, "spread": [1.5, 2.5], "values": [1, 2, 3]}
    assert described["costs"] == {"mock": 0.5}
    assert described["figures"][0]["goal"] == "<= 3"
    assert described["figures"][0]["met"] is True


def test_quartiles_percentiles_and_digits() -> None:
    assert quartiles([4.0]) == (4.0, 4.0)
    assert quartiles([1, 2, 3, 4, 5]) == (2, 4)
    assert percentile([*range(100)], 0.99) == 99
    assert percentile([7.0], 0.99) == 7.0
    assert rounded(1234.56) == 1235
