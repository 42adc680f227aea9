"""Filters of a search: words of a query that begin with #, and the metadata object of the first generation.

`#key:value` keeps items whose metadata has the key, spelled exactly so, with that value in either case; a
number, a boolean or null is compared as JSON spells it, and an array has every value in it. `#word` keeps
items whose text contains the word, in either case: between characters that belong to no word, but anywhere
in scripts that put no blanks between words. What lacks a key or a value, such as `#key:`, is a word. A lone
`#` is no filter, and neither is `C#`.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from mock_server.moorcheh.store import Item

Filter = Callable[[Item], bool]
SIGN = "#"
UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Burmese, Khmer, kana and Chinese characters."""


def parted(query: str) -> tuple[str, tuple[Filter, ...]]:
    """Parts a text query into the text to be embedded and the filters, all of which must hold."""
    tokens = query.split()
    filters = tuple(_filter(token[len(SIGN) :]) for token in tokens if is_filter(token))
    return (" ".join(token for token in tokens if not is_filter(token)) if filters else query), filters


def is_filter(token: str) -> bool:
    """Tells whether a token of a query is a filter."""
    return token.startswith(SIGN) and len(token) > len(SIGN)


def has_value(key: str, value: str) -> Filter:
    """Makes the filter that keeps items whose metadata has the key with the value."""
    wanted = folded(value)

    def holds(item: Item) -> bool:
        found = item.metadata.get(key)
        return key in item.metadata and wanted in map(_spelled, found if isinstance(found, list) else [found])

    return holds


def has_word(word: str) -> Filter:
    """Makes the filter that keeps items whose text contains the word."""
    wanted = folded(word)
    escaped = re.escape(wanted)
    pattern = re.compile(escaped if UNSPACED.search(wanted) else rf"(?<!\w){escaped}(?!\w)")
    return lambda item: pattern.search(folded(item.text or "")) is not None


def has_metadata(wanted: object) -> Filter:
    """Makes the filter that keeps items whose metadata has all of an object's keys with equal values."""
    pairs = {key: _canonical(value) for key, value in wanted.items()} if isinstance(wanted, dict) else {}
    return lambda item: all(
        key in item.metadata and _canonical(item.metadata[key]) == value for key, value in pairs.items()
    )


def folded(text: str) -> str:
    """Spells a text so that case and compatibility forms do not count."""
    return unicodedata.normalize("NFKC", text).casefold()


def _filter(text: str) -> Filter:
    key, _, value = text.partition(":")
    return has_value(key, value) if key and value else has_word(text)


def _spelled(value: Any) -> str:
    return folded(value if isinstance(value, str) else json.dumps(value))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
