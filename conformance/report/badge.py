"""The badge: a small SVG that says in three words how a server stands, for a README."""

from html import escape
from pathlib import Path

from conformance.report.summary import Summary
from conformance.verdict import Verdict

GREEN, OLIVE, RED, GREY = "#2b7a3d", "#7d7a10", "#b3261e", "#5f6368"
HEIGHT = 20
PADDING = 6
# Advance widths of an 11-pixel sans-serif in pixels; textLength makes the reader's own font fit them.
NARROW, USUAL, WIDE = 3.6, 6.3, 8.8


def write_badge(summary: Summary, path: Path) -> None:
    """Writes the badge.

    Raises:
        OSError: The file cannot be written.
    """
    path.write_text(badge(summary), encoding="utf-8")


def badge(summary: Summary) -> str:
    """The badge as an SVG document."""
    message, colour = _message(summary)
    return _drawn(f"{summary.service} contract", message, colour)


def _message(summary: Summary) -> tuple[str, str]:
    """What is said, and the colour it is said on."""
    counts = summary.counts
    kept, broken, unproven = (counts[each] for each in (Verdict.KEPT, Verdict.BROKEN, Verdict.UNPROVEN))
    if broken:
        return f"{broken} broken", RED
    if counts[Verdict.STALE]:
        return f"{counts[Verdict.STALE]} known fault{'' if counts[Verdict.STALE] == 1 else 's'} mended", RED
    if summary.unreachable or summary.interrupted or counts[Verdict.ERROR] or not summary.judged:
        return "not proven", GREY
    less = {"known broken": counts[Verdict.KNOWN], "unproven": unproven}
    if any(less.values()):
        return ", ".join(
            [f"{kept} kept", *(f"{count} {word}" for word, count in less.items() if count)]
        ), OLIVE
    return f"{kept} kept", GREEN


def _drawn(label: str, message: str, colour: str) -> str:
    left, right = (_width(text) + 2 * PADDING for text in (label, message))
    whole = left + right
    said = escape(f"{label}: {message}")
    texts = "".join(
        f'<text x="{start + PADDING:g}" y="14" textLength="{width - 2 * PADDING:g}">{escape(text)}</text>'
        for start, width, text in ((0, left, label), (left, right, message))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole:g}" height="{HEIGHT}" role="img" '
        f'aria-label="{said}"><title>{said}</title>'
        f'<clipPath id="edge"><rect width="{whole:g}" height="{HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#edge)"><rect width="{left:g}" height="{HEIGHT}" fill="#3c4043"/>'
        f'<rect x="{left:g}" width="{right:g}" height="{HEIGHT}" fill="{colour}"/></g>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">{texts}</g></svg>\n'
    )


def _width(text: str) -> float:
    widths = (NARROW if each in "fijlrt.,:;|' " else WIDE if each in "mwMW" else USUAL for each in text)
    return round(sum(widths), 1)
