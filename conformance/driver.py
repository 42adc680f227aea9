"""What the drivers of all services share: names of their own, memory for a run, and patience with jobs."""

import itertools
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar

from conformance.exchange import Exchange
from conformance.target import Target

FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.25
QUICK_POLLS = 3
LINGERING = 2.0

T = TypeVar("T")


class Driver:
    """Speaks a service's API to a target, keeps track of what it made there, and judges nothing.

    Args:
        target: The server under test.
        job_timeout: Seconds a job may take to reach its end.
    """

    def __init__(self, target: Target, job_timeout: float) -> None:
        self.target = target
        self.job_timeout = job_timeout
        self._granted = job_timeout
        self.remarks: list[str] = []
        self._prefix = self._family = f"vecpact-{secrets.token_hex(4)}"
        self._serial = itertools.count(1)
        self._memo: dict[Any, Any] = {}

    def memo(self, kind: Callable[[Self], T]) -> T:
        """What stays for the whole run: made of this driver when first asked for."""
        if kind not in self._memo:
            self._memo[kind] = kind(self)
        made: T = self._memo[kind]
        return made

    def join(self, family: str) -> None:
        """Works side by side with other drivers of one run, in processes of their own, that bear its name."""
        self._family = f"vecpact-{family}"
        self._prefix = f"{self._family}-{secrets.token_hex(4)}"

    def forget(self) -> None:
        """Removes what was to stay to the end of the run, and forgets it."""
        self._memo.clear()

    def new_name(self) -> str:
        """A name that nobody else uses and that was not used before in this run."""
        return f"{self._prefix}-{next(self._serial)}"

    def is_own(self, name: str) -> bool:
        """Whether a name was made by this driver."""
        return name.startswith(self._prefix)

    def is_ours(self, name: str) -> bool:
        """Whether a name was made by this run, by this driver or by another."""
        return name.startswith(self._family)

    def be_patient(self) -> None:
        """Grants the next job all its time again: where a time-out breaks a clause, none may be cut short."""
        self.job_timeout = self._granted

    def polls_until(
        self, has_ended: Callable[[Exchange], bool], ask: Callable[[], Exchange]
    ) -> Sequence[Exchange]:
        """Asks again and again until the end or until the time is up; every answer on the way."""
        polls: list[Exchange] = []

        def look() -> bool:
            polls.append(ask())
            return has_ended(polls[-1])

        self.wait_until(look)
        return polls

    def wait_until(self, holds: Callable[[], bool]) -> bool:
        """Looks again and again until something holds or the time is up; whether it holds.

        After a job that took too long, later ones are waited for only briefly: a server whose jobs
        hang must not cost the time-out at each of a hundred checks. A few looks are always taken, however
        slow the machine.
        """
        deadline = time.monotonic() + self.job_timeout
        pause = FIRST_PAUSE
        looks = 0
        while not holds():
            if looks >= QUICK_POLLS and time.monotonic() > deadline:
                self.job_timeout = min(self.job_timeout, LINGERING)
                return False
            looks += 1
            if looks > QUICK_POLLS:
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        return True
