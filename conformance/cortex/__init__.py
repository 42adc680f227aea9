"""The contract of Cortex raw embeddings: driver, payloads, and a check for every clause."""

from conformance.cortex.basis import baseline_of
from conformance.service import Service

CORTEX = Service(
    name="cortex",
    title="Cortex raw embeddings",
    areas=tuple(
        f"conformance.cortex.{area}"
        for area in (
            "errors",
            "tenants",
            "matrix",
            "overwriting",
            "rows",
            "documents",
            "finding",
            "removing",
            "machine",
        )
    ),
    baseline=baseline_of,
)
