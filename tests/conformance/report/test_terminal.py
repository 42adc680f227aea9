"""The report for a person: plain lines where it is piped, a bar and colours on a terminal."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from conformance.check import Check, Server, explores, proves
from conformance.clause import Clause
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
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def piped() -> Console:
    """A console that is no terminal, as the suite makes it."""
    return Console(file=io.StringIO(), width=80, highlight=False)


def terminal(*, colour: bool = True) -> Console:
    """A console that is a terminal."""
    return Console(
        file=io.StringIO(),
        width=80,
        highlight=False,
        force_terminal=True,
        no_color=not colour,
        color_system="standard",
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
    console = terminal()
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


def test_a_long_reason_is_not_broken() -> None:
    console = terminal(colour=False)
    print_report(console, summary_of(result_of(MUST, Verdict.UNPROVEN, detail="z " * 200)))
    assert f"{MUST.id}  {'z ' * 200}" in ESCAPE.sub("", shown(console))


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
