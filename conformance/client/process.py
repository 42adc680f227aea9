"""A client under test as a process: a line in, a line out, and nothing it does may hang the suite."""

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from typing import IO

from conformance.exchange import in_one_line
from conformance.verdict import Untestable

LONGEST_LINE = 64 * 1024 * 1024  # bytes
LAST_WORDS = 2_000  # bytes of standard error that are kept
SHOWN_LINES = 3  # of them
CHUNK = 65_536
PATIENCE = 2.0
END = b""


class Misbehaved(Untestable):
    """The client left the protocol: what it said is no answer. One line says what it was."""


class Gone(Exception):
    """No answer came: the client ended, or kept silent too long. One line says which, and its last words."""


class Silent(Gone):
    """The client kept silent too long, and was ended."""


class Unstartable(Exception):
    """The command of the client starts no program."""


class ClientProcess:
    """A running client.

    Three threads carry its three streams, so that a client that neither reads nor writes holds nobody up.

    Args:
        command: The program and its arguments.

    Raises:
        Unstartable: There is no such program.
    """

    def __init__(self, command: Sequence[str]) -> None:
        program = shutil.which(command[0])
        if program is None:
            raise Unstartable(f"{command[0]}: there is no such program")
        piped = subprocess.PIPE
        try:
            # A session of its own: Ctrl-C is for the suite, and what the client starts ends with the client.
            self._process = subprocess.Popen(
                [program, *command[1:]],
                bufsize=0,
                stdin=piped,
                stdout=piped,
                stderr=piped,
                start_new_session=True,
            )
        except OSError as error:
            raise Unstartable(f"{command[0]}: {error.strerror}") from error
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._requests: queue.Queue[bytes] = queue.Queue()
        self._words = b""
        carriers = (self._write, self._read, self._listen)
        self._threads = [threading.Thread(target=carrier, daemon=True) for carrier in carriers]
        for thread in self._threads:
            thread.start()

    def ask(self, line: str, seconds: float) -> bytes:
        """Sends one line and answers the line that comes back, without its end.

        Raises:
            Silent: None came in time.
            Gone: The process ended.
            Misbehaved: A line came before it was asked for, or one that has no end.
        """
        before = None if self._lines.empty() else self._lines.get()
        if before is not None and before.endswith(b"\n"):
            self.kill()
            raise Misbehaved("the client wrote a line that nobody had asked for")
        self._requests.put(line.encode("utf-8") + b"\n")
        try:
            answer = self._lines.get(timeout=seconds) if before is None else before
        except queue.Empty:
            how = self._with_last_words(f"the client did not answer within {seconds:.1f} s")
            raise Silent(how) from None
        if len(answer) > LONGEST_LINE:
            self.kill()
            raise Misbehaved(f"the client wrote more than {LONGEST_LINE:,} bytes in one line")
        if not answer.endswith(b"\n"):
            raise Gone(self._with_last_words(self._ending()))
        return answer.removesuffix(b"\n")

    def close(self) -> None:
        """Ends the process: kindly by the end of its input, and if that does not help by force."""
        self._requests.put(END)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        self.kill()

    def kill(self) -> None:
        """Ends the process, and what it has started, by force."""
        self._requests.put(END)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:  # pragma: no cover  # Windows has no process groups of this kind
                self._process.kill()
        self._process.wait()
        for thread in self._threads:
            # What the client has started, and set apart from itself, may hold its streams open.
            thread.join(PATIENCE)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                _there(stream).close()

    def _ending(self) -> str:
        try:
            return f"the client ended with exit code {self._process.wait(PATIENCE)}"
        except subprocess.TimeoutExpired:
            return "the client closed its output"

    def _with_last_words(self, how: str) -> str:
        self.kill()
        lines = [line.strip() for line in self._words.decode("utf-8", "replace").splitlines() if line.strip()]
        last = " | ".join(lines[-SHOWN_LINES:])
        return in_one_line(f"{how}; its last words: {last}" if last else how)

    def _write(self) -> None:
        stream = _there(self._process.stdin)
        with contextlib.suppress(OSError, ValueError):
            while line := self._requests.get():
                view = memoryview(line)
                while view:
                    view = view[stream.write(view) :]
        with contextlib.suppress(OSError):
            stream.close()

    def _read(self) -> None:
        stream = _there(self._process.stdout)
        pieces: list[bytes] = []
        size = 0
        with contextlib.suppress(OSError, ValueError):
            while size <= LONGEST_LINE and (piece := stream.read(CHUNK)):
                *ends, rest = piece.split(b"\n")
                for end in ends:
                    self._lines.put(b"".join((*pieces, end, b"\n")))
                    pieces, size = [], 0
                pieces.append(rest)
                size += len(rest)
        self._lines.put(b"".join(pieces))

    def _listen(self) -> None:
        stream = _there(self._process.stderr)
        with contextlib.suppress(OSError, ValueError):
            while piece := stream.read(CHUNK):
                self._words = (self._words + piece)[-LAST_WORDS:]


def _there(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream
