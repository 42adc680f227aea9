"""Filter expressions, generated together with their meaning: the suite's own reading of the grammar.

An expression is printed with as few parentheses as its precedence needs (`not`, then `and`, then `or`), so
that a server that binds otherwise finds other chunks. Only comparisons of present keys with values of their
own type are generated: what others mean is not documented.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from hypothesis import strategies as st

from conformance.cortex.payload import TEAMS

Row = Mapping[str, Any]

ORDERINGS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
}
OR, AND, NOT, ATOM = range(4)
IDS = ("source_id", "chunk_id")
PREFIXES = (
    ("team", "a"),
    ("team", "we"),
    ("source_id", "s"),
    ("source_id", "s1"),
    ("chunk_id", "s1"),
    ("chunk_id", "s2-"),
)


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression as text, with its meaning and how tightly it binds."""

    text: str
    holds: Callable[[Row], bool]
    binding: int = ATOM

    def inside(self, binding: int) -> str:
        """Its text as a part of something that binds so tightly."""
        return self.text if self.binding > binding else f"({self.text})"


def quoted(text: str) -> str:
    """A string as an expression spells it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def spelled(value: Any) -> str:
    """A value as an expression spells it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else repr(value)


def field_of(key: str) -> str:
    """The operand that stands for a key of the metadata, or for one of the two ids."""
    return key if key in IDS else f'metadata["{key}"]'


def compared(key: str, sign: str, value: Any) -> Expression:
    """A key compared with a value."""
    compare = ORDERINGS[sign]
    return Expression(f"{field_of(key)} {sign} {spelled(value)}", lambda row: compare(row[key], value))


def among(key: str, values: Sequence[Any], *, wanted: bool = True) -> Expression:
    """A key in a list of values, or not in it."""
    sign = "in" if wanted else "not in"
    text = f"{field_of(key)} {sign} [{', '.join(map(spelled, values))}]"
    return Expression(text, lambda row: (row[key] in values) is wanted)


def alike(key: str, prefix: str) -> Expression:
    """A string that begins like a pattern."""
    return Expression(f"{field_of(key)} like {quoted(prefix + '%')}", lambda row: row[key].startswith(prefix))


def negated(inner: Expression, sign: str = "not ") -> Expression:
    """Not something; what is negated stands in parentheses, for nothing says how `not` binds to `==`."""
    return Expression(f"{sign}({inner.text})", lambda row: not inner.holds(row), NOT)


def both(one: Expression, other: Expression, sign: str = "and") -> Expression:
    """Two expressions, both of which must hold."""
    # `a and b and c` needs no parentheses: what stands on the left may be a conjunction itself.
    left = one.text if one.binding >= AND else f"({one.text})"
    return Expression(
        f"{left} {sign} {other.inside(AND)}", lambda row: one.holds(row) and other.holds(row), AND
    )


def either(one: Expression, other: Expression, sign: str = "or") -> Expression:
    """Two expressions, one of which must hold."""
    return Expression(
        f"{one.text} {sign} {other.inside(OR)}", lambda row: one.holds(row) or other.holds(row), OR
    )


@st.composite
def comparisons(draw: st.DrawFn) -> Expression:
    """A key compared with a value of its type."""
    key = draw(st.sampled_from(("team", "year", "rank", "open", *IDS)))
    signs = tuple(ORDERINGS) if key in ("year", "rank") else ("==", "!=")
    return compared(key, draw(st.sampled_from(signs)), draw(VALUES[key]))


@st.composite
def memberships(draw: st.DrawFn) -> Expression:
    """A key in a list of values of its type, or not in it."""
    key = draw(st.sampled_from(("team", "year", *IDS)))
    return among(key, draw(st.lists(VALUES[key], min_size=1, max_size=3)), wanted=draw(st.booleans()))


def negations(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """Not something, in either spelling."""
    return st.builds(negated, inner, st.sampled_from(("not ", "!")))


def conjunctions(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """Both of two expressions, in either spelling."""
    return st.builds(both, inner, inner, st.sampled_from(("and", "&&")))


def disjunctions(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """One of two expressions, in either spelling."""
    return st.builds(either, inner, inner, st.sampled_from(("or", "||")))


VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "team": st.sampled_from((*TEAMS, "nobody")),
    "year": st.integers(1990, 2030),
    "rank": st.sampled_from((-1.5, 0, 0.25, 1, 2.5, 1000.0)),
    "open": st.booleans(),
    "source_id": st.sampled_from(("s0", "s1", "s2", "s10", "nowhere")),
    "chunk_id": st.sampled_from(("s0-0", "s1-0", "s1-1", "s2-0", "s1")),
}

likenesses = st.sampled_from(PREFIXES).map(lambda pair: alike(*pair))
atoms = st.one_of(comparisons(), memberships(), likenesses)
expressions: st.SearchStrategy[Expression] = st.recursive(
    atoms, lambda inner: st.one_of(negations(inner), conjunctions(inner), disjunctions(inner)), max_leaves=6
)

FILED: tuple[Row, ...] = (
    {"team": "ai", "year": 1999, "rank": -1.5, "open": True},
    {"team": "a%b", "year": 2000, "rank": 0.25, "open": False},
    {"team": "web", "year": 2001, "rank": 2.5, "open": True},
    {"team": 'say "so"', "year": 2024, "rank": 1000.0, "open": False},
    {"team": "", "year": 2000, "rank": 1.5, "open": False},
)
"""Metadata of sources `s0`, `s1`, ... that tell every operator from those it might be taken for."""


def panel() -> Iterator[Expression]:
    """Every operator and the bindings between them, with values that meet those of `FILED`."""
    for sign in ORDERINGS:
        yield from (compared("year", sign, year) for year in (1999, 2000, 2024))
        yield from (compared("rank", sign, rank) for rank in (-1.5, 0.25, 2.5, 1000.0))
    for sign in ("==", "!="):
        yield from (compared("team", sign, team) for team in ("ai", 'say "so"', ""))
        yield from (compared("open", sign, is_open) for is_open in (True, False))
        yield from (compared("source_id", sign, "s1"), compared("chunk_id", sign, "s1-1"))
    for wanted in (True, False):
        yield among("team", ("ai", "web"), wanted=wanted)
        yield among("year", (2000, 2024), wanted=wanted)
        yield among("source_id", ("s0", "s2"), wanted=wanted)
        yield among("chunk_id", ("s0-0", "s1-1"), wanted=wanted)
    yield from (alike(*pair) for pair in (*PREFIXES, ("team", "ai"), ("team", "b"), ("source_id", "1")))
    one, other, third = compared("open", "==", True), compared("year", "==", 2000), alike("team", "a")
    yield from (negated(one), negated(one, "!"), negated(both(one, other)), negated(either(one, other)))
    yield from (both(one, third, "&&"), both(both(one, compared("year", ">", 0)), third))
    yield from (either(one, third, "||"), either(either(other, one), third))
    for first, second, last in permutations((one, other, third)):
        yield either(first, both(second, last))
        yield either(both(first, second), last)
        yield both(either(first, second), last)
        yield both(negated(first), second)
        yield either(negated(first), second)
        yield either(both(negated(first), second), last)


FAULTY = (
    'metadata["year"] ==',
    "== 3",
    'metadata["year"] = 3',
    '(metadata["year"] == 3',
    'metadata["year"] == 3)',
    'metadata["year"] == 3 and',
    'metadata["year"] == 3 metadata["rank"] == 1',
    'metadata["team"] in "ai"',
    'metadata["team"] == "ai',
    "metadata[year] == 3",
    "not",
    "??",
)
