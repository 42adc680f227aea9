"""What a user wants of a run, as it was typed, and what these texts mean."""

import random
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, cast

import httpx
import typer

from conformance.clause import EVIDENCE_LEVELS, Clause, Evidence
from conformance.effort import QUICK, THOROUGH, USUAL, Effort
from conformance.known_broken import KnownBroken
from conformance.reasons import UnusableReasonsError, load_reasons
from conformance.report.summary import FAILED
from conformance.run import DEFAULT_EVIDENCE, Replay
from conformance.selection import NothingMatchesError, select
from conformance.service import Service

DEFAULT_LEVELS = ",".join(DEFAULT_EVIDENCE)
DEFAULT_TIMEOUT = 10.0
DEFAULT_JOB_TIMEOUT = 30.0

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True)
class Wishes:
    """What the user wants of a command, as it was typed; the option of each name says what it means."""

    base_url: str = ""
    levels: str = DEFAULT_LEVELS
    only: Sequence[str] = ()
    skip: Sequence[str] = ()
    examples: int | None = None
    quick: bool = False
    thorough: bool = False
    seed: int = field(default_factory=lambda: random.randrange(2**32))
    list_only: bool = False
    explain: str = ""
    reports: Mapping[str, Path] = field(default_factory=dict)
    job_timeout: float = DEFAULT_JOB_TIMEOUT
    timeout: float = DEFAULT_TIMEOUT
    headers: Sequence[str] = ()
    replay: str = ""
    workers: int | None = None
    write_repro: Path | None = None
    known_broken: Path | None = None
    update_known_broken: bool = False
    profile: Path | None = None

    @property
    def effort(self) -> Effort:
        """How hard the run tries."""
        if self.quick:
            return QUICK
        return THOROUGH if self.thorough else USUAL

    def explained(self, clauses: Mapping[str, Clause]) -> Clause:
        """The clause to explain."""
        if self.explain not in clauses:
            fail(f"--explain {self.explain!r}: no clause has this id; --list prints them all")
        return clauses[self.explain]

    def chosen(self, clauses: Mapping[str, Clause]) -> frozenset[str]:
        """The ids of the clauses to prove."""
        try:
            chosen = select(clauses, self.only, self.skip)
        except NothingMatchesError as error:
            fail(str(error))
        if not chosen:
            fail("--only and --skip leave no clause to prove")
        return chosen

    def evidence(self) -> tuple[Evidence, ...]:
        """The levels of evidence that may fail the run."""
        levels = [level.strip() for level in self.levels.split(",")]
        for level in levels:
            if level not in EVIDENCE_LEVELS:
                fail(f"--evidence {level!r}: expected one of {', '.join(EVIDENCE_LEVELS)}")
        return cast(tuple[Evidence, ...], tuple(levels))

    def header_fields(self) -> dict[str, str]:
        """What to send with every request."""
        fields = {}
        for text in self.headers:
            name, colon, value = text.partition(":")
            sound = HEADER_NAME.fullmatch(name.strip()) and value.isascii() and value.strip().isprintable()
            if not (colon and sound):
                fail(f"--header {text!r}: expected 'Name: value' in printable ASCII")
            fields[name.strip()] = value.strip()
        return fields

    def replayed(self, service: Service, chosen: frozenset[str]) -> Replay | None:
        """The one example to try again."""
        if not self.replay:
            return None
        name, _, choices = self.replay.partition(":")
        checks = [each for each in service.checks() if each.name == name]
        if not checks:
            fail(f"--replay: there is no check {name!r}; copy it whole from a `repeat` line")
        checks = [each for each in checks if chosen.intersection(each.clauses)]
        if not checks:
            fail(f"--replay: the check {name!r} says nothing of the clauses chosen by --only and --skip")
        if not all(each.takes(choices) for each in checks):
            fail(f"--replay: {choices!r} is no example of {name!r}; copy it whole from a `repeat` line")
        return Replay(name, choices)

    def known(self) -> KnownBroken:
        """What the user knows to be broken; a file that is to be written need not be there yet."""
        if self.known_broken is None:
            if self.update_known_broken:
                fail("--update-known-broken: expected --known-broken FILE beside it")
            return KnownBroken()
        renewed = None
        if self.update_known_broken:
            renewed = self.known_broken
            _require_writable(renewed)
            if not renewed.exists():
                return KnownBroken(renewed=renewed)
        try:
            return KnownBroken(load_reasons(self.known_broken), renewed)
        except UnusableReasonsError as error:
            fail(str(error))

    def not_offered(self) -> dict[str, str]:
        """The ids of the clauses on what the server does not offer, with the reason of each."""
        if self.profile is None:
            return {}
        try:
            return load_reasons(self.profile, globs=True)
        except UnusableReasonsError as error:
            fail(str(error))

    def require_sound(self) -> None:
        """Ends before the run, not after it, where the server's address or a report's file is no good."""
        if self.quick and self.thorough:
            fail("--quick and --thorough: expected one of them")
        for path in self.reports.values():
            _require_writable(path)
        if self.write_repro and self.write_repro.exists() and not self.write_repro.is_dir():
            fail(f"--write-repro {str(self.write_repro)!r}: expected a folder")
        if self.base_url:
            _require_address(self.base_url)


def fail(message: str) -> NoReturn:
    """Ends the command with one line on standard error and the code for "could not do its work"."""
    sys.stderr.write(f"vecpact-check: {message}\n")
    raise typer.Exit(FAILED)


def _require_writable(path: Path) -> None:
    if not path.absolute().parent.is_dir():
        fail(f"{path}: there is no folder {path.parent}")
    is_new = not path.exists()
    try:
        path.open("a").close()
        if is_new:
            path.unlink()
    except OSError as error:
        fail(f"{path}: {error.strerror}")


def _require_address(url: str) -> None:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        fail(f"--base-url {url!r}: {error}")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        fail(f"--base-url {url!r}: expected an address such as http://localhost:8080")
