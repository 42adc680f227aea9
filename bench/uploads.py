"""The bodies that are uploaded: deterministic, and spelled as clients spell them."""

import json
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

DIMENSION = 768
BATCH = 1_000
NAMESPACE = "bench"
VECTORS = f"/namespaces/{NAMESPACE}/vectors"
MATRIX = f"/upload/upload_embeddings?tenant_id={NAMESPACE}"
DOCUMENTS = "/embeddings/insert_raw_embeddings"
CHUNKS = 10
"""How many chunks each of the documents has."""


def body(first: int, size: int = BATCH, *, short: bool = False) -> bytes:
    """Spells the upload of up to 1,000 vectors whose ids count from `first`; no two vectors are alike.

    A vector of 768 numbers is 16 KB of text as 64-bit floats, or 9.5 KB as the shortest spelling of 32-bit
    ones (`short`).
    """
    vectors = enumerate(_vectors(first, size, short=short), first)
    return b'{"vectors": [%b]}' % b", ".join(b'{"id": "v%d", "vector": %b}' % each for each in vectors)


def matrix(first: int, size: int = BATCH, *, short: bool = False) -> bytes:
    """Spells the upload of the same vectors to Cortex, as the rows of a file."""
    rows = b", ".join(_vectors(first, size, short=short))
    return b'{"embeddings": [%b], "file_id": "file_%d"}' % (rows, first)


def documents(first: int, size: int = BATCH, *, short: bool = False) -> bytes:
    """Spells the upload of the same vectors to Cortex, as chunks of documents that have ten each."""
    vectors = enumerate(_vectors(first, size, short=short), first)
    chunks = [b'{"chunk_id": "c%d", "embedding": %b}' % each for each in vectors]
    spelled = b", ".join(
        b'{"source_id": "s%d", "metadata": {"page": %d}, "embeddings": [%b]}'
        % (first + place, place, b", ".join(chunks[place : place + CHUNKS]))
        for place in range(0, size, CHUNKS)
    )
    return b'{"tenant_id": "%b", "embeddings": [%b], "upsert": true}' % (NAMESPACE.encode(), spelled)


def query(seed: int) -> bytes:
    """Spells a search for the ten items nearest to a vector."""
    (vector,) = np.random.default_rng(seed).standard_normal((1, DIMENSION)).tolist()
    return json.dumps({"query": vector, "namespaces": [NAMESPACE], "top_k": 10}).encode()


def spoiled(valid: bytes, instead: bytes) -> bytes:
    """Replaces the last number of the last vector of an upload."""
    end = valid.rindex(b"]")
    while not valid[end - 1 : end].isdigit():
        end = valid.rindex(b"]", 0, end)
    return valid[: valid.rindex(b" ", 0, end) + 1] + instead + valid[end:]


def _vectors(first: int, size: int, *, short: bool) -> Iterator[bytes]:
    halves = _halves(short=short)
    shift = first // BATCH
    return (b"[%b, %b]" % (halves[place][0], halves[(place + shift) % BATCH][1]) for place in range(size))


@cache
def _halves(*, short: bool) -> Sequence[tuple[bytes, bytes]]:
    """Spells the first and the second half of 1,000 vectors."""
    numbers = np.random.default_rng(1).standard_normal((BATCH, DIMENSION))
    rows: list[list[float]] = numbers.tolist()
    if short:
        rows = [[float(str(value)) for value in row] for row in numbers.astype(np.float32)]
    return [(_spelled(row[: DIMENSION // 2]), _spelled(row[DIMENSION // 2 :])) for row in rows]


def _spelled(numbers: Sequence[float]) -> bytes:
    return json.dumps(numbers)[1:-1].encode()
