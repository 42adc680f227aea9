"""The command line: `python -m conformance moorcheh` and every option of it."""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from xml.etree import ElementTree as Xml

import httpx
import pytest
from typer.testing import CliRunner, Result

from conformance import effort
from conformance.__main__ import application
from conformance.effort import THOROUGH, USUAL, Effort
from conformance.moorcheh import MOORCHEH, command
from conformance.report.files import WRITERS
from tests.mutants import mutants_of

ROOT = Path(__file__).parents[2]
CLAUSES = MOORCHEH.clauses()
QUICK = ("--only", "moorcheh.health.answers")


@dataclass
class Served:
    """A server that answers everything alike, and the headers that came in."""

    url: str
    headers: list[dict[str, str]] = field(default_factory=list)


Serve = Callable[..., Served]


def call(*words: str) -> Result:
    """Runs the command in this process."""
    return CliRunner().invoke(application, ["moorcheh", *words], catch_exceptions=False)


def refused(*words: str) -> str:
    """The one line that says why the command does not run."""
    result = call(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(r"vecpact-check: .+\n", result.stderr), result.stderr
    return result.stderr.removeprefix("vecpact-check: ").rstrip("\n")


def start(*words: str) -> subprocess.Popen[str]:
    """Starts the command as a process, and a group, of its own."""
    command = [sys.executable, "-m", "conformance", "moorcheh", *words]
    piped = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=piped, stderr=piped, text=True, start_new_session=True)


def verdicts(result: Result) -> dict[str, str]:
    """The clauses of which a line was printed, with their verdicts."""
    return {
        clause: verdict
        for verdict, clause in re.findall(r"^(\w+) +(moorcheh\.\S+)  ", result.stdout, re.MULTILINE)
    }


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers that answer everything with one status and one body, and end with the test."""
    running: list[tuple[ThreadingHTTPServer, Thread]] = []

    def run(status: int, body: bytes = b"{}") -> Served:
        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                served.headers.append(dict(self.headers))
                self.rfile.read(int(self.headers.get("content-length", 0)))
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_DELETE = answer  # noqa: N815  # the names that the library asks for

            def log_message(self, *_words: object) -> None:
                """Keeps quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        served = Served(f"http://127.0.0.1:{server.server_port}")
        running.append((server, Thread(target=server.serve_forever, args=(0.01,))))
        running[-1][1].start()
        return served

    yield run
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


def test_without_a_server_the_bundled_mock_is_proven() -> None:
    result = call(*QUICK)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("kept      moorcheh.health.answers  1 example\n\n1 kept, ")
    assert "moorcheh at http://127.0.0.1:" in result.stdout


def test_list_prints_every_clause_and_runs_nothing(closed_url: str) -> None:
    result = call("--list", "--base-url", closed_url)
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line for line in result.stdout.splitlines() if not line.startswith(" ")] == list(CLAUSES)
    for clause in CLAUSES.values():
        assert f"\n  {clause.title}\n  source   {clause.source}\n" in result.stdout


def test_list_prints_the_chosen_clauses_alone() -> None:
    result = call("--list", "--only", "moorcheh.quota.*", "--skip", "*.exact-fill")
    names = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert names == [each for each in CLAUSES if ".quota." in each and "exact-fill" not in each]


def test_explain_prints_one_clause() -> None:
    result = call("--explain", "moorcheh.items.ids-100")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "moorcheh.items.ids-100",
        f"  {CLAUSES['moorcheh.items.ids-100'].title}",
        f"  source   {CLAUSES['moorcheh.items.ids-100'].source}",
        "  evidence documented, must",
        "  limit    100",
        "  refusal  400",
    ]


def test_explaining_an_unknown_clause_is_refused() -> None:
    assert refused("--explain", "moorcheh.nothing") == (
        "--explain 'moorcheh.nothing': no clause has this id; --list prints them all"
    )


def test_only_and_skip_choose_what_is_proven(world_url: str) -> None:
    words = ("--only", "moorcheh.health.*", "--only", "*.exists", "--skip", "*.providers", "--examples", "2")
    result = call("--base-url", world_url, *words)
    assert verdicts(result) == dict.fromkeys(
        (
            "moorcheh.health.answers",
            "moorcheh.health.remaining",
            "moorcheh.health.counts-all",
            "moorcheh.namespaces.exists",
        ),
        "kept",
    )
    assert f"4 kept, {len(CLAUSES) - 4} skipped" in result.stdout


@pytest.mark.parametrize("words", [("--only", "*.no-such"), ("--skip", "quota"), (*QUICK, "--only", "x*")])
def test_a_glob_that_matches_nothing_is_refused(words: Sequence[str]) -> None:
    assert refused(*words) == f"{words[-1]!r} matches no clause; --list prints them all"


def test_choosing_nothing_is_refused() -> None:
    assert refused(*QUICK, "--skip", "*.health.*") == "--only and --skip leave no clause to prove"


@pytest.mark.parametrize("level", ["certain", "", "documented;implied"])
def test_an_unknown_level_of_evidence_is_refused(level: str, world_url: str) -> None:
    words = refused("--base-url", world_url, "--evidence", level)
    assert words == f"--evidence {level!r}: expected one of documented, implied, assumed"


def test_evidence_decides_what_fails_the_run(serve: Serve) -> None:
    words = ("--base-url", serve(404).url, "--only", "*.name-required", "--examples", "1")
    result = call(*words)
    assert (result.exit_code, verdicts(result)) == (0, {"moorcheh.namespaces.name-required": "noted"})
    result = call(*words, "--evidence", " documented , assumed")
    assert (result.exit_code, verdicts(result)) == (1, {"moorcheh.namespaces.name-required": "broken"})
    assert "--evidence documented,assumed" in result.stdout


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("localhost:8080", "expected an address such as http://localhost:8080"),
        ("ftp://localhost", "expected an address such as http://localhost:8080"),
        ("http://", "expected an address such as http://localhost:8080"),
        ("http://[::1", "Invalid"),
    ],
)
def test_a_bad_address_is_refused(url: str, reason: str) -> None:
    words = refused("--base-url", url)
    assert words.startswith(f"--base-url {url!r}: ")
    assert reason in words


def test_a_server_that_cannot_be_reached_is_told_in_one_line(closed_url: str) -> None:
    assert refused("--base-url", closed_url).startswith(f"{closed_url} takes no connection: ")


def test_a_server_that_cannot_be_reached_is_reported_too(closed_url: str, tmp_path: Path) -> None:
    refused("--base-url", closed_url, "--json", str(tmp_path / "report.json"))
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["summary"]["unproven"] == len(report["clauses"]) == len(CLAUSES)
    assert "takes no connection" in report["clauses"][0]["detail"]


@pytest.mark.parametrize(
    "header",
    [
        "no colon",
        ": value",
        " : value",
        "two words: value",
        "näme: value",
        "name: välue",
        "name: a\nb: c",
        "na\tme: x",
    ],
)
def test_a_bad_header_is_refused(header: str) -> None:
    assert (
        refused("--header", header, *QUICK)
        == f"--header {header!r}: expected 'Name: value' in printable ASCII"
    )


def test_two_runs_with_one_seed_are_equal(world_url: str, tmp_path: Path) -> None:
    reports: list[dict[str, Any]] = []
    for seed in (7, 7):
        path = tmp_path / f"{len(reports)}.json"
        words = ("--only", "*.vectors.numbers", "--examples", "6", "--seed", str(seed), "--json", str(path))
        assert call("--base-url", world_url, *words).exit_code == 0
        reports.append(json.loads(path.read_text()))
    for report in reports:
        report |= {"started_at": "", "seconds": 0}
        proven = [clause for clause in report["clauses"] if clause["verdict"] == "kept"]
        assert all(clause["seconds"] > 0 for clause in proven)
        report["clauses"] = [{**clause, "seconds": 0} for clause in report["clauses"]]
    one, other = reports
    assert one == other
    assert one["seed"] == 7
    assert next(clause for clause in one["clauses"] if clause["verdict"] == "kept")["examples"] >= 6


def test_without_a_seed_each_run_has_its_own(world_url: str) -> None:
    seeds = {
        re.findall(r"seed (\d+)$", call("--base-url", world_url, *QUICK).stdout, re.MULTILINE)[0]
        for _ in range(3)
    }
    assert len(seeds) > 1


def test_a_report_of_each_format_is_written(world_url: str, tmp_path: Path) -> None:
    paths = {name: tmp_path / name for name in WRITERS}
    words = [word for name, path in paths.items() for word in (f"--{name}", str(path))]
    assert call("--base-url", world_url, *QUICK, *words).exit_code == 0
    report = json.loads(paths["json"].read_text())
    assert (report["suite"], report["service"], report["target"]) == ("vecpact", "moorcheh", world_url)
    assert report["requests"] > 0
    suite = Xml.parse(paths["junit"]).getroot()[0]
    assert suite.get("tests") == str(len(CLAUSES))
    assert {path.name for path in tmp_path.iterdir()} == set(WRITERS)


@pytest.mark.parametrize("option", [f"--{name}" for name in WRITERS])
def test_a_report_that_cannot_be_written_is_refused_before_the_run(
    option: str, tmp_path: Path, closed_url: str
) -> None:
    assert refused(option, str(tmp_path / "none" / "report"), "--base-url", closed_url).endswith(
        f"report: there is no folder {tmp_path / 'none'}"
    )
    assert refused(option, str(tmp_path), "--base-url", closed_url) == f"{tmp_path}: Is a directory"
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_cannot_be_written_after_all_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_the_disk(_summary: object, path: Path) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setitem(WRITERS, "json", fill_the_disk)
    result = call(*QUICK, "--json", str(tmp_path / "report.json"))
    assert result.exit_code == 2
    assert "1 kept" in result.stdout
    assert result.stderr == f"vecpact-check: {tmp_path / 'report.json'}: No space left on device\n"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--examples", "0"),
        ("--examples", "many"),
        ("--seed", "x"),
        ("--timeout", "0"),
        ("--job-timeout", "-1"),
        ("--generation", "v3"),
        ("--no-such", "1"),
    ],
)
def test_a_bad_value_of_an_option_is_refused(option: str, value: str) -> None:
    result = call(option, value)
    assert (result.exit_code, result.stdout) == (2, "")
    assert option in result.stderr


def test_a_files_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert (
        refused("--files-dir", f"{missing}=/there")
        == f"--files-dir '{missing}=/there': there is no folder {missing}"
    )


def test_a_run_has_one_size() -> None:
    assert refused("--quick", "--thorough") == "--quick and --thorough: expected one of them"


@pytest.mark.parametrize("effort", [USUAL, effort.QUICK, THOROUGH], ids=lambda each: each.option or "usual")
def test_each_size_of_a_run_has_its_examples(effort: Effort, world_url: str, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    words = [*filter(None, [effort.option]), "--only", "*.dimension-positive", "--json", str(report)]
    assert call("--base-url", world_url, *words).exit_code == 0
    (kept,) = (clause for clause in json.loads(report.read_text())["clauses"] if clause["verdict"] == "kept")
    assert kept["examples"] == effort.examples


def test_a_quick_run_fills_a_small_mock(world_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Sequence[str]] = []

    def mock(options: Sequence[str]) -> contextlib.AbstractContextManager[str]:
        started.append(options)
        return contextlib.nullcontext(world_url)

    monkeypatch.setattr(command, "bundled_mock", mock)
    for words in (QUICK, ("--quick", *QUICK)):
        assert call(*words).exit_code == 0
    assert ["--max-items" in options for options in started] == [False, True]


def test_help_names_every_option() -> None:
    result = call("--help")
    assert result.exit_code == 0
    names = "base-url evidence only skip examples quick thorough seed list explain json junit header"
    assert all(
        f"--{name}" in result.stdout
        for name in [*names.split(), "timeout", "job-timeout", "fill-quota", "files-dir", "generation"]
    )


def test_without_a_service_the_services_are_named() -> None:
    result = CliRunner().invoke(application, [])
    assert "moorcheh" in result.output


def test_a_broken_clause_is_told_whole_and_fails_the_run(serve: Serve) -> None:
    url = serve(503, b'{"message": "too busy"}').url
    result = call("--base-url", url, *QUICK, "--seed", "7")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines()[:9] == [
        "broken    moorcheh.health.answers  1 example",
        "",
        "broken moorcheh.health.answers",
        f"  {CLAUSES['moorcheh.health.answers'].title}",
        "  source   on-prem/api-references/health (documented)",
        f"  sent     curl -sS -X GET {url}/health",
        "  expected 200",
        '  got      503 {"message": "too busy"}',
        f"  repeat   python -m conformance moorcheh --base-url {url} --only moorcheh.health.answers --seed 7"
        " --replay health_is_ok_with_three_integers",
    ]


def repeated(result: Result) -> list[str]:
    """The words after the service's name in the only `repeat` line."""
    (line,) = re.findall(r"^  repeat   python -m conformance moorcheh (.+)$", result.stdout, re.MULTILINE)
    return shlex.split(line)


def test_the_repeat_line_repeats_exactly_this(world_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant = next(each for each in mutants_of("moorcheh") if each.clause == "moorcheh.vectors.dimension")
    mutant.change(monkeypatch)
    words = ("--base-url", world_url, "--only", "moorcheh.vectors.dimension", "--seed", "7")
    first = call(*words)
    again = call(*repeated(first))
    assert (first.exit_code, again.exit_code) == (1, 1)
    assert again.stdout.startswith("broken    moorcheh.vectors.dimension  1 example\n")
    bodies = [
        re.findall(r"^  sent .* --data-raw (.+)$", each.stdout, re.MULTILINE) for each in (first, again)
    ]
    assert bodies[0] == bodies[1] != []
    monkeypatch.undo()
    mended = call(*repeated(again))
    assert (mended.exit_code, verdicts(mended)) == (0, {"moorcheh.vectors.dimension": "kept"})
    assert "this one example does not break it (any more)" in mended.stdout


def test_a_test_of_each_fault_is_written(
    world_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant = next(each for each in mutants_of("moorcheh") if each.clause == "moorcheh.vectors.dimension")
    mutant.change(monkeypatch)
    folder = tmp_path / "repro"
    words = ("--base-url", world_url, "--only", "moorcheh.vectors.dimension", "--examples", "5")
    result = call(*words, "--write-repro", str(folder))
    (file,) = folder.iterdir()
    assert result.exit_code == 1
    assert f"{file} shows moorcheh.vectors.dimension\n" in result.stdout
    assert refused("--write-repro", str(file)) == f"--write-repro {str(file)!r}: expected a folder"


def test_without_a_fault_no_test_is_written(world_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "repro"
    assert call("--base-url", world_url, *QUICK, "--write-repro", str(folder)).exit_code == 0
    assert not folder.exists()


@pytest.mark.parametrize(
    ("replay", "reason"),
    [
        ("no_such_check", "there is no check 'no_such_check'; copy it whole from a `repeat` line"),
        ("health_names_the_providers", "the check 'health_names_the_providers' says nothing of the clauses"),
        (
            "health_is_ok_with_three_integers:AAAA",
            "'AAAA' is no example of 'health_is_ok_with_three_integers'",
        ),
        ("remaining_is_what_is_left", "'' is no example of 'remaining_is_what_is_left'"),
        ("remaining_is_what_is_left:nonsense!", "'nonsense!' is no example of 'remaining_is_what_is_left'"),
    ],
)
def test_an_example_that_is_none_is_refused(replay: str, reason: str) -> None:
    words = ("--only", "*.health.answers", "--only", "*.health.remaining", "--replay", replay)
    assert refused(*words).startswith(f"--replay: {reason}")


def test_what_is_known_to_be_broken_does_not_fail_the_run(serve: Serve, tmp_path: Path) -> None:
    url, file = serve(503).url, tmp_path / "known.toml"
    words = ("--base-url", url, *QUICK, "--known-broken", str(file))
    assert refused(*words) == f"{file}: No such file or directory"
    written = call(*words, "--update-known-broken")
    assert (written.exit_code, verdicts(written)) == (0, {"moorcheh.health.answers": "broken"})
    assert "1 known" in written.stdout
    assert "no reason given yet: expected 200, got 503" in file.read_text()
    known = call(*words)
    assert (known.exit_code, verdicts(known)) == (0, {"moorcheh.health.answers": "known"})


def test_what_is_known_to_be_broken_and_is_kept_fails_the_run(world_url: str, tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text('moorcheh.health.answers = "a race"\nmoorcheh.quota.body = "another"\n')
    words = ("--base-url", world_url, *QUICK, "--known-broken", str(file))
    stale = call(*words)
    assert (stale.exit_code, verdicts(stale)) == (1, {"moorcheh.health.answers": "stale"})
    assert "kept, though known to be broken (a race): take it off the list" in stale.stdout
    assert call(*words, "--update-known-broken").exit_code == 0
    assert file.read_text() == 'moorcheh.quota.body = "another"\n'
    assert "health" not in file.read_text()


def test_a_list_of_known_faults_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text('"moorcheh.nothing" = "x"')
    unknown = f"{file}: 'moorcheh.nothing' is no clause; --list prints them all"
    assert refused(*QUICK, "--known-broken", str(file)) == unknown
    assert refused(*QUICK, "--known-broken", str(file), "--update-known-broken") == unknown
    missing = "--update-known-broken: expected --known-broken FILE beside it"
    assert refused(*QUICK, "--update-known-broken") == missing


def test_a_list_that_cannot_be_written_after_all_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_the_disk(path: Path, *_words: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("conformance.known_broken.write_reasons", fill_the_disk)
    result = call(*QUICK, "--known-broken", str(tmp_path / "known.toml"), "--update-known-broken")
    assert result.exit_code == 2
    assert result.stderr == f"vecpact-check: {tmp_path / 'known.toml'}: No space left on device\n"


def test_what_a_server_does_not_offer_is_said_with_the_reason(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "profile.toml"
    file.write_text('"moorcheh.health.[ar]*" = "it is asked elsewhere"\n')
    words = ("--base-url", serve(200).url, "--only", "*.health.*", "--profile", str(file), "--examples", "1")
    result = call(*words)
    assert "skipped   moorcheh.health.answers  not offered: it is asked elsewhere\n" in result.stdout
    assert "moorcheh.health.counts-all" in result.stdout
    assert refused(*QUICK, "--profile", str(file)) == f"{file}: leaves no clause to prove"
    file.write_text('"moorcheh.nothing.*" = "x"')
    assert refused(*QUICK, "--profile", str(file)) == (
        f"{file}: 'moorcheh.nothing.*' is no clause; --list prints them all"
    )


def test_headers_are_sent_and_what_they_say_is_not_printed(serve: Serve) -> None:
    served = serve(503)
    headers = ("--header", "Authorization: Bearer hush", "--header", "X-Trace:on")
    result = call("--base-url", served.url, *QUICK, *headers)
    assert served.headers
    for sent in served.headers:
        by_name = {name.lower(): value for name, value in sent.items()}
        assert (by_name["authorization"], by_name["x-trace"]) == ("Bearer hush", "on")
    assert "hush" not in result.stdout
    assert "--header 'Authorization: ...' --header 'X-Trace: ...'" in result.stdout


def test_a_job_is_waited_for_as_long_as_the_user_says(world_url: str) -> None:
    httpx.post(f"{world_url}/_mock/settings", json={"jobs": "manual"}).raise_for_status()
    words = ("--base-url", world_url, "--only", "moorcheh.jobs.completes", "--examples", "1")
    result = call(*words, "--job-timeout", "0")
    assert (result.exit_code, verdicts(result)) == (1, {"moorcheh.jobs.completes": "broken"})
    assert "expected completed within 0 s" in result.stdout
    assert "--job-timeout 0" in result.stdout


def test_an_answer_is_waited_for_as_long_as_the_user_says() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes connections and never answers
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        result = call("--base-url", url, *QUICK, "--timeout", "0.02")
    assert (result.exit_code, verdicts(result)) == (1, {"moorcheh.health.answers": "broken"})
    assert "got      no answer: ReadTimeout" in result.stdout
    assert "--timeout 0.02" in result.stdout


def test_a_server_with_items_of_others_is_filled_only_on_demand(world_url: str) -> None:
    httpx.post(f"{world_url}/_mock/settings", json={"max_items": 20, "jobs": "instant"}).raise_for_status()
    httpx.post(
        f"{world_url}/namespaces", json={"namespace_name": "others", "type": "vector", "vector_dimension": 1}
    ).raise_for_status()
    vectors = [{"id": "theirs", "vector": [1]}]
    httpx.post(f"{world_url}/namespaces/others/vectors", json={"vectors": vectors}).raise_for_status()
    words = ("--base-url", world_url, "--only", "moorcheh.quota.over-cap", "--examples", "1")
    result = call(*words)
    assert (result.exit_code, verdicts(result)) == (2, {"moorcheh.quota.over-cap": "unproven"})
    assert "the server holds 1 items of others (--fill-quota fills it all the same)" in result.stdout
    result = call(*words, "--fill-quota")
    assert (result.exit_code, verdicts(result)) == (0, {"moorcheh.quota.over-cap": "kept"})
    assert httpx.get(f"{world_url}/health").json()["items"] == 1


def test_answers_beyond_the_terminals_encoding_are_escaped(serve: Serve) -> None:
    url = serve(503, '"\u2192 ä"'.encode()).url
    command = [sys.executable, "-m", "conformance", "moorcheh", "--base-url", url, *QUICK]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert '  got      503 "\\u2192 \\xe4"\n' in done.stdout


@pytest.mark.parametrize("words", [(), ("--workers", "3")], ids=["alone", "with workers"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_shows_what_is_known_and_leaves_nothing_behind(
    number: signal.Signals, words: Sequence[str], world_url: str
) -> None:
    theirs = {"namespace_name": "others", "type": "text"}
    httpx.post(f"{world_url}/namespaces", json=theirs).raise_for_status()
    with start("--base-url", world_url, *words) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline() for _ in range(12)]
        process.send_signal(number)
        rest, err = process.stdout.read(), process.stderr.read()
    assert (process.returncode, err) == (130, "")
    assert {line.split()[0] for line in lines} == {"kept"}
    kept, unproven = map(int, re.findall(r"^(\d+) kept, (\d+) unproven$", rest, re.MULTILINE)[0])
    assert kept >= len(lines)
    assert kept + unproven == len(CLAUSES)
    assert rest.endswith("interrupted: what was not run is unproven\n")
    assert [each["namespace_name"] for each in httpx.get(f"{world_url}/namespaces").json()["namespaces"]] == [
        "others"
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_the_bundled_mock_last(number: signal.Signals) -> None:
    with start() as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.killpg(process.pid, number)  # as a terminal does: to the suite and whatever it has started
        rest = process.stdout.read()
    assert process.returncode == 130
    assert rest.endswith("interrupted: what was not run is unproven\n")
    url = re.findall(r"^moorcheh at (\S+): ", rest, re.MULTILINE)[0]
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health")


def test_a_bundled_mock_that_does_not_start_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", shutil.which("true"))
    assert refused(*QUICK) == "the bundled mock did not start: it said nothing"


def test_a_files_folder_may_have_another_path_on_the_server(world_url: str, tmp_path: Path) -> None:
    for folder in (str(tmp_path), f"{tmp_path}=/there"):
        assert call("--base-url", world_url, *QUICK, "--files-dir", folder).exit_code == 0


@pytest.mark.parametrize(("generation", "verdict"), [("v1", "unproven"), ("v2", "kept"), ("auto", "kept")])
def test_the_user_may_say_of_which_generation_the_service_is(
    generation: str, verdict: str, world_url: str
) -> None:
    words = ("--base-url", world_url, "--only", "*.health.providers", "--generation", generation)
    assert verdicts(call(*words)) == {"moorcheh.health.providers": verdict}
