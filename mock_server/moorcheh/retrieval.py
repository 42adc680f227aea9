"""Retrieval: the stored items nearest to a vector or a text that pass all filters, over namespaces."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mock_server.arrays import np
from mock_server.embedder import Embedder
from mock_server.moorcheh.filters import Filter, has_metadata, parted
from mock_server.moorcheh.store import Namespace
from mock_server.numbers import as_number, as_row
from mock_server.refusal import Refused
from mock_server.rules import Document
from mock_server.vectors import Directions, Hit, directions

TOP_K = 10
LEAST_HITS, MOST_HITS = 1, 100
Found = tuple[Hit, Namespace]


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: a direction (dimension,), filters, the most hits, and their least score."""

    direction: Directions
    filters: Sequence[Filter]
    most: int
    at_least: float


def sought(body: Document, embedder: Embedder, generation: str, clause: str) -> Sought:
    """Reads what is looked for; `Refused` under the clause for a text that cannot be embedded.

    A text of filters alone has no direction: all that passes them scores 0, and so comes by age. The first
    generation of the service knows no filters in text, but one object of them beside it.
    """
    query, filters = body.get("query"), tuple[Filter, ...]()
    if generation == "v1":
        filters = (has_metadata(body["metadata"]),) if "metadata" in body else ()
    elif isinstance(query, str):
        query, filters = parted(query)
    return Sought(_direction(query, embedder, clause), filters, *_limits(body))


def retrieve(namespaces: Sequence[Namespace], wanted: Sought) -> list[Found]:
    """Finds the nearest items, highest score first, older first among equals."""
    found = [(hit, namespace) for namespace in namespaces for hit in _nearest(namespace, wanted)]
    return heapq.nsmallest(wanted.most, found, key=lambda pair: (-pair[0].score, pair[0].age))


def _limits(body: Document) -> tuple[int, float]:
    top_k, threshold = body.get("top_k", TOP_K), body.get("threshold")
    at_least = as_number(threshold) if body.get("kiosk_mode") is True else 0.0
    return min(max(int(as_number(top_k)), LEAST_HITS), MOST_HITS), at_least


def _direction(query: Any, embedder: Embedder, clause: str) -> Directions:
    if isinstance(query, list):
        return directions(as_row(query)).reshape(-1)
    text = query if isinstance(query, str) else ""
    if not text.strip():
        return np.zeros(embedder.dimension, np.float32)
    block, faults = embedder.embed([text])
    for fault in faults.values():
        raise Refused(clause, f"query: {fault}")
    return block.reshape(-1)


def _nearest(namespace: Namespace, wanted: Sought) -> Sequence[Hit]:
    if len(wanted.direction) != namespace.vectors.dimension:
        return []
    among = None
    if wanted.filters:
        among = [
            item_id
            for item_id, item in namespace.items.items()
            if all(holds(item) for holds in wanted.filters)
        ]
    return namespace.vectors.nearest(wanted.direction, wanted.most, wanted.at_least, among)
