"""Mutants whose filters keep too much or too little, or are looked for like words of the question."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from mock_server.moorcheh import filters, retrieval
from mock_server.moorcheh import search as searching
from mock_server.moorcheh.filters import SIGN, Filter
from mock_server.moorcheh.retrieval import Found, Sought
from mock_server.moorcheh.store import Item, Namespace
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import SEARCH, Handle, around, document_of, said, saying

Alike = Callable[[str, str], bool]
Chosen = Sequence[tuple[str, Filter]]


@mutant("moorcheh.search.filter-key", "The value of a key filter is compared with regard to case")
def case_counts(patch: pytest.MonkeyPatch) -> None:
    def has_value(key: str, value: str) -> Filter:
        return lambda item: item.metadata.get(key) == value

    patch.setattr(filters, "has_value", has_value)


@mutant("moorcheh.search.filter-key", "Only the case of the value asked for is ignored")
def case_counts_where_it_is_stored(patch: pytest.MonkeyPatch) -> None:
    def has_value(key: str, value: str) -> Filter:
        return lambda item: item.metadata.get(key) == filters.folded(value)

    patch.setattr(filters, "has_value", has_value)


@mutant("moorcheh.search.filter-key", "A key filter keeps values that begin with the one asked for")
def beginnings_pass(patch: pytest.MonkeyPatch) -> None:
    _compare_by(patch, lambda stored, asked: stored.startswith(asked))


@mutant("moorcheh.search.filter-key", "A key filter keeps values that end with the one asked for")
def endings_pass(patch: pytest.MonkeyPatch) -> None:
    _compare_by(patch, lambda stored, asked: stored.endswith(asked))


@mutant("moorcheh.search.filter-key", "A key filter keeps values that the one asked for begins with")
def shorter_values_pass(patch: pytest.MonkeyPatch) -> None:
    _compare_by(patch, lambda stored, asked: asked.startswith(stored))


@mutant("moorcheh.search.filter-key", "A key filter keeps items that have the value under any key")
def any_key_passes(patch: pytest.MonkeyPatch) -> None:
    def has_value(_key: str, value: str) -> Filter:
        wanted = filters.folded(value)
        return lambda item: wanted in (filters.folded(str(found)) for found in item.metadata.values())

    patch.setattr(filters, "has_value", has_value)


@mutant("moorcheh.search.filter-key", "A key filter keeps items that lack the key")
def lacking_the_key_passes(patch: pytest.MonkeyPatch) -> None:
    has_value = filters.has_value

    def lacks_or_has(key: str, value: str) -> Filter:
        holds = has_value(key, value)
        return lambda item: key not in item.metadata or holds(item)

    patch.setattr(filters, "has_value", lacks_or_has)


@mutant("moorcheh.search.filter-key", "Of several key filters one need hold")
def one_key_is_enough(patch: pytest.MonkeyPatch) -> None:
    _choose(patch, _is_key, lambda chosen: [_any([holds for _, holds in chosen])])


@mutant("moorcheh.search.filter-key", "Only the first key filter counts")
def the_first_key_counts(patch: pytest.MonkeyPatch) -> None:
    _choose(patch, _is_key, lambda chosen: [holds for _, holds in chosen[:1]])


@mutant("moorcheh.search.filter-key", "Only the last key filter counts")
def the_last_key_counts(patch: pytest.MonkeyPatch) -> None:
    _choose(patch, _is_key, lambda chosen: [holds for _, holds in chosen[-1:]])


@mutant("moorcheh.search.filter-key", "Key filters behind the question are words of it")
def keys_behind_do_not_count(patch: pytest.MonkeyPatch) -> None:
    parted = filters.parted

    def part(query: str) -> tuple[str, tuple[Filter, ...]]:
        tokens = query.split()
        while tokens and _is_key(tokens[-1]):
            tokens.pop()
        return parted(" ".join(tokens))

    patch.setattr(retrieval, "parted", part)


@mutant("moorcheh.search.filter-key", "Key filters count in the first namespace alone")
def keys_count_in_the_first(patch: pytest.MonkeyPatch) -> None:
    retrieve = retrieval.retrieve

    def retrieve_unevenly(namespaces: Sequence[Namespace], wanted: Sought) -> list[Found]:
        unfiltered = replace(wanted, filters=())
        found = [*retrieve(namespaces[:1], wanted), *retrieve(namespaces[1:], unfiltered)]
        return sorted(found, key=lambda pair: (-pair[0].score, pair[0].age))[: wanted.most]

    patch.setattr(searching, "retrieve", retrieve_unevenly)


@mutant("moorcheh.search.filter-key", "Key filters are embedded with the question")
def keys_are_embedded(patch: pytest.MonkeyPatch) -> None:
    _embed_too(patch, _is_key)


@mutant("moorcheh.search.filter-word", "A word filter is ignored")
def words_do_not_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(filters, "has_word", lambda _word: lambda _item: True)


@mutant("moorcheh.search.filter-word", "A word filter keeps texts that begin with the word")
def words_at_the_beginning(patch: pytest.MonkeyPatch) -> None:
    def has_word(word: str) -> Filter:
        return lambda item: filters.folded(item.text or "").startswith(filters.folded(word))

    patch.setattr(filters, "has_word", has_word)


@mutant("moorcheh.search.filter-word", "A word filter looks into metadata, too")
def words_in_metadata(patch: pytest.MonkeyPatch) -> None:
    has_word = filters.has_word

    def has_word_anywhere(word: str) -> Filter:
        holds = has_word(word)

        def holds_anywhere(item: Item) -> bool:
            values = [value for value in item.metadata.values() if isinstance(value, str)]
            return holds(replace(item, text=" ".join([item.text or "", *values])))

        return holds_anywhere

    patch.setattr(filters, "has_word", has_word_anywhere)


@mutant("moorcheh.search.filter-word", "A word filter looks into the id, too")
def words_in_ids(patch: pytest.MonkeyPatch) -> None:
    def find(handle: Handle, world: World, call: Call) -> Answer:
        answer, document = handle(world, call), document_of(call)
        query = document.get("query")
        if not isinstance(query, str):
            return answer
        words = [token[len(SIGN) :] for token in query.split() if _is_word(token)]
        rest = " ".join(token for token in query.split() if not _is_word(token))
        body = said(answer)
        if words and rest:
            others = said(handle(world, saying(call, {**document, "query": rest})))["results"]
            known = [hit["id"] for hit in body["results"]]
            body["results"] += [
                hit
                for hit in others
                if hit["id"] not in known and all(word in json.dumps(hit["id"]) for word in words)
            ]
        return replace(answer, body=body)

    around(patch, SEARCH, find)


@mutant("moorcheh.search.filter-word", "Of several word filters one need hold")
def one_word_is_enough(patch: pytest.MonkeyPatch) -> None:
    _choose(patch, _is_word, lambda chosen: [_any([holds for _, holds in chosen])])


@mutant("moorcheh.search.filter-word", "Only the last word filter counts")
def the_last_word_counts(patch: pytest.MonkeyPatch) -> None:
    _choose(patch, _is_word, lambda chosen: [holds for _, holds in chosen[-1:]])


@mutant("moorcheh.search.filter-word", "A word filter does not count beside a key filter")
def keys_outdo_words(patch: pytest.MonkeyPatch) -> None:
    def choose(chosen: Chosen, others: Chosen) -> Sequence[Filter]:
        return [] if others else [holds for _, holds in chosen]

    _choose_among(patch, _is_word, choose)


@mutant("moorcheh.search.filter-word", "Word filters are embedded with the question")
def words_are_embedded(patch: pytest.MonkeyPatch) -> None:
    _embed_too(patch, _is_word)


@mutant("moorcheh.search.filter-word", "A word that ends with # is a filter")
def c_sharp_is_a_filter(patch: pytest.MonkeyPatch) -> None:
    _take_for_filters(patch, lambda token: token.endswith(SIGN))


@mutant("moorcheh.search.filter-word", "A # in the middle of a word makes it a filter")
def a_sign_in_the_middle_is_a_filter(patch: pytest.MonkeyPatch) -> None:
    _take_for_filters(patch, lambda token: SIGN in token[1:-1])


def _is_key(token: str) -> bool:
    return filters.is_filter(token) and ":" in token


def _is_word(token: str) -> bool:
    return filters.is_filter(token) and ":" not in token


def _any(choices: Sequence[Filter]) -> Filter:
    return lambda item: not choices or any(holds(item) for holds in choices)


def _compare_by(patch: pytest.MonkeyPatch, alike: Alike) -> None:
    """Compares a stored value and the one asked for by a function."""

    def has_value(key: str, value: str) -> Filter:
        asked = filters.folded(value)
        return lambda item: key in item.metadata and alike(filters.folded(str(item.metadata[key])), asked)

    patch.setattr(filters, "has_value", has_value)


def _choose(
    patch: pytest.MonkeyPatch, kind: Callable[[str], bool], choose: Callable[[Chosen], Sequence[Filter]]
) -> None:
    """Puts other filters in the place of those of one kind."""
    _choose_among(patch, kind, lambda chosen, _others: choose(chosen))


def _choose_among(
    patch: pytest.MonkeyPatch,
    kind: Callable[[str], bool],
    choose: Callable[[Chosen, Chosen], Sequence[Filter]],
) -> None:
    """Puts other filters in the place of those of one kind, with regard to the others."""
    parted = filters.parted

    def part(query: str) -> tuple[str, tuple[Filter, ...]]:
        text, found = parted(query)
        pairs = [*zip(filter(filters.is_filter, query.split()), found, strict=True)]
        chosen = [pair for pair in pairs if kind(pair[0])]
        others = [pair for pair in pairs if not kind(pair[0])]
        return text, (*choose(chosen, others), *(holds for _, holds in others))

    patch.setattr(retrieval, "parted", part)


def _embed_too(patch: pytest.MonkeyPatch, kind: Callable[[str], bool]) -> None:
    """Leaves the filters of one kind in the text that is embedded."""
    parted = filters.parted

    def part(query: str) -> tuple[str, tuple[Filter, ...]]:
        text, found = parted(query)
        return " ".join([*filter(kind, query.split()), text]), found

    patch.setattr(retrieval, "parted", part)


def _take_for_filters(patch: pytest.MonkeyPatch, taken: Callable[[str], bool]) -> None:
    """Takes more tokens for filters."""
    is_filter = filters.is_filter
    patch.setattr(filters, "is_filter", lambda token: is_filter(token) or taken(token))
