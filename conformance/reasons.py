"""Reasons: a TOML file in which a user says of clauses, by id or by glob, what the suite is to know of them.

"moorcheh.quota.concurrent" = "the cap is looked at before the lock is taken"
"moorcheh.files.*" = "the server reads no folder"
"""

import json
import tomllib
from collections.abc import Container, Iterator, Mapping, MutableMapping
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
    """Writes a file of ids with their reasons: what it holds stays as it is spelled, comments too.

    A file that is not there yet begins with the heading, as a comment.

    Raises:
        OSError: The file cannot be written.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else f"# {heading}\n"
    path.write_text(_amended(text, reasons) or _plain(reasons, heading), encoding="utf-8", errors="replace")


def _plain(reasons: Mapping[str, str], heading: str) -> str:
    """Spells ids with their reasons, under a comment."""
    # What JSON escapes in a string, and how, TOML does too.
    lines = (f'"{name}" = {json.dumps(reasons[name], ensure_ascii=False)}\n' for name in reasons)
    return "".join((f"# {heading}\n", *lines))


def _amended(text: str, reasons: Mapping[str, str]) -> str:
    """Answers a file with other entries, all else as it was; nothing, where that goes wrong."""
    # Few runs write such a file: the others start without what that needs.
    import tomlkit

    try:
        document = tomlkit.parse(text)
        known = dict(_flat(document))
        _keep(document, reasons)
        for name, reason in reasons.items():
            if name not in known:
                document[name] = reason
        amended = tomlkit.dumps(document)
        # tomlkit loses its way where tables are spelled in several places and one of them is emptied.
        return amended if {name for name, _ in _flat(tomllib.loads(amended))} == reasons.keys() else ""
    except (ValueError, LookupError):
        return ""


def _keep(table: MutableMapping[str, Any], names: Container[str], prefix: str = "") -> None:
    """Takes entries out of a table, but for those of the given dotted names."""
    for key, value in [*table.items()]:
        if isinstance(value, MutableMapping):
            _keep(value, names, f"{prefix}{key}.")
        if value == {} or (not isinstance(value, MutableMapping) and f"{prefix}{key}" not in names):
            del table[key]


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The entries of a table by dotted name: an id may be written with quotation marks and without."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
