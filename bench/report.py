"""The results: kept as JSON row by row, shown as a table, written as the page docs/performance.md."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.run import ROWS

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).with_name("results.json")
PAGE = ROOT / "docs" / "performance.md"
REMARKS = Path(__file__).with_name("remarks.md")
MARKS: Mapping[bool | None, str] = {True: "yes", False: "**no**", None: ""}


def read(path: Path) -> dict[str, Any]:
    """Reads the results of earlier runs by row; none where there is no file."""
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def write(path: Path, results: Mapping[str, Any]) -> None:
    """Writes all results, rows in the order of the table."""
    ordered = {name: results[name] for name in ROWS if name in results}
    path.write_text(json.dumps(ordered, indent=1) + "\n", "utf-8")


def lines(name: str, result: Mapping[str, Any]) -> Iterator[str]:
    """Spells one row for the terminal."""
    yield f"{name}: {ROWS[name].what}"
    if "skipped" in result:
        yield f"  skipped: {result['skipped']}"
        return
    for contender, samples in result["samples"].items():
        cost = result["costs"].get(contender)
        spent = f"  {cost:g} ms of processor time each" if cost else ""
        yield f"  {contender:24} {_value(samples, result['unit'])}{spent}"
    for figure in result["figures"]:
        goal = f"  goal {figure['goal']}: {'met' if figure['met'] else 'NOT MET'}" if figure["goal"] else ""
        yield f"  {figure['label']}: {_value(figure, figure['unit'])}{goal}"
    yield from (f"  {note}" for note in result["notes"])


def page(results: Mapping[str, Any]) -> str:
    """Spells the page: what was measured where, the goals and what they came to, and the remarks."""
    measured = {name: result for name, result in results.items() if name in ROWS and "skipped" not in result}
    return "\n".join(
        [
            "# Performance",
            "",
            "Written by `python -m bench`; [bench/README.md](../bench/README.md) says how it measures.",
            "Ratios compare contenders that ran in turn, round by round;",
            "figures are medians, with the first and the third quartile in brackets.",
            "",
            *_machine(measured),
            "",
            "## Goals",
            "",
            *_goals(measured),
            "",
            "## Contenders",
            "",
            *_contenders(measured),
            "",
            *_notes(results),
            REMARKS.read_text("utf-8").rstrip(),
            "",
        ]
    )


def _machine(results: Mapping[str, Any]) -> Iterator[str]:
    machines = {
        json.dumps(result["machine"], sort_keys=True): result["machine"] for result in results.values()
    }
    for machine in machines.values():
        packages = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
        yield f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, {machine['python']};"
        yield f"{packages}."
    loads = sorted({result["load"] for result in results.values() if result["load"] is not None})
    if loads:
        yield f"Processes that wanted to run while it measured: {loads[0]:g} to {loads[-1]:g} over a minute."


def _goals(results: Mapping[str, Any]) -> Iterator[str]:
    yield "| row | figure | goal | measured | reached |"
    yield "|---|---|---|---|---|"
    for name, result in results.items():
        for figure in result["figures"]:
            value, goal = _value(figure, figure["unit"]), figure["goal"] or ""
            yield f"| `{name}` | {figure['label']} | {goal} | {value} | {MARKS[figure['met']]} |"


def _contenders(results: Mapping[str, Any]) -> Iterator[str]:
    yield "| row | what | contender | measured |"
    yield "|---|---|---|---|"
    for name, result in results.items():
        for contender, samples in result["samples"].items():
            yield f"| `{name}` | {ROWS[name].what} | {contender} | {_value(samples, result['unit'])} |"


def _notes(results: Mapping[str, Any]) -> Iterator[str]:
    """Tells what was not measured and why, and what came up on the way."""
    notes = [
        f"- `{name}`: {note}"
        for name, result in results.items()
        if name in ROWS
        for note in ([f"not measured: {result['skipped']}"] if "skipped" in result else result["notes"])
    ]
    if notes:
        yield from ("## Notes", "", *notes, "")


def _value(measured: Mapping[str, Any], unit: str) -> str:
    low, high = measured["spread"]
    return f"{_number(measured['median'])}{' ' + unit if unit else ''} [{_number(low)}, {_number(high)}]"


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


def missing(results: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Lists the rows that have no result yet."""
    return [name for name in names if name not in results or "skipped" in results[name]]
