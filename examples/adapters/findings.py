"""Writes docs/findings.md: what the client suite finds of the official Python client of Moorcheh.

    python examples/adapters/findings.py

It runs the suite on both classes of the client with one seed, and sets the verdicts side by side.
"""

import importlib.metadata
import json
import platform
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "findings.md"
ADAPTER = "examples/adapters/moorcheh_client.py"
# The words of the adapter's command line for each class, under the name of the class.
CLASSES = {"MoorchehClient": [ADAPTER], "MoorchehApiClient": [ADAPTER, "flat"]}
OPTIONS = ["client", "moorcheh", "--seed", "1", "--evidence", "documented,implied,assumed"]
KEPT = "kept"


def report(words: Sequence[str]) -> Mapping[str, Any]:
    """The JSON report of the suite on one class."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        command = [
            sys.executable,
            "-m",
            "conformance",
            *OPTIONS,
            "--json",
            str(file),
            "--",
            sys.executable,
            *words,
        ]
        subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
        document: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return document


def page(reports: Mapping[str, Mapping[str, Any]]) -> str:
    """The page, from the report on each class."""
    commands = [
        shlex.join(["python", "-m", "conformance", *OPTIONS, "--", "python", *words])
        for words in CLASSES.values()
    ]
    facts = {
        "client": f"moorcheh-client {importlib.metadata.version('moorcheh-client')}, from PyPI",
        "suite": f"vecpact {importlib.metadata.version('vecpact')}, its bundled mock",
        "Python": platform.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
    }
    return "\n".join(
        [
            "# Findings: the official Python client of Moorcheh",
            "",
            "What the client suite says of both classes of `moorcheh-client`, clause by clause.",
            "`python examples/adapters/findings.py` writes this page anew.",
            "",
            "```sh",
            *commands,
            "```",
            "",
            *_table(["", ""], facts.items()),
            "",
            "## Verdicts",
            "",
            *_table(["verdict", *reports], _sums(reports)),
            "",
            "`advice` is a should that does not hold. `unproven` are clauses on what the client has not:",
            "a wait for uploads, and repeats. Clauses whose evidence is assumed say how a client behaves",
            "where the documentation is silent; they fail a run only where `--evidence` says so.",
            "The adapter tells `quota` from `MoorchehApiError.is_item_limit_exceeded`.",
            "",
            *_table(["clause", "evidence", "force", *reports], _verdicts(reports)),
            "",
            "## What came, where a clause is not kept",
            "",
            *_stories(reports),
        ]
    )


def _sums(reports: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    verdicts = dict.fromkeys(
        verdict for each in reports.values() for verdict, many in each["summary"].items() if many
    )
    return [[verdict, *(str(each["summary"][verdict]) for each in reports.values())] for verdict in verdicts]


def _verdicts(reports: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    rows = zip(*(each["clauses"] for each in reports.values()), strict=True)
    return [
        [f"`{row[0]['id']}`", row[0]["evidence"], row[0]["force"], *(each["verdict"] for each in row)]
        for row in rows
    ]


def _stories(reports: Mapping[str, Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    for row in zip(*(each["clauses"] for each in reports.values()), strict=True):
        told = {
            name: _story(entry) for name, entry in zip(reports, row, strict=True) if entry["verdict"] != KEPT
        }
        if told:
            lines += [f"**{row[0]['id']}**: {row[0]['title']}.", ""]
            same = len(set(told.values())) == 1 and len(told) == len(reports)
            shown = {"both": next(iter(told.values()))} if same else told
            lines += [f"- {name}: {story}" for name, story in shown.items()]
            lines.append("")
    return lines


def _story(entry: Mapping[str, Any]) -> str:
    if entry["expected"]:
        return f"expected {_code(entry['expected'])}, got {_code(entry['got'])}"
    return f"{entry['verdict']}, {entry['detail']}"


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def _table(heads: Sequence[str], rows: Any) -> list[str]:
    return [
        f"| {' | '.join(heads)} |",
        f"|{'---|' * len(heads)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


if __name__ == "__main__":
    PAGE.write_text(
        page({name: report(words) for name, words in CLASSES.items()}).rstrip("\n") + "\n", encoding="utf-8"
    )
    print(f"{PAGE.relative_to(ROOT)} is written")
