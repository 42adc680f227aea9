"""The Cortex example does what it says, run as a user runs it."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
DEADLINE = 120  # seconds
SHARE = re.compile(r"(\d+) of 200 nearest neighbours have the same diagnosis")


def tumours(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs examples/tumours.py to its end."""
    command = [sys.executable, "examples/tumours.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE, check=False)


def test_the_second_version_replaces_the_first_and_agrees_more_often() -> None:
    done = tumours()
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.split("standardised:")
    assert "overwritten" not in first
    assert "'tumours' have been overwritten" in second
    assert done.stdout.count("569 rows of 30 dimensions are stored") == 2
    measured, standardised = (int(share) for share in SHARE.findall(done.stdout))
    assert 150 < measured < standardised
    assert "row 0 is that of the second version" in second


def test_a_named_server_is_used_and_left_empty(world_url: str) -> None:
    done = tumours("--base-url", world_url)
    assert done.returncode == 0, done.stderr
    left = httpx.get(f"{world_url}/tenants/tenant_ids", headers={"authorization": "Bearer any"})
    assert left.json()["tenant_ids"] == []


def test_an_absent_server_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    done = tumours("--base-url", f"http://127.0.0.1:{port}")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("tumours: ")
