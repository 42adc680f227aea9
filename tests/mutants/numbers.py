"""Mutants that take or refuse the numbers of a vector wrongly, or its length."""

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

from mock_server.moorcheh import rules
from mock_server.moorcheh.rules import Candidate
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import VECTORS, Handle, around, let_pass, refusal, refuse_also

NON_NUMERIC = "moorcheh.vectors.non-numeric"
NON_FINITE = "moorcheh.vectors.non-finite"
DIMENSION = "moorcheh.vectors.dimension"


@mutant("moorcheh.vectors.numbers", "Integers beyond 2^53 are refused in a vector")
def no_large_integers(patch: pytest.MonkeyPatch) -> None:
    _refuse_numbers(patch, lambda number: type(number) is int and abs(number) > 2**53)


@mutant("moorcheh.vectors.numbers", "Numbers too large for a 32-bit float are refused")
def no_large_numbers(patch: pytest.MonkeyPatch) -> None:
    _refuse_numbers(patch, lambda number: abs(number) > 3.5e38)


@mutant("moorcheh.vectors.numbers", "Subnormal numbers are refused")
def no_subnormals(patch: pytest.MonkeyPatch) -> None:
    _refuse_numbers(patch, lambda number: 0 < abs(number) < 2.3e-308)


@mutant("moorcheh.vectors.numbers", "A negative zero is refused")
def no_negative_zero(patch: pytest.MonkeyPatch) -> None:
    _refuse_numbers(patch, lambda number: number == 0 and math.copysign(1, number) < 0)


@mutant("moorcheh.vectors.numbers", "A number with a capital E is refused")
def no_capital_e(patch: pytest.MonkeyPatch) -> None:
    def read(handle: Handle, world: World, call: Call) -> Answer:
        if re.search(rb"[0-9]E[-+]?[0-9]", call.body):
            return refusal(400, "the body is no JSON")
        return handle(world, call)

    around(patch, VECTORS, read)


@mutant("moorcheh.vectors.non-numeric", "What is no number in a vector counts as 0")
def anything_for_a_number(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.VECTOR, NON_NUMERIC)


@mutant("moorcheh.vectors.non-numeric", "Booleans are numbers")
def booleans_are_numbers(patch: pytest.MonkeyPatch) -> None:
    _let_values_pass(patch, NON_NUMERIC, lambda value: type(value) is bool)


@mutant("moorcheh.vectors.non-numeric", "A null in a vector is taken for 0", hardest=True)
def null_is_zero(patch: pytest.MonkeyPatch) -> None:
    _let_values_pass(patch, NON_NUMERIC, lambda value: value is None)


@mutant("moorcheh.vectors.non-numeric", "A number in a string is read as a number")
def numbers_in_strings(patch: pytest.MonkeyPatch) -> None:
    _let_values_pass(patch, NON_NUMERIC, lambda value: value in ("1.5", "NaN"))


@mutant("moorcheh.vectors.non-finite", "NaN and the infinities are taken")
def anything_finite_or_not(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.VECTOR, NON_FINITE)


@mutant("moorcheh.vectors.non-finite", "NaN is taken, the infinities are not")
def not_a_number_is_taken(patch: pytest.MonkeyPatch) -> None:
    _let_values_pass(patch, NON_FINITE, lambda value: value != value)


@mutant("moorcheh.vectors.non-finite", "A number too large for a float is taken as the last of a vector")
def overflow_at_the_end(patch: pytest.MonkeyPatch) -> None:
    _respell(patch, rb"1e999\s*\]", b"1e308]")


@mutant("moorcheh.vectors.non-finite", "Only negative infinity is taken")
def negative_infinity(patch: pytest.MonkeyPatch) -> None:
    _respell(patch, rb"-Infinity", b"-1e308")


@mutant("moorcheh.vectors.dimension", "A vector of any length is taken, cut or filled with zeros")
def any_length(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.VECTOR, DIMENSION)


@mutant("moorcheh.vectors.dimension", "A vector that is too long is cut")
def too_long_is_cut(patch: pytest.MonkeyPatch) -> None:
    _let_lengths_pass(patch, lambda length, dimension: length > dimension)


@mutant("moorcheh.vectors.dimension", "A vector that is one number short is filled up")
def one_short_is_filled(patch: pytest.MonkeyPatch) -> None:
    _let_lengths_pass(patch, lambda length, dimension: length == dimension - 1)


@mutant("moorcheh.vectors.dimension", "A vector twice as long is folded", hardest=True)
def twice_as_long_is_folded(patch: pytest.MonkeyPatch) -> None:
    _let_lengths_pass(patch, lambda length, dimension: length == 2 * dimension)


@mutant("moorcheh.vectors.dimension", "An empty vector is taken for zeros")
def an_empty_vector(patch: pytest.MonkeyPatch) -> None:
    _let_lengths_pass(patch, lambda length, _dimension: length == 0)


def _respell(patch: pytest.MonkeyPatch, spelling: bytes, instead: bytes) -> None:
    """Reads another spelling for one in the body of an upload."""

    def respell(handle: Handle, world: World, call: Call) -> Answer:
        return handle(world, call.saying(re.sub(spelling, instead, call.body)))

    around(patch, VECTORS, respell)


def _let_values_pass(patch: pytest.MonkeyPatch, clause: str, excused: Callable[[Any], bool]) -> None:
    """Makes a rule of vectors blind to a vector if a function picks out a value of it."""
    let_pass(patch, rules.VECTOR, clause, lambda candidate: any(map(excused, _values(candidate))))


def _let_lengths_pass(patch: pytest.MonkeyPatch, excused: Callable[[int, int], bool]) -> None:
    """Makes the rule of the dimension blind where a function picks out a length beside the dimension."""
    let_pass(
        patch,
        rules.VECTOR,
        DIMENSION,
        lambda candidate: excused(len(_values(candidate)), candidate.dimension or 0),
    )


def _refuse_numbers(patch: pytest.MonkeyPatch, refused: Callable[[float], bool]) -> None:
    """Makes the server refuse finite numbers that a function picks out."""
    refuse_also(
        patch,
        rules.VECTOR,
        NON_FINITE,
        lambda candidate: any(type(value) in (int, float) and refused(value) for value in _values(candidate)),
    )


def _values(candidate: Candidate) -> list[Any]:
    vector = candidate.item.get("vector") if isinstance(candidate.item, dict) else None
    return vector if isinstance(vector, list) else []
