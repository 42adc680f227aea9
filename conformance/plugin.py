"""The pytest plugin that runs checks as test items: pytest collects and orders them, a `Run` judges."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformance.check import Check
from conformance.crew import Crew
from conformance.interruption import interruptible
from conformance.run import Run
from conformance.target import Unreachable

Prove = Callable[[Check], None]
Report = Callable[[Check], None]

# What pytest takes from the environment of whoever calls it.
FOREIGN = ("PYTEST_ADDOPTS", "PYTEST_DEBUG", "PYTEST_PLUGINS")


class SuitePlugin:
    """Makes the checks of one run the items of one pytest session.

    Args:
        run: The run whose checks they are.
        prove: Proves one of them.
        proven: Is told of each check when it has been run.
    """

    def __init__(self, run: Run, prove: Prove, proven: Report) -> None:
        self._run = run
        self._prove = prove
        self._proven = proven

        self.crash: BaseException | None = None

    def pytest_exception_interact(self, call: pytest.CallInfo[object]) -> None:
        """Keeps an error that is no verdict: the suite's own, which must not pass in silence."""
        if call.excinfo is not None:
            self.crash = self.crash or call.excinfo.value

    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector:
        """Answers the suite in place of the files of a directory."""
        return Suite.from_parent(
            parent, name=path.name, path=path, run=self._run, prove=self._prove, proven=self._proven
        )


class Suite(pytest.Directory):
    """All checks of a run."""

    def __init__(self, *, run: Run, prove: Prove, proven: Report, **where: object) -> None:
        super().__init__(**where)  # type: ignore[arg-type]  # pytest's own constructor arguments, passed through
        self._run = run
        self._prove = prove
        self._proven = proven

    def collect(self) -> Iterator["CheckItem"]:
        """Yields an item for each check."""
        for check in self._run.checks():
            yield CheckItem.from_parent(
                self, name=check.name, check=check, prove=self._prove, proven=self._proven
            )


class CheckItem(pytest.Item):
    """One check."""

    def __init__(self, *, check: Check, prove: Prove, proven: Report, **where: object) -> None:
        super().__init__(**where)  # type: ignore[arg-type]  # pytest's own constructor arguments, passed through
        self._check = check
        self._prove = prove
        self._proven = proven

    def runtest(self) -> None:
        """Proves the check; a server that cannot be reached any more ends the session."""
        try:
            self._prove(self._check)
        except Unreachable as reason:
            self.session.shouldstop = str(reason)
        else:
            self._proven(self._check)


def run_checks(run: Run, proven: Report, crew: Crew | None = None) -> None:
    """Runs all checks of a run under pytest, apart from the configuration and plugins of where it is called.

    A user who interrupts them ends them; the run keeps that in `interrupted`.

    Args:
        run: The run.
        proven: Is told of each check when it has been run.
        crew: Proves those that go beside others at the same time, if the server is slow.

    Raises:
        Exception: The suite itself failed, other than inside a check.
    """
    here = Path(__file__).parent
    arguments = [
        str(here),
        f"--config-file={here / 'pytest.ini'}",
        f"--rootdir={here}",
        "--disable-plugin-autoload",
        "-p",
        "no:terminal",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:capture",
        "-p",
        "no:faulthandler",
    ]
    plugin = SuitePlugin(run, crew.prove if crew else run.prove, proven)
    with _without_foreign_options(), interruptible(run):
        try:
            run.begin()
            if crew:
                crew.begin(run.checks())
            ended = pytest.main(arguments, plugins=[plugin])
        except Unreachable:
            return
        except KeyboardInterrupt:
            run.interrupted = True
            return
        finally:
            if crew:
                crew.dismiss()
    if plugin.crash:
        raise plugin.crash
    # A session that ends because the server is gone is interrupted too, but not by the user.
    run.interrupted |= ended is pytest.ExitCode.INTERRUPTED and not run.unreachable


@contextlib.contextmanager
def _without_foreign_options() -> Iterator[None]:
    taken = {name: os.environ.pop(name) for name in FOREIGN if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(taken)
