"""Proves a variant: runs the suite on it and lists what is held against it."""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformance import driver
from conformance.asgi import AsgiTransport
from conformance.check import Server
from conformance.clause import EVIDENCE_LEVELS
from conformance.cortex import CORTEX
from conformance.cortex.driver import Cortex
from conformance.cortex.driver import Terms as CortexTerms
from conformance.moorcheh import MOORCHEH
from conformance.moorcheh.driver import FilesFolder, Moorcheh, Terms
from conformance.run import Options, Run
from conformance.service import Service
from conformance.target import Target
from conformance.verdict import Result
from mock_server import create_app
from tests.tolerant.registry import Variant
from tests.tolerant.serving import SERVERS

MAX_ITEMS = 7_000  # more than a check deletes at once, and soon filled
KEY = {"authorization": "Bearer any"}
SERVICES: Mapping[str, Service] = {service.name: service for service in (MOORCHEH, CORTEX)}


class Clock:
    """Time that passes only while somebody waits, by exactly as much."""

    def __init__(self) -> None:
        self._now = 1_780_000_000.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """The moment, in seconds since 1970."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Passes."""
        with self._lock:
            self._now += seconds


def alarms_of(
    variant: Variant, patch: pytest.MonkeyPatch, folder: Path, *, whole: bool, **options: Any
) -> dict[str, str]:
    """Runs the suite on a variant; what is said of each clause that is not kept, but for what it may lack.

    Args:
        variant: The variant.
        patch: Changes the mock, and is to be undone afterwards.
        folder: Where files for the server go.
        whole: Whether all clauses are proven, or those alone that its choice could touch.
        options: More of a run's options, such as seed and examples.
    """
    service = SERVICES[variant.service]
    chosen = None if whole else frozenset(_matching(variant.only, service))
    if variant.change:
        variant.change(patch)
    with _target(variant, patch, folder) as target:
        run = Run(
            service,
            _driver(variant, target, folder),
            Options(chosen=chosen, evidence=EVIDENCE_LEVELS, **options),
        )
        for check in run.checks():
            run.prove(check)
        run.finish()
        results = {result.clause.id: result for result in run.results()}
    return {
        each: _told(result)
        for each, result in results.items()
        if result.verdict not in ("kept", "skipped") and result.verdict != _lacked(variant, each)
    }


def _told(result: Result) -> str:
    reason = result.detail or f"expected {result.expected}, got {result.got}"
    return f"{result.verdict}: {reason} {result.sent}".rstrip()


def _matching(globs: Any, service: Service) -> Iterator[str]:
    for glob in globs:
        found = [each for each in service.clauses() if fnmatchcase(each, glob)]
        assert found, f"{glob!r} names no clause"
        yield from found


def _lacked(variant: Variant, clause: str) -> str:
    return next((verdict for glob, verdict in variant.lacks.items() if fnmatchcase(clause, glob)), "")


def _driver(variant: Variant, target: Target, folder: Path) -> Server:
    if variant.service == MOORCHEH.name:
        return Moorcheh(target, Terms(**{"files": FilesFolder(folder, str(folder)), **variant.terms}))
    return Cortex(target, CortexTerms(**variant.terms))


@contextlib.contextmanager
def _target(variant: Variant, patch: pytest.MonkeyPatch, folder: Path) -> Iterator[Target]:
    settings = {"max_items": MAX_ITEMS, "files": [folder], **variant.settings}
    if variant.clocked:
        clock = Clock()
        settings["clock"] = clock.now
        patch.setattr(driver, "time", SimpleNamespace(monotonic=clock.now, sleep=clock.sleep))
    app: Any = create_app(services=[variant.service], **settings)
    if variant.wraps:
        app = variant.wraps(app)
    headers = KEY if variant.service == CORTEX.name else {}
    if variant.server is None:
        with Target("http://variant", headers=headers, transport=AsgiTransport(app)) as target:
            yield target
    else:
        with SERVERS[variant.server](app) as url, Target(url, headers=headers) as target:
            yield target
