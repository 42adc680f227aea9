"""Matrix-vector products and selections of ten, with numpy alone.

`python -m bench.floors.search ROWS DIMENSION` makes the matrix and then answers every line on stdin, a number
of seconds, with the milliseconds that one search has taken over so long a time; there is at least one.
"""

import sys
import time

import numpy as np

QUERIES = 64


def main(rows: int, dimension: int) -> None:
    """Searches over and over for each line, for one query after the other."""
    random = np.random.default_rng(7)
    matrix = random.standard_normal((rows, dimension), np.float32)
    queries = random.standard_normal((QUERIES, dimension), np.float32)
    for line in sys.stdin:
        done, started = 0, time.perf_counter()
        end = started + float(line)
        while not done or time.perf_counter() < end:
            scores = matrix @ queries[done % QUERIES]
            best = np.argpartition(scores, rows - 10)[rows - 10 :]
            best[np.argsort(-scores[best])].tolist()
            done += 1
        print(1e3 * (time.perf_counter() - started) / done, flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
