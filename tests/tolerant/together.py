"""Variants that choose otherwise wherever they can, all at once; these are proven on every clause."""

from collections.abc import Sequence

import pytest

from tests.tolerant import cortex, looks, moorcheh, scoring
from tests.tolerant.registry import VARIANTS, Application, Change, Variant

SAID_OTHERWISE = (looks.extra_fields, looks.other_words, looks.shuffled_keys, looks.microseconds)
OF_MOORCHEH: Sequence[Change] = (
    moorcheh.created_with_200,
    moorcheh.turned_lists,
    moorcheh.jobs_at_one_stroke,
    moorcheh.empty_errors,
    moorcheh.requested_new_is_the_excess,
    moorcheh.bodies_first,
    moorcheh.quota_first,
    moorcheh.unlisted_while_deleted,
    moorcheh.jobs_outlive_their_namespace,
    moorcheh.repeated_ids_are_repeated,
    moorcheh.no_null_dimensions,
    moorcheh.no_large_pages,
    moorcheh.skipped_with_200,
    moorcheh.file_times_in_numbers,
    moorcheh.thresholds_are_exceeded,
)
OF_CORTEX: Sequence[Change] = (
    cortex.other_statuses,
    cortex.other_codes,
    cortex.created_again_with_200,
    cortex.no_chunk_ids,
    cortex.success_for_completed,
    cortex.listed_statuses,
    cortex.removed_before_indexed,
    cortex.unrounded_vectors,
    cortex.turned_lists,
    cortex.silent_about_strangers,
    cortex.stats_of_the_default,
    cortex.unknown_sub_tenants,
    cortex.lagging_reads,
    cortex.conflicts_in_part,
    cortex.unfound_zeros,
    cortex.unprocessable_matrices,
)


def everything_otherwise(app: Application) -> Application:
    """Says everything in other words."""
    for wraps in SAID_OTHERWISE:
        app = wraps(app)
    return app


def _all_of(changes: Sequence[Change]) -> Change:
    def change(patch: pytest.MonkeyPatch) -> None:
        scoring.change_formula(patch, scoring.halved_cosine)
        for each in changes:
            each(patch)

    return change


VARIANTS += [
    Variant(
        service,
        everything_otherwise.__name__,
        "Whatever can be chosen otherwise is, all at once",
        (f"{service}.*",),
        change=_all_of(changes),
        wraps=everything_otherwise,
        clocked=True,
    )
    for service, changes in (("moorcheh", OF_MOORCHEH), ("cortex", OF_CORTEX))
]
