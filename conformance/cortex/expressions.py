"""Filter expressions, generated together with their meaning: the suite's own reading of the grammar.

An expression is printed with as few parentheses as its precedence needs (`not`, then `and`, then `or`), so
that a server that binds otherwise finds other chunks. Only comparisons of present keys with values of their
own type are generated: what others mean is not documented.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
PREFIXES = (("team", "a"), ("team", "we"), ("source_id", "s"), ("source_id", "s1"))


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
    return key if key in ("source_id", "chunk_id") else f'metadata["{key}"]'


@st.composite
def comparisons(draw: st.DrawFn) -> Expression:
    """A key compared with a value of its type."""
    key = draw(st.sampled_from(("team", "year", "rank", "open", "source_id")))
    values = VALUES[key]
    if key in ("year", "rank"):
        sign = draw(st.sampled_from(tuple(ORDERINGS)))
    else:
        sign = draw(st.sampled_from(("==", "!=")))
    value = draw(values)
    compare = ORDERINGS[sign]
    return Expression(f"{field_of(key)} {sign} {spelled(value)}", lambda row: compare(row[key], value))


@st.composite
def memberships(draw: st.DrawFn) -> Expression:
    """A key in a list of values, or not in it."""
    key = draw(st.sampled_from(("team", "year", "source_id")))
    values = draw(st.lists(VALUES[key], min_size=1, max_size=3))
    negated = draw(st.booleans())
    sign = "not in" if negated else "in"
    text = f"{field_of(key)} {sign} [{', '.join(map(spelled, values))}]"
    return Expression(text, lambda row: (row[key] in values) != negated)


@st.composite
def likenesses(draw: st.DrawFn) -> Expression:
    """A string that begins like a pattern."""
    key, prefix = draw(
        st.sampled_from((("team", "a"), ("team", "we"), ("source_id", "s"), ("source_id", "s1")))
    )
    return Expression(f"{field_of(key)} like {quoted(prefix + '%')}", lambda row: row[key].startswith(prefix))


@st.composite
def negations(draw: st.DrawFn, inner: st.SearchStrategy[Expression]) -> Expression:
    """Not something; what is negated stands in parentheses, for nothing says how `not` binds to `==`."""
    negated = draw(inner)
    sign = draw(st.sampled_from(("not ", "!")))
    return Expression(f"{sign}({negated.text})", lambda row: not negated.holds(row), NOT)


@st.composite
def conjunctions(draw: st.DrawFn, inner: st.SearchStrategy[Expression]) -> Expression:
    """Two expressions, both of which must hold."""
    one, other = draw(inner), draw(inner)
    sign = draw(st.sampled_from(("and", "&&")))
    # `a and b and c` needs no parentheses: what stands on the left may be a conjunction itself.
    left = one.text if one.binding >= AND else f"({one.text})"
    return Expression(
        f"{left} {sign} {other.inside(AND)}", lambda row: one.holds(row) and other.holds(row), AND
    )


@st.composite
def disjunctions(draw: st.DrawFn, inner: st.SearchStrategy[Expression]) -> Expression:
    """Two expressions, one of which must hold."""
    one, other = draw(inner), draw(inner)
    sign = draw(st.sampled_from(("or", "||")))
    return Expression(
        f"{one.text} {sign} {other.inside(OR)}", lambda row: one.holds(row) or other.holds(row), OR
    )


VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "team": st.sampled_from((*TEAMS, "nobody")),
    "year": st.integers(1990, 2030),
    "rank": st.sampled_from((-1.5, 0, 0.25, 1, 2.5, 1000.0)),
    "open": st.booleans(),
    "source_id": st.sampled_from(("s0", "s1", "s2", "s10", "nowhere")),
}

atoms = st.one_of(comparisons(), memberships(), likenesses())
expressions: st.SearchStrategy[Expression] = st.recursive(
    atoms, lambda inner: st.one_of(negations(inner), conjunctions(inner), disjunctions(inner)), max_leaves=6
)

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
