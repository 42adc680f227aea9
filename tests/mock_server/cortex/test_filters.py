"""Filter expressions: what they mean, and what is said of faulty ones."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.cortex.expressions import CACHED, condition
from mock_server.cortex.filters import Subject

SUBJECT = Subject(
    "chunk_1",
    "report",
    {
        "n": 3,
        "x": -1.5,
        "s": "abc",
        "q": 'say "hi"\n\\',
        "é": "\U0001f600",
        "t": True,
        "f": False,
        "null": None,
        "list": [1],
        "": "empty",
        "big": 10**30,
        "p": "50%",
    },
)


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ('metadata["n"] == 3', True),
        ('metadata["n"] == 3.0', True),
        ('metadata["n"]!=3', False),
        ('metadata["n"] > 2', True),
        ('metadata["n"] >= 3', True),
        ('metadata["n"] < 3', False),
        ('metadata["n"] <= +3', True),
        ('metadata["x"] == -1.5', True),
        ('metadata["x"] == -.15e1', True),
        ('metadata["big"] == 1000000000000000000000000000000', True),
        ('metadata["n"] < 1e999', True),
        (f'metadata["n"] < {"9" * 5000}', True),
        ('3 == metadata["n"]', True),
        ('4 > metadata["n"]', True),
        ('metadata["n"] == metadata["n"]', True),
        ('metadata["s"] == "abc"', True),
        ("metadata['s'] == 'abc'", True),
        ('metadata["s"] > "abb"', True),
        ('metadata["s"] <= "abb"', False),
        (r'metadata["q"] == "say \"hi\"\n\\"', True),
        (r"""metadata["q"] == 'say "hi"\n\\'""", True),
        (r'metadata["\u00e9"] == "\ud83d\ude00"', True),
        (r'metadata["s"] == "\q"', False),
        ('metadata[""] == "empty"', True),
        ('metadata["t"] == true', True),
        ('metadata["t"] != False', True),
        ('metadata["f"] == TRUE', False),
        ('metadata["f"] in [false]', True),
        # Sorts are never equal to one another, nor in any order.
        ('metadata["t"] == 1', False),
        ('metadata["t"] != 1', True),
        ('metadata["t"] >= false', False),
        ('metadata["n"] == "3"', False),
        ('metadata["n"] != "3"', True),
        ('metadata["n"] < "4"', False),
        ('metadata["s"] in [1, true, "abc"]', True),
        ('metadata["list"] == 1', False),
        ('metadata["list"] != 1', True),
        # What is missing or null compares with nothing.
        *(
            (f'metadata["{key}"] {comparison}', False)
            for key in ("missing", "null")
            for comparison in ("== 1", "!= 1", "< 1", ">= 1", "in [1]", "not in [1]", 'like "%"')
        ),
        ('not metadata["missing"] == 1', True),
        ('!(metadata["null"] != 1)', True),
        ('metadata["missing"] == metadata["missing"]', False),
        ('source_id == "report"', True),
        ('chunk_id in ["chunk_0", "chunk_1"]', True),
        ('chunk_id not in ["chunk_0", "chunk_1"]', False),
        ('metadata["n"] not   in [1, 2]', True),
        ('metadata["n"] in []', False),
        ('metadata["n"] not in []', True),
        ('metadata["s"] like "a%"', True),
        ('metadata["s"] like "%"', True),
        ('metadata["s"] like "abc"', True),
        ('metadata["s"] like "ab"', False),
        ('metadata["s"] like "abc%"', True),
        ('metadata["s"] like "abcd%"', False),
        ('metadata["s"] like "%c"', True),
        ('metadata["s"] like "%b"', False),
        ('metadata["s"] like "a%b%c"', True),
        ('metadata["s"] like "a%c%c"', False),
        ('metadata["s"] like "%x%"', False),
        ('metadata["s"] like "ab%bc"', False),
        ('metadata["s"] like "a_c"', False),
        ('metadata["s"] like "A%"', False),
        ('metadata["n"] like "3%"', False),
        ('metadata["p"] like "50%"', True),
        ('source_id LIKE "re%" AND NOT chunk_id like "x%"', True),
        # not binds tighter than and, that tighter than or.
        ("false == true and false == true or true == true", True),
        ("true == true or false == true and false == true", True),
        ("(true == true or false == true) and false == true", False),
        ("not true == true or true == true", True),
        ("not (true == true or true == true)", False),
        ("not true == true and false == true", False),
        ("not (true == true and false == true)", True),
        ("not not true == true", True),
        ("! ! true == true && (true == true || false == true)", True),
        ('metadata["n"] == 3\n\tand\r\n source_id == "report"', True),
        ("(" * 500 + "true == true" + ")" * 500, True),
        (" or ".join(["false == true"] * 500), False),
    ],
)
def test_an_expression_means_what_it_says(expression: str, holds: bool) -> None:
    assert condition(expression)(SUBJECT) is holds


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "column 1: expected ("),
        ("price > 3", "column 1: expected (, a number, a string, chunk_id, false, metadata, not, source_id"),
        ('metadata["n"] = 3', "column 15: expected ), a comparison, and, in, like, not in, or, got '='"),
        ('metadata["n"] ==', "column 17: expected a number, a string, chunk_id, false, metadata, source_id,"),
        ('metadata["n"] == 1 2', "column 20: expected and, or, the end, got '2'"),
        ('metadata["n"', "column 13: expected ], got the end"),
        ("metadata[n] == 1", "column 10: expected a string, got 'n'"),
        ('metadata.n == "1"', "column 9: expected [, got '.'"),
        ('(metadata["n"] == 1', "column 20: expected ), got the end"),
        ('metadata["n"] == 1)', "column 19: expected the end, got ')'"),
        ('metadata["n"] == "a', "column 18: expected a number"),
        ('metadata["n"] in 1', "column 18: expected [, got '1'"),
        ('metadata["n"] in [1,]', "column 21: expected a number, a string, false, true, got ']'"),
        ('metadata["n"] in [metadata["n"]]', "column 19: expected"),
        ('metadata["n"] like 1', "column 20: expected a string, got '1'"),
        ('metadata["n"]', "column 14: expected a comparison, in, like, not in, got the end"),
        ('metadata["n"] == 1 and', "column 23: expected ("),
        ('not metadata["n"]', "column 18: expected a comparison"),
        ("true", "column 5: expected a comparison"),
        ('source_ids == "a"', "column 1: expected"),
        ('metadata["n"] == 1\nand €', "column 24: expected"),
        ("not " * 200 + "true == true", "column 1: conditions are nested more than 100 deep"),
        (
            "(true == true and " * 200 + "true == true" + ")" * 200,
            "column 1: conditions are nested more than",
        ),
    ],
)
def test_a_faulty_expression_is_told_by_its_column(expression: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^column") as caught:
        condition(expression)
    assert str(caught.value).startswith(message)


values = st.one_of(
    st.booleans(), st.integers(-5, 5), st.floats(-5, 5).map(lambda x: round(x, 1)), st.text("ab", max_size=3)
)
KEYS = ("k", "l", "missing")
ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def kind(value: object) -> str:
    return "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else "number"


def judge_comparison(value: Any, sign: str, wanted: Any) -> bool:
    """Judges a comparison by hand; a value of None is missing."""
    if value is None:
        return False
    alike = kind(value) == kind(wanted)
    if sign in ("==", "!="):
        return (alike and value == wanted) is (sign == "==")
    return alike and kind(value) != "boolean" and ORDERS[sign](value, wanted)


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[str, Any]:
    """Draws a comparison, and a function that judges it on metadata."""
    key, sign = (
        draw(st.sampled_from(KEYS)),
        draw(st.sampled_from(["==", "!=", *ORDERS, "in", "not in", "like"])),
    )
    name = f"metadata[{json.dumps(key)}]"
    if sign == "like":
        prefix = draw(st.text("ab", max_size=2))
        text = f'{name} like "{prefix}%"'
        return text, lambda found: isinstance(found.get(key), str) and found[key].startswith(prefix)
    if "in" in sign:
        wanted = draw(st.lists(values, max_size=3))
        text = f"{name} {sign} [{', '.join(map(json.dumps, wanted))}]"
        return (
            text,
            lambda found: (
                key in found
                and any(judge_comparison(found[key], "==", each) for each in wanted) is (sign == "in")
            ),
        )
    value = draw(values)
    return f"{name} {sign} {json.dumps(value)}", lambda found: judge_comparison(found.get(key), sign, value)


def combine(inner: st.SearchStrategy[tuple[str, Any]]) -> st.SearchStrategy[tuple[str, Any]]:
    """Draws combinations, with parentheses around what is combined."""
    return st.one_of(
        inner.map(lambda one: (f"not ({one[0]})", lambda found: not one[1](found))),
        st.tuples(inner, inner).map(
            lambda two: (
                f"({two[0][0]}) and ({two[1][0]})",
                lambda found: two[0][1](found) and two[1][1](found),
            )
        ),
        st.tuples(inner, inner).map(
            lambda two: (
                f"({two[0][0]}) || ({two[1][0]})",
                lambda found: two[0][1](found) or two[1][1](found),
            )
        ),
    )


@given(
    expression=st.recursive(comparisons(), combine, max_leaves=5),
    metadata=st.dictionaries(st.sampled_from(KEYS[:2]), values),
)
def test_any_expression_is_judged_as_by_hand(expression: tuple[str, Any], metadata: dict[str, Any]) -> None:
    text, judged = expression
    assert condition(text)(Subject("c", "s", metadata)) is judged(metadata)


@given(
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.sampled_from(["and", "or"]),
    st.sampled_from(["and", "or"]),
)
def test_without_parentheses_and_comes_before_or(truths: list[bool], first: str, second: str) -> None:
    words = [f"true == {json.dumps(truth)}" for truth in truths]
    text = f"{words[0]} {first} not {words[1]} {second} {words[2]}"
    assert condition(text)(SUBJECT) is eval(f"{truths[0]} {first} not {truths[1]} {second} {truths[2]}")


@given(st.text("metadata[]\"()=!<>&|andornotinlike 0123%\\'", max_size=40))
def test_any_other_text_is_refused_and_nothing_worse(text: str) -> None:
    with contextlib.suppress(ValueError):
        condition(text)(SUBJECT)


def test_expressions_are_parsed_once_and_not_kept_for_ever() -> None:
    first = condition("source_id == 'once'")
    assert condition("source_id == 'once'") is first
    assert condition.cache_info().maxsize == CACHED


def test_lark_is_only_loaded_by_those_who_filter() -> None:
    code = "import sys, mock_server.app; print('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
