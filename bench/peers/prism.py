"""Prism: a mock server of OpenAPI documents, which checks requests by their schema."""

import json
from collections.abc import Sequence
from pathlib import Path

from bench.peers.definition import PATH, openapi, upload
from bench.peers.peer import Peer, program


def command(folder: Path, port: int, *options: str) -> Sequence[str] | None:
    """Starts Prism on the definition, as it comes: it logs every request."""
    prism = program("prism")
    if prism is None:
        return None
    document = folder / "prism.json"
    document.write_text(json.dumps(openapi()))
    return [prism, "mock", "-h", "127.0.0.1", "-p", str(port), *options, str(document)]


def silent_command(folder: Path, port: int) -> Sequence[str] | None:
    """Starts Prism so that it logs nothing."""
    return command(folder, port, "-v", "silent")


INSTALL = "npm install @stoplight/prism-cli"
PEERS = (
    Peer("Prism, silent", True, INSTALL, silent_command, PATH, upload),
    Peer("Prism", True, INSTALL, command, PATH, upload),
)
