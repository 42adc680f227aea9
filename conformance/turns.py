"""Turns: several processes that prove one server take care that what one of them counts no other changes."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

if sys.platform == "win32":  # pragma: no cover  # the tests run where locks can be shared
    import msvcrt

    def _lock(file: IO[bytes], *, alone: bool) -> None:
        """Locks a file; this system knows no shared locks, so all are alone."""
        del alone
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

    def _unlock(file: IO[bytes]) -> None:
        """Gives the lock back."""
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes], *, alone: bool) -> None:
        """Waits for the lock on a file."""
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)

    def _unlock(file: IO[bytes]) -> None:
        """Gives the lock back."""
        fcntl.flock(file, fcntl.LOCK_UN)


class Turns:
    """The turns of one process among those that share a file.

    Whoever is alone has nobody else at work beside it; all others may work side by side.

    Args:
        path: The file that the processes share; None where there is but one.

    Attributes:
        is_kept: Whether this process is alone until it says otherwise.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._kept = contextlib.ExitStack()
        self.is_kept = False

    @contextlib.contextmanager
    def taken(self, *, alone: bool) -> Iterator[None]:
        """Takes a turn when it comes, and gives it back."""
        if self._path is None or self.is_kept:
            yield
            return
        with self._path.open("ab") as file:
            _lock(file, alone=alone)
            try:
                yield
            finally:
                _unlock(file)

    def keep(self) -> None:
        """Waits to be alone, and stays it."""
        if not self.is_kept:
            self._kept.enter_context(self.taken(alone=True))
            self.is_kept = True

    def give_back(self) -> None:
        """Lets the others work again."""
        self.is_kept = False
        self._kept.close()
