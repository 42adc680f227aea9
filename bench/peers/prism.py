"""Prism: a mock server of OpenAPI documents, which checks requests by their schema."""

import json
from collections.abc import Sequence
from pathlib import Path

from bench.peers.definition import PATH, openapi, upload
from bench.peers.peer import Peer, program


def command(folder: Path, port: int) -> Sequence[str] | None:
    """Starts Prism on the definition."""
    prism = program("prism")
    if prism is None:
        return None
    document = folder / "prism.json"
    document.write_text(json.dumps(openapi()))
    return [prism, "mock", "-h", "127.0.0.1", "-p", str(port), "-v", "silent", str(document)]


PEER = Peer("Prism", True, "npm install @stoplight/prism-cli", command, PATH, upload)
