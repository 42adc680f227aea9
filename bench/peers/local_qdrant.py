"""A collection of qdrant-client's local mode, run by the python that has it.

`python local_qdrant.py ROWS DIMENSION` fills the collection in batches of 1,000 and then answers every line
on stdin, `upload` or `search`, with the milliseconds that it takes.
"""

import importlib
import random
import sys
import time
import warnings
from typing import Any

BATCH = 1_000
NAME = "bench"
HITS = 10


def main(rows: int, dimension: int) -> None:
    """Fills, and asks what it is told to."""
    warnings.simplefilter("ignore")  # it warns beyond 20,000 vectors
    library: Any = importlib.import_module("qdrant_client")
    models, client = library.models, library.QdrantClient(":memory:")
    config = models.VectorParams(size=dimension, distance=models.Distance.COSINE)
    client.create_collection(NAME, vectors_config=config)
    gauss = random.Random(1).gauss
    vectors = [[gauss(0, 1) for _ in range(dimension)] for _ in range(BATCH)]

    def upload(first: int) -> None:
        points = [models.PointStruct(id=first + place, vector=vectors[place]) for place in range(BATCH)]
        client.upsert(NAME, points)

    for first in range(0, rows, BATCH):
        vectors = [*vectors[1:], vectors[0]]
        upload(first)
    for place, line in enumerate(sys.stdin):
        asked = vectors[place % BATCH]
        started = time.perf_counter()
        if line.strip() == "upload":
            upload(0)
        else:
            client.query_points(NAME, query=asked, limit=HITS)
        sys.stdout.write(f"{1e3 * (time.perf_counter() - started)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
