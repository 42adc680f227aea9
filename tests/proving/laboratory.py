"""The laboratory runs many trials in processes of their own, and keeps a book of outcomes to go on from."""

import json
import multiprocessing
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.proving.trial import Outcome, Trial


class Book:
    """A file of outcomes, a line of JSON each, in the order in which they came.

    Args:
        path: The file; None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def outcomes(self) -> dict[Trial, Outcome]:
        """What is written down; of a trial that was made again the last outcome."""
        if self._path is None or not self._path.exists():
            return {}
        lines = self._path.read_text(encoding="utf-8").splitlines()
        read = map(Outcome.from_record, map(json.loads, lines))
        return {outcome.trial: outcome for outcome in read}

    def add(self, outcome: Outcome) -> None:
        """Writes an outcome down at once: what comes after it may be interrupted."""
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(outcome.record()) + "\n")


def carry_out(trials: Sequence[Trial], book: Book, jobs: int) -> Iterator[Outcome]:
    """Yields the outcomes of trials: those in the book, then the others as they come, and writes these down.

    Args:
        trials: What to try.
        book: The outcomes that are known already.
        jobs: How many processes to use.
    """
    known: Mapping[Trial, Outcome] = book.outcomes()
    yield from (known[trial] for trial in trials if trial in known)
    left = [trial for trial in trials if trial not in known]
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(left)) or 1, spawning, _leave_interrupts_to_the_parent) as pool:
        try:
            for future in as_completed([pool.submit(Trial.run, trial) for trial in left]):
                outcome = future.result()
                book.add(outcome)
                yield outcome
        finally:
            pool.shutdown(cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
