"""What every report says of a run as a whole, and the exit code that follows from it."""

import importlib.metadata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conformance.verdict import FAULTS, Result, Verdict

CONFORMS, BREAKS, FAILED, INTERRUPTED = 0, 1, 2, 130
JUDGEMENTS = (Verdict.KEPT, *FAULTS, Verdict.KNOWN, Verdict.STALE)


@dataclass(frozen=True, slots=True)
class Summary:
    """A run and its results.

    Attributes:
        version: The version of the suite.
        service: The service's name.
        target: The base URL.
        seed: The seed of the run.
        started_at: When it began, in UTC.
        seconds: How long it took.
        requests: How many requests it sent.
        results: The verdict on every clause.
        unreachable: Why the server could not be reached; empty otherwise.
        interrupted: Whether the user ended it.
    """

    version: str
    service: str
    target: str
    seed: int
    started_at: datetime
    seconds: float
    requests: int
    results: Sequence[Result]
    unreachable: str = ""
    interrupted: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """How many clauses have each verdict; every verdict is a key."""
        counted = Counter(result.verdict for result in self.results)
        return {verdict.value: counted[verdict] for verdict in Verdict}

    @property
    def judged(self) -> int:
        """Of how many clauses the run can say whether they hold."""
        return sum(self.counts[verdict] for verdict in JUDGEMENTS)

    @property
    def exit_code(self) -> int:
        """0 conforms, 1 broken or stale, 2 the suite could not do its work, 130 interrupted."""
        if self.interrupted:
            return INTERRUPTED
        if self.counts[Verdict.BROKEN] or self.counts[Verdict.STALE]:
            return BREAKS
        if self.unreachable or self.counts[Verdict.ERROR] or not self.judged:
            return FAILED
        return CONFORMS


def suite_version() -> str:
    """The installed version of vecpact; "unknown" in a checkout that is not installed."""
    try:
        return importlib.metadata.version("vecpact")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
