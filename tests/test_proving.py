"""The suite is proven on mutants: a trial says who named what, a book keeps it, matrix and page sum it up."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from bench.schemathesis_kills import sampled
from conformance import proving
from conformance.verdict import Verdict
from tests.mutants import Mutant, mutants_of
from tests.proving import trial
from tests.proving.laboratory import Book, carry_out
from tests.proving.matrix import Tally, by_area, rows_of
from tests.proving.page import page_of, print_matrix, print_pairs
from tests.proving.suite import SERVICES, prove
from tests.proving.trial import BY_NAME, Outcome, Trial, pairs

ROOT = Path(__file__).parents[1]
STATUS, MODEL = (
    "moorcheh.health.answers:another_status_word",
    "moorcheh.health.providers:the_model_is_null",
)
NO_CAP = "moorcheh.quota.over-cap:no_cap"


def outcome_of(
    *mutants: str, named: Mapping[str, int], seed: int = 0, missed: Mapping[str, str] | None = None
) -> Outcome:
    """An outcome that nobody has tried."""
    return Outcome(Trial("moorcheh", mutants, seed), named, missed or {})


OWN = outcome_of(STATUS, named={"moorcheh.health.answers": 12})
BESIDES = outcome_of(STATUS, named={"moorcheh.health.answers": 16, "moorcheh.health.remaining": 3}, seed=1)
OTHER = outcome_of(MODEL, named={"moorcheh.health.answers": 9}, missed={"moorcheh.health.providers": "kept"})
SURVIVED = outcome_of(NO_CAP, named={}, missed={"moorcheh.quota.over-cap": "unproven: no | room"})
PAIR = outcome_of(STATUS, MODEL, named={"moorcheh.health.answers": 1, "moorcheh.health.providers": 2})
LEANING = outcome_of(
    STATUS,
    MODEL,
    named={"moorcheh.health.answers": 1},
    missed={"moorcheh.health.providers": "unproven: depends on moorcheh.health.answers, which does not hold"},
    seed=1,
)
HALF = outcome_of(
    STATUS, NO_CAP, named={"moorcheh.health.answers": 1}, missed={"moorcheh.quota.over-cap": "kept"}
)


def test_a_mutant_is_named_by_its_own_clause_after_some_requests() -> None:
    outcome = Trial("moorcheh", (MODEL,), seed=3, examples=2).run()
    assert (outcome.kill, outcome.missed, outcome.errors) == ("own", {}, [])
    assert outcome.named.keys() == {"moorcheh.health.providers"}
    assert 0 < outcome.named["moorcheh.health.providers"] < 100


def test_a_pair_is_named_by_both_clauses() -> None:
    outcome = Trial("moorcheh", (STATUS, MODEL), seed=0, examples=2).run()
    assert outcome.named.keys() == {"moorcheh.health.answers", "moorcheh.health.providers"}
    assert outcome.both_are_told


def test_what_depends_on_a_broken_clause_is_told_by_its_reason() -> None:
    texts = "moorcheh.quota.global:texts_take_no_room"
    outcome = Trial("moorcheh", (NO_CAP, texts), seed=0, examples=2).run()
    assert outcome.named.keys() == {"moorcheh.quota.over-cap"}
    assert "depends on moorcheh.quota.over-cap," in outcome.missed["moorcheh.quota.global"]
    assert outcome.both_are_told


def test_one_fault_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clauses = SERVICES["moorcheh"].clauses()
    quota = {clause.id for clause in clauses.values() if clause.area == "quota"}
    BY_NAME[NO_CAP].change(monkeypatch)
    proof = prove("moorcheh", quota, examples=3)
    assert proof.named == ["moorcheh.quota.over-cap"]
    for clause_id in quota:
        if "moorcheh.quota.over-cap" in clauses[clause_id].depends_on:
            assert proof.results[clause_id].verdict is Verdict.UNPROVEN


def test_whom_the_own_clause_misses_the_whole_suite_may_catch(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Mutant("moorcheh.health.remaining", "It is the model", BY_NAME[MODEL].change, "mistaken")
    monkeypatch.setattr(trial, "BY_NAME", {"mistaken": wrong})
    outcome = Trial("moorcheh", ("mistaken",), seed=0, examples=1).run()
    assert (outcome.kill, outcome.others) == ("other", ["moorcheh.health.providers"])
    assert outcome.missed == {"moorcheh.health.remaining": "kept"}


def test_what_changes_nothing_survives_even_the_whole_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    idle = Mutant("cortex.auth.required", "It is the mock", lambda _patch: None, "idle")
    monkeypatch.setattr(trial, "BY_NAME", {"idle": idle})
    outcome = Trial("cortex", ("idle",), seed=0, examples=1, whole=True).run()
    assert (outcome.kill, outcome.named) == ("survived", {})


def test_an_outcome_is_read_as_it_was_written() -> None:
    for outcome in (OWN, OTHER, LEANING):
        assert Outcome.from_record(json.loads(json.dumps(outcome.record()))) == outcome


def test_pairs_are_of_two_clauses_and_the_same_each_time() -> None:
    drawn = pairs(mutants_of("moorcheh"), 50)
    assert drawn == pairs(mutants_of("moorcheh"), 50) != pairs(mutants_of("moorcheh"), 50, seed=1)
    assert len({frozenset(map(str, pair)) for pair in drawn}) == 50
    assert all(one.clause != other.clause for one, other in drawn)


def test_a_sample_has_something_of_every_area() -> None:
    mutants = mutants_of("moorcheh")
    drawn = [*sampled(mutants, 40)]
    assert drawn == [*sampled(mutants, 40)]
    assert 35 <= len(set(map(str, drawn))) == len(drawn) <= 45
    areas = {mutant.clause.split(".")[1] for mutant in mutants}
    assert {mutant.clause.split(".")[1] for mutant in drawn[: len(areas)]} == areas


def test_what_is_in_the_book_is_not_tried_again(tmp_path: Path) -> None:
    book = Book(tmp_path / "book.jsonl")
    known, new = OWN.trial, Trial("moorcheh", (MODEL,), 0, examples=1)
    book.add(OWN)
    assert list(carry_out([known], book, jobs=2)) == [OWN]
    first, second = carry_out([new, known], book, jobs=2)
    assert (first, second.trial, second.kill) == (OWN, new, "own")
    assert book.outcomes() == {known: OWN, new: second}


def test_without_a_book_nothing_is_known() -> None:
    book = Book(None)
    book.add(OWN)
    assert book.outcomes() == {}


def test_a_row_is_as_good_as_its_worst_trial() -> None:
    status, model, cap = rows_of([SURVIVED, OTHER, OWN, BESIDES, PAIR])
    assert (status.verdict, status.requests, status.others) == ("own", 14, ["moorcheh.health.remaining"])
    assert (model.verdict, model.requests, model.missed) == ("other", None, ["kept"])
    assert (cap.verdict, cap.kills["survived"]) == ("survived", 1)
    assert Tally.of([status, model, cap]) == Tally(3, 3, 1, 1, 1, 14)
    assert Tally.of([cap]).requests is None
    assert list(by_area([status, model, cap])) == ["health", "quota"]


def test_a_pair_is_told_if_both_are_named_or_one_depends_on_the_other() -> None:
    assert [outcome.both_are_told for outcome in (PAIR, LEANING, HALF)] == [True, True, False]


def test_the_terminal_shows_the_sums_and_whom_to_worry_about() -> None:
    console = Console(width=100, file=io.StringIO(), record=True)
    print_matrix(console, rows_of([OWN, BESIDES, OTHER, SURVIVED]))
    print_pairs(console, [PAIR, LEANING, HALF])
    assert (
        console.export_text()
        == """\
area    clauses  mutants  own clause  another  survived  requests
health        2        2           1        1         0        14
quota         1        1           0        0         1         -
all           3        3           1        1         1        14

other moorcheh.health.providers:the_model_is_null
  The model of /health is null
  other 1; named instead or besides: moorcheh.health.answers; its own clause was kept

survived moorcheh.quota.over-cap:no_cap
  Uploads of vectors know no cap
  survived 1; its own clause was unproven: no | room
3 random pairs of mutants at once. Both clauses named: 1. One named, the other unproven because it \
depends on that: 1. Not told apart: 1.

untold moorcheh.health.answers:another_status_word and moorcheh.quota.over-cap:no_cap
  moorcheh.quota.over-cap: kept
"""
    )


def test_the_page_tells_all_of_it() -> None:
    loud = Outcome(replace(OWN.trial, whole=True), BESIDES.named)
    beside = {
        "about": "Another tool.",
        "services": [
            {
                "service": "moorcheh",
                "run": {"seconds": 25.0, "cpu": 13.5},
                "seconds": 20,
                "cpu": [8.0, 9.5],
                "sample": [STATUS, MODEL, NO_CAP],
                "killed": [MODEL],
            }
        ],
    }
    page = page_of([OWN, BESIDES, OTHER, SURVIVED, PAIR, HALF, loud], beside)
    for line in (
        "## Moorcheh on-prem",
        "| health | 2 | 2 | 1 | 1 | 0 | 14 |",
        "- **survived** `moorcheh.quota.over-cap:no_cap`: Uploads of vectors know no cap. "
        "survived 1; its own clause was unproven: no \\| room.",
        "All checks, with 20 examples each, on 1 mutants drawn at random: "
        "on 0 no clause but their own was named.",
        '- `moorcheh.health.answers:another_status_word`, The status of /health is "healthy": '
        "also `moorcheh.health.remaining`",
        "- `moorcheh.health.answers:another_status_word` and `moorcheh.quota.over-cap:no_cap`: "
        "`moorcheh.quota.over-cap` was kept",
        '| answers | The status of /health is "healthy" | 2/2 | 14 |',
        "| providers | The model of /health is null | 0/1 | - |",
        "Another tool.",
        "| moorcheh | 20 | 8.75 | 13.5 | 3 | 1 | 1 |",
    ):
        assert line in page.splitlines(), line
    assert "Cortex" not in page


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Runs the command of the suite in the checkout."""
    command = [sys.executable, "-m", "conformance", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_the_command_proves_the_suite_and_writes_what_it_found(tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("book", "json", "markdown")}
    options = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    answer = run(
        "--prove", "moorcheh", "--only", "*:the_model_is_null", "--seeds", "2", "--jobs", "1", *options
    )
    assert answer.returncode == 0, answer.stderr
    assert re.search(r"^all +1 +1 +1 +0 +0 +\d+$", answer.stdout, re.MULTILINE)
    assert len(files["book"].read_text().splitlines()) == 2
    assert {outcome["trial"]["seed"] for outcome in json.loads(files["json"].read_text())} == {0, 1}
    assert "| providers | The model of /health is null | 2/2 |" in files["markdown"].read_text()
    again = run("--prove", "moorcheh", "--only", "*:the_model_is_null", "--seeds", "2", *options)
    assert again.stdout == answer.stdout
    assert len(files["book"].read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody"], "--prove 'nobody': expected one of moorcheh, cortex"),
        (["cortex", "--only", "nothing*"], "--only nothing*: no mutant has such a name"),
    ],
)
def test_a_wrong_option_costs_a_line(words: list[str], said: str) -> None:
    answer = run("--prove", *words)
    assert (answer.returncode, answer.stderr) == (2, f"vecpact-check: {said}\n")


def test_its_help_tells_its_options() -> None:
    answer = run("--prove", "--help")
    assert answer.returncode == 0
    assert "vecpact-check --prove" in answer.stdout
    assert "--pairs" in answer.stdout
    assert "--prove" in run("--help").stdout


def test_where_the_mutants_are_not_installed_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(proving, "CHECKOUT", tmp_path)
    with pytest.raises(SystemExit, match="2"):
        proving.prove(["moorcheh"])
    said = "vecpact-check: --prove needs mutants, which only a clone of the project has\n"
    assert capsys.readouterr().err == said
