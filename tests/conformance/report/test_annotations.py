"""The annotations are workflow commands: a line each, whatever a server answers."""

import re
from urllib.parse import unquote

from conformance.report.annotations import annotations
from conformance.verdict import Verdict
from tests.conformance.report.results import GOLDEN, HOSTILE, RESULTS, SENT, fault_of, summary_of
from tests.conformance.serving import MUST, OTHER

COMMAND = re.compile(r"::(error|warning|notice) title=([^:,]*)::(.*)")


def read(text: str) -> list[tuple[str, str, str]]:
    """The commands as the runner understands them: level, title, message."""
    found = [COMMAND.fullmatch(line) for line in text.split("\n")[:-1]]
    return [(each[1], unquote(each[2]), each[3]) for each in found if each]


def test_what_is_not_kept_is_annotated_the_broken_first() -> None:
    text = annotations(summary_of(*reversed(RESULTS)))
    assert [(level, title) for level, title, _ in read(text)] == [
        ("error", "broken tiny.first.other"),
        ("error", "stale tiny.first.other-stale"),
        ("error", "error tiny.first.must-error"),
        ("notice", "known tiny.first.other-known"),
        ("warning", "advice tiny.second.should"),
        ("notice", "noted tiny.second.assumed"),
    ]
    assert len(text.splitlines()) == 6


def test_an_annotation_tells_the_whole_story() -> None:
    ((_, _, message),) = read(annotations(summary_of(RESULTS[1])))
    lines = message.split("%0A")
    assert lines[0] == OTHER.title
    assert f"sent: {SENT}" in lines
    assert "expected: 400" in lines


def test_a_servers_answer_makes_no_command() -> None:
    text = annotations(summary_of(*GOLDEN))
    hostile = next(message for _, title, message in read(text) if title.endswith("hostile"))
    assert len(read(text)) == text.count("\n") == 7
    assert "\r" not in text
    assert HOSTILE.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A") in hostile


def test_a_title_cannot_end_early() -> None:
    ((_, title, _),) = read(annotations(summary_of(service="a,b::c\n", unreachable="gone")))
    assert title == "a,b::c\n"


def test_a_server_that_is_gone_is_an_error() -> None:
    assert read(annotations(summary_of(unreachable="gone"))) == [("error", "tiny", "gone")]


def test_a_server_that_conforms_is_not_annotated() -> None:
    assert annotations(summary_of(RESULTS[0], fault_of(MUST, Verdict.KEPT))) == ""
