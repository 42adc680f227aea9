"""Lines of the protocol: what the suite writes, and what it takes for an answer."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.client.lines import KINDS, read, written
from conformance.client.process import Misbehaved
from tests.schemas.protocol import validator

values = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.floats(allow_nan=False), st.text(max_size=3), st.just({})
)
errors = st.one_of(
    values,
    st.dictionaries(st.sampled_from(("kind", "status", "message", "body", "quota")), values, max_size=3),
    st.fixed_dictionaries(
        {"kind": st.sampled_from((*KINDS, "crash"))},
        optional={"status": values, "message": values, "body": values, "quota": values},
    ),
)
answers = st.one_of(
    values,
    st.fixed_dictionaries({}, optional={"id": values, "result": values, "error": errors, "more": values}),
    st.fixed_dictionaries({"id": st.just(1), "error": errors}),
)


def test_a_request_is_one_line_of_plain_json() -> None:
    line = written({"id": 1, "arguments": {"text": "a\nb é", "numbers": [1, 1.0, -0.0, 1e300, 2**64]}})
    assert line == (
        '{"id":1,"arguments":{"text":"a\\nb \\u00e9","numbers":[1,1.0,-0.0,1e+300,18446744073709551616]}}'
    )


@pytest.mark.parametrize(
    ("number", "name"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")]
)
def test_a_number_that_json_has_not_is_written_by_name(number: float, name: str) -> None:
    assert json.loads(written({"deep": [{"vector": (0.5, number)}]})) == {
        "deep": [{"vector": [0.5, {"$float": name}]}]
    }


def test_a_result_is_an_answer() -> None:
    assert read(b'{"id":7,"result":null}', 7) == {"id": 7, "result": None}


def test_an_error_is_an_answer() -> None:
    line = b'{"id":7,"error":{"kind":"status","status":404,"message":null,"body":"gone","quota":null}}'
    assert read(line, 7)["error"]["status"] == 404


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (b"hello", "is no JSON line"),
        (b"\xff", "is no JSON line"),
        (b'{"id":7,"result":NaN}', "is no JSON line"),
        (b"[7]", "is no object"),
        (b'{"id":8,"result":1}', "has not the id 7 of the request"),
        (b'{"id":true,"result":1}', "has not the id 7 of the request"),
        (b'{"id":7}', "has not exactly one of result and error"),
        (b'{"id":7,"result":1,"error":{"kind":"other"}}', "has not exactly one of result and error"),
        (b'{"id":7,"error":"no"}', "has an error whose kind is none of status, connection,"),
        (b'{"id":7,"error":{"kind":"crash"}}', "has an error whose kind is none of"),
        (b'{"id":7,"error":{"kind":"other","status":"404"}}', "has an error whose status is no integer"),
        (b'{"id":7,"error":{"kind":"status"}}', "has an error of kind status without one"),
        (b'{"id":7,"error":{"kind":"other","message":1}}', "has an error whose message is no string"),
        (
            b'{"id":7,"error":{"kind":"other","quota":1}}',
            "has an error whose quota is neither true nor false",
        ),
    ],
)
def test_anything_else_is_none(line: bytes, wrong: str) -> None:
    with pytest.raises(Misbehaved, match=wrong) as misbehaved:
        read(line, 7)
    assert "\n" not in str(misbehaved.value)


def test_a_long_line_is_shown_in_part() -> None:
    with pytest.raises(Misbehaved) as misbehaved:
        read(b"x" * 1_000, 7)
    assert str(misbehaved.value).endswith(f"{'x' * 200}'...")


@given(answer=answers)
def test_the_suite_and_the_schema_take_the_same_answers(answer: Any) -> None:
    try:
        read(json.dumps(answer).encode(), 1)
    except Misbehaved:
        is_taken = False
    else:
        is_taken = True
    fits = validator("answer.schema.json").is_valid(answer) and answer["id"] == 1
    assert fits == is_taken
