"""moto: a mock of AWS, whose S3 Vectors stores what is put."""

import json
from collections.abc import Sequence
from pathlib import Path
from urllib.request import Request, urlopen

from bench.peers.peer import Peer, program
from bench.uploads import DIMENSION, body

HEADERS = {
    "content-type": "application/json",
    "authorization": "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3vectors/aws4_request, "
    "SignedHeaders=host, Signature=testing",
}
INDEX = {"vectorBucketName": "bench", "indexName": "bench"}


def command(_folder: Path, port: int) -> Sequence[str] | None:
    """Starts moto's server."""
    moto = program("moto_server")
    return None if moto is None else [moto, "-H", "127.0.0.1", "-p", str(port)]


def prepare(url: str) -> None:
    """Makes the bucket and the index."""
    index = {**INDEX, "dimension": DIMENSION, "dataType": "float32", "distanceMetric": "cosine"}
    for path, asked in (("CreateVectorBucket", {"vectorBucketName": "bench"}), ("CreateIndex", index)):
        urlopen(Request(f"{url}/{path}", json.dumps(asked).encode(), HEADERS)).read()


def upload(size: int) -> bytes:
    """Spells an upload as S3 Vectors takes it."""
    items = json.loads(body(0, size, short=True))["vectors"]
    vectors = [{"key": item["id"], "data": {"float32": item["vector"]}} for item in items]
    return json.dumps({**INDEX, "vectors": vectors}).encode()


PEER = Peer(
    "moto, S3 Vectors", True, "pip install 'moto[server]'", command, "/PutVectors", upload, prepare, HEADERS
)
