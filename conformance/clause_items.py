"""The clauses of a service as items of a user's own pytest session, one after another or side by side."""

import contextlib
import secrets
import shlex
import tempfile
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from conformance.check import Check
from conformance.command import options_of
from conformance.inside import PLUGIN
from conformance.report.story import story_of
from conformance.share import Share
from conformance.target import Target, Unreachable
from conformance.turns import Turns
from conformance.verdict import Result, Verdict
from conformance.wanted import COMMANDS, UnwantedError, refusals, wanted

MISSING = "no server to test: add --vecpact-base-url URL, and --vecpact-service cortex for the other service"
NOTHING = "vecpact: of no clause it could be said whether it holds"
CLAUSE = "vecpact-clause"
WHOLE_SERVER = "vecpact-whole-server"
FAILING = (Verdict.BROKEN, Verdict.STALE, Verdict.ERROR)
TOLD = (Verdict.KNOWN, Verdict.ADVICE, Verdict.NOTED)


class ClauseError(AssertionError):
    """A clause is broken, is known to be and is not, or the suite failed at it: the message is its story."""


class Clauses:
    """The suite of one pytest session, or of one worker of it.

    Args:
        config: The session's.

    Raises:
        pytest.UsageError: The suite cannot do what the options ask for.
    """

    def __init__(self, config: pytest.Config) -> None:
        option = config.option
        # What the session tells its workers; nothing where there are none, and in the session itself.
        told: dict[str, Any] = getattr(config, "workerinput", {}).get(PLUGIN, {})
        words = ["--base-url", option.vecpact_base_url]
        try:
            words += shlex.split(option.vecpact_options)
            words += ["--seed", str(told["seed"])] if told else []
            self._ends = contextlib.ExitStack()
            self._wishes, own = wanted(option.vecpact_service, words)
            with refusals():
                self._wishes.require_sound()
                bind = COMMANDS[option.vecpact_service][1]
                self._binding = self._ends.enter_context(bind(self._wishes, **own))
                self._options = options_of(self._binding.service, self._wishes, self._binding.options)
        except (UnwantedError, ValueError) as error:
            raise pytest.UsageError(f"--vecpact-options: {error}") from None
        if self._wishes.reports or self._wishes.update_known_broken:
            raise pytest.UsageError("--vecpact-options: inside pytest only pytest writes files")
        self._is_worker = bool(told)
        self._family = told.get("family") or secrets.token_hex(4)
        self._judged: int | None = None
        if not self._is_worker:
            self._ends.callback(self._lock.unlink, missing_ok=True)
            # What needs the whole server must follow each other in one worker.
            if getattr(option, "dist", "no") in ("load", "worksteal"):
                option.dist = "loadgroup"

    @property
    def _lock(self) -> Path:
        return Path(tempfile.gettempdir()) / f"vecpact-{self._family}.lock"

    @cached_property
    def share(self) -> Share:
        """What this session, or worker, proves."""
        headers = {**self._binding.headers, **self._wishes.header_fields()}
        target = Target(self._wishes.base_url, headers=headers, timeout=self._wishes.timeout)
        self._ends.enter_context(target)
        turns = Turns(self._lock if self._is_worker else None)
        family = self._family if self._is_worker else ""
        return Share(self._binding, target, self._options, turns, family)

    def pytest_report_header(self) -> str:
        """Says what is proven, and the seed that repeats it."""
        service = self._binding.service.prefix
        return f"vecpact: {service} at {self._wishes.base_url}, seed {self._options.seed}"

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tells a worker what all of them share."""
        node.workerinput[PLUGIN] = {"seed": self._options.seed, "family": self._family}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Moves to the end what fills the server."""
        items.sort(key=_fills)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, nextitem: pytest.Item | None) -> Iterator[None]:
        """Empties the server again when what follows does not fill it."""
        try:
            return (yield)
        finally:
            if "share" in vars(self) and not (nextitem and _fills(nextitem)):
                with contextlib.suppress(Unreachable):
                    self.share.empty()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Counts the clauses that were judged, by whichever worker."""
        if report.when == "call" and CLAUSE in dict(report.user_properties):
            self._judged = (self._judged or 0) + (not report.skipped or hasattr(report, "wasxfail"))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Leaves nothing behind on the server, and lets no session pass that has proven nothing."""
        if "share" in vars(self):
            with contextlib.suppress(Unreachable):
                self.share.finish()
        if self._judged == 0 and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Says why such a session fails."""
        if self._judged == 0:
            terminalreporter.write_line(NOTHING, red=True)

    def pytest_unconfigure(self) -> None:
        """Closes what was opened."""
        self._ends.close()


class Contract(pytest.Directory):
    """All clauses of a service."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yields an item for each clause, and for each check that explores."""
        clauses: Clauses | None = self.config.pluginmanager.get_plugin(PLUGIN)
        if clauses is None:
            yield NoServer.from_parent(self, name="base-url")
            return
        has_groups = self.config.pluginmanager.has_plugin("xdist")
        for name, checks in clauses.share.parts().items():
            about = clauses.share.title_of(checks)
            item = ClauseItem.from_parent(self, name=name, about=about, checks=checks, share=clauses.share)
            if item.fills and has_groups:
                item.add_marker(pytest.mark.xdist_group(WHOLE_SERVER))
            yield item


class NoServer(pytest.Item):
    """Stands for all clauses where no server is named."""

    def runtest(self) -> None:
        """Says what is missing."""
        pytest.fail(MISSING, pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where the item comes from."""
        return self.path, None, self.name


class ClauseItem(pytest.Item):
    """One clause, or one check that explores.

    Attributes:
        fills: Whether it needs the whole server.
    """

    def __init__(self, *, about: str, checks: Sequence[Check], share: Share, **where: Any) -> None:
        super().__init__(**where)
        self._about = about
        self._checks = checks
        self._share = share
        self.fills = share.fills(checks)
        self.user_properties.append((CLAUSE, self.name))

    def runtest(self) -> None:
        """Proves it: broken fails, unproven skips, and what is advice or noted is an expected failure."""
        if self._share.unreachable:
            # No test is left out: the item is a clause, and there is nobody to be asked about it.
            pytest.skip(self._share.unreachable)
        try:
            results = self._share.prove(self._checks)
        except Unreachable as reason:
            pytest.fail(str(reason), pytrace=False)
        _judge(results)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """A failure as the suite prints it."""
        if isinstance(excinfo.value, ClauseError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where the item comes from: the package, for a clause has no line; and what it is about."""
        return self.path, None, f"{self.name}: {self._about}"


def _judge(results: Sequence[Result]) -> None:
    """Ends an item as its verdicts say."""
    failing = [result for result in results if result.verdict in FAILING]
    if failing:
        raise ClauseError("\n\n".join(map(story_of, failing)))
    for result in results:
        if result.verdict in TOLD:
            remark = f"{result.detail}: " if result.detail else ""
            pytest.xfail(f"{result.verdict}: {remark}expected {result.expected}, got {result.got}")
        if result.verdict is not Verdict.KEPT:
            # Unproven or left out: in a user's pytest that is a skipped item, with the reason.
            pytest.skip(f"{result.verdict}: {result.detail}")


def _fills(item: pytest.Item) -> bool:
    return isinstance(item, ClauseItem) and item.fills
