"""The commands `client moorcheh` and `client cortex`."""

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from conformance.__main__ import application
from conformance.cortex.client import CORTEX_CLIENT
from conformance.moorcheh.client import MOORCHEH_CLIENT
from tests.conformance.client.programs import UNSUPPORTED, speaking

ROOT = Path(__file__).parents[3]
ADAPTERS = ROOT / "examples" / "adapters"
HTTPX = {"moorcheh": "moorcheh_httpx.py", "cortex": "cortex_httpx.py"}
every_service = pytest.mark.parametrize("service", ["moorcheh", "cortex"])


def call(*words: str) -> Result:
    """Runs the command in this process."""
    return CliRunner().invoke(application, ["client", *words], catch_exceptions=False)


def adapter(service: str) -> list[str]:
    """The command of the plain httpx client of a service."""
    return [sys.executable, str(ADAPTERS / HTTPX[service])]


@every_service
def test_a_client_is_proven_against_the_bundled_mock(service: str) -> None:
    result = call(service, "--only", "*.errors.status", "--seed", "3", "--", *adapter(service))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"kept      {service}.client.errors.status  1 example\n")
    assert f"{service}.client at {shlex.join(adapter(service))}: " in result.stdout


@pytest.mark.parametrize("contract", [MOORCHEH_CLIENT, CORTEX_CLIENT], ids=lambda contract: contract.prefix)
def test_list_prints_every_clause_and_needs_no_client(contract: object) -> None:
    assert contract in (MOORCHEH_CLIENT, CORTEX_CLIENT)
    service = MOORCHEH_CLIENT if contract is MOORCHEH_CLIENT else CORTEX_CLIENT
    result = call(service.name, "--list")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line for line in result.stdout.splitlines() if not line.startswith(" ")] == list(
        service.clauses()
    )


def test_explain_prints_one_clause() -> None:
    result = call("moorcheh", "--explain", "moorcheh.client.jobs.pace")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "moorcheh.client.jobs.pace"
    assert "  limit    50" in result.stdout.splitlines()


def test_a_client_is_needed() -> None:
    result = call("moorcheh")
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        result.stderr == "vecpact-check: which client? Its command follows two dashes: -- node adapter.mjs\n"
    )


@pytest.mark.parametrize("option", ["--base-url", "--header", "--job-timeout"])
def test_what_says_how_to_reach_a_server_is_no_option(option: str) -> None:
    result = call("moorcheh", option, "1", "--", "cat")
    assert result.exit_code == 2
    assert option in result.stderr


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["no-such-program"], "no-such-program: there is no such program"),
        (
            [sys.executable, "-c", "raise SystemExit('no')"],
            "the client ended with exit code 1; its last words: no",
        ),
        (
            speaking('print("what?")'),
            "the client's answer is no JSON line (Expecting value: line 1 column 1 (char 0)): 'what?'",
        ),
    ],
    ids=["absent", "dead", "garbled"],
)
@every_service
def test_a_client_that_does_not_speak_costs_one_line(service: str, command: list[str], why: str) -> None:
    result = call(service, "--", *command)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"vecpact-check: {why}\n")


def test_a_client_that_offers_nothing_proves_nothing() -> None:
    result = call("moorcheh", "--only", "*.vectors.numbers", "--", *speaking(UNSUPPORTED))
    assert result.exit_code == 2
    line = "unproven  moorcheh.client.vectors.numbers  the client does not offer uploadVectors\n"
    assert result.stdout.startswith(line)


def test_a_client_that_uploads_nothing_proves_nothing() -> None:
    failing = speaking('print(json.dumps({"id": number, "error": {"kind": "other"}}))')
    result = call("moorcheh", "--only", "*.vectors.non-finite", "--", *failing)
    assert result.exit_code == 2
    line = "unproven  moorcheh.client.vectors.non-finite  the client does not upload a vector: "
    assert result.stdout.startswith(line)


def test_a_failure_is_told_with_what_was_asked_and_how_to_repeat_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    careless = [sys.executable, "-m", "tests.careless", "loses-statuses"]
    chosen = ["--only", "moorcheh.client.errors.status", "--seed", "5"]
    report = tmp_path / "report.json"
    result = call("moorcheh", *chosen, "--json", str(report), "--", *careless)
    assert result.exit_code == 1
    document = json.loads(report.read_text(encoding="utf-8"))
    assert (document["service"], document["target"]) == ("moorcheh.client", shlex.join(careless))
    [entry] = [each for each in document["clauses"] if each["verdict"] == "broken"]
    assert entry["expected"] == "an error with status 400"
    assert entry["sent"].startswith('echo \'{"id":')
    assert entry["sent"].endswith(f"| {shlex.join(careless)}")
    assert entry["repeat"].startswith(
        "python -m conformance client moorcheh --only moorcheh.client.errors.status"
    )
    assert entry["repeat"].endswith(f"-- {shlex.join(careless)}")
    again = call(*shlex.split(entry["repeat"])[4:])
    assert again.exit_code == 1


def test_a_client_that_garbles_in_the_middle_is_an_error_of_the_run() -> None:
    """The first answer is right; what follows is none."""
    body = """
    import urllib.request
    if number > 2: print("what?")
    else:
        space = asked["base_url"] + "/namespaces/vectors/vectors"
        vectors = json.dumps({"vectors": asked["arguments"]["vectors"]}).encode()
        request = urllib.request.Request(space, vectors, {"content-type": "application/json"})
        print(json.dumps({"id": number, "result": json.load(urllib.request.urlopen(request))}))
"""
    result = call("moorcheh", "--only", "*.vectors.numbers", "--", *speaking(body))
    assert result.exit_code == 2
    assert "error     moorcheh.client.vectors.numbers  the client's answer is no JSON line" in result.stdout
    assert "Traceback" not in result.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes of this kind")
def test_ctrl_c_ends_a_client_that_hangs(tmp_path: Path) -> None:
    pipe = tmp_path / "process"
    os.mkfifo(pipe)
    hanging = speaking(f"open({str(pipe)!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    command = [sys.executable, "-m", "conformance", "client", "moorcheh", "--timeout", "600", "--", *hanging]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as suite:
        client = int(pipe.read_text())
        suite.send_signal(signal.SIGINT)
        told, _ = suite.communicate()
    assert suite.returncode == 130
    assert told.endswith("interrupted: what was not run is unproven\n")
    with pytest.raises(ProcessLookupError):
        os.kill(client, 0)
