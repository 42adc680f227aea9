"""A matrix-vector product and a selection of ten, with numpy alone.

`python -m bench.floors.search ROWS DIMENSION` makes the matrix and then answers every line on stdin with the
seconds that one search takes.
"""

import sys
import time

import numpy as np


def main(rows: int, dimension: int) -> None:
    """Searches once for each line."""
    random = np.random.default_rng(7)
    matrix = random.standard_normal((rows, dimension), np.float32)
    query = random.standard_normal(dimension, np.float32)
    for _line in sys.stdin:
        started = time.perf_counter()
        scores = matrix @ query
        best = np.argpartition(scores, rows - 10)[rows - 10 :]
        best[np.argsort(-scores[best])].tolist()
        print(time.perf_counter() - started, flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
