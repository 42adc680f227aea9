"""Proving the suite itself, on mutants of the mock: they belong to the tests, so to a clone alone."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from conformance.report.summary import FAILED

CHECKOUT = Path(__file__).parents[1]
OPTION = "--prove"


def prove(arguments: Sequence[str]) -> None:
    """Runs the command of tests/proving, which may know both the suite and the mock.

    Args:
        arguments: What was typed after `--prove`.

    Raises:
        SystemExit: The command has ended; with 2 where the mutants are not installed.
    """
    if not (CHECKOUT / "tests" / "proving" / "command.py").is_file():
        sys.stderr.write(f"vecpact-check: {OPTION} needs mutants, which only a clone of the project has\n")
        raise SystemExit(FAILED)
    # The tests of whoever calls may have the same name.
    sys.path.insert(0, str(CHECKOUT))
    importlib.import_module("tests.proving.command").main(arguments)
