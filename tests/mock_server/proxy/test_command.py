"""The command `proxy`: a real process before a real server."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from mock_server import create_app
from tests.mock_server.proxy.sessions import CREATION, V
from tests.mock_server.test_main import run
from tests.serving import serving

SCHEMAS = Path(__file__).parents[3] / "schemas"
REGISTRY: Registry[Any] = Registry().with_resources(
    (path.name, Resource.from_contents(json.loads(path.read_text("utf-8"))))
    for path in SCHEMAS.glob("*.schema.json")
)
KEY = "sk-very-secret"


class Running:
    """A proxy process before a mock."""

    def __init__(self, url: str, *options: str) -> None:
        command = [sys.executable, "-m", "mock_server", "proxy", "--to", url, "--port", "0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        self.url = self.line.split()[-1] if self.line else ""

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Ends it with a signal, and answers exit code, the rest of stdout, and stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@pytest.fixture
def mock() -> Iterator[str]:
    """A mock server."""
    with serving(create_app(jobs="instant")) as url:
        yield url


def assert_fits(schema: str, document: object) -> None:
    errors = Draft202012Validator({"$ref": schema}, registry=REGISTRY).iter_errors(document)
    assert [error.message for error in errors] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_traffic_without_a_break_ends_with_0(mock: str, number: signal.Signals) -> None:
    running = Running(mock)
    assert re.fullmatch(
        rf"vecpact proxy: Moorcheh and Cortex at {mock} on http://127\.0\.0\.1:\d+\n", running.line
    )
    assert httpx.get(running.url + "/health").json()["items"] == 0
    assert running.end(number) == (0, "1 exchange, 1 judged\nno clause is broken\n", "")


def test_a_break_is_told_live_at_the_end_and_in_files(mock: str, tmp_path: Path) -> None:
    report, recording = tmp_path / "report.json", tmp_path / "recording.jsonl"
    running = Running(mock, "--service", "moorcheh", "--json", str(report), "--record", str(recording))
    with httpx.Client(base_url=running.url, headers={"Authorization": f"Bearer {KEY}"}) as client:
        client.post("/namespaces", json=CREATION)
        client.post(f"{V}/vectors", json={"vectors": [{"id": "a", "vector": [1], "api_key": KEY}]})
        client.get("/nowhere", params={"note": KEY, "password": "hunter2"})
    code, out, err = running.end()
    assert (code, err) == (1, "")
    live = f"client  moorcheh.vectors.dimension  #2 POST {V}/vectors  the vectors have 1 values"
    assert out.startswith(live)
    assert out.endswith("1 clause broken by the client\n")
    document = json.loads(report.read_text("utf-8"))
    assert_fits("proxy-report.schema.json", document)
    assert [each["clause"] for each in document["breaks"]] == ["moorcheh.vectors.dimension"]
    lines = [json.loads(line) for line in recording.read_text("utf-8").splitlines()]
    for line in lines:
        assert_fits("recording.schema.json", line)
    assert [line["number"] for line in lines] == [1, 2, 3]
    assert KEY not in recording.read_text("utf-8") + report.read_text("utf-8") + out
    assert "hunter2" not in recording.read_text("utf-8") + report.read_text("utf-8")
    assert json.loads(lines[1]["request"]["body"])["vectors"][0] == {
        "id": "a",
        "vector": [1],
        "api_key": "REDACTED",
    }


def test_quiet_says_the_summary_alone(mock: str) -> None:
    running = Running(mock, "--quiet")
    httpx.post(f"{running.url}{V}/vectors", json={"vectors": []})
    code, out, _ = running.end()
    assert (code, out.splitlines()[0]) == (1, "1 exchange, 1 judged")


def test_assumptions_count_if_asked_for(mock: str) -> None:
    running = Running(mock, "--evidence", "assumed", "--shared")
    httpx.post(f"{running.url}/search", content=b"no JSON")
    assert running.end()[0] == 1


def test_a_server_that_is_gone_is_told_of_on_stderr() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    running = Running(url)
    assert httpx.get(running.url + "/health").status_code == 502
    code, out, err = running.end()
    assert code == 0
    assert err == f"vecpact proxy: #1 GET /health: {url} takes no connection: Connection refused\n"
    assert f"not judged: {url} takes no connection" in out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "--to"),
        (["--to", "localhost:8080"], "expected an address such as http://localhost:8080"),
        (["--to", "http://user@host"], "without user, query and fragment"),
        (["--to", "http://h", "--port", "65536"], "--port 65536: expected 0 to 65535"),
        (["--to", "http://h", "--evidence", "rumours"], "--evidence rumours: expected some of documented"),
        (["--to", "http://h", "--service", "other"], "--service"),
        (["--to", "http://h", "--record", "/no/such/folder/file"], "/no/such/folder/file: No such file"),
    ],
)
def test_a_bad_option_is_one_line_and_exit_code_2(arguments: list[str], reason: str) -> None:
    code, out, err = run("proxy", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert reason in err


def test_a_report_that_cannot_be_written_is_exit_code_2(mock: str) -> None:
    code, _, err = Running(mock, "--json", "/no/such/folder/file").end()
    assert (code, err) == (2, "vecpact-mock: /no/such/folder/file: No such file or directory\n")


def test_help_names_the_options() -> None:
    code, out, err = run("proxy", "--help")
    assert (code, err) == (0, "")
    assert all(option in out for option in ("--to", "--service", "--record", "--json", "--quiet", "--shared"))
