"""A broom removes what examples leave on a server: at once, or beside what goes on where the server is slow.

Of the requests of a run a third remove something. Where each takes its time the next example need not wait:
it has names of its own. Only who looks at the server as a whole waits until all is swept.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from conformance.target import Target

Removal = Callable[[Target], None]

SLOW = 0.005
SWEEPERS = 4


class Broom:
    """Carries removals out.

    Args:
        target: The server; removals speak to a twin of it, so that they belong to no example's history.
    """

    def __init__(self, target: Target) -> None:
        self._target = target.twin()
        self._pool: ThreadPoolExecutor | None = None
        self._running: list[Future[None]] = []

    def sweep(self, removals: Iterable[Removal]) -> None:
        """Carries removals out, or begins to."""
        for removal in removals:
            if self._target.seconds < SLOW:
                removal(self._target)
            else:
                self._pool = self._pool or ThreadPoolExecutor(SWEEPERS, "broom")
                self._running.append(self._pool.submit(removal, self._target.twin()))

    def settle(self) -> None:
        """Waits until all removals are done.

        Raises:
            conformance.target.Unreachable: The server was gone meanwhile.
        """
        while self._running:
            self._running.pop(0).result()

    def close(self) -> None:
        """Ends its threads; what they have begun is done first."""
        if self._pool:
            self._pool.shutdown()
            self._pool = None
            self._running.clear()
