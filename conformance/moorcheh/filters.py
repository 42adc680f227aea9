"""Checks of the area search: filters inside a text query."""

from collections.abc import Callable

from hypothesis import assume, given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.expectation import expect, expect_status, require
from conformance.moorcheh.basis import Namespace, hits_of, text_namespace
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.generation import Offer
from conformance.moorcheh.payload import Batch
from conformance.moorcheh.writing import about, filter_keys, filter_values, made_up_words

QUERY = "a note about how it came to be"
CASES: tuple[Callable[[str], str], ...] = (str, str.upper, str.lower, str.swapcase)

seeds = st.integers(0, 2**32 - 1)
cases = st.sampled_from(CASES)
places = st.sampled_from(("before", "after"))


@proves("moorcheh.search.filter-key")
@given(key=filter_keys, value=filter_values, case=cases, place=places, seed=seeds, size=st.integers(2, 6))
def a_key_filter_keeps_equal_values(
    server: Moorcheh, key: str, value: str, case: Callable[[str], str], place: str, seed: int, size: int
) -> None:
    """Whatever their case; a value that only begins alike, another key and no key at all do not pass."""
    server.memo(Offer).require_second_generation()
    longer, elsewhere, without, *words = made_up_words(seed, 3 + size)
    kept = [about(word, **{key: CASES[n % len(CASES)](value)}) for n, word in enumerate(words)]
    others = [about(longer, **{key: value + "x"}), about(elsewhere, **{key + "x": value}), about(without)]
    space = _space_of(server, [*kept, *others])
    _expect_kept(space, _with(f"#{key}:{case(value)}", place), set(words))


@proves("moorcheh.search.filter-key")
@given(keys=st.lists(filter_keys, min_size=2, max_size=2, unique=True), value=filter_values, seed=seeds)
def all_key_filters_must_hold(server: Moorcheh, keys: list[str], value: str, seed: int) -> None:
    """Two of them keep what satisfies both."""
    server.memo(Offer).require_second_generation()
    both, one, other, none = made_up_words(seed, 4)
    first, second = keys
    space = _space_of(
        server,
        [
            about(both, **{first: value, second: value}),
            about(one, **{first: value}),
            about(other, **{first: value + "x", second: value}),
            about(none),
        ],
    )
    _expect_kept(space, f"#{first}:{value} {QUERY} #{second}:{value}", {both})


@proves("moorcheh.search.filter-word")
@given(seed=seeds, size=st.integers(2, 6), place=places)
def a_word_filter_keeps_texts_with_the_word(server: Moorcheh, seed: int, size: int, place: str) -> None:
    """One of several texts, the word of which the others do not hold."""
    server.memo(Offer).require_second_generation()
    words = made_up_words(seed, size)
    assume(not any(one in other for one in words for other in words if one != other))
    space = _space_of(server, [about(word) for word in words])
    for word in words:
        _expect_kept(space, _with(f"#{word}", place), {word})


@proves("moorcheh.search.filter-word")
@given(seed=seeds, token=st.sampled_from(("C#", "F#", "a#b")))
def a_sign_inside_a_word_is_no_filter(server: Moorcheh, seed: int, token: str) -> None:
    """Only a token that begins with it is."""
    server.memo(Offer).require_second_generation()
    words = made_up_words(seed, 3)
    space = _space_of(server, [about(word) for word in words])
    _expect_kept(space, f"{token} {QUERY}", set(words))


def _space_of(server: Moorcheh, batch: Batch) -> Namespace:
    """A text namespace all of whose documents are hits of the plain query."""
    space = text_namespace(server)
    space.store(batch)
    found = {hit.get("id") for hit in hits_of(server.search(QUERY, [space.name], top_k=100))}
    require(found == {item["id"] for item in batch}, "a search without filter does not find all documents")
    return space


def _with(token: str, place: str) -> str:
    return f"{token} {QUERY}" if place == "before" else f"{QUERY} {token}"


def _expect_kept(space: Namespace, query: str, ids: set[str]) -> None:
    exchange = space.server.search(query, [space.name], top_k=100)
    expect_status(exchange, 200)
    found = {str(hit.get("id")) for hit in hits_of(exchange)}
    expect(found == ids, f"the hits {sorted(ids)}", exchange, f"the hits {sorted(found)}")
