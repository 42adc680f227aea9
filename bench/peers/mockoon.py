"""Mockoon: a mock server that answers what it is told, whatever it is sent."""

import json
from collections.abc import Sequence
from pathlib import Path

from bench.peers.definition import PATH, openapi, upload
from bench.peers.peer import Peer, program


def command(folder: Path, port: int) -> Sequence[str] | None:
    """Starts Mockoon on the definition."""
    mockoon = program("mockoon-cli")
    if mockoon is None:
        return None
    document = folder / "mockoon.json"
    document.write_text(json.dumps(openapi()))
    options = ["--hostname", "127.0.0.1", "--disable-log-to-file", "--disable-admin-api"]
    return [mockoon, "start", "--data", str(document), "--port", str(port), *options]


PEER = Peer("Mockoon", False, "npm install @mockoon/cli", command, PATH, upload)
