"""Reasons: a TOML file in which a user says of clauses, by id or by glob, what the suite is to know of them.

"moorcheh.quota.concurrent" = "the cap is looked at before the lock is taken"
"moorcheh.files.*" = "the server reads no folder"
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.clause import all_clause_ids
from conformance.selection import matching


class UnusableReasonsError(ValueError):
    """The file cannot be used; the message says in one line what is wrong where."""


def load_reasons(path: Path, *, globs: bool = False) -> dict[str, str]:
    """Reads a file: the reason of each id or, with `globs`, of each id that a glob matches.

    A file may speak of several services.

    Raises:
        UnusableReasonsError: It cannot be read, is no TOML, or names what is no clause.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnusableReasonsError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise UnusableReasonsError(f"{path}: {error}") from error
    ids = all_clause_ids()
    reasons: dict[str, str] = {}
    for name, reason in _flat(table):
        if not (isinstance(reason, str) and reason.strip()):
            raise UnusableReasonsError(f"{path}: {name!r} has no reason: expected a text, got {reason!r}")
        found = [each for each in ids if matching(each, [name])] if globs else [name] * (name in ids)
        if not found:
            raise UnusableReasonsError(f"{path}: {name!r} is no clause; --list prints them all")
        reasons |= dict.fromkeys(found, " ".join(reason.split()))
    return reasons


def write_reasons(path: Path, reasons: Mapping[str, str], heading: str) -> None:
    """Writes a file of ids with their reasons, under a comment.

    Raises:
        OSError: The file cannot be written.
    """
    # What JSON escapes in a string, and how, TOML does too.
    lines = [
        f"# {heading}",
        *(f'"{name}" = {json.dumps(reasons[name], ensure_ascii=False)}' for name in reasons),
    ]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", errors="replace")


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The entries of a table by dotted name: an id may be written with quotation marks and without."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
