"""Stores 569 real measurements as a Cortex matrix, overwrites the file, and tells what changed.

The measurements ship with scikit-learn (the Wisconsin breast cancer set, CC BY 4.0): 30 numbers of each of
569 tumours, benign or malignant. The first version of the file holds them as they were taken, where a few
large numbers drown the rest; the second holds them standardised. Both bear one file_id, so the second
replaces the first, and nearest neighbours agree more often.

    python examples/tumours.py                                     starts the mock server for itself
    python examples/tumours.py --base-url http://localhost:8080    uses a server that runs
"""

import argparse
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from random import Random
from typing import Any

import httpx
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

Matrix = list[list[float]]

FILE_ID = "tumours"
SEARCHES = 200
PATIENCE = 600.0  # seconds that indexing may take: a real service asks for up to five minutes
PAUSE = 0.05  # seconds between two looks at it
DONE = ("completed", "success")


class CortexError(Exception):
    """Says what a server refused, or did not do in time."""


def main() -> None:
    """Uploads both versions to the server named or to a mock of this run's own, and prints what changed."""
    parser = argparse.ArgumentParser(description="Overwrite a file of embeddings and see what changes.")
    parser.add_argument("--base-url", help="a Cortex server that runs (default: start the mock server)")
    base_url = parser.parse_args().base_url
    key = os.environ.get("CORTEX_API_KEY", "example")
    try:
        with (
            nullcontext(base_url) if base_url else own_mock() as url,
            httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}) as client,
        ):
            compare_versions(client)
    except (CortexError, httpx.HTTPError, OSError) as error:
        sys.exit(f"tumours: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


@contextmanager
def own_mock() -> Iterator[str]:
    """Runs the mock server on a free port and gives its base URL; OSError if it does not start."""
    command = [sys.executable, "-m", "mock_server", "cortex", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as mock:
        try:
            announcement = mock.stdout.readline() if mock.stdout else ""
            if "http" not in announcement:
                raise OSError("the mock server did not start; is vecpact installed?")
            yield announcement.split()[-1]
        finally:
            mock.terminate()


def compare_versions(client: httpx.Client) -> None:
    """Stores the two versions one after the other in a tenant of this run's own, and removes it."""
    tumours = load_breast_cancer()
    labels = [str(tumours.target_names[number]) for number in tumours.target]
    versions = {
        "as measured": tumours.data.tolist(),
        "standardised": StandardScaler().fit_transform(tumours.data).tolist(),
    }
    tenant = f"tumours-{uuid.uuid4().hex[:12]}"
    answer(client.post("/embeddings/create_tenant", params={"tenant_id": tenant}))
    try:
        for name, rows in versions.items():
            said = upload(client, tenant, rows)
            print(f"{name}: {said}")
            same = agreeing(client, tenant, rows, labels)
            print(f"  {count(client, tenant)} rows of {len(rows[0])} dimensions are stored")
            print(f"  {same} of {SEARCHES} nearest neighbours have the same diagnosis: {same / SEARCHES:.1%}")
        row, wanted = vector_of(client, tenant, f"{FILE_ID}_0"), versions["standardised"][0]
        error = max(abs(one - other) for one, other in zip(row, wanted, strict=True))
        print(f"row 0 is that of the second version, but for {error:.0e}: the store keeps float32")
    finally:
        client.delete("/tenants/delete", params={"tenant_id": tenant})


def upload(client: httpx.Client, tenant: str, rows: Matrix) -> str:
    """Uploads a version of the file, waits until it is indexed, and gives the server's message."""
    query = {"tenant_id": tenant}
    body = {"embeddings": rows, "file_id": FILE_ID}
    said = answer(client.post("/upload/upload_embeddings", params=query, json=body))
    deadline = time.monotonic() + PATIENCE
    state = ""
    while state not in DONE:
        if state == "errored" or time.monotonic() > deadline:
            raise CortexError(f"the upload of {FILE_ID} is {state}")
        time.sleep(PAUSE)
        asked = client.post("/upload/verify_processing", params={**query, "file_id": FILE_ID})
        state = str(answer(asked)["indexing_status"])
    return str(said["message"])


def agreeing(client: httpx.Client, tenant: str, rows: Matrix, labels: Sequence[str]) -> int:
    """Counts the searched rows whose nearest neighbour, the row itself left out, bears their label."""
    # A fixed seed: the same rows are searched in every run.
    searched = Random(0).sample(range(len(rows)), SEARCHES)
    return sum(labels[nearest(client, tenant, rows, row)] == labels[row] for row in searched)


def nearest(client: httpx.Client, tenant: str, rows: Matrix, row: int) -> int:
    """Searches a row and gives the number of the best hit that is not the row itself."""
    body = {"embeddings": rows[row], "tenant_id": tenant, "max_chunks": 2}
    hits = answer(client.post("/embeddings/search", json=body))["chunk_ids"]
    return next(int(hit.rpartition("_")[2]) for hit in hits if hit != f"{FILE_ID}_{row}")


def count(client: httpx.Client, tenant: str) -> int:
    """Asks how many rows the tenant holds."""
    return int(answer(client.get("/tenant/stats", params={"tenant_id": tenant}))["object_count"])


def vector_of(client: httpx.Client, tenant: str, chunk_id: str) -> list[float]:
    """Retrieves a row."""
    body = {"chunk_ids": [chunk_id], "tenant_id": tenant}
    return list(answer(client.post("/embeddings/retrieve_by_ids", json=body))["embeddings"][chunk_id])


def answer(response: httpx.Response) -> dict[str, Any]:
    """The body of a success; CortexError with the server's message otherwise."""
    body = response.json() if response.content else {}
    if response.is_success:
        return dict(body)
    detail = body.get("detail", {})
    raise CortexError(
        f"{response.status_code}: {detail.get('message') if isinstance(detail, dict) else detail}"
    )


if __name__ == "__main__":
    main()
