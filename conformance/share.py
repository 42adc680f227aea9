"""A share of a run: clauses proven one at a time, in an order that others choose, maybe side by side."""

import contextlib
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from hypothesis import configuration

from conformance.binding import Binding
from conformance.check import Check
from conformance.run import Options, Run
from conformance.target import Target
from conformance.turns import Turns
from conformance.verdict import Result, Verdict


class Share:
    """What one process proves of a service's clauses.

    Args:
        binding: The service.
        target: The server under test.
        options: What the user chose.
        turns: Its turns among the processes that have a share.
        family: The name of the whole run, where it has several shares.
    """

    def __init__(
        self, binding: Binding, target: Target, options: Options, turns: Turns, family: str = ""
    ) -> None:
        self._service = binding.service
        self._driver = binding.connect(target)
        if family:
            self._driver.join(family)
        self._turns = turns
        self._run = Run(binding.service, self._driver, options)
        self._checks = self._run.checks()
        self._proven: set[Check] = set()

    @property
    def unreachable(self) -> str:
        """Why the server takes no connection any more; empty while it does."""
        return self._run.unreachable

    def parts(self) -> dict[str, list[Check]]:
        """What can be proven alone, by name: the checks of a clause, or one that explores."""
        parts: dict[str, list[Check]] = {}
        for check in self._checks:
            parts.setdefault(_part_of(check), []).append(check)
        chosen = self._run.options.chosen
        return {
            name: checks
            for name, checks in parts.items()
            if checks[0].explores or not chosen or name in chosen
        }

    def title_of(self, checks: Sequence[Check]) -> str:
        """What the checks of a part are about, in one line."""
        if checks[0].explores:
            return f"{len(checks[0].clauses)} clauses together"
        return self._run.clauses[checks[0].clauses[0]].title

    def fills(self, checks: Sequence[Check]) -> bool:
        """Whether checks, or those of clauses that theirs depend on, need the whole server."""
        return any(check.exclusive for check in self._with_bases(checks))

    def prove(self, checks: Sequence[Check]) -> list[Result]:
        """Proves the checks of a part, after those that they depend on, and answers the verdicts.

        A check that explores has a verdict only on what it, and no other check before, has found.

        Raises:
            Unreachable: The server takes no connection any more.
        """
        *bases, last = self._with_bases(checks)
        for check in bases:
            self._prove(check)
        if not last.explores:
            self._prove(last)
            return [self._run.result(last.clauses[0])]
        before = self._verdicts(last)
        self._prove(last)
        after = self._verdicts(last)
        return [self._run.result(clause) for clause in after if after[clause] is not before[clause]]

    def empty(self) -> None:
        """Takes from the server what has filled it, and lets others work again."""
        if self._turns.is_kept:
            if not self.unreachable:
                self._driver.forget()
            self._turns.give_back()

    def finish(self) -> None:
        """Takes from the server all that this share has made there."""
        self._turns.give_back()
        with self._turns.taken(alone=False):
            self._run.finish()

    def _prove(self, check: Check) -> None:
        if check in self._proven:
            return
        if check.exclusive:
            self._turns.keep()
        # The first check also finds out what the server can do at all, by what it stores and counts.
        alone = not self._proven or self._service.counts(check)
        with self._turns.taken(alone=alone), _apart_from_the_users_own():
            self._run.prove(check)
        self._proven.add(check)

    def _verdicts(self, check: Check) -> dict[str, Verdict]:
        return {clause: self._run.result(clause).verdict for clause in check.clauses}

    def _with_bases(self, checks: Sequence[Check]) -> list[Check]:
        """The checks, each after those of all clauses that its own depends on, through others too."""
        ordered: dict[Check, None] = {}

        def add(check: Check) -> None:
            for clause in check.clauses:
                for basis in self._run.clauses[clause].depends_on:
                    for needed in self._checks:
                        if _part_of(needed) == basis and needed not in ordered:
                            add(needed)
            ordered.setdefault(check)

        for check in checks:
            add(check)
        return list(ordered)


def _part_of(check: Check) -> str:
    return check.name if check.explores else check.clauses[0]


@contextlib.contextmanager
def _apart_from_the_users_own() -> Iterator[None]:
    """Keeps a check from the user's wishes on warnings, and hypothesis from the user's folder."""
    # Hypothesis has a function to set this and none to ask for it.
    usual = vars(configuration).get("__hypothesis_home_directory")
    configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "vecpact-hypothesis")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        configuration.set_hypothesis_home_dir(usual)
