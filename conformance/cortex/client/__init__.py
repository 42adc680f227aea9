"""The contract of Cortex's clients: a check for every clause on what they send and what they tell."""

from conformance.cortex.client.scene import baseline_of
from conformance.service import Service

KEY = "vecpact-client-key"
"""The key that clients are told to use, and that the mock takes."""
CORTEX_CLIENT = Service(
    name="cortex",
    title="Clients of Cortex raw embeddings",
    areas=tuple(
        f"conformance.cortex.client.{area}"
        for area in (
            "requests",
            "matrix",
            "documents",
            "finding",
            "answers",
            "errors",
            "processing",
            "repeats",
        )
    ),
    baseline=baseline_of,
    side="client",
)
