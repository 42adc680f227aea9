"""Memory that a process has never had, with numpy alone.

`python -m bench.floors.memory BATCHES BYTES` makes room for so many batches and answers every line on stdin,
a number of batches, with the milliseconds that each of the next ones takes to be written for the first time.
"""

import sys
import time

import numpy as np


def main(batches: int, size: int) -> None:
    """Writes the next batches for each line."""
    room, batch, done = np.empty((batches, size), np.uint8), np.ones(size, np.uint8), 0
    for line in sys.stdin:
        wanted = int(line)
        started = time.perf_counter()
        for _ in range(wanted):
            room[done] = batch
            done += 1
        print(1e3 * (time.perf_counter() - started) / wanted, flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
