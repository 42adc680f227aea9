"""The page holds all that is known of a run, asks for nothing else, and lets no answer be more than text."""

import base64
import hashlib
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest

from conformance.clause import Clause
from conformance.report.html_file import CELLS_IN_A_ROW, Area, page
from conformance.report.story import facts_of
from conformance.verdict import Result, Verdict
from tests.conformance.report.results import GOLDEN, RESULTS, fault_of, result_of, summary_of
from tests.conformance.serving import MUST

BY_AREA = sorted(GOLDEN, key=lambda result: result.clause.area)
VOID = {"meta", "link", "input", "br"}


class Reader(HTMLParser):
    """Reads a page as a browser does, and keeps its elements and the text of each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element of a drawing that has no content."""
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Asserts that the elements are nested."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keeps a text for the element that it stands in."""
        if self.open:
            self.texts[self.open[-1]][-1] += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of each element with a tag."""
        return [attributes for name, attributes in self.found if name == tag]


def read(*results: Result, **more: Any) -> Reader:
    """The page of a run."""
    return Reader(page(summary_of(*results, **more)))


def test_every_clause_has_a_row_with_its_verdict_and_story() -> None:
    reader = read(*GOLDEN)
    rows = reader.all("details")
    assert [(row["id"], row["data-verdict"]) for row in rows] == [
        (result.clause.id, result.verdict.value) for result in BY_AREA
    ]
    assert [row["id"] for row in rows if "open" in row] == [
        result.clause.id for result in BY_AREA if result.verdict is Verdict.BROKEN
    ]
    names = [name for result in BY_AREA for name, _ in facts_of(result)]
    assert [text for text in reader.texts["dt"] if text in names] == names


def test_every_clause_is_a_cell_of_the_picture_of_its_area() -> None:
    reader = read(*GOLDEN)
    cells = [link for link in reader.all("a") if "cell" in link.get("class", "")]
    assert [link["href"] for link in cells] == [f"#{result.clause.id}" for result in BY_AREA]
    pictures = [svg["aria-label"] for svg in reader.all("svg") if svg.get("role") == "img"]
    assert pictures == [
        "first: 2 broken, 1 stale, 1 error, 1 known, 1 unproven, 1 kept, 2 skipped",
        "second: 1 advice, 1 noted, 1 unproven",
    ]


@pytest.mark.parametrize("count", [1, CELLS_IN_A_ROW, CELLS_IN_A_ROW + 1])
def test_the_cells_of_an_area_lie_side_by_side_within_its_picture(count: int) -> None:
    area = Area("first", [result_of(MUST, Verdict.KEPT)] * count)
    width, height = area.size
    places = [(x, y) for x, y, _ in area.cells]
    assert len(set(places)) == count
    assert all(0 <= x < width and 0 <= y < height for x, y in places)
    assert len({y for _, y in places}) == -(-count // CELLS_IN_A_ROW)


def test_clauses_of_one_area_stand_together_even_if_the_contract_parts_them() -> None:
    reader = read(*RESULTS, RESULTS[0])
    areas = [section["id"] for section in reader.all("section") if section.get("class") == "clauses"]
    assert areas == ["area-first", "area-second"]


def test_the_page_asks_for_nothing_else() -> None:
    reader = read(*GOLDEN)
    assert reader.all("img") == reader.all("iframe") == reader.all("base") == []
    assert [link["href"] for link in reader.all("link")] == ["data:,"]
    assert reader.all("script") == [{}]
    addresses = [element[name] for _, element in reader.found for name in ("href", "src") if name in element]
    assert {address[0] for address in addresses if address != "data:,"} == {"#"}
    assert "url(" not in reader.texts["style"][0]
    assert "@import" not in reader.texts["style"][0]


def test_the_policy_of_the_page_allows_its_own_style_and_script_alone() -> None:
    reader = read(*GOLDEN)
    (policy,) = (meta["content"] for meta in reader.all("meta") if "http-equiv" in meta)
    allowed = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert allowed["default-src"] == "'none'"
    for kind, element in (("style-src", "style"), ("script-src", "script")):
        (text,) = reader.texts[element]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert allowed[kind] == f"'sha256-{digest}'"
    # What the policy would not let pass must not be there.
    assert not [
        1 for _, attributes in reader.found for name in attributes if name == "style" or name[:2] == "on"
    ]


def test_a_clause_links_to_the_page_it_comes_from() -> None:
    documented = Clause("moorcheh.quota.x", "A fact", "on-prem/page, 409", "documented", "must")
    links = read(result_of(documented, Verdict.KEPT)).all("a")
    (link,) = (link for link in links if link["href"].startswith("http"))
    assert link["href"] == "https://docs.moorcheh.ai/on-prem/page"
    assert "noopener" in link["rel"]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"unreachable": "http://server <takes> no connection"}, "http://server <takes> no connection"),
        ({"interrupted": True}, "The run was interrupted: what was not run is unproven."),
    ],
)
def test_the_end_of_a_run_that_was_cut_short_is_told(how: dict[str, Any], told: str) -> None:
    assert told in read(RESULTS[0], **how).texts["p"]


def test_a_server_without_faults_has_nothing_that_does_not_hold() -> None:
    reader = read(RESULTS[0])
    assert "What does not hold" not in reader.texts["h2"]
    assert reader.texts["strong"] == ["keeps its contract"]


@pytest.mark.parametrize("count", [1, 2])
def test_what_was_skipped_is_not_shown_at_first_unless_there_is_nothing_else(count: int) -> None:
    results = [result_of(MUST, Verdict.SKIPPED, detail="not chosen"), RESULTS[0]][:count]
    boxes = {
        box["value"]: "checked" in box for box in read(*results).all("input") if box["type"] == "checkbox"
    }
    assert boxes == {1: {"skipped": True}, 2: {"kept": True, "skipped": False}}[count]


@pytest.mark.parametrize("got", ["\ud800", "\x00"])
def test_text_that_a_page_cannot_hold_is_replaced(got: str) -> None:
    text = page(summary_of(fault_of(MUST, Verdict.BROKEN, got=f"200 {got} end")))
    assert re.search("200 (\\\\ud800|\ufffd) end", text)
    text.encode("utf-8")


def test_the_template_engine_is_imported_for_a_page_alone() -> None:
    program = "import sys, conformance.__main__; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
