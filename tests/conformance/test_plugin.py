"""The suite runs under pytest, in a session that knows nothing of the user's own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.check import Check, Server, proves
from conformance.plugin import run_checks
from conformance.run import Run
from conformance.target import Unreachable
from conformance.verdict import Verdict, broken
from tests.conformance.serving import CLAUSES, MUST, OTHER, SHOULD, run_of

ROOT = Path(__file__).parents[2]


def check_of(clause_id: str, *, raising: BaseException | None = None) -> Check:
    """A check of a clause."""

    @proves(clause_id)
    def it_is_run(_server: Server) -> None:
        if raising:
            raise raising

    return it_is_run


def session(run: Run) -> tuple[bool, list[str]]:
    """Whether a session of the run came to its end, and the clauses of the checks it told of."""
    told: list[str] = []
    to_its_end = run_checks(run, lambda check: told.append(check.clauses[0]))
    return to_its_end, told


def test_every_check_is_run_in_its_order_and_told() -> None:
    run = run_of(*(check_of(clause.id) for clause in (SHOULD, MUST, OTHER)))
    assert session(run) == (True, [SHOULD.id, MUST.id, OTHER.id])
    assert run.result(MUST.id).verdict is Verdict.KEPT


def test_broken_clauses_do_not_end_the_session() -> None:
    run = run_of(
        check_of(MUST.id, raising=broken("a", "b")),
        check_of(OTHER.id, raising=KeyError("x")),
        check_of(SHOULD.id),
    )
    assert session(run) == (True, [MUST.id, OTHER.id, SHOULD.id])
    assert [run.result(clause.id).verdict for clause in CLAUSES[:3]] == ["broken", "error", "kept"]


def test_a_server_that_is_gone_ends_the_session_without_being_an_interruption() -> None:
    run = run_of(check_of(MUST.id), check_of(OTHER.id, raising=Unreachable("gone")), check_of(SHOULD.id))
    assert session(run) == (True, [MUST.id])
    assert run.unreachable == "gone"


def test_a_user_who_interrupts_ends_the_session() -> None:
    run = run_of(check_of(MUST.id), check_of(OTHER.id, raising=KeyboardInterrupt()), check_of(SHOULD.id))
    assert session(run) == (False, [MUST.id])


def test_a_failure_of_the_suite_itself_is_not_swallowed() -> None:
    def report(_check: Check) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        run_checks(run_of(check_of(MUST.id), check_of(OTHER.id)), report)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    session(run_of(check_of(MUST.id), check_of(OTHER.id, raising=KeyError("x"))))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "options", ["--no-such-option", "-k nothing", "--collect-only", "-p no_such_plugin", "-x --co"]
)
def test_options_of_the_environment_do_not_reach_it(options: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", options)
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    assert session(run_of(check_of(MUST.id))) == (True, [MUST.id])
    assert (os.environ["PYTEST_ADDOPTS"], os.environ["PYTEST_PLUGINS"]) == (options, "no_such_plugin")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pytest.ini", "[pytest]\naddopts = --no-such-option\npython_files = *\n"),
        (
            "pyproject.toml",
            '[tool.pytest.ini_options]\naddopts = ["-k", "nothing"]\nrequired_plugins = ["nobody"]\n',
        ),
        ("tox.ini", "[pytest]\nminversion = 99.0\n"),
        ("setup.cfg", "[tool:pytest]\naddopts = --collect-only\n"),
        ("conftest.py", "raise SystemExit('hostile')\n"),
        ("test_hostile.py", "raise SystemExit('hostile')\n"),
    ],
)
def test_configuration_and_tests_of_the_working_directory_do_not_reach_it(
    name: str, content: str, tmp_path: Path, world_url: str
) -> None:
    (tmp_path / name).write_text(content)
    command = [sys.executable, "-m", "conformance", "moorcheh", "--only", "moorcheh.health.answers"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "--base-url", world_url],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("kept      moorcheh.health.answers  1 example\n")
    assert [path.name for path in tmp_path.iterdir()] == [name]
