"""Search: the stored items nearest to a vector or a text, over several namespaces."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.moorcheh import rules
from mock_server.moorcheh.bodies import read_object
from mock_server.moorcheh.retrieval import retrieve, sought
from mock_server.moorcheh.rules import Question
from mock_server.moorcheh.store import Namespace, Store
from mock_server.payload import shown
from mock_server.refusal import Refused
from mock_server.rules import Document, judge
from mock_server.service import Answer, Call
from mock_server.session import World
from mock_server.vectors import Hit

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
        """Ends a stage now."""
        now = time.perf_counter()
        self.timings[stage] = round(now - self._last, 6)
        self._last = now

    def total(self) -> float:
        """Answers the seconds since the search began."""
        return round(self._last - self._started, 6)


def label(score: float) -> str:
    """Names the relevance of a score."""
    return next((name for least, name in LABELS if score >= least), "Irrelevant")


def search(world: World, call: Call) -> Answer:
    """Finds the items nearest to the query, highest score first, older first among equals."""
    watch = Stopwatch()
    body = read_object(call.body)
    judge(rules.SEARCH, body)
    if world.equipment.generation == "v1":
        judge(rules.SEARCH_V1, body)
    query = body.get("query")
    namespaces = _namespaces(world.part(Store), body)
    for namespace in namespaces:
        judge(rules.QUESTION, Question(query, namespace))
    watch.lap("parse_validate")
    equipment = world.equipment
    wanted = sought(body, equipment.embedder, equipment.generation, "moorcheh.search.query-type")
    watch.lap("prepare_vector")
    found = retrieve(namespaces, wanted)
    watch.lap("calculate_distance")
    results = [_result(hit, namespace, equipment.generation) for hit, namespace in found]
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
            raise Refused(clause, f"namespaces[{place}]: expected a name, got {shown(name)}")
        distinct[name] = store.find(name, clause)
    return [*distinct.values()]


def _result(hit: Hit, namespace: Namespace, generation: str) -> Mapping[str, Any]:
    item = namespace.items[hit.id]
    return {
        "id": hit.id,
        **({} if generation == "v1" else {"namespace": namespace.name}),
        "score": hit.score,
        "label": label(hit.score),
        "metadata": item.metadata,
        "text": item.text or "",
    }
