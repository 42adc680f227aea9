"""qdrant-client's local mode: a library that keeps and searches vectors in the process, without a server."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.peers.peer import program

NAME = "qdrant-client"
INSTALL = "python -m venv ~/peers && ~/peers/bin/pip install qdrant-client, and BENCH_PEERS=~/peers"
SCRIPT = Path(__file__).with_name("local_qdrant.py")


def command(rows: int, dimension: int) -> Sequence[str] | None:
    """Makes the command that fills a collection and answers; None where no python has the library."""
    python = program("python")
    if (
        python is None
        or subprocess.run([python, "-c", "import qdrant_client"], capture_output=True).returncode
    ):
        return None
    return [python, str(SCRIPT), str(rows), str(dimension)]
