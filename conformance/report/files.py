"""The files that a run is reported in: each format is a function that writes a summary to a path."""

from collections.abc import Callable, Mapping
from pathlib import Path

from conformance.report.annotations import write_annotations
from conformance.report.badge import write_badge
from conformance.report.html_file import write_html
from conformance.report.json_file import write_json
from conformance.report.junit_file import write_junit
from conformance.report.markdown_file import write_markdown
from conformance.report.summary import Summary

Writer = Callable[[Summary, Path], None]

WRITERS: dict[str, Writer] = {
    "json": write_json,
    "junit": write_junit,
    "html": write_html,
    "markdown": write_markdown,
    "badge": write_badge,
    "annotations": write_annotations,
}


def write_reports(summary: Summary, paths: Mapping[str, Path]) -> None:
    """Writes a run in each of the formats that has a path.

    Raises:
        OSError: A file cannot be written.
    """
    for name, path in paths.items():
        WRITERS[name](summary, path)
