"""Checks of the area search: what a search over vector namespaces answers.

The scoring formula is not documented: no check asserts a score's value.
"""

import math
import random
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.check import proves
from conformance.exchange import Exchange
from conformance.expectation import expect, expect_fields, expect_status, is_of, require
from conformance.moorcheh.basis import Namespace, hits_of, vector_namespace
from conformance.moorcheh.driver import Moorcheh
from conformance.moorcheh.generation import Offer
from conformance.moorcheh.payload import Batch, opposite, positive_vector, seeded_vector

DIMENSION = 8
DEFAULT_TOP_K = 10
MOST_TOP_K = 100
MANY = 600
LABELS = (
    (0.894, "Close Match"),
    (0.632, "Very High Relevance"),
    (0.447, "High Relevance"),
    (0.316, "Good Relevance"),
    (0.224, "Low Relevance"),
    (0.1, "Very Low Relevance"),
    (0.0, "Irrelevant"),
)
# A label may be chosen before the score is rounded to six decimals: nothing is said so close to a bound.
ROUNDING = 1e-6

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(2, 30)


@proves("moorcheh.search.shape")
@given(size=sizes, seed=seeds)
def a_search_answers_hits(server: Moorcheh, size: int, seed: int) -> None:
    """Each with its five fields, and how long it took."""
    space = _space_of(server, _varied(size, seed))
    exchange = server.search(positive_vector(seed, DIMENSION), [space.name])
    expect_status(exchange, 200)
    expect_fields(exchange, results=list, execution_time=(int, float))
    expect(bool(exchange.body["results"]), "at least one hit", exchange)
    types: Mapping[str, Any] = {"id": str, "score": (int, float), "label": str, "metadata": dict, "text": str}
    for hit in exchange.body["results"]:
        for field, kind in types.items():
            expect(isinstance(hit, dict) and is_of(hit.get(field), kind), f"a hit with {field!r}", exchange)


@proves("moorcheh.search.namespace")
@given(size=sizes, seed=seeds)
def a_hit_names_its_namespace(server: Moorcheh, size: int, seed: int) -> None:
    """In a search over two of them; the first generation of the service does not."""
    server.memo(Offer).require_second_generation()
    spaces = {prefix: _space_of(server, _alike(size, seed, prefix)) for prefix in "ab"}
    exchange = server.search(positive_vector(seed, DIMENSION), [space.name for space in spaces.values()])
    for hit in _some_hits(exchange):
        space = spaces.get(str(hit.get("id"))[:1])
        require(space is not None, f"a search finds what was never stored: {hit}")
        name = space.name if space else ""
        expect(hit.get("namespace") == name, f"namespace {name!r} for {hit.get('id')!r}", exchange)


@proves("moorcheh.search.sorted")
@given(size=st.integers(3, 30), seed=seeds)
def hits_come_best_first(server: Moorcheh, size: int, seed: int) -> None:
    """By their own scores."""
    space = _space_of(server, _varied(size, seed))
    exchange = server.search(positive_vector(seed, DIMENSION), [space.name], top_k=MOST_TOP_K)
    scores = _scores(exchange)
    require(len(set(scores)) > 1, "all hits have the same score")
    _expect_falling(exchange, scores)


@proves("moorcheh.search.score-range")
@given(size=sizes, seed=seeds)
def scores_lie_between_0_and_1(server: Moorcheh, size: int, seed: int) -> None:
    """Whatever the query's direction and length."""
    space = _space_of(server, _varied(size, seed))
    for factor in (-1000, -1, -0.001, 0.001, 1, 1000):
        query = [factor * number for number in positive_vector(seed, DIMENSION)]
        exchange = server.search(query, [space.name], top_k=MOST_TOP_K)
        for score in _scores(exchange) if factor < 0 else _some(_scores(exchange)):
            expect(0 <= score <= 1, "0 <= score <= 1", exchange, f"a score of {score}")


@proves("moorcheh.search.label")
@given(size=st.integers(20, MOST_TOP_K), seed=seeds)
def labels_fit_their_scores(server: Moorcheh, size: int, seed: int) -> None:
    """By the documented bounds, for scores of every height."""
    space = _space_of(server, _swept(size, seed))
    exchange = server.search(positive_vector(seed, DIMENSION), [space.name], top_k=MOST_TOP_K)
    for hit in _some_hits(exchange):
        score: Any = hit.get("score")
        require(is_of(score, (int, float)), f"a hit has no score: {hit}")
        if any(abs(score - bound) < ROUNDING for bound, _ in LABELS):
            continue
        label = next(name for bound, name in LABELS if score >= bound or not bound)
        expect(
            hit.get("label") == label, f"{label!r} for a score of {score}", exchange, f"{hit.get('label')!r}"
        )


@proves("moorcheh.search.nearest")
@given(size=sizes, seed=seeds, which=st.one_of(st.integers(0, 29), st.sampled_from((-1, -2))))
def a_stored_vector_finds_itself(server: Moorcheh, size: int, seed: int, which: int) -> None:
    """Among vectors that point elsewhere it is the first hit, wherever in the batch it stands."""
    _expect_itself(server, size, seed, which)


@proves("moorcheh.search.nearest")
def a_stored_vector_finds_itself_among_many(server: Moorcheh) -> None:
    """The last of several hundred, too."""
    _expect_itself(server, MANY, 0, -1)


def _expect_itself(server: Moorcheh, size: int, seed: int, which: int) -> None:
    vector = seeded_vector(seed, DIMENSION)
    batch = [{"id": f"v{n}", "vector": _turned(vector, n)} for n in range(size)]
    wanted = batch[which % size]
    wanted["vector"] = vector
    space = _space_of(server, batch)
    exchange = server.search(vector, [space.name])
    first = next(iter(_some_hits(exchange)))
    expect(first.get("id") == wanted["id"], f"{wanted['id']!r} first", exchange)


@proves("moorcheh.search.vector-text")
@given(size=sizes, seed=seeds)
def hits_of_vectors_have_no_text(server: Moorcheh, size: int, seed: int) -> None:
    """Their text is the empty string."""
    space = _space_of(server, _varied(size, seed))
    exchange = server.search(positive_vector(seed, DIMENSION), [space.name])
    for hit in _some_hits(exchange):
        expect(hit.get("text") == "", 'text ""', exchange, f"text {hit.get('text')!r}")


@proves("moorcheh.search.top-k-default")
@given(size=st.integers(1, 40), seed=seeds)
def ten_hits_come_by_default(server: Moorcheh, size: int, seed: int) -> None:
    """Or as many as there are, if there are fewer that resemble the query."""
    space = _space_of(server, _alike(size, seed))
    exchange = server.search(positive_vector(seed, DIMENSION), [space.name])
    _expect_hits(exchange, min(size, DEFAULT_TOP_K))


@proves("moorcheh.search.top-k-clamped")
@given(size=st.integers(101, 120), seed=seeds)
def top_k_is_clamped(server: Moorcheh, size: int, seed: int) -> None:
    """0 acts as 1 and 1000 as 100."""
    space = _space_of(server, _alike(size, seed))
    for top_k, hits in ((0, 1), (1000, MOST_TOP_K)):
        exchange = server.search(positive_vector(seed, DIMENSION), [space.name], top_k=top_k)
        expect_status(exchange, 200)
        _expect_hits(exchange, hits)


@proves("moorcheh.search.threshold-null")
@given(size=sizes, seed=seeds)
def a_threshold_of_null_is_none(server: Moorcheh, size: int, seed: int) -> None:
    """The same hits come as without a threshold."""
    space = _space_of(server, _alike(size, seed))
    query = positive_vector(seed, DIMENSION)
    without = _ids(server.search(query, [space.name], top_k=MOST_TOP_K))
    exchange = server.search(query, [space.name], top_k=MOST_TOP_K, threshold=None)
    expect_status(exchange, 200)
    expect(_ids(exchange) == without, f"the {len(without)} hits that come without it", exchange)


@proves("moorcheh.search.kiosk")
@given(size=st.integers(5, 40), seed=seeds, share=st.floats(0.2, 0.8))
def kiosk_mode_drops_low_scores(server: Moorcheh, size: int, seed: int, share: float) -> None:
    """No hit scores below the threshold, though some would without it."""
    space, query, threshold = _split(server, size, seed, share)
    exchange = server.search(query, [space.name], top_k=MOST_TOP_K, kiosk_mode=True, threshold=threshold)
    expect_status(exchange, 200)
    for score in _scores(exchange):
        expect(score >= threshold, f"scores of at least {threshold}", exchange, f"a score of {score}")


@proves("moorcheh.search.threshold-only-kiosk")
@given(size=st.integers(5, 40), seed=seeds, share=st.floats(0.2, 0.8), spoken=st.booleans())
def a_threshold_alone_drops_nothing(
    server: Moorcheh, size: int, seed: int, share: float, spoken: bool
) -> None:
    """With kiosk_mode false or not sent, hits below the threshold still come."""
    space, query, threshold = _split(server, size, seed, share)
    everything = _ids(server.search(query, [space.name], top_k=MOST_TOP_K))
    mode = {"kiosk_mode": False} if spoken else {}
    exchange = server.search(query, [space.name], top_k=MOST_TOP_K, threshold=threshold, **mode)
    expect_status(exchange, 200)
    expect(_ids(exchange) == everything, f"the {len(everything)} hits that come without it", exchange)


@proves("moorcheh.search.only-asked")
@given(size=st.integers(1, 8), seed=seeds)
def hits_come_from_the_namespaces_asked(server: Moorcheh, size: int, seed: int) -> None:
    """And not from a neighbour that holds the very same vectors, or whose name begins alike."""
    name = server.new_name()
    spaces = []
    for prefix, suffix in (("a", ""), ("b", "x"), ("c", "-more")):
        body = {"namespace_name": name + suffix, "type": "vector", "vector_dimension": DIMENSION}
        created = server.create_namespace(body)
        require(created.succeeded, f"a vector namespace cannot be created: {created.outcome()}")
        spaces.append(Namespace(server, name + suffix, DIMENSION))
        spaces[-1].store(_alike(size, seed, prefix))
    for asked, letters in (([0], "a"), ([1], "b"), ([0, 2], "ac")):
        names = [spaces[index].name for index in asked]
        exchange = server.search(positive_vector(seed, DIMENSION), names, top_k=MOST_TOP_K)
        strangers = {each for each in _ids(exchange) if each[0] not in letters}
        expect(not strangers, f"hits of {names} alone", exchange, f"hits of others: {sorted(strangers)}")
        _some_hits(exchange)


@proves("moorcheh.search.several-namespaces")
@given(sizes=st.lists(st.integers(1, 8), min_size=2, max_size=3), seed=seeds)
def hits_of_several_namespaces_are_merged(server: Moorcheh, sizes: list[int], seed: int) -> None:
    """All of them in one falling order."""
    batches = [_varied(size, seed + n, "abc"[n]) for n, size in enumerate(sizes)]
    spaces = [_space_of(server, batch) for batch in batches]
    query = positive_vector(seed, DIMENSION)
    alone = {each for space in spaces for each in _ids(server.search(query, [space.name], top_k=MOST_TOP_K))}
    exchange = server.search(query, [space.name for space in spaces], top_k=MOST_TOP_K)
    expect_status(exchange, 200)
    expect(_ids(exchange) == alone, f"the {len(alone)} hits of each namespace alone", exchange)
    _expect_falling(exchange, _scores(exchange))


@proves("moorcheh.search.deleted")
@given(size=st.integers(2, 20), gone=st.integers(1, 20), seed=seeds)
def a_deleted_item_is_no_hit(server: Moorcheh, size: int, gone: int, seed: int) -> None:
    """From the moment of its deletion, and also after others have been uploaded."""
    space = _space_of(server, _alike(size, seed))
    query = positive_vector(seed, DIMENSION)
    ids = {f"v{n}" for n in range(min(size - 1, gone))}
    require(ids <= _ids(server.search(query, [space.name], top_k=MOST_TOP_K)), "stored items are not found")
    space.delete_items(sorted(ids))
    for prefix in ("w", "x"):
        exchange = server.search(query, [space.name], top_k=MOST_TOP_K)
        expect_status(exchange, 200)
        ghosts = ids & _ids(exchange)
        expect(not ghosts, "no deleted item among the hits", exchange, f"hits {sorted(ghosts)}")
        space.store(_alike(1, seed, prefix))


def _space_of(server: Moorcheh, batch: Batch) -> Namespace:
    space = vector_namespace(server, DIMENSION)
    space.store(batch)
    return space


def _alike(size: int, seed: int, prefix: str = "v") -> Batch:
    """Items that all resemble `positive_vector(seed)`."""
    return [{"id": f"{prefix}{n}", "vector": positive_vector(seed + n, DIMENSION)} for n in range(size)]


def _varied(size: int, seed: int, prefix: str = "v") -> Batch:
    """Items that resemble a positive query less and less: more and more of their numbers are negative."""
    batch = _alike(size, seed, prefix)
    for n, item in enumerate(batch):
        turned = n % (DIMENSION // 2)
        item["vector"] = [*opposite(item["vector"][:turned]), *item["vector"][turned:]]
    return batch


def _swept(size: int, seed: int) -> Batch:
    """Items at even angles from `positive_vector(seed)`, beginning near it and ending near its opposite."""
    toward = positive_vector(seed, DIMENSION)
    across = [
        number for one, other in zip(toward[::2], toward[1::2], strict=True) for number in (other, -one)
    ]
    start = random.Random(seed).random()
    angles = [math.pi * (n + start) / size for n in range(size)]
    return [
        {
            "id": f"v{n}",
            "vector": [
                math.cos(angle) * one + math.sin(angle) * other
                for one, other in zip(toward, across, strict=True)
            ],
        }
        for n, angle in enumerate(angles)
    ]


def _turned(vector: Sequence[float], n: int) -> list[float]:
    """The vector with at least half of its signs turned, in a way that depends on n."""
    start = n % DIMENSION
    turned = {(start + step) % DIMENSION for step in range(DIMENSION // 2 + n % (DIMENSION // 2))}
    return [-number if index in turned else number for index, number in enumerate(vector)]


def _split(server: Moorcheh, size: int, seed: int, share: float) -> tuple[Namespace, list[float], float]:
    """A namespace, a query and a threshold that some of its hits reach and others do not."""
    space = _space_of(server, _varied(size, seed))
    query = positive_vector(seed, DIMENSION)
    scores = sorted(set(_scores(server.search(query, [space.name], top_k=MOST_TOP_K))))
    require(len(scores) > 1, "all hits have the same score")
    return space, query, scores[max(1, min(len(scores) - 1, round(share * len(scores))))]


def _expect_hits(exchange: Exchange, count: int) -> None:
    hits = hits_of(exchange)
    expect(len(hits) == count, f"{count} hits", exchange, f"{len(hits)} hits")


def _expect_falling(exchange: Exchange, scores: Sequence[float]) -> None:
    falling = all(one >= other for one, other in pairwise(scores))
    expect(falling, "scores from the highest to the lowest", exchange, f"scores {list(scores)}")


def _some_hits(exchange: Exchange) -> Sequence[Mapping[str, Any]]:
    return _some(hits_of(exchange))


def _some(found: Sequence[Any]) -> Sequence[Any]:
    require(bool(found), "a search finds nothing among items that resemble the query")
    return found


def _ids(exchange: Exchange) -> set[str]:
    return {str(hit.get("id")) for hit in hits_of(exchange)}


def _scores(exchange: Exchange) -> list[float]:
    scores = [hit.get("score") for hit in hits_of(exchange)]
    require(all(is_of(score, (int, float)) for score in scores), "a hit has no score")
    return [float(score) for score in scores if score is not None]
