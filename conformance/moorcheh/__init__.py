"""The contract of Moorcheh on-prem: driver, payloads, and a check for every clause."""

from conformance.moorcheh.basis import baseline_of
from conformance.moorcheh.driver import Moorcheh
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
            "search",
            "searching_wrongly",
            "machine",
            "quota",
        )
    ),
    connect=Moorcheh,
    baseline=baseline_of,
)
