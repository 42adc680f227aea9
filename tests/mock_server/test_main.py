"""The command line: a real server process over loopback."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from mock_server.command import size

Start = Callable[..., "Served"]


class Served:
    """A server process, its one line on stdout, and where it listens."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "mock_server", "--port", "0", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()
        found = re.search(r"http://(\S+):(\d+)", self.line)
        assert found, self.process.communicate()
        self.url, self.address = found[0], (found[1].strip("[]"), int(found[2]))

    def connect(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection(self.address, timeout=10)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal and answer exit code, the rest of stdout, and stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err


@pytest.fixture
def start() -> Iterator[Start]:
    """Start servers that end with the test."""
    started: list[Served] = []

    def run(*arguments: str) -> Served:
        started.append(Served(*arguments))
        return started[-1]

    yield run
    for served in started:
        if served.process.poll() is None:
            served.process.kill()
            served.process.communicate()


def run(*arguments: str) -> tuple[int, str, str]:
    """Run the command line to its end."""
    done = subprocess.run([sys.executable, "-m", "mock_server", *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def read_answer(connection: socket.socket) -> tuple[int, dict[str, str]]:
    """Read one answer from a connection."""
    with connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        length = 0
        while (header := stream.readline()) not in (b"\r\n", b""):
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, json.loads(stream.read(length))


def test_port_0_picks_a_free_port_and_says_which(start: Start) -> None:
    served = start()
    assert re.fullmatch(r"vecpact mock: Moorcheh and Cortex on http://127\.0\.0\.1:\d+\n", served.line)
    assert httpx.get(served.url + "/health").json()["max_items"] == 100_000


def test_one_service_can_be_served_alone(start: Start) -> None:
    served = start("cortex", "--api-key", "secret")
    assert re.fullmatch(r"vecpact mock: Cortex on http://127\.0\.0\.1:\d+\n", served.line)
    assert httpx.get(served.url + "/health").status_code == 404
    for key, status in (("secret", 200), ("other", 401)):
        answer = httpx.get(served.url + "/tenants/tenant_ids", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == status
    assert start("moorcheh").line.startswith("vecpact mock: Moorcheh on http://")


def test_options_reach_the_server(start: Start) -> None:
    served = start("--max-items", "7", "--jobs", "time=2.5", "--max-body", "1KB", "--host", "localhost")
    state = httpx.get(served.url + "/_mock/state").json()
    assert (state["max_items"], state["jobs"]) == (7, "time=2.5")
    assert httpx.post(served.url + "/namespaces", content=b" " * 1001).status_code == 413


def test_files_texts_and_generation_are_options_too(start: Start, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Turtles swim.")
    other = tmp_path / "other"
    other.mkdir()
    (other / "b.txt").write_text("Swifts fly.")
    files = ("--files", str(tmp_path), "--files", str(other))
    served = start(*files, "--max-text", "20", "--embedder", "tests.mock_server.test_embedder:lengths")
    with httpx.Client(base_url=served.url) as client:
        assert client.get("/health").json()["model"] == "tests.mock_server.test_embedder:lengths"
        client.post("/namespaces", json={"name": "notes", "type": "text"})
        paths = [{"path": "/uploads/a.txt"}, {"path": f"{other}/b.txt"}]
        assert client.post("/namespaces/notes/files", json={"files": paths}).json()["ingesting"] == 2
        refused = client.post("/search", json={"query": "long " * 5, "namespaces": ["notes"]})
        assert "at most 20 are embedded" in refused.json()["message"]
    assert httpx.get(start("--generation", "v1").url + "/health").json().keys() == {
        *("status", "items", "max_items", "remaining")
    }


def test_steering_can_be_guarded(start: Start) -> None:
    served = start("--admin-token", "s3cret", "--admin-anywhere")
    assert httpx.get(served.url + "/health").status_code == 200
    assert httpx.get(served.url + "/_mock/state").status_code == 401
    assert httpx.get(served.url + "/_mock/state", headers={"x-vecpact-token": "s3cret"}).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_though_connections_are_open(start: Start, number: signal.Signals) -> None:
    served = start()
    with served.connect() as idle, served.connect() as halfway, httpx.Client() as pooled:
        pooled.get(served.url + "/health")
        halfway.sendall(b"POST /namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        pooled.get(served.url + "/health")
        assert served.end(number) == (0, "", "")
        assert idle.recv(1) == b""


@pytest.mark.parametrize(("words", "module"), [([], "app"), (["proxy"], "proxy.command")])
def test_ctrl_c_ends_it_without_a_word_while_it_is_being_imported(words: list[str], module: str) -> None:
    program = f"""
import builtins, signal, sys
import mock_server.__main__
usual = builtins.__import__
def interrupted(name, *others):
    if name == "mock_server.{module}":
        signal.raise_signal(signal.SIGINT)
    return usual(name, *others)
builtins.__import__ = interrupted
sys.argv[1:] = {words}
mock_server.__main__.main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_a_port_in_use_is_one_line_and_exit_code_2(start: Start) -> None:
    host, port = start().address
    code, out, err = run("--host", host, "--port", str(port))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"cannot listen on {host} port {port}: Address already in use" in err


def test_a_host_that_is_not_here_is_one_line_and_exit_code_2() -> None:
    code, out, err = run("--host", "no such host", "--port", "0")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "cannot listen on no such host port 0" in err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--jobs", "soon"], "'soon' is no progress mode"),
        (["--max-items", "-1"], "--max-items -1: expected 0 or more"),
        (["--max-items", "many"], "argument --max-items: invalid int value: 'many'"),
        (["--port", "65536"], "--port 65536: expected 0 to 65535"),
        (["--max-body", "big"], "--max-body big: expected a number of bytes"),
        (["--max-text", "0"], "--max-text 0: expected 1 or more"),
        (["--files", "/no/such/folder"], "files '/no/such/folder': there is no such folder"),
        (["--generation", "v3"], "generation 'v3': expected v1 or v2"),
        (["--embedder", "embed"], "--embedder embed: expected module:function"),
        (["--embedder", "no_such_module:embed"], "No module named 'no_such_module'"),
        (["--embedder", "json:dumps"], "the embedder json:dumps cannot be used: "),
        (["--log-level", "loud"], "--log-level loud: expected one of critical"),
        (["--colour"], "unrecognized arguments: --colour"),
        (["--max-item", "7"], "unrecognized arguments: --max-item"),
        (["--api-key"], "argument --api-key: expected one argument"),
        (["extra"], "no service 'extra': expected moorcheh or cortex"),
    ],
)
def test_a_bad_option_is_one_line_and_exit_code_2(arguments: list[str], reason: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("vecpact-mock: ")
    assert reason in err


def test_help_names_the_options() -> None:
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    assert all(
        option in out for option in ("--host", "--port", "--max-items", "--jobs", "--max-body", "--log-level")
    )


def test_a_client_still_sending_too_large_a_body_gets_413(start: Start) -> None:
    served = start("--max-body", "100000")
    with served.connect() as connection:
        connection.sendall(b"POST /namespaces HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(300):
            connection.sendall(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
        connection.sendall(b"0\r\n\r\n")
        status, body = read_answer(connection)
        assert (status, body["status"]) == (413, "failure")
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_answer(connection)[0] == 200
    assert served.end() == (0, "", "")


def test_a_client_that_closes_in_the_middle_of_a_body_leaves_no_trace(start: Start) -> None:
    served = start()
    for _ in range(5):
        with closing(served.connect()) as connection:
            connection.sendall(b"POST /namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert httpx.get(served.url + "/namespaces").json() == {"namespaces": []}
    assert served.end() == (0, "", "")


def test_debug_logs_requests_on_stderr_alone(start: Start) -> None:
    served = start("--log-level", "debug")
    httpx.get(served.url + "/health")
    code, out, err = served.end()
    assert (code, out) == (0, "")
    assert "GET /health" in err


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("10B", 10),
        ("3KB", 3000),
        ("256MB", 256_000_000),
        ("1GiB", 2**30),
        ("2mib", 2**21),
        ("1kIb", 1024),
    ],
)
def test_sizes_take_suffixes(text: str, number: int) -> None:
    assert size(text) == number


@pytest.mark.parametrize("text", ["", "MB", "-1", "1.5MB", "1TB", "1MBB", "²"])
def test_other_sizes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a number of bytes"):
        size(text)
