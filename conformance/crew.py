"""A crew proves checks at the same time, where a server answers so slowly that most of a run is waiting.

Each worker has a driver of its own, and so names, memory and a history of its own; what it draws comes from
the check's own seed. So a check finds the same whoever proves it. Checks that look at the server as a whole
are left to the run, and come when the crew is dismissed; as they go one by one, a slow server gets fewer
examples of them.
"""

import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

from conformance.check import Check, Server
from conformance.effort import USUAL
from conformance.run import Run
from conformance.target import Target, Unreachable

Connect = Callable[[Target], Server]

QUICK = 0.01
SECONDS_A_WORKER = 0.005
MOST_WORKERS = 16
BEARABLE = 0.02
FEWEST_EXAMPLES = 8


def crew_size(seconds: float) -> int:
    """How many workers pay at a server that takes so long for an answer.

    A worker costs the suite a few milliseconds a request, so a quick server is best asked by one.
    """
    return 1 if seconds < QUICK else min(MOST_WORKERS, round(seconds / SECONDS_A_WORKER))


def examples_alone(examples: int, seconds: float) -> int:
    """How many examples of a check that goes alone are tried at a server that takes so long for an answer."""
    return examples if seconds <= BEARABLE else max(FEWEST_EXAMPLES, round(examples * BEARABLE / seconds))


class Crew:
    """The workers of a run.

    Args:
        run: The run.
        target: The server, of which each worker gets a twin.
        connect: Makes the driver of a worker.
        size: How many workers there are, of which one is no crew; None for as many as the server's time pays.
    """

    def __init__(self, run: Run, target: Target, connect: Connect, size: int | None) -> None:
        self._run = run
        self._target = target
        self._connect = connect
        self._size = size
        self._pool: ThreadPoolExecutor | None = None
        self._drivers: list[Server] = []
        self._free: SimpleQueue[Server] = SimpleQueue()
        self._results: dict[Check, Future[None]] = {}

    def begin(self, checks: Sequence[Check]) -> None:
        """Begins with the checks that go beside others, in their order."""
        # A history counts too, and where it is not alone leaves that out.
        shared = [check for check in checks if check.explores or not self._run.service.counts(check)]
        if self._size is None and self._run.options.effort is USUAL:
            self._run.examples_alone = examples_alone(self._run.options.examples, self._target.seconds)
        size = min(self._size or crew_size(self._target.seconds), len(shared))
        if size < 2:
            return
        self._drivers = [self._connect(self._target.twin(is_shared=True)) for _ in range(size)]
        for driver in self._drivers:
            self._free.put(driver)
        self._pool = ThreadPoolExecutor(len(self._drivers), "crew")
        # A random history takes longest by far: what is begun last is what all wait for.
        shared.sort(key=lambda check: not check.explores)
        self._results = {check: self._pool.submit(self._prove, check) for check in shared}

    def prove(self, check: Check) -> None:
        """Waits until a worker has proven a check, or lets the run prove it when all workers have gone.

        Raises:
            Unreachable: The server takes no connection any more.
            KeyboardInterrupt: The user wants the run to end.
        """
        if check in self._results:
            self._results[check].result()
        else:
            self.dismiss()
            self._run.prove(check)

    def dismiss(self) -> None:
        """Lets the workers finish what they are at, and removes what they have made."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
        while self._drivers:
            # A server that is gone has told the run so already.
            with contextlib.suppress(Unreachable):
                self._run.clean_up(self._drivers[-1])
            self._drivers.pop()

    def _prove(self, check: Check) -> None:
        driver = self._free.get()
        try:
            self._run.prove(check, driver)
        finally:
            self._free.put(driver)
