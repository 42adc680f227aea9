"""The contract of Moorcheh on-prem: driver, payloads, and a check for every clause."""

from conformance.moorcheh.basis import baseline_of
from conformance.service import Service

MOORCHEH = Service(
    name="moorcheh",
    title="Moorcheh on-prem",
    areas=tuple(
        f"conformance.moorcheh.{area}"
        for area in (
            "health",
            "errors",
            "namespaces",
            "deletions",
            "vectors",
            "contents",
            "jobs",
            "items",
            "documents",
            "fetching",
            "files",
            "search",
            "filters",
            "searching_wrongly",
            "answers",
            "machine",
            "quota",
        )
    ),
    baseline=baseline_of,
    counting=frozenset(
        f"moorcheh.{fact}"
        for fact in (
            "health.remaining",
            "health.counts-all",
            "vectors.stored-when-completed",
            "vectors.upsert",
            "vectors.id-per-namespace",
            "vectors.all-or-nothing",
            "items.delete",
            "files.delete",
        )
    ),
)
