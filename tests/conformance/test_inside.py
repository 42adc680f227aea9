"""The suite inside a user's own pytest: clauses are items like others, alone and side by side."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.moorcheh import MOORCHEH
from mock_server import create_app
from mock_server.moorcheh import rules
from mock_server.moorcheh.rules import Admission
from tests.mutants import MUTANTS
from tests.serving import serving

ROOT = Path(__file__).parents[2]
CLAUSES = MOORCHEH.clauses()
HEALTH = {clause for clause in CLAUSES if clause.startswith("moorcheh.health.")}
HISTORY = "a_history_matches_the_model"
NAME = r"conformance::([\w.-]+)(?:@[\w-]+)?"
OUTCOMES = "PASSED|FAILED|SKIPPED|XFAIL|XPASS|ERROR"
# One process says it after the name, several before.
OUTCOME = re.compile(rf"^(?:\[gw\d\] \[ *\d+%\] ({OUTCOMES}) {NAME}|{NAME} ({OUTCOMES}))", re.MULTILINE)
# What users have of their own, some of it strict.
MINE = {
    "pytest.ini": "[pytest]\naddopts = --strict-markers\nfilterwarnings = error\nxfail_strict = true\n",
    "conftest.py": "import pytest\n\n@pytest.fixture\ndef mine():\n    return 'mine'\n",
    "test_mine.py": "def test_mine(mine):\n    assert mine == 'mine'\n",
}


@dataclass(frozen=True, slots=True)
class Session:
    """A pytest session of a user.

    Attributes:
        code: Its exit code.
        out: What it printed.
    """

    code: int
    out: str

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcome of each item of the suite, by name."""
        return {
            (name or named): (before or after).lower()
            for before, name, named, after in OUTCOME.findall(self.out)
        }

    def named(self, outcome: str) -> set[str]:
        """The items with an outcome."""
        return {name for name, each in self.outcomes.items() if each == outcome}


Call = Callable[..., Session]


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """Runs a user's pytest, in a folder with a configuration and a test of their own."""
    for name, text in MINE.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def run(*words: str, url: str = "", options: str = "") -> Session:
        command = [sys.executable, "-m", "pytest", "-v", "-rsfxX", "-p", "conformance.inside"]
        command += ["-p", "no:cacheprovider", "-p", "no:asyncio", "--pyargs", "conformance", *words]
        command += [f"--vecpact-base-url={url}"] if url else []
        command += [f"--vecpact-options={options}"] if options else []
        environment = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
        environment |= {"PYTHONPATH": str(ROOT), "COLUMNS": "300"}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert "INTERNALERROR" not in done.stdout + done.stderr
        return Session(done.returncode, done.stdout + done.stderr)

    return run


def test_without_a_server_one_line_says_what_is_missing(call: Call) -> None:
    session = call()
    assert (session.code, session.outcomes) == (1, {"base-url": "failed"})
    line = "no server to test: add --vecpact-base-url URL, and --vecpact-service cortex for the other service"
    assert session.out.splitlines().count(line) == 1


def test_each_clause_is_an_item_and_names_choose_it(call: Call, world_url: str) -> None:
    session = call("--collect-only", "-qq", url=world_url)
    names = set(re.findall(rf"^{NAME}$", session.out, re.MULTILINE))
    assert names == {*CLAUSES, HISTORY}
    session = call("-k", "health and not providers", "--collect-only", "-qq", url=world_url)
    names = set(re.findall(rf"^{NAME}$", session.out, re.MULTILINE))
    assert names - {HISTORY} == HEALTH - {"moorcheh.health.providers"}


def test_clauses_that_are_kept_pass_and_the_seed_is_told(call: Call, world_url: str) -> None:
    session = call("-k", "health", url=world_url, options="--quick --seed 7")
    assert session.code == 0, session.out
    assert session.outcomes == dict.fromkeys(HEALTH, "passed")
    assert f"vecpact: moorcheh at {world_url}, seed 7" in session.out


def test_the_users_own_tests_run_beside_it(call: Call, world_url: str, tmp_path: Path) -> None:
    session = call("test_mine.py", url=world_url, options="--only moorcheh.health.answers")
    assert session.code == 0, session.out
    assert "test_mine.py::test_mine PASSED" in session.out
    assert session.outcomes == {"moorcheh.health.answers": "passed"}
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == MINE.keys()


def test_the_other_service_is_proven_too(call: Call, world_url: str) -> None:
    options = "--quick --only cortex.auth.* --api-key k --form both"
    session = call("--vecpact-service=cortex", url=world_url, options=options)
    assert session.code == 0, session.out
    assert len(session.named("passed")) == len(session.outcomes) > 0


def one_too_many_fits(admission: Admission) -> Iterator[str]:
    """Finds a batch that exceeds the cap by more than one item."""
    if admission.committed + admission.new > admission.max_items + 1:
        yield "item limit reached"


@pytest.fixture
def broken_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A small server that lets one item too many in, and does not say whose language model it has."""
    monkeypatch.setitem(rules.VECTORS_QUOTA, "moorcheh.quota.over-cap", one_too_many_fits)
    next(mutant for mutant in MUTANTS if mutant.clause == "moorcheh.health.providers").change(monkeypatch)
    with serving(create_app(max_items=200)) as url:
        yield url


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=" ".join)
def test_verdicts_are_right_alone_and_side_by_side(
    call: Call, broken_url: str, workers: tuple[str, ...]
) -> None:
    areas = ("health", "quota", "jobs", "items")
    globs = [f"moorcheh.{area}.*" for area in areas] + ["moorcheh.vectors.upsert"]
    only = " ".join(f"--only {glob}" for glob in globs)
    session = call(*workers, url=broken_url, options=f"--quick --seed 7 {only}")
    assert session.code == 1, session.out
    expected = {clause for clause in CLAUSES if clause.split(".")[1] in areas} | {"moorcheh.vectors.upsert"}
    assert session.outcomes.keys() - {HISTORY} == expected
    # What depends on the broken clause is skipped, and says so.
    assert session.named("failed") == {"moorcheh.quota.over-cap"}
    assert session.named("xfail") == {"moorcheh.health.providers"}
    assert session.named("passed") | session.named("skipped") == expected - {
        "moorcheh.quota.over-cap",
        "moorcheh.health.providers",
    } | {HISTORY}
    depending = {clause for clause in expected if "moorcheh.quota.over-cap" in CLAUSES[clause].depends_on}
    assert depending <= session.named("skipped")
    assert HEALTH - {"moorcheh.health.providers"} <= session.named("passed")
    story = [
        "broken moorcheh.quota.over-cap",
        f"  {CLAUSES['moorcheh.quota.over-cap'].title}",
        "  source   on-prem/api-references/data/upload-vectors, 409 (documented)",
    ]
    lines = session.out.splitlines()
    begin = lines.index(story[0])
    assert lines[begin : begin + 3] == story
    assert lines[begin + 3].startswith(f"  sent     curl -sS -X POST {broken_url}/namespaces/vecpact-")
    assert "Traceback" not in session.out
    assert httpx.get(f"{broken_url}/namespaces").json()["namespaces"] == []


def test_a_clause_tells_what_it_depends_on_though_it_is_run_alone(call: Call, broken_url: str) -> None:
    depending = [clause for clause in CLAUSES.values() if "moorcheh.quota.over-cap" in clause.depends_on]
    assert depending
    session = call("-k", depending[0].id, url=broken_url, options="--quick --seed 7")
    assert session.outcomes[depending[0].id] == "skipped"
    assert "depends on moorcheh.quota.over-cap, which does not hold" in session.out


def test_what_fails_no_run_is_an_expected_failure(call: Call, broken_url: str) -> None:
    session = call("-k", "health", url=broken_url, options="--quick")
    assert (session.code, session.outcomes["moorcheh.health.providers"]) == (0, "xfail")
    assert "advice: expected a field 'llm_model' of type string, got 200" in session.out


def test_a_known_fault_is_expected_and_one_that_is_mended_fails(
    call: Call, broken_url: str, tmp_path: Path
) -> None:
    known = {"moorcheh.quota.over-cap": "no cap yet", "moorcheh.health.answers": "it did not answer once"}
    lines = "".join(f'"{clause}" = "{reason}"\n' for clause, reason in known.items())
    (tmp_path / "known.toml").write_text(lines, encoding="utf-8")
    session = call(
        "-k", "over-cap or health.answers", url=broken_url, options="--quick --known-broken known.toml"
    )
    assert (session.code, session.outcomes) == (
        1,
        {"moorcheh.quota.over-cap": "xfail", "moorcheh.health.answers": "failed"},
    )
    assert "known: no cap yet: expected 409, got 202" in session.out
    assert "\nstale moorcheh.health.answers\n" in session.out


def test_what_is_not_proven_is_skipped_with_the_reason(call: Call, world_url: str) -> None:
    session = call("-k", "files or health.answers", url=world_url, options="--quick")
    assert session.code == 0, session.out
    assert session.named("passed") == {"moorcheh.health.answers"}
    assert session.named("skipped") == {clause for clause in CLAUSES if ".files." in clause}
    assert "unproven: needs a folder that the server reads (--files-dir)" in session.out


@pytest.mark.parametrize("workers", [(), ("-n", "2", "--dist", "worksteal")], ids=" ".join)
def test_a_session_that_has_proven_nothing_fails(
    call: Call, world_url: str, workers: tuple[str, ...]
) -> None:
    session = call("-k", "files", *workers, url=world_url, options="--quick")
    assert session.code == 1
    assert set(session.outcomes.values()) == {"skipped"}
    assert "vecpact: of no clause it could be said whether it holds" in session.out


def test_a_server_that_takes_no_connection_is_told_once(call: Call, closed_url: str) -> None:
    session = call("-k", "health", "-p", "no:randomly", url=closed_url)
    assert session.code == 1
    assert (len(session.named("failed")), len(session.named("skipped"))) == (1, len(HEALTH) - 1)
    assert f"{closed_url} takes no connection" in session.out
    assert "Traceback" not in session.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--only nothing", "'nothing' matches no clause; --list prints them all"),
        ("--only 'unbalanced", "No closing quotation"),
        ("--html report.html", "inside pytest only pytest writes files"),
    ],
)
def test_an_option_that_makes_no_sense_is_one_line(
    call: Call, world_url: str, options: str, said: str
) -> None:
    session = call(url=world_url, options=options)
    assert (session.code, session.out.strip()) == (4, f"ERROR: --vecpact-options: {said}")


def test_a_bad_address_is_one_line(call: Call) -> None:
    session = call(url="localhost:8080")
    assert session.code == pytest.ExitCode.USAGE_ERROR
    assert "--base-url 'localhost:8080': expected an address such as http://localhost:8080" in session.out


def test_an_idle_plugin_costs_little() -> None:
    heavy = ("hypothesis", "typer", "rich", "httpx", "conformance.run")
    program = f"import sys, conformance.inside; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_folder_that_bears_the_same_name_is_the_users_own(tmp_path: Path) -> None:
    (tmp_path / "conformance").mkdir()
    (tmp_path / "conformance" / "test_theirs.py").write_text(
        "def test_theirs():\n    pass\n", encoding="utf-8"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "conformance.inside", "-p", "no:cacheprovider"]
    command += ["-p", "no:asyncio"]
    environment: dict[str, Any] = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
