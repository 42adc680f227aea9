"""Known-broken clauses: a server may break them, each for a reason, until one of them is kept again."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from conformance.exchange import in_one_line
from conformance.reasons import write_reasons
from conformance.verdict import FAULTS, Result, Verdict

HEADING = "Clauses that are known to be broken, each with its reason; one that is kept again fails the run."
NO_REASON = "no reason given yet"
LONGEST_REASON = 160


class KnownBroken:
    """What a user knows to be broken.

    Args:
        reasons: The reason of each clause, by id.
        renewed: The file to write it to after the run, with what is broken then; None for none.
    """

    def __init__(self, reasons: Mapping[str, str] | None = None, renewed: Path | None = None) -> None:
        self._reasons = dict(reasons or {})
        self._renewed = renewed

    def judged(self, result: Result) -> Result:
        """The result as it is with what is known: a fault is known, and a clause that is kept is stale."""
        reason = self._reasons.get(result.clause.id)
        if reason is None:
            return result
        if result.verdict in FAULTS:
            detail = f"{reason}; {result.detail}" if result.detail else reason
            return dataclasses.replace(result, verdict=Verdict.KNOWN, detail=detail)
        if result.verdict is Verdict.KEPT:
            detail = f"kept, though known to be broken ({reason}): take it off the list"
            return dataclasses.replace(result, verdict=Verdict.STALE, detail=detail)
        return result

    def settle(self, results: Sequence[Result]) -> None:
        """Takes in what a run has found broken, drops what it has found kept, and writes the file anew.

        Reasons that were given stay. Without a file to write nothing changes.

        Args:
            results: As they are without what is known.

        Raises:
            OSError: The file cannot be written.
        """
        if self._renewed is None:
            return
        for result in results:
            clause_id = result.clause.id
            if result.verdict is Verdict.BROKEN:
                said = in_one_line(f"{NO_REASON}: expected {result.expected}, got {result.got}")
                self._reasons.setdefault(clause_id, said[:LONGEST_REASON])
            elif result.verdict is Verdict.KEPT:
                self._reasons.pop(clause_id, None)
        write_reasons(self._renewed, self._reasons, HEADING)
