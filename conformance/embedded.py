"""Starts the bundled mock server as the default target: the one place where the suite knows of the mock."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence

from conformance.target import Unreachable

ADDRESS = re.compile(r"http://\S+")
PATIENCE = 5.0


@contextlib.contextmanager
def bundled_mock(options: Sequence[str] = ()) -> Iterator[str]:
    """Runs the mock in a process of its own on a free port, and gives its base URL.

    Args:
        options: More of the mock's command line.

    Raises:
        Unreachable: The mock did not start.
    """
    command = [sys.executable, "-m", "mock_server", "--port", "0", "--log-level", "critical", *options]
    # A session of its own: Ctrl-C is for the suite, which still has to clean up on the server.
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as mock:
        try:
            said = mock.stdout.readline() if mock.stdout else ""
            address = ADDRESS.search(said)
            if address is None:
                mock.kill()
                reason = mock.stderr.read().strip() if mock.stderr else ""
                raise Unreachable(
                    f"the bundled mock did not start: {reason or said.strip() or 'it said nothing'}"
                )
            yield address.group()
        finally:
            mock.terminate()
            try:
                mock.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                mock.kill()
