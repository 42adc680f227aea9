"""The report as one page for a browser: it asks for nothing else, and a server's answers are text alone."""

import base64
import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.report.source import page_of
from conformance.report.story import (
    COMMANDS,
    OUTCOMES,
    TOLD_IN_FULL,
    URGENCY,
    counted,
    facts_of,
    legible,
    remark_on,
)
from conformance.report.summary import Summary
from conformance.verdict import Result, Verdict

PAGE = Path(__file__).with_name("page")
CELL, CELLS_IN_A_ROW = 20, 10


@dataclass(frozen=True, slots=True)
class Area:
    """The clauses of one area, and where the picture shows each of them.

    Attributes:
        name: The area's name.
        results: The verdicts on its clauses, in the order of the contract.
    """

    name: str
    results: list[Result]

    @property
    def cells(self) -> Iterator[tuple[int, int, Result]]:
        """A cell of the picture for each clause: its left and its upper edge in pixels, and the verdict."""
        for number, result in enumerate(self.results):
            row, column = divmod(number, CELLS_IN_A_ROW)
            yield column * CELL, row * CELL, result

    @property
    def size(self) -> tuple[int, int]:
        """The width and the height of the picture in pixels."""
        count = len(self.results)
        return min(count, CELLS_IN_A_ROW) * CELL, math.ceil(count / CELLS_IN_A_ROW) * CELL

    @property
    def counts(self) -> str:
        """The verdicts in words, the most urgent first."""
        verdicts = [result.verdict for result in self.results]
        return ", ".join(f"{verdicts.count(each)} {each}" for each in URGENCY if each in verdicts)


def write_html(summary: Summary, path: Path) -> None:
    """Writes the report.

    Raises:
        OSError: The file cannot be written.
    """
    path.write_bytes(page(summary).encode("utf-8"))


def page(summary: Summary) -> str:
    """The report as an HTML document."""
    # Only this report needs the template engine: a run without it need not wait for its import.
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PAGE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    style, script = ((PAGE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return environment.get_template("page.html").render(
        summary=summary,
        outcome=OUTCOMES[summary.exit_code],
        areas=_areas(summary),
        findings=[
            result for verdict in TOLD_IN_FULL for result in summary.results if result.verdict is verdict
        ],
        verdicts=[verdict for verdict in URGENCY if summary.counts[verdict]],
        skipped=Verdict.SKIPPED,
        commands=COMMANDS,
        cell=CELL,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        facts_of=facts_of,
        page_of=page_of,
        remark_on=remark_on,
        counted=counted,
    )


def _areas(summary: Summary) -> list[Area]:
    by_area: dict[str, list[Result]] = {}
    for result in summary.results:
        by_area.setdefault(result.clause.area, []).append(result)
    return [Area(name, results) for name, results in by_area.items()]


def _finalized(value: Any) -> Any:
    """What is put into the page: text without what HTML would change or cannot hold."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return legible(value).replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _hash(text: str) -> str:
    """What the page's policy names a style or a script by, so that no other is applied or run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
