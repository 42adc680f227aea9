"""The contract of Moorcheh's clients: a check for every clause on what they send and what they tell."""

from conformance.moorcheh.client.scene import baseline_of
from conformance.service import Service

MOORCHEH_CLIENT = Service(
    name="moorcheh",
    title="Clients of Moorcheh on-prem",
    areas=tuple(
        f"conformance.moorcheh.client.{area}"
        for area in (
            "requests",
            "vectors",
            "metadata",
            "searches",
            "answers",
            "errors",
            "quota",
            "jobs",
            "repeats",
        )
    ),
    baseline=baseline_of,
    side="client",
)
