"""The badge says how a server stands in a few words, and is an image that stands alone."""

from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from conformance.report.badge import GREEN, GREY, OLIVE, RED, badge
from conformance.verdict import Verdict
from tests.conformance.report.results import summary_of, verdicts_of

SVG = "{http://www.w3.org/2000/svg}"
KEPT, BROKEN, ADVICE, NOTED, UNPROVEN, ERROR, SKIPPED = (
    Verdict.KEPT,
    Verdict.BROKEN,
    Verdict.ADVICE,
    Verdict.NOTED,
    Verdict.UNPROVEN,
    Verdict.ERROR,
    Verdict.SKIPPED,
)


def drawn(*verdicts: Verdict, **more: Any) -> Xml.Element:
    """The badge of a run with these verdicts, read as XML."""
    return Xml.fromstring(badge(summary_of(*verdicts_of(*verdicts), **more)))


@pytest.mark.parametrize(
    ("verdicts", "how", "message", "colour"),
    [
        ([KEPT, KEPT], {}, "2 kept", GREEN),
        ([KEPT, SKIPPED, ADVICE, NOTED], {}, "1 kept", GREEN),
        ([KEPT, UNPROVEN], {}, "1 kept, 1 unproven", OLIVE),
        ([KEPT, Verdict.KNOWN], {}, "1 kept, 1 known broken", OLIVE),
        ([KEPT, Verdict.KNOWN, UNPROVEN], {}, "1 kept, 1 known broken, 1 unproven", OLIVE),
        ([KEPT, Verdict.STALE], {}, "1 known fault mended", RED),
        ([KEPT, Verdict.STALE, Verdict.STALE], {}, "2 known faults mended", RED),
        ([KEPT, BROKEN, ERROR, UNPROVEN], {}, "1 broken", RED),
        ([KEPT, BROKEN], {"interrupted": True}, "1 broken", RED),
        ([KEPT, ERROR], {}, "not proven", GREY),
        ([KEPT], {"interrupted": True}, "not proven", GREY),
        ([KEPT], {"unreachable": "gone"}, "not proven", GREY),
        ([UNPROVEN], {}, "not proven", GREY),
        ([], {}, "not proven", GREY),
    ],
)
def test_a_badge_says_how_the_server_stands(
    verdicts: list[Verdict], how: dict[str, Any], message: str, colour: str
) -> None:
    svg = drawn(*verdicts, **how)
    assert [text.text for text in svg.iter(f"{SVG}text")] == ["tiny contract", message]
    assert [rect.get("fill") for rect in svg.iter(f"{SVG}rect")][-1] == colour
    assert svg.get("aria-label") == svg.findtext(f"{SVG}title") == f"tiny contract: {message}"


def test_the_texts_fit_their_halves() -> None:
    svg = drawn(KEPT, UNPROVEN)
    _, left, right = svg.iter(f"{SVG}rect")
    for text, rect in zip(svg.iter(f"{SVG}text"), (left, right), strict=True):
        start = float(rect.get("x", "0"))
        begins, length = float(text.get("x", "")), float(text.get("textLength", ""))
        assert start < begins < begins + length < start + float(rect.get("width", ""))
    assert float(svg.get("width", "")) == float(left.get("width", "")) + float(right.get("width", ""))


def test_a_badge_asks_for_nothing_else() -> None:
    text = badge(summary_of())
    assert "href" not in text
    assert text.count("http") == 1  # the name of SVG itself
