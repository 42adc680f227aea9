"""WireMock: a mock server of stubs, plain or matching bodies by a JSON Schema."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.floors.bare import ACCEPTED, HEALTH
from bench.peers.definition import PATH, schema, upload
from bench.peers.peer import Peer, file, program

INSTALL = "npm install wiremock (and Java)"
JAR = "**/wiremock*standalone*.jar"
OPTIONS = ("--no-request-journal", "--disable-banner", "--bind-address", "127.0.0.1")


def command(folder: Path, port: int, *patterns: Any) -> Sequence[str] | None:
    """Starts WireMock with one stub of the upload, for bodies that fit the patterns."""
    java, jar = program("java"), file(JAR)
    if java is None or jar is None:
        return None
    stubs = {
        "health": {"request": {"method": "GET", "url": "/health"}, "response": _answer(200, HEALTH)},
        "upload": {
            "request": {"method": "POST", "url": PATH, "bodyPatterns": [*patterns]},
            "response": _answer(202, ACCEPTED),
        },
    }
    root = folder / f"wiremock-{len(patterns)}"
    (root / "mappings").mkdir(parents=True, exist_ok=True)
    for name, stub in stubs.items():
        (root / "mappings" / f"{name}.json").write_text(json.dumps(stub))
    return [java, "-jar", str(jar), "--port", str(port), "--root-dir", str(root), *OPTIONS]


def command_with_schema(folder: Path, port: int) -> Sequence[str] | None:
    """Starts WireMock with a stub that matches the body by its schema.

    It compares numbers as decimals of any length: a bound of 309 digits would slow it down tenfold.
    """
    return command(folder, port, {"matchesJsonSchema": schema(finite=False)})


def _answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    return {"status": status, "jsonBody": body, "headers": {"content-type": "application/json"}}


PEERS = (
    Peer("WireMock, schema", True, INSTALL, command_with_schema, PATH, upload),
    Peer("WireMock", False, INSTALL, command, PATH, upload),
)
