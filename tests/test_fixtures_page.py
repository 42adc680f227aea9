"""docs/fixtures.md is true: its code runs, and fails where it says so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mock_server.fixtures import plugin, worlds
from mock_server.fixtures.requests import Request
from tests.plugging import OPTIONS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/fixtures.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FILES = {block.split("\n", 1)[0].removeprefix("# "): block for name, block in BLOCKS if name == "python"}
SETTINGS = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio", "-q")


@pytest.fixture
def page(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with the files of the page."""
    for name, content in FILES.items():
        (pytester.path / name).write_text(content, encoding="utf-8")
    return pytester


def run(page: pytest.Pytester, name: str) -> pytest.RunResult:
    """Runs a test file of the page as a user would."""
    return page.runpytest_subprocess(*OPTIONS, *SETTINGS, name)


def test_the_client_is_about_thirty_lines() -> None:
    lines = [line for line in FILES["client.py"].splitlines() if line.strip()]
    assert 28 <= len(lines) <= 36


def test_the_first_test_finds_the_fault_of_the_client(page: pytest.Pytester) -> None:
    result = run(page, "test_client.py")
    result.assert_outcomes(passed=5, failed=1)
    (shown,) = (block for name, block in BLOCKS if name == "text")
    # What the fault is called stands for itself; brackets would be a choice of letters to the matcher.
    lines = [re.sub(r"[\[\]]", "?", line.replace("...", "*")) for line in shown.splitlines()]
    result.stdout.fnmatch_lines(lines)


@pytest.mark.parametrize("name", ["test_marker.py", "test_in_process.py"])
def test_the_other_tests_hold(page: pytest.Pytester, name: str) -> None:
    result = run(page, name)
    assert result.ret == 0
    assert result.parseoutcomes().keys() == {"passed"}


def test_the_script_runs(page: pytest.Pytester) -> None:
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=page.path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert '"items":10,"max_items":10' in done.stdout
    assert done.stdout.endswith("200\n")


def test_every_fixture_and_no_other_is_on_the_page() -> None:
    told = {*re.findall(r"`(\w+)`", PAGE.split("## The fixtures")[1].split("\n\n")[1])}
    fixtures = {
        name
        for name, value in vars(plugin).items()
        if type(value).__name__ == "FixtureFunctionDefinition" and not name.startswith("_")
    }
    assert fixtures
    assert fixtures <= told


def test_what_the_page_says_of_a_world_exists() -> None:
    table = PAGE.split("## A world")[1].split("\n\n")[1]
    names = {*re.findall(r"`\.(\w+)", table)} - {"max_items"}
    world = worlds.MoorchehWorld("", lambda _do: None)
    homes = (type(world), world, worlds.Jobs, worlds.Clock, worlds.Faults, worlds.Ledger, Request)
    assert len(names) > 20
    assert [name for name in names if not any(hasattr(home, name) for home in homes)] == []
