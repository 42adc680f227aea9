"""Stores 1,797 handwritten digits through the official Moorcheh client and compares nearest neighbours.

The digits ship with scikit-learn: images of 8 x 8 pixels, here vectors of 64 dimensions, each with the number
it shows as its metadata. If the server stores and searches them truly, neighbours show the same number.

    python examples/digits.py                                     starts the mock server for itself
    python examples/digits.py --base-url http://localhost:8080    uses a server that runs
"""

import argparse
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from random import Random
from typing import Any

from moorcheh import MoorchehApiError, MoorchehClient
from sklearn.datasets import load_digits

Item = dict[str, Any]

DIMENSION = 64
BATCH = 500  # vectors per upload: no server says how many it takes at most
SEARCHES = 200
PATIENCE = 60.0  # seconds that one upload may take
PAUSE = 0.05  # seconds between two looks at a job


class UploadError(Exception):
    """Says that a server accepted an upload and did not store it."""


def main() -> None:
    """Upload and search the digits, on the server named or on a mock of this run's own."""
    parser = argparse.ArgumentParser(description="Search handwritten digits for their nearest neighbours.")
    parser.add_argument("--base-url", help="a Moorcheh server that runs (default: start the mock server)")
    base_url = parser.parse_args().base_url
    try:
        with nullcontext(base_url) if base_url else own_mock() as url:
            compare_neighbours(MoorchehClient(url))
    except (MoorchehApiError, UploadError, OSError) as error:  # those of requests are OSErrors
        sys.exit(f"digits: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


@contextmanager
def own_mock() -> Iterator[str]:
    """Run the mock server on a free port and give its base URL; OSError if it does not start."""
    command = [sys.executable, "-m", "mock_server", "--port", "0"]
    # In a session of its own: Ctrl-C reaches this program alone, which still needs the mock to clean up.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as mock:
        try:
            announcement = mock.stdout.readline() if mock.stdout else ""
            if "http" not in announcement:
                raise OSError("the mock server did not start; is vecpact installed?")
            yield announcement.split()[-1]
        finally:
            mock.terminate()


def compare_neighbours(client: MoorchehClient) -> None:
    """Store the digits in a namespace of this run's own, print how many neighbours agree, and remove it."""
    items = read_digits()
    namespace = f"digits-{uuid.uuid4().hex[:12]}"
    client.namespaces.create(namespace, type="vector", vector_dimension=DIMENSION)
    try:
        for first in range(0, len(items), BATCH):
            upload(client, namespace, items[first : first + BATCH])
        print(f"{len(items)} digits of {DIMENSION} dimensions are stored at {client.base_url}")
        # A fixed seed: the same digits are searched in every run.
        searched = Random(0).sample(items, SEARCHES)
        same = sum(nearest_label(client, namespace, item) == item["label"] for item in searched)
        print(f"{same} of {SEARCHES} nearest neighbours bear the same label: {same / SEARCHES:.1%}")
    finally:
        client.namespaces.delete(namespace)


def read_digits() -> list[Item]:
    """Read the digits as items to upload; every key but `id` and `vector` is metadata."""
    digits = load_digits()
    return [
        {"id": f"digit-{number}", "vector": vector, "label": label}
        for number, (vector, label) in enumerate(
            zip(digits.data.tolist(), digits.target.tolist(), strict=True)
        )
    ]


def upload(client: MoorchehClient, namespace: str, items: Sequence[Item]) -> None:
    """Upload a batch and poll its job until it is stored; UploadError if it is not, in whole and in time."""
    job_id = client.vectors.upload(namespace, vectors=items)["job_id"]
    deadline = time.monotonic() + PATIENCE
    while True:
        job = client.vectors.upload_job_status(namespace, job_id)
        if job["status"] == "completed":
            break
        if time.monotonic() > deadline:
            raise UploadError(f"{job_id} is still {job['status']} after {PATIENCE:.0f} s")
        time.sleep(PAUSE)
    if job["failed"]:
        raise UploadError(f"{job['failed']} of {job['total']} vectors failed: {job['last_error']}")


def nearest_label(client: MoorchehClient, namespace: str, item: Item) -> int | None:
    """Search an item and answer the label of the best hit that is not the item itself; None without one."""
    # Two hits, as the item is its own nearest.
    found = client.similarity_search.query(namespaces=[namespace], query=item["vector"], top_k=2)
    others = (hit["metadata"]["label"] for hit in found["results"] if hit["id"] != item["id"])
    return next(others, None)


if __name__ == "__main__":
    main()
