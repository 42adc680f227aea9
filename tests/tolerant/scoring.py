"""Variants of both services whose scores come of another formula: none is documented."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mock_server.vectors import Directions, Hit, Vectors
from tests.tolerant.registry import VARIANTS, Variant

Scores = NDArray[np.float64]
Formula = Callable[[Scores, Scores], Any]

SEARCHED = {
    "moorcheh": (
        "search.*",
        "vectors.upsert-replaces",
        "vectors.stored-when-completed",
        "documents.found",
        "items.delete",
    ),
    "cortex": ("search.*", "find.*", "processing.searchable", "update.replaces", "matrix.overwrite"),
}


def sign_agreement(stored: Scores, query: Scores) -> Any:
    """The share of numbers that have the sign of the query's."""
    return (np.sign(stored) == np.sign(query)).mean(axis=1)


def halved_cosine(stored: Scores, query: Scores) -> Any:
    """The cosine, moved from -1..1 to 0..1."""
    return np.clip((1 + stored @ query) / 2, 0, 1)


def nearness(stored: Scores, query: Scores) -> Any:
    """The more, the smaller the distance."""
    return 1 / (1 + np.linalg.norm(stored - query, axis=1))


def angle(stored: Scores, query: Scores) -> Any:
    """The angle between, as a share of half a turn, and no digit rounded."""
    return 1 - np.arccos(np.clip(stored @ query, -1, 1)) / np.pi


def coarse_cosine(stored: Scores, query: Scores) -> Any:
    """The cosine, rounded to two digits, so that many are equal."""
    return np.round(np.clip(stored @ query, 0, 1), 2)


def _scoring(
    formula: Formula, *, falling_age: bool = False, drops_zero: bool = False
) -> Callable[..., list[Hit]]:
    def nearest(
        self: Vectors, query: Directions, most: int, at_least: float = 0.0, among: Iterable[str] | None = None
    ) -> list[Hit]:
        ages = dict(self.by_age(-1, len(self)))
        ids = [*ages] if among is None else [*among]
        if not ids:
            return []
        scores = formula(self.of(ids).astype(np.float64), query.astype(np.float64))
        hits = [Hit(each, float(score), ages[each]) for each, score in zip(ids, scores, strict=True)]
        hits.sort(key=lambda hit: (-hit.score, -hit.age if falling_age else hit.age))
        return [hit for hit in hits[:most] if hit.score >= at_least and (hit.score > 0 or not drops_zero)]

    return nearest


def change_formula(patch: pytest.MonkeyPatch, formula: Formula, **how: Any) -> None:
    """Makes searches score by another formula."""
    patch.setattr(Vectors, "nearest", _scoring(formula, **how))


def _changing(formula: Formula, **how: Any) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: change_formula(patch, formula, **how)


FORMULAS: tuple[tuple[Formula, str, dict[str, Any]], ...] = (
    (sign_agreement, "Scores are the share of numbers whose signs agree", {}),
    (halved_cosine, "Scores are cosines moved into 0 to 1", {}),
    (nearness, "Scores come of the distance between unit vectors", {}),
    (angle, "Scores come of the angle and are not rounded", {}),
    (
        coarse_cosine,
        "Scores have two digits, and of equal ones the younger comes first",
        {"falling_age": True},
    ),
    (halved_cosine, "What scores 0 is no hit", {"drops_zero": True}),
)

# It finds no text about bread first, which filters are proven on.
LACKS = {("moorcheh", "sign_agreement"): {"moorcheh.search.filter-*": "unproven"}}

for formula, says, how in FORMULAS:
    VARIANTS.extend(
        Variant(
            service,
            "_".join((formula.__name__, *how)),
            says,
            tuple(f"{service}.{glob}" for glob in globs),
            change=_changing(formula, **how),
            lacks=LACKS.get((service, formula.__name__), {}),
        )
        for service, globs in SEARCHED.items()
    )
