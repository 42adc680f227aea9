"""The command `drift`: two servers, or a server and a recording."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from mock_server import create_app
from tests.mock_server.proxy.sessions import CREATION, cortex_day, moorcheh_day
from tests.mock_server.proxy.test_command import Running
from tests.mock_server.proxy.traffic import Traffic, rewriting
from tests.serving import serving

SCHEMA = Path(__file__).parents[3] / "schemas" / "drift-report.schema.json"


def drift(*arguments: str) -> tuple[int, str, str]:
    """Runs the command."""
    command = [sys.executable, "-m", "conformance", "drift", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def gone() -> str:
    """The address of a server that is no longer there."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


@pytest.fixture
def mock() -> Iterator[str]:
    """A mock server whose jobs take two polls."""
    with serving(create_app()) as url:
        yield url


def test_a_server_does_not_differ_from_itself(mock: str) -> None:
    for service in ("moorcheh", "cortex"):
        code, out, err = drift(
            "--a", mock, "--b", mock, "--service", service, "--examples", "4", "--seed", "5"
        )
        assert (code, err) == (0, "")
        assert out.startswith(f"{service}: 0 clauses and 0 choices differ in ")
    assert httpx.get(f"{mock}/namespaces").json() == {"namespaces": []}
    key = {"Authorization": "Bearer k"}
    assert httpx.get(f"{mock}/tenants/tenant_ids", headers=key).json()["tenant_ids"] == []


def otherwise(method: str, path: str, status: int, value: Any) -> tuple[int, Any]:
    """Answers as another server: 200 for 201, other messages and scores, and one clause broken."""
    if isinstance(value, dict):
        value = {**value, **({"message": "Done."} if "message" in value else {})}
        for hit in value.get("results", ()):
            hit["score"] = round(hit["score"] / 2, 6)
    if (method, path) == ("POST", "/namespaces") and status == 201:
        status = 200
    if path.endswith("/items/delete") and status == 200:
        value = {**value, "deleted": 0}
    return status, value


def test_clauses_and_choices_that_differ_are_told(mock: str, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with serving(rewriting(create_app(), otherwise)) as other:
        words = ("--service", "moorcheh", "--examples", "12", "--seed", "3", "--json", str(report))
        code, out, _ = drift("--a", mock, "--b", other, *words)
    assert code == 1
    document = json.loads(report.read_text("utf-8"))
    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(document)] == []
    (service,) = document["services"]
    assert {each["id"] for each in service["findings"]} == {
        "moorcheh.items.delete",
        "moorcheh.choice.create-status",
        "moorcheh.choice.message-text",
        "moorcheh.choice.scores",
    }
    assert "clause   moorcheh.items.delete" in out
    assert "choice   moorcheh.choice.scores" in out


def test_choices_alone_are_exit_code_0(mock: str) -> None:
    def other_words(_method: str, _path: str, status: int, value: Any) -> tuple[int, Any]:
        return status, {**value, "message": "Done."} if isinstance(
            value, dict
        ) and "message" in value else value

    with serving(rewriting(create_app(), other_words)) as other:
        code, out, _ = drift("--a", mock, "--b", other, "--service", "moorcheh", "--examples", "2")
    assert code == 0
    assert "0 clauses and 1 choices differ" in out


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the proxy recorded of a day of each service, before a mock."""
    path = tmp_path_factory.mktemp("recorded") / "recording.jsonl"
    with serving(create_app()) as url:
        running = Running(url, "--record", str(path))
        with httpx.Client(base_url=running.url, headers={"Authorization": "Bearer k"}) as client:
            day = Overheard(client)
            moorcheh_day(day)
            cortex_day(day)
            client.post("/namespaces", json={**CREATION, "namespace_name": "no blanks"})
        running.end()
    return path


class Overheard(Traffic):
    """Sends a day's requests over a connection."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__(create_app())
        self._client = client

    def call(self, method: str, target: str, body: object = None, headers: Any = None) -> Any:
        """Sends a request, and answers as a day needs it."""
        answer = self._client.request(method, target, json=body, headers=headers)
        return type("Answer", (), {"status": answer.status_code, "body": answer.json()})


def test_a_recording_stands_for_a_server(recording: Path, mock: str) -> None:
    httpx.post(f"{mock}/namespaces", json=CREATION)
    code, out, err = drift("--a", mock, "--recording", str(recording))
    assert (code, err) == (0, "")
    moorcheh, cortex = [line for line in out.splitlines() if " calls of " in line]
    assert moorcheh.startswith("moorcheh: 0 clauses and ")
    assert cortex.startswith("cortex: 0 clauses and 0 choices differ in 27 calls")
    left = httpx.get(f"{mock}/namespaces").json()["namespaces"]
    assert [each["namespace_name"] for each in left] == ["vectors-1"]


def test_a_server_that_differs_from_a_recording_is_told_of(recording: Path) -> None:
    with serving(rewriting(create_app(), otherwise)) as other:
        code, out, _ = drift("--a", other, "--recording", str(recording), "--service", "moorcheh")
    assert code == 1
    assert "clause   moorcheh.items.delete" in out
    assert "choice   moorcheh.choice.create-status" in out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "expected either --b or --recording"),
        (["--b", "GONE", "--recording", "x"], "expected either --b or --recording"),
        (
            ["--recording", "/no/such/file", "--service", "moorcheh"],
            "/no/such/file: No such file or directory",
        ),
        (["--b", "GONE", "--evidence", "rumours"], "--evidence 'rumours'"),
        (["--b", "SELF/nowhere", "--service", "auto"], "the servers have no API in common"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(
    mock: str, arguments: list[str], reason: str
) -> None:
    words = [word.replace("SELF", mock).replace("GONE", gone()) for word in arguments]
    code, _, err = drift("--a", mock, *words)
    assert code == 2
    assert reason in err
    assert err.count("\n") == 1


def test_a_server_that_is_gone_is_one_line_and_exit_code_2(mock: str) -> None:
    code, _, err = drift("--a", mock, "--b", gone(), "--service", "moorcheh")
    assert (code, err.count("\n")) == (2, 1)
    assert "takes no connection" in err


@pytest.mark.parametrize("line", ["no JSON", "{}", "[]", '{"service": "moorcheh"}'])
def test_a_file_that_is_no_recording_is_one_line_and_exit_code_2(
    mock: str, tmp_path: Path, line: str
) -> None:
    path = tmp_path / "recording.jsonl"
    path.write_text(line + "\n", "utf-8")
    code, _, err = drift("--a", mock, "--recording", str(path), "--service", "moorcheh")
    assert (code, err.count("\n")) == (2, 1)
    assert "line 1: no recorded exchange" in err
