"""The grammar of filter expressions: the part of Milvus's that the contract names.

`not` binds tighter than `and`, that tighter than `or`. Loaded with the first expression, as lark is.
"""

import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args

from mock_server.cortex import filters
from mock_server.cortex.filters import Condition, Operand
from mock_server.payload import shown

GRAMMAR = r"""
?either: both | both (_OR both)+               -> either
?both: one | one (_AND one)+                   -> both
?one: _NOT one                                 -> negated
    | operand COMPARISON operand               -> compared
    | operand _IN "[" literals "]"             -> among
    | operand _NOT_IN "[" literals "]"         -> not_among
    | operand _LIKE string                     -> alike
    | "(" either ")"                           -> itself
literals: (literal ("," literal)*)?
?operand: "metadata" "[" string "]"            -> key
    | SOURCE_ID                                -> source_id
    | CHUNK_ID                                 -> chunk_id
    | literal                                  -> constant
?literal: string                               -> itself
    | NUMBER                                   -> number
    | TRUE                                     -> true
    | FALSE                                    -> false
string: STRING

_OR: /or\b|\|\|/i
_AND: /and\b|&&/i
_NOT: /not\b|!/i
_NOT_IN: /not\s+in\b/i
_IN: /in\b/i
_LIKE: /like\b/i
COMPARISON: /[=!<>]=|[<>]/
SOURCE_ID: /source_id\b/
CHUNK_ID: /chunk_id\b/
TRUE: /true\b/i
FALSE: /false\b/i
NUMBER: /[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?/
STRING: /"([^"\\]|\\.)*"|'([^'\\]|\\.)*'/s
%import common.WS
%ignore WS
"""
NAMES: Mapping[str, str] = {
    "_OR": "or",
    "_AND": "and",
    "_NOT": "not",
    "_NOT_IN": "not in",
    "_IN": "in",
    "_LIKE": "like",
    "COMPARISON": "a comparison",
    "SOURCE_ID": "source_id",
    "CHUNK_ID": "chunk_id",
    "TRUE": "true",
    "FALSE": "false",
    "NUMBER": "a number",
    "STRING": "a string",
    "METADATA": "metadata",
    "LPAR": "(",
    "RPAR": ")",
    "LSQB": "[",
    "RSQB": "]",
    "COMMA": ",",
    "$END": "the end",
}
COMPARISONS: Mapping[str, Callable[[object, object], bool]] = {
    "==": filters.equal,
    "!=": filters.unequal,
    "<": filters.ordered(operator.lt),
    "<=": filters.ordered(operator.le),
    ">": filters.ordered(operator.gt),
    ">=": filters.ordered(operator.ge),
}
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
ESCAPES: Mapping[str, str] = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
LONGEST_INTEGER = 4_000  # digits; Python itself reads no more than 4,300


@v_args(inline=True)
class Conditions(Transformer[Token, Condition]):
    """Makes of each phrase what it means."""

    def either(self, *inner: Condition) -> Condition:
        """Joins conditions by `or`."""
        return filters.disjunction(*inner)

    def both(self, *inner: Condition) -> Condition:
        """Joins conditions by `and`."""
        return filters.conjunction(*inner)

    def negated(self, inner: Condition) -> Condition:
        """Negates a condition."""
        return filters.negation(inner)

    def compared(self, left: Operand, sign: Token, right: Operand) -> Condition:
        """Compares two operands."""
        return filters.comparison(left, COMPARISONS[sign], right)

    def among(self, operand: Operand, values: list[object]) -> Condition:
        """Looks for a value in a list."""
        return filters.membership(operand, values, wanted=True)

    def not_among(self, operand: Operand, values: list[object]) -> Condition:
        """Looks for a value outside of a list."""
        return filters.membership(operand, values, wanted=False)

    def alike(self, operand: Operand, pattern: str) -> Condition:
        """Matches text with a pattern."""
        return filters.likeness(operand, pattern)

    def key(self, name: str) -> Operand:
        """Takes a value from the metadata."""
        return lambda subject: subject.metadata.get(name)

    def source_id(self, _word: Token) -> Operand:
        """Takes the id of the source."""
        return lambda subject: subject.source_id

    def chunk_id(self, _word: Token) -> Operand:
        """Takes the id of the chunk."""
        return lambda subject: subject.chunk_id

    def constant(self, value: object) -> Operand:
        """Takes a literal."""
        return lambda _subject: value

    def literals(self, *values: object) -> list[object]:
        """Lists the values of a list."""
        return [*values]

    def itself(self, value: Any) -> Any:
        """Answers what stands in parentheses."""
        return value

    def number(self, digits: Token) -> float:
        """Reads a number."""
        whole = digits.lstrip("+-").isdigit() and len(digits) <= LONGEST_INTEGER
        return int(digits) if whole else float(digits)

    def true(self, _word: Token) -> bool:
        """Reads true."""
        return True

    def false(self, _word: Token) -> bool:
        """Reads false."""
        return False

    def string(self, quoted: Token) -> str:
        """Reads a string, with its escapes."""
        text = ESCAPE.sub(_unescape, quoted[1:-1])
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def parse(expression: str) -> Condition:
    """Reads an expression; ValueError names the column, counted from 1, of what is wrong with it."""
    try:
        condition = _parser().parse(expression)
    except (UnexpectedToken, UnexpectedCharacters) as error:
        raise ValueError(_told(error, expression)) from None
    except ValueError as error:
        raise ValueError(f"column 1: {error}") from None
    assert isinstance(condition, Condition)
    return condition


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", start="either", transformer=Conditions())


def _told(error: UnexpectedToken | UnexpectedCharacters, expression: str) -> str:
    place = error.pos_in_stream or 0
    found = shown(expression[place : place + 1])
    if isinstance(error, UnexpectedCharacters):
        names = error.allowed
    else:
        names = error.accepts or error.expected
        if error.token.type == "$END":
            place, found = len(expression), "the end"
    wanted = ", ".join(sorted(NAMES[name] for name in names if name in NAMES)) or NAMES["$END"]
    return f"column {place + 1}: expected {wanted}, got {found}"


def _unescape(found: re.Match[str]) -> str:
    letter = found[1]
    return chr(int(letter[1:], 16)) if len(letter) > 1 else ESCAPES.get(letter, letter)
