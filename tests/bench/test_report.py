"""The table and the page made of results."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bench import report
from bench.__main__ import cli
from bench.figures import Figure, Result, at_least
from bench.run import ROWS
from bench.uploads import body, documents, matrix, spoiled

MACHINE = {
    "processor": "Some CPU",
    "cores": 2,
    "system": "Linux",
    "python": "CPython 3.11",
    "versions": {"numpy": "2"},
}


def measured(value: float) -> dict[str, Any]:
    result = Result("requests/s", {"mock": [1234.0, 1235.0]}, {"mock": [0.05]})
    result.figures.append(Figure("mock / floor", [value], "", at_least(0.75)))
    return result.described() | {"machine": MACHINE, "load": 0.5}


def test_the_page_says_which_goals_are_reached() -> None:
    page = report.page({"health": measured(0.8), "poll": measured(0.7)})
    assert "| `health` | mock / floor | >= 0.75 | 0.8 [0.8, 0.8] | yes |" in page
    assert "| `poll` | mock / floor | >= 0.75 | 0.7 [0.7, 0.7] | **no** |" in page
    assert "Some CPU, 2 cores" in page
    assert "1,234 requests/s [1,234, 1,235]" in page


def test_the_page_says_what_was_not_measured_and_what_came_up() -> None:
    assert "## Notes" not in report.page({"health": measured(1)})
    noted = measured(1) | {"notes": ["a peer takes 1e999 for a number"]}
    page = report.page({"health": noted, "poll": {"skipped": "no wrk"}, "gone": {"skipped": "x"}})
    notes = "- `health`: a peer takes 1e999 for a number\n- `poll`: not measured: no wrk\n\n"
    assert f"\n\n## Notes\n\n{notes}## " in page


def test_a_row_is_told_on_the_terminal() -> None:
    lines = [*report.lines("health", measured(0.5))]
    assert lines[0].startswith("health: ")
    assert "NOT MET" in lines[2]
    assert [*report.lines("health", {"skipped": "no wrk"})][1] == "  skipped: no wrk"


def test_results_are_kept_in_the_order_of_the_table(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    assert report.read(path) == {}
    report.write(path, {"poll": {"skipped": "x"}, "health": measured(1), "gone": {}})
    assert [*report.read(path)] == [name for name in ROWS if name in ("poll", "health")]
    assert report.missing(report.read(path), ["poll", "health", "search"]) == ["poll", "search"]


def test_rows_are_listed_and_unknown_ones_refused() -> None:
    assert all(name in CliRunner().invoke(cli, ["--list"]).stdout for name in ROWS)
    refused = CliRunner().invoke(cli, ["nonsense"])
    assert refused.exit_code == 2
    assert "nonsense" in refused.output


@pytest.mark.parametrize("short", [True, False])
def test_uploads_are_valid_and_no_two_vectors_alike(short: bool) -> None:
    items = [item for first in (0, 1000) for item in json.loads(body(first, 5, short=short))["vectors"]]
    assert [item["id"] for item in items] == [f"v{place}" for place in (*range(5), *range(1000, 1005))]
    assert len({tuple(item["vector"]) for item in items}) == 10
    assert {len(item["vector"]) for item in items} == {768}


@pytest.mark.parametrize("short", [True, False])
def test_uploads_to_cortex_hold_the_same_vectors(short: bool) -> None:
    vectors = [item["vector"] for item in json.loads(body(1000, 25, short=short))["vectors"]]
    assert json.loads(matrix(1000, 25, short=short))["embeddings"] == vectors
    parts = [each["embeddings"] for each in json.loads(documents(1000, 25, short=short))["embeddings"]]
    assert [len(chunks) for chunks in parts] == [10, 10, 5]
    assert [chunk["embedding"] for chunks in parts for chunk in chunks] == vectors
    assert len({chunk["chunk_id"] for chunks in parts for chunk in chunks}) == 25


def test_a_spoiled_upload_has_another_last_number() -> None:
    assert spoiled(b'{"vectors": [{"id": "a", "vector": [1, 2]}]}', b"NaN").endswith(b"[1, NaN]}]}")
    assert spoiled(b'{"embeddings": [[1, 2]], "tags": ["a"]}', b"NaN").endswith(b'[[1, NaN]], "tags": ["a"]}')
