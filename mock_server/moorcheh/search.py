"""Search: the stored items nearest to a vector or a text, over several namespaces."""

import heapq
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mock_server.moorcheh import rules
from mock_server.moorcheh.bodies import as_number, read_object
from mock_server.moorcheh.embedding import embed
from mock_server.moorcheh.rules import Document, Question, judge
from mock_server.moorcheh.store import Namespace, Store
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from mock_server.vectors import Directions, Hit, directions

TOP_K = 10
LEAST_HITS, MOST_HITS = 1, 100
LABELS: Sequence[tuple[float, str]] = (
    (0.894, "Close Match"),
    (0.632, "Very High Relevance"),
    (0.447, "High Relevance"),
    (0.316, "Good Relevance"),
    (0.224, "Low Relevance"),
    (0.1, "Very Low Relevance"),
)
STAGES = (
    "parse_validate",
    "prepare_vector",
    "fetch_data",
    "calculate_distance",
    "select_candidates",
    "calculate_scores",
    "reorder",
    "format_response",
)


class Stopwatch:
    """Measures the stages of one search in seconds; one that is done within another shows 0."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self.timings = dict.fromkeys(STAGES, 0.0)

    def lap(self, stage: str) -> None:
        """End a stage now."""
        now = time.perf_counter()
        self.timings[stage] = round(now - self._last, 6)
        self._last = now

    def total(self) -> float:
        """Answer the seconds since the search began."""
        return round(self._last - self._started, 6)


def label(score: float) -> str:
    """Name the relevance of a score."""
    return next((name for least, name in LABELS if score >= least), "Irrelevant")


def search(world: World, call: Call) -> Answer:
    """Find the items nearest to the query, highest score first, older first among equals."""
    watch = Stopwatch()
    body = read_object(call.body)
    judge(rules.SEARCH, body)
    query = body.get("query")
    namespaces = _namespaces(world.part(Store), body)
    for namespace in namespaces:
        judge(rules.QUESTION, Question(query, namespace))
    watch.lap("parse_validate")
    direction = _direction(query)
    watch.lap("prepare_vector")
    most, at_least = _limits(body)
    found = [
        (hit, namespace) for namespace in namespaces for hit in _nearest(namespace, direction, most, at_least)
    ]
    watch.lap("calculate_distance")
    best = heapq.nsmallest(most, found, key=lambda pair: (-pair[0].score, pair[0].age))
    watch.lap("reorder")
    results = [_result(hit, namespace) for hit, namespace in best]
    watch.lap("format_response")
    total = watch.total()
    return Answer(
        200, {"results": results, "execution_time": total, "timings": {**watch.timings, "total": total}}
    )


def _namespaces(store: Store, body: Document) -> Sequence[Namespace]:
    names = body.get("namespaces")
    clause = "moorcheh.search.unknown-namespace"
    distinct: dict[str, Namespace] = {}
    for place, name in enumerate(names if isinstance(names, list) else []):
        if not isinstance(name, str):
            raise Refused(clause, f"namespaces[{place}]: expected a name, got {rules.shown(name)}")
        distinct[name] = store.find(name, clause)
    return [*distinct.values()]


def _limits(body: Document) -> tuple[int, float]:
    top_k, threshold = body.get("top_k", TOP_K), body.get("threshold")
    at_least = as_number(threshold) if body.get("kiosk_mode") is True else 0.0
    return min(max(int(as_number(top_k)), LEAST_HITS), MOST_HITS), at_least


def _direction(query: Any) -> Directions:
    if isinstance(query, list):
        rows = directions(np.array([[as_number(value) for value in query]], np.float64))
    else:
        rows = embed([query if isinstance(query, str) else ""])
    return rows.reshape(-1)


def _nearest(namespace: Namespace, direction: Directions, most: int, at_least: float) -> Sequence[Hit]:
    if len(direction) != namespace.vectors.dimension:
        return []
    return namespace.vectors.nearest(direction, most, at_least)


def _result(hit: Hit, namespace: Namespace) -> Mapping[str, Any]:
    item = namespace.items[hit.id]
    return {
        "id": hit.id,
        "namespace": namespace.name,
        "score": hit.score,
        "label": label(hit.score),
        "metadata": item.metadata,
        "text": item.text or "",
    }
