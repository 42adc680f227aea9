"""The suite runs under pytest, in a session that knows nothing of the user's own."""

import contextlib
import gc
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.check import Check, Server, proves
from conformance.plugin import run_checks
from conformance.run import Run
from conformance.target import Unreachable
from conformance.verdict import Verdict, broken
from tests.conformance.serving import CLAUSES, MUST, OTHER, SHOULD, run_of

ROOT = Path(__file__).parents[2]
HOSTILE = {
    "pytest.ini": "[pytest]\naddopts = --no-such-option\npython_files = *\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["-k", "none"]\nrequired_plugins = ["nobody"]\n',
    "tox.ini": "[pytest]\nminversion = 99.0\n",
    "setup.cfg": "[tool:pytest]\naddopts = --collect-only\n",
    "conftest.py": "raise SystemExit('hostile')\n",
    "test_hostile.py": "raise SystemExit('hostile')\n",
}


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
    run_checks(run, lambda check: told.append(check.clauses[0]))
    return not run.interrupted, told


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_session(number: signal.Signals) -> None:
    before = signal.getsignal(number)

    @proves(OTHER.id)
    def it_takes_long(_server: Server) -> None:
        signal.raise_signal(number)

    run = run_of(check_of(MUST.id), it_takes_long, check_of(SHOULD.id))
    assert session(run) == (False, [MUST.id])
    assert run.result(SHOULD.id).verdict is Verdict.UNPROVEN
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("count", [1, 5])
def test_a_signal_that_nobody_hears_ends_the_session_too(count: int) -> None:
    tried: list[int] = []

    @proves(OTHER.id)
    @given(number=st.integers())
    def it_is_interrupted_where_nobody_hears(_server: Server, number: int) -> None:
        tried.append(number)
        if len(tried) == count:
            with contextlib.suppress(KeyboardInterrupt):  # as Python does while it finalizes an object
                signal.raise_signal(signal.SIGINT)

    run = run_of(it_is_interrupted_where_nobody_hears, check_of(SHOULD.id), examples=5)
    assert session(run)[0] is False
    assert len(tried) == count
    assert run.result(SHOULD.id).verdict is Verdict.UNPROVEN


def test_a_signal_that_comes_while_garbage_is_collected_is_heeded_in_silence(
    capfd: pytest.CaptureFixture[str],
) -> None:
    tried: list[int] = []

    def interrupt(_phase: str, _info: dict[str, int]) -> None:
        if len(tried) == 2:
            signal.raise_signal(signal.SIGINT)

    @proves(OTHER.id)
    @given(number=st.integers())
    def it_makes_garbage(_server: Server, number: int) -> None:
        tried.append(number)
        gc.collect()

    gc.callbacks.append(interrupt)
    try:
        ended = session(run_of(it_makes_garbage, check_of(SHOULD.id), examples=5))
    finally:
        gc.callbacks.remove(interrupt)
    assert ended == (False, [])
    assert len(tried) == 2
    assert capfd.readouterr() == ("", "")


def test_in_another_thread_signals_are_left_alone() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(session, run_of(check_of(MUST.id))).result() == (True, [MUST.id])


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


@pytest.mark.parametrize("name", HOSTILE)
def test_files_of_the_working_directory_do_not_reach_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_text(HOSTILE[name])
    monkeypatch.chdir(tmp_path)
    assert session(run_of(check_of(MUST.id))) == (True, [MUST.id])
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_nor_do_they_reach_the_command(tmp_path: Path, world_url: str) -> None:
    for name, content in HOSTILE.items():
        (tmp_path / name).write_text(content)
    command = [sys.executable, "-m", "conformance", "moorcheh", "--only", "moorcheh.health.answers"]
    done = subprocess.run(
        [*command, "--base-url", world_url],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "--no-such-option"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("kept      moorcheh.health.answers  1 example\n")
    assert {path.name for path in tmp_path.iterdir()} == set(HOSTILE)
