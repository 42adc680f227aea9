"""Mutants of the documents form that read filter expressions wrongly, or keep what these do not."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from lark import Lark, Token, v_args

from mock_server.cortex import filters, grammar, rules, search
from mock_server.cortex.filters import Condition, Operand
from mock_server.cortex.grammar import GRAMMAR, Conditions
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.cortex.rewriting import FIND, around, refusal, refuse_with
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Handle, document_of, let_pass

KEPT = "cortex.find.filter"
MISSING = "cortex.find.filter-missing-key"
FAULTY = "cortex.find.filter-faulty"
EITHER = "?either: both | both (_OR both)+               -> either"
BOTH = "?both: one | one (_AND one)+                   -> both"
NEGATED = "_NOT one "
NOWHERE = re.compile(r"(?!)")

Compare = Callable[[Any, Any], bool]


@mutant(KEPT, "or binds tighter than and")
def or_before_and(patch: pytest.MonkeyPatch) -> None:
    outer, inner = "?either: both | both (_AND both)+ -> both", "?both: one | one (_OR one)+ -> either"
    _read_by(patch, {EITHER: outer, BOTH: inner})


@mutant(KEPT, "and and or bind alike, from left to right")
def from_left_to_right(patch: pytest.MonkeyPatch) -> None:
    rule = "?either: one | either _OR one -> either | either _AND one -> both"
    _read_by(patch, {EITHER: rule, BOTH: ""})


@mutant(KEPT, "not reaches as far as the next or")
def not_reaches_over_and(patch: pytest.MonkeyPatch) -> None:
    _read_by(patch, {NEGATED: "_NOT both "})


@mutant(KEPT, "|| stands for and")
def bars_are_and(patch: pytest.MonkeyPatch) -> None:
    _read_by(patch, {r"/or\b|\|\|/i": r"/or\b/i", "/and\\b|&&/i": r"/and\b|&&|\|\|/i"})


@mutant(KEPT, "&& is not known")
def no_ampersands(patch: pytest.MonkeyPatch) -> None:
    _read_by(patch, {r"/and\b|&&/i": r"/and\b/i"})


@mutant(KEPT, "! is not known in front of a condition")
def no_exclamation_mark(patch: pytest.MonkeyPatch) -> None:
    _read_by(patch, {r"/not\b|!/i": r"/not\b/i"})


@mutant(KEPT, "not in is not known")
def no_not_in(patch: pytest.MonkeyPatch) -> None:
    _read_by(patch, {r"/not\s+in\b/i": r"/notin\b/i"})


@mutant(KEPT, "not means nothing")
def not_means_nothing(patch: pytest.MonkeyPatch) -> None:
    _reread(patch)
    patch.setattr(filters, "negation", lambda inner: inner)


@mutant(KEPT, "Of more than two conditions joined by and the first two count")
def two_conditions_count(patch: pytest.MonkeyPatch) -> None:
    _reread(patch)
    conjunction = filters.conjunction
    patch.setattr(filters, "conjunction", lambda *inner: conjunction(*inner[:2]))


@mutant(KEPT, "Parentheses do not group")
def parentheses_do_not_group(patch: pytest.MonkeyPatch) -> None:
    def ungrouped(expression: str) -> Condition:
        grammar.parse(expression)
        return grammar.parse(expression.replace("(", " ").replace(")", " "))

    _reread(patch, ungrouped)


@mutant(KEPT, "== is always false for booleans", hardest=True)
def booleans_are_never_equal(patch: pytest.MonkeyPatch) -> None:
    _compare(patch, "==", lambda equal: lambda one, other: type(one) is not bool and equal(one, other))


@mutant(KEPT, "!= keeps what is equal")
def unequal_is_equal(patch: pytest.MonkeyPatch) -> None:
    _compare(patch, "!=", lambda _unequal: filters.equal)


@mutant(KEPT, "< keeps what is equal")
def less_is_at_most(patch: pytest.MonkeyPatch) -> None:
    _compare(patch, "<", lambda _less: grammar.COMPARISONS["<="])


@mutant(KEPT, "<= leaves out what is equal")
def at_most_is_less(patch: pytest.MonkeyPatch) -> None:
    _compare(patch, "<=", lambda _at_most: grammar.COMPARISONS["<"])


@mutant(KEPT, "> keeps what is equal")
def greater_is_at_least(patch: pytest.MonkeyPatch) -> None:
    _compare(patch, ">", lambda _greater: grammar.COMPARISONS[">="])


@mutant(KEPT, ">= leaves out what is equal")
def at_least_is_greater(patch: pytest.MonkeyPatch) -> None:
    _compare(patch, ">=", lambda _at_least: grammar.COMPARISONS[">"])


@mutant(KEPT, "Numbers are ordered like text")
def numbers_like_text(patch: pytest.MonkeyPatch) -> None:
    for sign in ("<", "<=", ">", ">="):
        _compare(patch, sign, lambda compare: lambda one, other: compare(str(one), str(other)))


@mutant(KEPT, "The fraction of a number is overlooked")
def whole_numbers(patch: pytest.MonkeyPatch) -> None:
    @v_args(inline=True)
    class Whole(Conditions):
        """Reads numbers up to their point."""

        def number(self, digits: Token) -> float:
            return int(float(digits))

    _read_by(patch, {}, Whole())


@mutant(KEPT, "The sign of a number is overlooked")
def numbers_without_sign(patch: pytest.MonkeyPatch) -> None:
    @v_args(inline=True)
    class Unsigned(Conditions):
        """Reads numbers without their sign."""

        def number(self, digits: Token) -> float:
            return abs(float(digits))

    _read_by(patch, {}, Unsigned())


@mutant(KEPT, "in keeps what is not in the list")
def in_is_not_in(patch: pytest.MonkeyPatch) -> None:
    _look_among(patch, lambda values, wanted: (values, not wanted) if wanted else (values, wanted))


@mutant(KEPT, "not in keeps what is in the list")
def not_in_is_in(patch: pytest.MonkeyPatch) -> None:
    _look_among(patch, lambda values, _wanted: (values, True))


@mutant(KEPT, "Only the first value of a list counts")
def the_first_value_counts(patch: pytest.MonkeyPatch) -> None:
    _look_among(patch, lambda values, wanted: (values[:1], wanted))


@mutant(KEPT, "like keeps only what equals the pattern without its %")
def like_is_equal(patch: pytest.MonkeyPatch) -> None:
    _liken(patch, lambda text, pattern: text == pattern.rstrip("%"))


@mutant(KEPT, "% stands for at least one character")
def like_needs_more(patch: pytest.MonkeyPatch) -> None:
    _liken(patch, lambda text, pattern: text.startswith(pattern[:-1]) and len(text) >= len(pattern))


@mutant(KEPT, "like keeps what has the pattern anywhere")
def like_anywhere(patch: pytest.MonkeyPatch) -> None:
    _liken(patch, lambda text, pattern: pattern.rstrip("%") in text)


@mutant(KEPT, "Quotes inside a string keep their backslashes")
def backslashes_stay(patch: pytest.MonkeyPatch) -> None:
    _reread(patch)
    patch.setattr(grammar, "ESCAPE", NOWHERE)


@mutant(KEPT, "source_id compares the chunk's id")
def source_is_chunk(patch: pytest.MonkeyPatch) -> None:
    @v_args(inline=True)
    class Mistaken(Conditions):
        """Takes the id of the chunk for that of its source."""

        def source_id(self, _word: Token) -> Operand:
            return lambda subject: subject.chunk_id

    _read_by(patch, {}, Mistaken())


@mutant(KEPT, "chunk_id compares the source's id")
def chunk_is_source(patch: pytest.MonkeyPatch) -> None:
    @v_args(inline=True)
    class Mistaken(Conditions):
        """Takes the id of the source for that of the chunk."""

        def chunk_id(self, _word: Token) -> Operand:
            return lambda subject: subject.source_id

    _read_by(patch, {}, Mistaken())


@mutant(MISSING, "!= is true of a missing key")
def missing_is_unequal(patch: pytest.MonkeyPatch) -> None:
    _take_missing_for(patch, object())


@mutant(MISSING, "A missing key is 0")
def missing_is_zero(patch: pytest.MonkeyPatch) -> None:
    _take_missing_for(patch, 0)


@mutant(MISSING, "A missing key is the empty string")
def missing_is_empty(patch: pytest.MonkeyPatch) -> None:
    _take_missing_for(patch, "")


@mutant(MISSING, "A missing key is false")
def missing_is_false(patch: pytest.MonkeyPatch) -> None:
    _take_missing_for(patch, False)


@mutant(MISSING, "A comparison with a missing key is true")
def missing_passes(patch: pytest.MonkeyPatch) -> None:
    _reread(patch)
    comparison = filters.comparison

    def compare(left: Operand, sign: Compare, right: Operand) -> Condition:
        holds = comparison(left, sign, right)
        return Condition(lambda subject: left(subject) is None or holds(subject))

    patch.setattr(filters, "comparison", compare)


@mutant(MISSING, "A comparison with a key that no source has is refused")
def missing_is_refused(patch: pytest.MonkeyPatch) -> None:
    def refuse(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        absent = 'metadata["absent"]' in str(document_of(call).get("filter_expr"))
        return refusal(400, "filter_expr: no such key") if absent else answer

    around(patch, FIND, refuse)


@mutant(FAULTY, "A faulty expression filters nothing")
def faults_filter_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(rules.FIND, FAULTY)


@mutant(FAULTY, "A faulty expression keeps nothing")
def faults_keep_nothing(patch: pytest.MonkeyPatch) -> None:
    def find(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            if refused.clause != FAULTY:
                raise
            return Answer(200, [])

    around(patch, FIND, find)


@mutant(FAULTY, "What follows a whole condition is overlooked")
def the_rest_is_overlooked(patch: pytest.MonkeyPatch) -> None:
    _take_if(patch, lambda text: any(_is_sound(text[:end]) for end in range(len(text))))


@mutant(FAULTY, "One sign of equality is as good as two")
def one_sign_is_two(patch: pytest.MonkeyPatch) -> None:
    _take_if(patch, lambda text: _is_sound(text.replace(" = ", " == ")))


@mutant(FAULTY, "What is left open at the end is closed")
def open_ends_are_closed(patch: pytest.MonkeyPatch) -> None:
    _take_if(patch, lambda text: _is_sound(text + ")") or _is_sound(text + '"'))


@mutant(FAULTY, "A key needs no quotes")
def keys_without_quotes(patch: pytest.MonkeyPatch) -> None:
    _take_if(patch, lambda text: _is_sound(re.sub(r"\[(\w+)\]", r'["\1"]', text)))


@mutant(FAULTY, "A faulty expression is refused with 409")
def faults_conflict(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, FAULTY, 409)


def _reread(patch: pytest.MonkeyPatch, read: Callable[[str], Condition] = grammar.parse) -> None:
    """Lets every expression be read anew, so that nothing read otherwise is remembered, nor this later."""
    for reader in (rules, search):
        patch.setattr(reader, "condition", read)


def _read_by(
    patch: pytest.MonkeyPatch, changes: dict[str, str], conditions: Conditions | None = None
) -> None:
    """Reads expressions by a grammar in which some passages are replaced, or by other meanings."""
    text = GRAMMAR
    for old, new in changes.items():
        assert old in text, f"the grammar has no {old!r}"
        text = text.replace(old, new)
    parser = Lark(text, parser="lalr", start="either", transformer=conditions or Conditions())
    _reread(patch)
    patch.setattr(grammar, "_parser", lambda: parser)


def _compare(patch: pytest.MonkeyPatch, sign: str, change: Callable[[Compare], Compare]) -> None:
    """Gives a sign of comparison another meaning, made of its own."""
    _reread(patch)
    patch.setitem(grammar.COMPARISONS, sign, change(grammar.COMPARISONS[sign]))


def _look_among(
    patch: pytest.MonkeyPatch,
    change: Callable[[Sequence[object], bool], tuple[Sequence[object], bool]],
) -> None:
    """Changes the list that values are looked for in, and whether they are to be there."""
    _reread(patch)
    membership = filters.membership

    def changed(operand: Operand, values: Sequence[object], wanted: bool) -> Condition:
        return membership(operand, *change(values, wanted))

    patch.setattr(filters, "membership", changed)


def _liken(patch: pytest.MonkeyPatch, alike: Callable[[str, str], bool]) -> None:
    """Compares texts with patterns by a function."""
    _reread(patch)

    def likeness(operand: Operand, pattern: str) -> Condition:
        return Condition(lambda subject: alike(str(operand(subject)), pattern))

    patch.setattr(filters, "likeness", likeness)


def _take_missing_for(patch: pytest.MonkeyPatch, value: object) -> None:
    """Compares a value in the place of every one that is missing."""
    _reread(patch)
    comparison = filters.comparison

    def filled(operand: Operand) -> Operand:
        return lambda subject: value if operand(subject) is None else operand(subject)

    def compare(left: Operand, sign: Compare, right: Operand) -> Condition:
        return comparison(filled(left), sign, filled(right))

    patch.setattr(filters, "comparison", compare)


def _take_if(patch: pytest.MonkeyPatch, takes: Callable[[str], bool]) -> None:
    """Takes the faulty expressions that a function picks out; they filter nothing."""
    let_pass(patch, rules.FIND, FAULTY, lambda body: takes(str(body.get("filter_expr"))))


def _is_sound(expression: str) -> bool:
    try:
        grammar.parse(expression)
    except ValueError:
        return False
    return bool(expression.strip())
