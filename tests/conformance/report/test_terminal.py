"""The report for a person: plain lines where it is piped, a bar and colours on a terminal."""

import contextlib
import dataclasses
import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from conformance.check import Check, Server, explores, proves
from conformance.clause import Clause
from conformance.report.story import story_of
from conformance.report.terminal import Progressing, print_clause, print_clauses, print_report
from conformance.run import Run
from conformance.verdict import Unproven, Verdict, broken
from tests.conformance.report.results import RESULTS, fault_of, result_of, summary_of
from tests.conformance.serving import ASSUMED, MUST, OTHER, SHOULD, run_of

REPORT = """
noted tiny.second.assumed
  A thing nobody wrote down
  source   not documented (assumed)
  sent     curl -sS -X POST http://server/ --data-raw '{"id":"a"}'
  expected 400
  got      202 {}
  repeat   python -m conformance tiny --only tiny.second.assumed --seed 7
  calls    # create(dimension=2)
           curl -sS -X POST http://server/spaces  # 201 {}
           curl -sS -X POST http://server/ --data-raw '{"id":"a"}'  # 202 {}

advice tiny.second.should
  A thing that should hold
  source   tiny/page (documented)
  sent     curl -sS -X POST http://server/ --data-raw '{"id":"a"}'
  expected 400
  got      202 {}
  repeat   python -m conformance tiny --only tiny.second.should --seed 7
  calls    # create(dimension=2)
           curl -sS -X POST http://server/spaces  # 201 {}
           curl -sS -X POST http://server/ --data-raw '{"id":"a"}'  # 202 {}

known tiny.first.other-known
  Another thing holds
  source   tiny/page (implied)
  detail   a known race
  sent     curl -sS -X POST http://server/ --data-raw '{"id":"a"}'
  expected 400
  got      202 {}
  repeat   python -m conformance tiny --only tiny.first.other-known --seed 7
  calls    # create(dimension=2)
           curl -sS -X POST http://server/spaces  # 201 {}
           curl -sS -X POST http://server/ --data-raw '{"id":"a"}'  # 202 {}

error tiny.first.must-error
  The first thing holds
  source   tiny/page, heading (documented)
  detail   KeyError: 'x' (run.py:1)
  repeat   python -m conformance tiny --only x --seed 7

stale tiny.first.other-stale
  Another thing holds
  source   tiny/page (implied)
  detail   kept, though known to be broken

broken tiny.first.other
  Another thing holds
  source   tiny/page (implied)
  detail   seen once
  sent     curl -sS -X POST http://server/ --data-raw '{"id":"a"}'
  expected 400
  got      202 {}
  repeat   python -m conformance tiny --only tiny.first.other --seed 7
  calls    # create(dimension=2)
           curl -sS -X POST http://server/spaces  # 201 {}
           curl -sS -X POST http://server/ --data-raw '{"id":"a"}'  # 202 {}

1 kept, 1 broken, 1 known, 1 stale, 1 advice, 1 noted, 1 unproven, 1 error, 2 skipped
tiny at http://server: 1,234 requests in 1.2 s, seed 7
"""
LINES = """\
kept      tiny.first.must  20 examples
broken    tiny.first.other  seen once
advice    tiny.second.should  3 examples
noted     tiny.second.assumed  1 example
unproven  tiny.first.must-unproven  there is no room
error     tiny.first.must-error  KeyError: 'x' (run.py:1)
known     tiny.first.other-known  a known race
stale     tiny.first.other-stale  kept, though known to be broken
"""
NOT_OFFERED = "skipped   tiny.first.must-absent  not offered: it has no files\n"
ROOT = Path(__file__).parents[3]
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def piped() -> Console:
    """A console that is no terminal, as the suite makes it."""
    return Console(file=io.StringIO(), width=80, highlight=False)


def terminal(*, colour: bool = True, width: int = 80, kind: str = "xterm") -> Console:
    """A console that is a terminal."""
    return Console(
        file=io.StringIO(),
        width=width,
        _environ={"TERM": kind},
        highlight=False,
        force_terminal=True,
        no_color=not colour,
        color_system="standard" if kind == "xterm" else None,
        legacy_windows=False,
    )


def shown(console: Console) -> str:
    """What was printed."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def check_of(clause: Clause, error: Exception | None = None) -> Check:
    """A check of a clause."""

    @proves(clause.id)
    def it_is_run(_server: Server) -> None:
        if error:
            raise error

    return it_is_run


@explores(MUST.id, OTHER.id)
def nothing_is_found(_server: Server) -> None:
    """Ends before it begins."""
    raise Unproven("nothing to explore")


def progress(run: Run, console: Console) -> str:
    """What is shown while a run goes on."""
    with Progressing(run, console) as progressing:
        for check in run.checks():
            run.prove(check)
            progressing.proven(check)
    return shown(console)


def test_a_dependant_is_not_judged_before_what_it_depends_on() -> None:
    clauses = (MUST, replace(OTHER, depends_on=(MUST.id,)))
    run = run_of(check_of(OTHER), check_of(MUST, broken("a", "b")), clauses=clauses)
    lines = progress(run, piped()).splitlines()
    assert [line.split()[:2] for line in lines] == [["unproven", OTHER.id], ["broken", MUST.id]]


def test_a_clause_is_explained_with_what_it_depends_on() -> None:
    console = piped()
    print_clause(console, replace(OTHER, depends_on=(MUST.id, SHOULD.id)))
    assert shown(console).splitlines()[-1] == f"  needs    {MUST.id}, {SHOULD.id}"


def test_a_piped_report_tells_what_is_not_kept_and_the_sum() -> None:
    console = piped()
    print_report(console, summary_of(*RESULTS))
    assert shown(console) == NOT_OFFERED + REPORT


def test_a_report_on_a_terminal_begins_with_every_verdict() -> None:
    console = terminal(width=100)
    print_report(console, summary_of(*RESULTS))
    assert ESCAPE.sub("", shown(console)) == LINES + NOT_OFFERED + REPORT


def test_a_terminal_has_colours_unless_they_are_not_wanted() -> None:
    with_colours, without = terminal(), terminal(colour=False)
    for console in (with_colours, without):
        print_report(console, summary_of(RESULTS[0]))
    assert "\x1b[32m" in shown(with_colours)
    assert "\x1b[32m" not in shown(without)


def test_a_long_line_is_not_broken() -> None:
    console = piped()
    print_report(
        console, summary_of(fault_of(MUST, Verdict.BROKEN, sent="curl " + "x" * 300, got="y " * 200))
    )
    lines = shown(console).splitlines()
    assert f"  sent     curl {'x' * 300}" in lines
    assert max(map(len, lines)) > 400


@pytest.mark.parametrize("width", [80, 60, 200])
def test_prose_is_wrapped_to_a_terminal_and_commands_never(width: int) -> None:
    console = terminal(colour=False, width=width)
    sent, repeat = "curl " + "x" * 300, "python -m conformance " + "y " * 100
    prose = " ".join(f"word{number}" for number in range(60))
    results = [
        dataclasses.replace(
            fault_of(MUST, Verdict.BROKEN, sent=sent, got=prose, expected=prose), repeat=repeat, calls=()
        ),
        result_of(OTHER, Verdict.UNPROVEN, detail=prose),
    ]
    print_report(console, summary_of(*results, target="http://server/" + "z" * 90))
    lines = ESCAPE.sub("", shown(console)).splitlines()
    assert {f"  sent     {sent}", f"  repeat   {repeat}"} <= set(lines)
    assert max(len(line) for line in lines if not line.startswith(("  sent", "  repeat"))) <= min(width, 110)
    whole = " ".join(line.strip() for line in lines)
    assert whole.count(prose) == 3
    (got,) = (number for number, line in enumerate(lines) if line.startswith("  got      word0 "))
    assert lines[got + 1].startswith(" " * 11 + "word")
    (unproven,) = (number for number, line in enumerate(lines) if line == f"unproven  {OTHER.id}")
    assert lines[unproven + 1].startswith(" " * 10 + "word0 ")


def test_commands_of_several_lines_keep_them() -> None:
    console = terminal(colour=False)
    calls = ("curl " + "a" * 100, "curl " + "b" * 100)
    print_report(console, summary_of(dataclasses.replace(fault_of(MUST, Verdict.BROKEN), calls=calls)))
    printed = ESCAPE.sub("", shown(console))
    assert f"  calls    {calls[0]}\n           {calls[1]}\n" in printed


def test_a_terminal_that_cannot_move_gets_lines_like_a_pipe() -> None:
    console = terminal(colour=False, kind="dumb")
    run = run_of(check_of(MUST), check_of(OTHER, Unproven("no room")))
    printed = progress(run, console)
    assert printed == "kept      tiny.first.must  1 example\nunproven  tiny.first.other  no room\n"
    print_report(console, summary_of(*run.results()))
    assert "\x1b" not in shown(console)
    assert shown(console).count("kept      tiny.first.must") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no pseudo-terminals")
@pytest.mark.parametrize(
    ("variables", "colours", "moves"),
    [({"TERM": "xterm"}, True, True), ({"TERM": "dumb"}, False, False), ({"NO_COLOR": "1"}, False, True)],
    ids=str,
)
def test_what_a_terminal_is_decides_what_it_is_sent(
    variables: dict[str, str], colours: bool, moves: bool, world_url: str
) -> None:
    import pty

    command = [sys.executable, "-m", "conformance", "moorcheh", "--base-url", world_url]
    usual = {name: text for name, text in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    environment = {**usual, "TERM": "xterm", "COLUMNS": "80", **variables}
    controller, terminal_end = pty.openpty()
    with subprocess.Popen(
        [*command, "--only", "*.health.*", "--quick"], cwd=ROOT, env=environment, stdout=terminal_end
    ) as process:
        os.close(terminal_end)
        printed = b""
        with contextlib.suppress(OSError):  # how Linux says that the other end is closed
            while chunk := os.read(controller, 4096):
                printed += chunk
        os.close(controller)
    assert process.returncode == 0
    assert (b"\x1b[32mkept" in printed) == colours
    assert (b"\x1b[2K" in printed) == moves
    visible = ESCAPE.sub("", printed.decode()).replace("\r", "\n").splitlines()
    assert visible.count("kept      moorcheh.health.answers  1 example") == 1
    assert max(map(len, visible)) <= 80


def test_brackets_are_text_and_no_markup() -> None:
    console = piped()
    result = fault_of(MUST, Verdict.BROKEN, got="200 [red]x[/red] [1, 2] :smile:")
    print_report(console, summary_of(result, target="http://[fe80::1]:8080"))
    assert "  got      200 [red]x[/red] [1, 2] :smile:\n" in shown(console)
    assert "tiny at http://[fe80::1]:8080: 1,234 requests" in shown(console)


def test_a_sum_without_anything_kept_says_so() -> None:
    console = piped()
    print_report(console, summary_of(result_of(MUST, Verdict.UNPROVEN)))
    assert "\n0 kept, 1 unproven\n" in shown(console)


def test_the_end_of_a_run_that_was_cut_short_is_told() -> None:
    console = piped()
    print_report(console, summary_of(RESULTS[0], interrupted=True))
    assert shown(console).endswith("seed 7\ninterrupted: what was not run is unproven\n")
    console = piped()
    print_report(console, summary_of(RESULTS[0], unreachable="http://server takes no connection"))
    assert shown(console).endswith("seed 7\nhttp://server takes no connection\n")


def test_a_clause_is_printed_with_all_that_is_known() -> None:
    console = piped()
    clause = Clause(
        "tiny.first.limited", "At most 100", "a page", "documented", "must", limit=100, refusal=400
    )
    print_clauses(console, [clause, SHOULD])
    assert shown(console) == (
        "tiny.first.limited\n  At most 100\n  source   a page\n  evidence documented, must\n"
        "  limit    100\n  refusal  400\n"
        "tiny.second.should\n  A thing that should hold\n"
        "  source   tiny/page\n  evidence documented, should\n"
    )


def test_a_limit_of_zero_is_printed() -> None:
    console = piped()
    print_clause(console, Clause("tiny.first.none", "None", "a page", "assumed", "should", limit=0))
    assert shown(console).endswith("  evidence assumed, should\n  limit    0\n")


def test_piped_progress_is_a_line_for_each_clause_as_soon_as_it_is_judged() -> None:
    checks = [
        check_of(MUST),
        check_of(OTHER, Unproven("no room")),
        check_of(SHOULD, broken("a", "b")),
        check_of(MUST),
    ]
    run = run_of(*checks)
    console = piped()
    seen = []
    with Progressing(run, console) as progressing:
        for check in run.checks():
            run.prove(check)
            progressing.proven(check)
            seen.append(shown(console))
    assert seen[0] == ""
    assert seen[1] == "unproven  tiny.first.other  no room\n"
    assert seen[2] == seen[1] + "advice    tiny.second.should  1 example\n"
    assert seen[3] == seen[2] + "kept      tiny.first.must  2 examples\n"


def test_piped_progress_waits_for_the_checks_that_explore() -> None:
    lines = progress(run_of(check_of(MUST), check_of(OTHER), nothing_is_found), piped()).splitlines()
    assert lines == ["kept      tiny.first.must  1 example", "kept      tiny.first.other  1 example"]


def test_piped_progress_passes_over_clauses_that_are_not_chosen() -> None:
    run = run_of(check_of(MUST), nothing_is_found, check_of(ASSUMED), chosen={MUST.id})
    assert progress(run, piped()) == "kept      tiny.first.must  1 example\n"


@pytest.mark.parametrize("count", [1, 3])
def test_a_terminal_shows_a_bar_that_is_gone_at_the_end(count: int) -> None:
    run = run_of(*(check_of(clause) for clause in (MUST, OTHER, SHOULD)[:count]))
    out = progress(run, terminal())
    assert f"{count}/{count}" in out
    assert (MUST, OTHER, SHOULD)[count - 1].id in out
    assert "kept" not in out
    assert out.endswith("\x1b[2K")


def test_a_story_is_printed_as_others_tell_it() -> None:
    for result in RESULTS[1:4]:
        console = piped()
        print_report(console, summary_of(result))
        assert f"\n{story_of(result)}\n\n" in shown(console)
