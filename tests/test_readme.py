"""The README is true: its commands run, what it names exists, and what it shows is what comes out."""

import asyncio
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.report.summary import BREAKS, CONFORMS, FAILED, INTERRUPTED
from conformance.verdict import Verdict
from mock_server.moorcheh import rules
from mock_server.moorcheh.rules import Admission
from tests.plugging import OPTIONS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PROSE = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
INSTALLATION = re.compile(
    r"python3 -m venv \.venv && \.venv/bin/pip install -q (?:-e )?'?\.(?:\[(\w+)\])?'? && (.+)"
)
FOLDERS = ("conformance", "examples", "mock_server", "schemas", "tests", "\\.ci")
# What is another in every run, and what grows with the number of clauses.
CHANGING = {
    r"http://[\w.]+:\d+(?:/_session/[0-9a-f]{32})?": "URL",
    r"vecpact-[0-9a-f]{8}-\d+": "NAMESPACE",
    r"job-[0-9a-f]{32}": "JOB",
    r"\d+ examples?": "EXAMPLES",
    r"\d+ skipped": "SKIPPED",
    r"[\d,]+ requests in [\d.]+ s": "COST",
}


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [block for name, block in BLOCKS if name == language]


def commands() -> list[str]:
    """The shell commands, one a line."""
    return [line for block in blocks("sh") for line in block.splitlines()]


def promises() -> list[tuple[str, str]]:
    """What the two commands at the top install (the name of an extra, or nothing) and what they then run."""
    found = [INSTALLATION.fullmatch(line) for line in commands()[:2]]
    return [(each[1] or "", each[2]) for each in found if each]


def calls_of(script: str) -> list[str]:
    """The commands that call one of the project's own."""
    return [line for line in commands() if line.startswith(f".venv/bin/{script} ")]


def here(command: str) -> list[str]:
    """The words of a command, run by this interpreter in place of the one in .venv."""
    program, *rest = shlex.split(command)
    name = Path(program).name
    if name == "python":
        return [sys.executable, *rest]
    module = PROJECT["scripts"].get(name, f"{name}:").partition(":")[0].removesuffix(".__main__")
    return [sys.executable, "-m", module, *rest]


def run(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Runs a command in the checkout."""
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True)


@pytest.fixture(scope="module")
def helps() -> str:
    """All that the help of both commands says."""
    pages = [
        "vecpact-mock --help",
        "vecpact-check --help",
        "vecpact-check moorcheh --help",
        "vecpact-check cortex --help",
    ]
    return "\n".join(run(here(page)).stdout for page in pages)


def test_two_commands_each_make_an_environment_of_their_own() -> None:
    assert len(promises()) == 2
    assert {extra for extra, _ in promises()} == {"", "test"}
    assert "test" in PROJECT["optional-dependencies"]


def test_the_first_command_proves_the_bundled_mock() -> None:
    done = run([*here(promises()[0][1]), "--only", "moorcheh.health.*", "--seed", "1"])
    assert done.returncode == CONFORMS, done.stdout + done.stderr
    assert "kept      moorcheh.health.answers" in done.stdout


def test_the_second_command_finds_the_tests() -> None:
    done = run([*here(promises()[1][1]), "--collect-only", "-q", "tests/test_readme.py"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tests/test_readme.py::test_the_second_command_finds_the_tests" in done.stdout


def test_the_second_command_is_the_one_that_ci_runs() -> None:
    last = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]
    assert last.startswith(promises()[1][1].removeprefix(".venv/bin/"))


def test_every_other_command_is_one_of_the_projects() -> None:
    assert {Path(command.split()[0]).name for command in commands()[2:]} == set(PROJECT["scripts"])


@pytest.mark.parametrize("command", calls_of("vecpact-check"))
def test_the_suite_understands_a_command(command: str) -> None:
    # --list goes no further than the choice of clauses, which the globs must allow.
    done = run([*here(command), "--list"])
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{shlex.split(command)[1]}.")


@pytest.mark.parametrize("command", calls_of("vecpact-mock"))
def test_the_mock_starts_with_a_command(command: str) -> None:
    # The last of two --port counts.
    with subprocess.Popen(
        [*here(command), "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as mock:
        try:
            assert mock.stdout is not None
            assert "http://" in mock.stdout.readline()
        finally:
            mock.terminate()


def test_every_option_named_exists(helps: str) -> None:
    named = set(re.findall(r"`(--[a-z-]+)", PROSE))
    assert named
    assert {option for option in named if not re.search(rf"^ *{option}\b", helps, re.MULTILINE)} == set()


def test_every_progress_mode_named_exists(helps: str) -> None:
    (modes,) = (line for line in README.splitlines() if line.startswith("Jobs progress"))
    named = re.findall(r"`([^`]+)`", modes)
    assert sorted(named) == ["instant", "manual", "polls=N", "time=SECONDS"]
    assert all(mode in re.sub(r"\s+", " ", helps) for mode in named)


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "schemas/README.md"])
def test_every_path_named_exists(document: str) -> None:
    place = ROOT / document
    text = place.read_text(encoding="utf-8")
    links = {place.parent / link for link in re.findall(r"\]\(([\w./-]+)\)", text)}
    paths = {ROOT / path for path in re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)`", text)}
    assert {path for path in links | paths if not path.exists()} == set()


def test_the_house_is_drawn_as_it_stands() -> None:
    (house,) = (block for block in blocks("text") if "ground" in block)
    towers, ground = house.split("never import each other")
    for name in re.findall(r"[\w.]+\.py|\w+/(?= )", towers.replace("mock_server/ and conformance/", "")):
        assert any((ROOT / tower / name).exists() for tower in ("mock_server", "conformance")), name
    assert {"schemas/", "clauses.toml", "openapi.json"} <= set(re.findall(r"[\w./]+[\w/]", ground))


def test_the_verdicts_are_those_of_the_code() -> None:
    assert re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE) == [verdict.value for verdict in Verdict]


def test_the_exit_codes_are_those_of_the_code() -> None:
    listed = [int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)]
    assert listed == [CONFORMS, BREAKS, FAILED, INTERRUPTED]


def test_a_broken_clause_looks_as_shown(world_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (shown,) = (block for block in blocks("text") if block.startswith("$ "))
    command, _, printed = shown.partition("\n")
    monkeypatch.setitem(rules.VECTORS_QUOTA, "moorcheh.quota.over-cap", one_too_many_fits)
    httpx.post(f"{world_url}/_mock/settings", json={"max_items": 100}).raise_for_status()
    done = run([world_url if word.startswith("http") else word for word in here(command.removeprefix("$ "))])
    assert done.returncode == BREAKS, done.stdout + done.stderr
    assert unchanging(printed) == unchanging(done.stdout)


def one_too_many_fits(admission: Admission) -> Iterator[str]:
    """Finds a batch that exceeds the cap by more than one item: the fault of the server in the README."""
    if admission.committed + admission.new > admission.max_items + 1:
        yield "item limit reached"


def unchanging(text: str) -> str:
    """A printout with a word in place of each thing that may change."""
    for pattern, word in CHANGING.items():
        text = re.sub(pattern, word, text)
    return text


def test_the_test_of_a_client_passes(tmp_path: Path) -> None:
    (example,) = (block for block in blocks("python") if "def test_" in block)
    file = tmp_path / "test_client.py"
    file.write_text(example, encoding="utf-8")
    done = run([sys.executable, "-m", "pytest", "-q", *OPTIONS, "-p", "no:cacheprovider", str(file)])
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_application_answers_without_a_socket() -> None:
    (example,) = (block for block in blocks("python") if "ASGITransport" in block)
    names: dict[str, Any] = {}
    exec(example, names)

    async def remaining() -> Any:
        async with names["client"] as client:
            return (await client.get("/health")).json()["remaining"]

    assert asyncio.run(remaining()) == 10
