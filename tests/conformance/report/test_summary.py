"""The summary counts the verdicts, and the exit code follows from them."""

import importlib.metadata
from typing import Any

import pytest

from conformance.report.summary import suite_version
from conformance.verdict import Verdict
from tests.conformance.report.results import RESULTS, summary_of, verdicts_of

KEPT, BROKEN, KNOWN, STALE, ADVICE, NOTED, UNPROVEN, ERROR, SKIPPED = Verdict


def test_every_verdict_is_counted_those_that_nobody_has_too() -> None:
    assert summary_of(*RESULTS, *verdicts_of(KEPT)).counts == {
        **dict.fromkeys(("broken", "known", "stale", "advice", "noted", "unproven", "error"), 1),
        "kept": 2,
        "skipped": 2,
    }
    assert summary_of().counts == dict.fromkeys(map(str, Verdict), 0)


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([KEPT], 0),
        ([KEPT, ADVICE, NOTED, UNPROVEN, SKIPPED], 0),
        ([ADVICE], 0),
        ([NOTED, SKIPPED], 0),
        ([KEPT, BROKEN], 1),
        ([BROKEN], 1),
        ([BROKEN, ERROR, UNPROVEN], 1),
        ([KEPT, KNOWN], 0),
        ([KNOWN], 0),
        ([KEPT, STALE], 1),
        ([STALE, ERROR], 1),
        ([KEPT, ERROR], 2),
        ([UNPROVEN, SKIPPED], 2),
        ([], 2),
    ],
)
def test_the_exit_code_follows_from_the_verdicts(verdicts: list[Verdict], code: int) -> None:
    assert summary_of(*verdicts_of(*verdicts)).exit_code == code


@pytest.mark.parametrize(
    ("how", "verdicts", "code"),
    [
        ({"unreachable": "gone"}, [KEPT], 2),
        ({"unreachable": "gone"}, [KEPT, BROKEN], 1),
        ({"interrupted": True}, [KEPT], 130),
        ({"interrupted": True}, [BROKEN], 130),
    ],
)
def test_a_run_that_did_not_come_to_its_end_never_conforms(
    how: Any, verdicts: list[Verdict], code: int
) -> None:
    assert summary_of(*verdicts_of(*verdicts), **how).exit_code == code


def test_a_clause_is_judged_if_the_run_can_say_whether_it_holds() -> None:
    assert summary_of(*RESULTS).judged == 6


def test_the_version_is_that_of_the_installed_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", {"vecpact": "1.2.3"}.__getitem__)
    assert suite_version() == "1.2.3"


def test_a_checkout_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", nobody)
    assert suite_version() == "unknown"
