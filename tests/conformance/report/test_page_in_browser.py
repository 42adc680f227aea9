"""The page in a real browser: what it shows, filters, remembers, prints, and does not let a server do."""

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from conformance.report.html_file import write_html
from conformance.report.story import facts_of, legible
from conformance.report.summary import Summary
from conformance.verdict import Verdict
from tests.conformance.report.results import FAULT, GOLDEN, HOSTILE, summary_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What is shown at first: all but what was skipped.
SHOWN = sum(result.verdict is not Verdict.SKIPPED for result in GOLDEN)
# The ratio of luminances from which small text is readable (WCAG 2, level AA).
READABLE = 4.5
CONTRASTS = """
selector => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const luminance = colour => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map(each => {
      const share = each / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = element => {
    let behind = element;
    while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
    const ink = luminance(getComputedStyle(element).color);
    const ground = luminance(getComputedStyle(behind).backgroundColor);
    return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
  };
  const shown = [...document.querySelectorAll(selector)].filter(element => element.checkVisibility());
  return shown.map(element => [element.textContent, contrast(element)]);
}
"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the page of a run in a window of its own, which must not complain nor ask for anything else."""
    complaints: list[str] = []
    contexts = []

    def opened(summary: Summary | None = None, *, anchor: str = "", script: str = "", **window: Any) -> Page:
        path = tmp_path / "report.html"
        write_html(summary or summary_of(*GOLDEN), path)
        context = browser.new_context(offline=True, reduced_motion="reduce", **window)
        contexts.append(context)
        shown = context.new_page()
        if script:
            shown.add_init_script(script)
        shown.on("console", lambda message: complaints.append(message.text))
        shown.on("pageerror", lambda error: complaints.append(str(error)))
        shown.on("dialog", lambda dialog: complaints.append(dialog.message))
        shown.on("request", lambda request: asked.append(request.url))
        asked: list[str] = []
        address = path.as_uri()
        shown.goto(address + anchor)
        assert {url.partition("#")[0] for url in asked} - {"data:,"} == {address}
        return shown

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def visible(page: Page) -> list[str]:
    """The ids of the clauses that are shown."""
    ids = page.eval_on_selector_all(
        "details.clause", "all => all.filter(e => e.checkVisibility()).map(e => e.id)"
    )
    return list(ids)


def ids_of(*verdicts: Verdict) -> set[str]:
    """The ids of the clauses with one of these verdicts."""
    return {result.clause.id for result in GOLDEN if result.verdict in verdicts}


def background(page: Page) -> str:
    """The colour behind the page."""
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_all_is_shown_but_what_was_skipped(show: Open) -> None:
    page = show()
    assert set(visible(page)) == ids_of(*Verdict) - ids_of(Verdict.SKIPPED)
    assert page.inner_text("#shown") == f"{SHOWN} of {len(GOLDEN)} clauses shown"
    assert page.inner_text("h1") == "tiny breaks its contract"


def test_a_server_owns_nothing_whatever_it_answers(show: Open) -> None:
    page = show()
    assert page.title() == "tiny breaks its contract | vecpact"
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0
    row = page.locator("details.clause", has_text="hostile").first
    got = row.locator("dt:text-is('got') + dd pre").text_content() or ""
    sent = HOSTILE.replace("\r", "\n").replace("\n\n", "\n").replace("\x00", "\ufffd")
    assert got.replace("\n\n", "\n") == legible(sent)


def test_verdicts_are_filtered(show: Open) -> None:
    page = show()
    for verdict in Verdict:
        page.set_checked(f"input[value={verdict}]", verdict in (Verdict.BROKEN, Verdict.ADVICE))
    assert set(visible(page)) == ids_of(Verdict.BROKEN, Verdict.ADVICE)
    assert page.inner_text("#shown") == f"{len(visible(page))} of {len(GOLDEN)} clauses shown"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NO ROOM", {"tiny.first.must-unproven"}),
        ("second assumed", {"tiny.second.assumed"}),
        ("onerror", {"tiny.first.other-hostile", "tiny.second.should-hostile"}),
        ("tiny/page, heading", {"tiny.first.must", "tiny.first.must-unproven", "tiny.first.must-error"}),
        ("  ", {each.clause.id for each in GOLDEN if each.verdict is not Verdict.SKIPPED}),
    ],
)
def test_text_is_filtered_in_all_that_is_known_of_a_clause(show: Open, text: str, expected: set[str]) -> None:
    page = show()
    page.fill("#text", text)
    assert set(visible(page)) == expected


def test_an_area_without_a_clause_to_show_is_gone_and_all_comes_back(show: Open) -> None:
    page = show()
    page.fill("#text", "second")
    assert not page.is_visible("#area-first")
    page.fill("#text", "no such clause")
    assert page.is_visible("#none")
    assert visible(page) == []
    page.click("#clear")
    assert set(visible(page)) == ids_of(*Verdict)
    assert not page.is_visible("#none")


def test_all_is_reached_with_the_keyboard(show: Open) -> None:
    page = show()
    page.keyboard.press("/")
    page.keyboard.type("other")
    assert page.evaluate("document.activeElement.id") == "text"
    assert set(visible(page)) == {each.clause.id for each in GOLDEN if "other" in each.clause.id}
    page.keyboard.press("Escape")
    assert len(visible(page)) == SHOWN
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "unfold"
    page.keyboard.press("Tab")
    row = "document.activeElement.closest('details')"
    assert page.evaluate(f"{row}.id") == "tiny.first.must"
    page.keyboard.press("Enter")
    assert page.evaluate(f"{row}.open") is True
    page.keyboard.press("Space")
    assert page.evaluate(f"{row}.open") is False
    page.locator("input[value=kept]").focus()
    page.keyboard.press("Space")
    assert "tiny.first.must" not in visible(page)


def test_a_slash_in_a_search_is_a_slash(show: Open) -> None:
    page = show()
    page.focus("#text")
    page.keyboard.type("tiny/page, h")
    assert page.input_value("#text") == "tiny/page, h"


def test_rows_are_unfolded_and_folded(show: Open) -> None:
    page = show()
    unfolded = "document.querySelectorAll('details.clause[open]').length"
    assert page.evaluate(unfolded) == len(ids_of(Verdict.BROKEN))
    page.click("#unfold")
    assert (page.evaluate(unfolded), page.inner_text("#unfold")) == (len(GOLDEN), "Fold all")
    page.click("#unfold")
    assert (page.evaluate(unfolded), page.inner_text("#unfold")) == (0, "Unfold all")


@pytest.mark.parametrize("clause", ["tiny.first.must", "tiny.first.must-skipped"])
def test_an_address_leads_to_a_clause_though_it_is_filtered_out(show: Open, clause: str) -> None:
    page = show(anchor=f"#{clause}")
    assert clause in visible(page)
    assert page.get_attribute(f"[id='{clause}']", "open") is not None


def test_a_cell_of_the_picture_leads_to_its_clause(show: Open) -> None:
    page = show()
    page.click("svg .cell.is-advice")
    assert page.get_attribute("[id='tiny.second.should']", "open") is not None
    assert page.evaluate("decodeURIComponent(location.hash)") == "#tiny.second.should"


@pytest.mark.parametrize("anchor", ["#nothing", "#%zz", "#area-first", "#text"])
def test_an_address_that_leads_to_no_clause_does_no_harm(show: Open, anchor: str) -> None:
    assert len(visible(show(anchor=anchor))) == SHOWN


def test_dark_and_light_follow_the_system_until_the_user_chooses(show: Open) -> None:
    light = background(show(color_scheme="light"))
    page = show(color_scheme="dark")
    dark = background(page)
    assert light != dark
    page.click("#theme")
    assert (background(page), page.inner_text("#theme")) == (light, "Dark")
    page.reload()
    assert background(page) == light
    page.click("#theme")
    assert (background(page), page.inner_text("#theme")) == (dark, "Light")


def test_a_browser_without_a_memory_still_turns_dark(show: Open) -> None:
    forget = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('none') }})"
    page = show(color_scheme="light", script=forget)
    before = background(page)
    page.click("#theme")
    assert background(page) != before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_readable(show: Open, scheme: str) -> None:
    page = show(color_scheme=scheme)
    page.set_checked("input[value=skipped]", True)
    page.click("#unfold")
    texts = "h1 strong, .lead, dt, dd, pre, .mark, .kind, .why, code, .chip span, button, a:not(.cell)"
    ratios = page.evaluate(CONTRASTS, texts)
    assert len(ratios) > 50
    assert [(text, ratio) for text, ratio in ratios if ratio < READABLE] == []


@pytest.mark.parametrize(
    ("window", "name"),
    [
        ({"color_scheme": "light"}, "light"),
        ({"color_scheme": "dark"}, "dark"),
        ({"viewport": {"width": 390, "height": 844}}, "narrow"),
    ],
)
def test_a_photograph_shows_the_page(show: Open, window: dict[str, Any], name: str) -> None:
    page = show(**window)
    photograph = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    pixels = np.asarray(photograph, dtype=np.uint32).reshape(-1, 3)
    packed, counts = np.unique(pixels[:, 0] << 16 | pixels[:, 1] << 8 | pixels[:, 2], return_counts=True)
    colours = np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=1).astype(int)
    assert len(colours) > 200, name
    assert 0.3 < counts.max() / len(pixels) < 0.98
    assert (np.ptp(colours, axis=1) > 8).sum() > 50  # verdicts have colours


@pytest.mark.parametrize("width", [320, 390, 800, 1600])
def test_nothing_is_wider_than_the_window(show: Open, width: int) -> None:
    page = show(viewport={"width": width, "height": 800})
    page.click("#unfold")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_print_has_every_story_and_no_buttons(show: Open) -> None:
    page = show()
    assert page.pdf().startswith(b"%PDF")
    page.emulate_media(media="print")
    assert not page.is_visible("#filter")
    assert not page.is_visible("#theme")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    told = {each.clause.id for each in GOLDEN if {"sent", "repeat"} & dict(facts_of(each)).keys()}
    unfolded = "[...document.querySelectorAll('details[open]')].map(each => each.id)"
    assert set(page.evaluate(unfolded)) == told
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert set(page.evaluate(unfolded)) == ids_of(Verdict.BROKEN)


@pytest.mark.parametrize(("works", "label"), [(True, "Copied"), (False, "Selected")])
def test_a_command_is_copied_whole(show: Open, works: bool, label: str) -> None:
    clipboard = f"""Object.defineProperty(navigator, "clipboard", {{
        value: {{async writeText(text) {{ if (!{str(works).lower()}) throw 0; window.copied = text }}}}
    }})"""
    page = show(script=clipboard)
    row = page.locator("[id='tiny.first.other']")
    button = row.locator(".copy").first
    button.click()
    page.wait_for_function("button => button.textContent !== 'Copy'", arg=button.element_handle())
    assert button.inner_text() == label
    copied = page.evaluate("window.copied || getSelection().toString()")
    assert copied == FAULT["sent"]


def test_without_scripts_all_is_there_to_be_read(show: Open) -> None:
    page = show(java_script_enabled=False)
    assert page.locator("details.clause").count() == len(GOLDEN)
    assert not page.is_visible("#filter")
    assert page.is_visible("[id='tiny.first.must-skipped']")
