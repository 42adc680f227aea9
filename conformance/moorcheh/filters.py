"""Checks of the area search: filters inside a text query."""

from collections.abc import Callable, Sequence

from hypothesis import assume, given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.exchange import Exchange
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
    """Whatever their case; a value that is only alike, another key and no key at all do not pass."""
    server.memo(Offer).require_second_generation()
    without, elsewhere, *words = made_up_words(seed, 5 + size)
    kept = [about(word, **{key: CASES[n % len(CASES)](value)}) for n, word in enumerate(words[3:])]
    alike = [about(word, **{key: other}) for word, other in zip(words, _alike(value), strict=False)]
    others = [*alike, about(elsewhere, **{key + "x": value}), about(without)]
    space = _space_of(server, [*kept, *others])
    _expect_kept(space, _with(f"#{key}:{case(value)}", place), {item["id"] for item in kept})


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


@proves("moorcheh.search.filter-key")
@given(key=filter_keys, value=filter_values, seed=seeds)
def a_key_filter_holds_in_every_namespace(server: Moorcheh, key: str, value: str, seed: int) -> None:
    """In each of two that are searched together."""
    server.memo(Offer).require_second_generation()
    words = made_up_words(seed, 4)
    batches = [[about(words[n], **{key: value}), about(words[n + 1])] for n in (0, 2)]
    spaces = [_space_of(server, batch) for batch in batches]
    names = [space.name for space in spaces]
    _expect_hits(server.search(f"#{key}:{value} {QUERY}", names, top_k=100), {words[0], words[2]})


@proves("moorcheh.search.filter-key")
@given(keys=st.lists(filter_keys, min_size=2, max_size=2, unique=True), seed=seeds)
def a_key_filter_is_no_part_of_the_question(server: Moorcheh, keys: list[str], seed: int) -> None:
    """What speaks of the values alone comes last, as it does without the filters."""
    first, second = made_up_words(seed, 2)
    tags = dict(zip(keys, (first, second), strict=True))
    filters = [f"#{key}:{value}" for key, value in tags.items()]
    _expect_order_unchanged(server, (first, second), tags, filters)


@proves("moorcheh.search.filter-word")
@given(seed=seeds, size=st.integers(2, 6), place=places)
def a_word_filter_keeps_texts_with_the_word(server: Moorcheh, seed: int, size: int, place: str) -> None:
    """One of several texts, the word of which the others hold in their id and their metadata alone."""
    server.memo(Offer).require_second_generation()
    words = made_up_words(seed, size)
    _assume_apart(words)
    others = dict(zip(words, [*words[1:], words[0]], strict=True))
    space = _space_of(server, [{**about(word), "id": others[word], "note": others[word]} for word in words])
    for word in words:
        _expect_kept(space, _with(f"#{word}", place), {others[word]})


@proves("moorcheh.search.filter-word")
@given(seed=seeds, key=filter_keys, value=filter_values)
def all_filters_must_hold(server: Moorcheh, seed: int, key: str, value: str) -> None:
    """Two words keep texts that hold both; a word and a key keep what satisfies either demand."""
    server.memo(Offer).require_second_generation()
    one, other, *rest = made_up_words(seed, 6)
    _assume_apart([one, other, *rest])
    both, only_one, only_other, tagged = rest
    texts = {both: f"{one} {other}", only_one: one, only_other: other, tagged: one}
    batch = [{"id": item_id, "text": f"{QUERY}: {text} ."} for item_id, text in texts.items()]
    for item in batch[2:]:
        item[key] = value
    space = _space_of(server, batch)
    _expect_kept(space, f"#{one} {QUERY} #{other}", {both})
    with_key = f"{QUERY} #{key}:{value}"
    found = {hit.get("id") for hit in hits_of(server.search(with_key, [space.name], top_k=100))}
    require(found == {only_other, tagged}, "a key filter does not keep the values alone that it names")
    _expect_kept(space, f"#{one} {with_key}", {tagged})


@proves("moorcheh.search.filter-word")
@given(seed=seeds)
def a_word_filter_is_no_part_of_the_question(server: Moorcheh, seed: int) -> None:
    """What speaks of the words alone comes last, as it does without the filters."""
    first, second = made_up_words(seed, 2)
    _expect_order_unchanged(server, (first, second), {}, [f"#{first}", f"#{second}"])


@proves("moorcheh.search.filter-word")
@given(seed=seeds, token=st.sampled_from(("C#", "F#", "a#b")))
def a_sign_inside_a_word_is_no_filter(server: Moorcheh, seed: int, token: str) -> None:
    """Only a token that begins with it is."""
    server.memo(Offer).require_second_generation()
    words = made_up_words(seed, 3)
    space = _space_of(server, [about(word) for word in words])
    _expect_kept(space, f"{token} {QUERY}", set(words))


def _alike(value: str) -> list[str]:
    """Values that are not the value, though it begins, ends or goes on like them."""
    return [value + "x", "x" + value, *([value[:-1]] if len(value) > 1 else [])]


def _assume_apart(words: Sequence[str]) -> None:
    """Leaves out words that hold one another: the service may look for a word inside longer ones."""
    assume(not any(one in other for one in words for other in words if one != other))


def _space_of(server: Moorcheh, batch: Batch) -> Namespace:
    """A text namespace all of whose documents are hits of the plain query."""
    space = text_namespace(server)
    space.store(batch)
    found = {hit.get("id") for hit in hits_of(server.search(QUERY, [space.name], top_k=100))}
    require(found == {item["id"] for item in batch}, "a search without filter does not find all documents")
    return space


def _with(token: str, place: str) -> str:
    return f"{token} {QUERY}" if place == "before" else f"{QUERY} {token}"


def _expect_order_unchanged(
    server: Moorcheh, words: tuple[str, str], tags: dict[str, str], filters: Sequence[str]
) -> None:
    """Searches for bread in two documents, one of which holds the two words and nothing of bread."""
    server.memo(Offer).require_second_generation()
    first, second = words
    texts = {
        "other": f"{first} {second}",
        "bread": f"Of bread, and how it is baked at night: from {first} on, and up to {second} .",
    }
    space = text_namespace(server)
    space.store([{"id": item_id, "text": text, **tags} for item_id, text in texts.items()])
    plain = [hit.get("id") for hit in hits_of(server.search("bread", [space.name]))]
    require(plain == ["bread", "other"], "a search for bread does not find the text about bread first")
    exchange = server.search(" ".join([*filters, "bread"]), [space.name])
    found = [hit.get("id") for hit in hits_of(exchange)]
    _expect_hits(exchange, set(texts))
    expect(found == plain, f"the order without filters, {plain}", exchange, f"{found}")


def _expect_kept(space: Namespace, query: str, ids: set[str]) -> None:
    _expect_hits(space.server.search(query, [space.name], top_k=100), ids)


def _expect_hits(exchange: Exchange, ids: set[str]) -> None:
    expect_status(exchange, 200)
    found = {str(hit.get("id")) for hit in hits_of(exchange)}
    expect(found == ids, f"the hits {sorted(ids)}", exchange, f"the hits {sorted(found)}")
