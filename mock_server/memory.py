"""Memory given back to the system: what large uploads leave behind is free, but still the process's.

glibc keeps what is freed below something that is not. Elsewhere there is nothing to do.
"""

from collections.abc import Callable
from functools import cache

Trim = Callable[[int], int]


@cache
def trimmer() -> Trim | None:
    """Finds glibc's function that gives memory back; None where there is another library."""
    import ctypes  # costs a server's start, and is of use only after it

    try:
        trim: Trim = ctypes.CDLL("libc.so.6").malloc_trim
    except (OSError, AttributeError):
        return None
    return trim


class Housekeeping:
    """Gives memory back once a server is idle: then nobody waits for it.

    `requests` counts those that there have been.
    """

    def __init__(self, requests: Callable[[], int]) -> None:
        self._requests = requests
        self._seen = self._trimmed_at = 0

    async def look(self) -> None:
        """Gives memory back if there has been no request since the last look, but some before it."""
        requests = self._requests()
        idle = requests == self._seen
        self._seen = requests
        if idle and requests != self._trimmed_at:
            self._trimmed_at = requests
            trim = trimmer()
            if trim is not None:
                trim(0)
