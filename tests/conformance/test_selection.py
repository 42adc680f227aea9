"""Globs choose clauses, and one that chooses nothing is a mistake."""

import pytest

from conformance.selection import NothingMatchesError, select

IDS = ("tiny.first.a", "tiny.first.b", "tiny.second.a")


@pytest.mark.parametrize(
    ("only", "skip", "chosen"),
    [
        ([], [], IDS),
        (["*.first.*"], [], IDS[:2]),
        (["*.first.a", "*.second.*"], [], (IDS[0], IDS[2])),
        ([], ["tiny.first.?"], IDS[2:]),
        (["*.a"], ["*.second.*"], IDS[:1]),
        (["tiny.first.a"], ["*"], ()),
    ],
)
def test_only_chooses_and_skip_leaves_out(only: list[str], skip: list[str], chosen: tuple[str, ...]) -> None:
    assert select(IDS, only, skip) == set(chosen)


@pytest.mark.parametrize(("only", "skip"), [(["*.third.*"], []), ([], ["nothing"]), (["*", "FIRST"], [])])
def test_a_glob_that_matches_nothing_is_named(only: list[str], skip: list[str]) -> None:
    with pytest.raises(NothingMatchesError, match=repr([*only, *skip][-1]).replace("*", r"\*")):
        select(IDS, only, skip)


def test_the_ids_may_be_an_iterator() -> None:
    assert select(iter(IDS), ["*.a"], []) == {IDS[0], IDS[2]}
