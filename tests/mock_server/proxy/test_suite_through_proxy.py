"""The project's own suite, through the proxy to the mock: nothing is said of the server."""

import re
import subprocess
import sys

import pytest

from tests.mock_server.proxy.test_command import Running
from tests.mock_server.test_main import Served


@pytest.mark.parametrize(
    ("service", "only"),
    [
        ("moorcheh", ("errors", "items", "jobs", "search", "vectors")),
        ("cortex", ("errors", "matrix", "documents", "find", "retrieve", "processing")),
    ],
)
def test_the_suites_traffic_shows_no_break_of_the_server(service: str, only: tuple[str, ...]) -> None:
    served = Served(service)
    running = Running(served.url, "--service", service)
    chosen = [word for area in only for word in ("--only", f"{service}.{area}.*")]
    words = ["--base-url", running.url, "--examples", "1", "--seed", "3", *chosen]
    suite = subprocess.run(
        [sys.executable, "-m", "conformance", service, *words], capture_output=True, text=True, check=False
    )
    code, out, err = running.end()
    assert (served.end()[0], suite.returncode, err) == (0, 0, ""), suite.stdout
    assert code == 1
    assert not [line for line in out.splitlines() if line.startswith(("server", "advice"))]
    judged = re.search(r"(\d+) exchanges, (\d+) judged", out)
    assert judged is not None
    assert int(judged[2]) > 0.9 * int(judged[1]) > 100
