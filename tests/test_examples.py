"""The examples do what they say, run as a user runs them."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[1]
SHARE = re.compile(r"^(\d+) of (\d+) nearest neighbours bear the same label: ([\d.]+)%$", re.MULTILINE)
DEADLINE = 120  # seconds


def digits(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run examples/digits.py to its end."""
    command = [sys.executable, "examples/digits.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE, check=False)


def share(run: subprocess.CompletedProcess[str]) -> tuple[int, int, float]:
    """Read how many neighbours agreed, of how many, and the percentage, from what a run printed."""
    assert run.returncode == 0, run.stderr
    found = SHARE.search(run.stdout)
    assert found is not None, run.stdout
    return int(found[1]), int(found[2]), float(found[3])


def test_more_than_95_percent_of_the_nearest_digits_bear_the_same_label() -> None:
    run = digits()
    same, searched, percent = share(run)
    assert run.stdout.startswith("1797 digits of 64 dimensions are stored")
    assert searched == 200
    assert same > 0.95 * searched
    assert percent == pytest.approx(100 * same / searched)


def test_a_named_server_gets_the_digits_and_is_left_empty(world_url: str) -> None:
    run = digits("--base-url", world_url)
    assert share(run)[2] > 95
    assert world_url in run.stdout
    assert httpx.get(f"{world_url}/namespaces").json() == {"namespaces": []}
    assert httpx.get(f"{world_url}/health").json()["items"] == 0


def test_a_server_too_full_is_told_in_a_line_and_left_empty(world_url: str) -> None:
    httpx.post(f"{world_url}/_mock/settings", json={"max_items": 1796}).raise_for_status()
    run = digits("--base-url", world_url)
    assert run.returncode == 1
    assert re.fullmatch(r"digits: .*1796.*\n", run.stderr)
    assert run.stdout == ""
    assert httpx.get(f"{world_url}/namespaces").json() == {"namespaces": []}


def test_an_absent_server_is_told_in_a_line() -> None:
    with socket.socket() as silent:  # bound and not listening: nobody else gets the port, nobody answers
        silent.bind(("127.0.0.1", 0))
        run = digits("--base-url", f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert run.returncode == 1
    assert re.fullmatch(r"digits: .*refused.*\n", run.stderr)
