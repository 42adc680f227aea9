"""The clock of one session: real time, or time that stands still until it is advanced."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

LAST_MOMENT = 221_845_392_000.0  # the year 9000: no timestamp comes near the end of datetime's calendar

Source = Callable[[], float]


def real_time() -> Source:
    """Makes a source of seconds since 1970 that never runs backwards, though the machine's clock may."""
    offset = time.time() - time.monotonic()
    return lambda: time.monotonic() + offset


class Clock:
    """Tells a session's time in seconds since 1970.

    `source` is any function that answers such seconds and never goes back; without one the clock is real.
    """

    def __init__(self, source: Source | None = None) -> None:
        self._source = source or real_time()
        self._ahead = 0.0
        self._stands_at: float | None = None

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self._stands_at is not None

    def now(self) -> float:
        """Answers the present moment in seconds since 1970."""
        if self._stands_at is not None:
            return self._stands_at
        return self._source() + self._ahead

    def freeze(self) -> None:
        """Stops time at the present moment."""
        self._stands_at = self.now()

    def thaw(self) -> None:
        """Lets time run on from the moment at which it stands."""
        if self._stands_at is not None:
            self._ahead = self._stands_at - self._source()
            self._stands_at = None

    def resume(self, moment: float, frozen: bool) -> None:
        """Goes on from a moment in seconds since 1970, or stands still there."""
        self._ahead = moment - self._source()
        self._stands_at = moment if frozen else None

    def advance(self, seconds: float) -> None:
        """Moves time forward, frozen or not; ValueError if that would be backwards or beyond the calendar."""
        if not 0 <= seconds < LAST_MOMENT - self.now():
            raise ValueError(
                f"a clock advances by 0 seconds or more, to no later than the year 9000; not by {seconds}"
            )
        if self._stands_at is not None:
            self._stands_at += seconds
        else:
            self._ahead += seconds


@lru_cache(maxsize=4_096)  # a job's moments are spelled at every poll
def timestamp(moment: float) -> str:
    """Spells a moment in seconds since 1970 as ISO 8601 in UTC, such as 2026-05-21T12:00:00.000Z."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
