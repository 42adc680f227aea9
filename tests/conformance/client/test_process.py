"""A client as a process: one line each way, however it behaves."""

import os
import signal
import sys
import time

import pytest

from conformance.client import process
from conformance.client.process import ClientProcess, Gone, Misbehaved, Unstartable
from tests.conformance.client.programs import python

ECHO = "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line); sys.stdout.flush()"
ENOUGH = 30.0
PATIENTLY = 0.2


def test_a_line_comes_back_for_a_line() -> None:
    client = ClientProcess(python(ECHO))
    assert client.ask("one", ENOUGH) == b"one"
    assert client.ask("two é \U0001f300", ENOUGH) == "two é \U0001f300".encode()
    client.close()


def test_a_line_may_be_larger_than_any_pipe() -> None:
    client = ClientProcess(python(ECHO))
    line = "x" * 3_000_000
    assert client.ask(line, ENOUGH) == line.encode()
    client.close()


def test_a_program_that_is_not_there_cannot_be_started() -> None:
    with pytest.raises(Unstartable, match=r"^no-such-program: there is no such program$"):
        ClientProcess(["no-such-program"])


@pytest.mark.skipif(sys.platform == "win32", reason="what may be run is said otherwise there")
def test_a_file_that_is_no_program_cannot_be_started(tmp_path: os.PathLike[str]) -> None:
    file = os.path.join(tmp_path, "nothing")
    with open(file, "w") as nothing:
        nothing.write("\0\0")
    os.chmod(file, 0o700)
    with pytest.raises(Unstartable, match=r"nothing: Exec format error$"):
        ClientProcess([file])


def test_a_client_that_ends_says_with_what() -> None:
    client = ClientProcess(
        python("import sys; sys.stdin.readline(); sys.stderr.write('first\\n\\nlast\\x1b[31m'); sys.exit(3)")
    )
    with pytest.raises(Gone) as gone:
        client.ask("one", ENOUGH)
    assert str(gone.value) == r"the client ended with exit code 3; its last words: first | last\x1b[31m"


def test_a_client_that_has_ended_before_says_with_what() -> None:
    client = ClientProcess(python("raise SystemExit(4)"))
    client._process.wait()
    client._threads[1].join()
    with pytest.raises(Gone, match=r"^the client ended with exit code 4$"):
        client.ask("one", ENOUGH)


def test_a_client_that_closes_its_output_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "PATIENCE", PATIENTLY)
    client = ClientProcess(python("import os, sys; sys.stdin.readline(); os.close(1); sys.stdin.readline()"))
    with pytest.raises(Gone, match=r"^the client closed its output$"):
        client.ask("one", ENOUGH)


def test_a_client_that_keeps_silent_is_ended() -> None:
    client = ClientProcess(python("import sys\nfor line in sys.stdin: pass"))
    with pytest.raises(Gone, match=r"^the client did not answer within 0\.2 s$"):
        client.ask("one", PATIENTLY)
    assert client._process.returncode == -signal.SIGKILL


def test_a_client_that_never_reads_holds_nobody_up() -> None:
    client = ClientProcess(python("import signal; signal.pause()"))
    began = time.monotonic()
    with pytest.raises(Gone, match="did not answer"):
        client.ask("x" * 1_000_000, PATIENTLY)
    assert time.monotonic() - began < ENOUGH


def test_what_a_client_starts_ends_with_it() -> None:
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "for line in sys.stdin: print(child.pid, flush=True)"
    )
    client = ClientProcess(python(code))
    child = int(client.ask("who?", ENOUGH))
    client.kill()
    with pytest.raises(ProcessLookupError):
        _wait_for_the_end_of(child)


def test_a_line_without_end_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LONGEST_LINE", 100_000)
    client = ClientProcess(
        python("import sys\nfor line in sys.stdin:\n  while True: sys.stdout.write('x' * 65536)")
    )
    with pytest.raises(Misbehaved, match=r"^the client wrote more than 100,000 bytes in one line$"):
        client.ask("one", ENOUGH)


def test_a_line_that_nobody_asked_for_is_none_of_an_answer() -> None:
    client = ClientProcess(python("import sys; print('hello', flush=True); sys.stdin.readline()"))
    while client._lines.empty():
        client._threads[1].join(0.01)
    with pytest.raises(Misbehaved, match=r"^the client wrote a line that nobody had asked for$"):
        client.ask("one", ENOUGH)


def test_standard_error_never_fills_up() -> None:
    code = "import sys\nfor line in sys.stdin: sys.stderr.write('w' * 1_000_000); print('done', flush=True)"
    client = ClientProcess(python(code))
    assert [client.ask("one", ENOUGH) for _ in range(3)] == [b"done"] * 3
    client.close()
    assert len(client._words) == process.LAST_WORDS


def test_a_client_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "PATIENCE", PATIENTLY)
    client = ClientProcess(python("import signal; print('up', flush=True); signal.pause()"))
    client.close()
    assert client._process.returncode == -signal.SIGKILL


def test_a_client_ends_with_its_input() -> None:
    client = ClientProcess(python(ECHO))
    client.ask("one", ENOUGH)
    client.close()
    assert client._process.returncode == 0


def _wait_for_the_end_of(process_id: int) -> None:
    """Raises once the process is there no more; the machine reaps it when it comes to it."""
    deadline = time.monotonic() + ENOUGH
    while time.monotonic() < deadline:
        os.kill(process_id, 0)
        with open(f"/proc/{process_id}/stat") as state:
            if " Z " in state.read():
                raise ProcessLookupError
