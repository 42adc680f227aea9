"""A reproduction is a test without the suite: it fails on the faulty server and passes on a correct one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.check import Check, Server, proves
from conformance.cortex import CORTEX
from conformance.cortex.driver import Cortex
from conformance.embedded import bundled_mock
from conformance.exchange import Exchange
from conformance.history import MOST_CALLS
from conformance.moorcheh import MOORCHEH
from conformance.moorcheh.driver import Moorcheh
from conformance.reproduction.difference import conditions
from conformance.reproduction.writing import write_reproductions
from conformance.run import Options, Run
from conformance.target import Target
from conformance.verdict import broken
from mock_server import create_app
from tests.conformance.serving import MUST, TinyDriver, answering, service_of, target_of
from tests.mutants import mutants_of
from tests.serving import serving

SERVICES = {"moorcheh": (MOORCHEH, Moorcheh), "cortex": (CORTEX, Cortex)}


def mutated(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Makes the mock of this process a mutant, and answers the id of the clause it breaks."""
    service = name.partition(".")[0]
    mutant = next(each for each in mutants_of(service) if str(each) == name)
    mutant.change(monkeypatch)
    return mutant.clause


def run_alone(file: Path, url: str) -> subprocess.CompletedProcess[str]:
    """Runs a test file by itself."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    environment = {**os.environ, "VECPACT_BASE_URL": url, "PYTEST_ADDOPTS": ""}
    return subprocess.run(
        command, cwd=file.parent, env=environment, capture_output=True, text=True, check=False
    )


def fails(file: Path, url: str) -> bool:
    """Whether a test file by itself fails on a server, by the one assertion it makes."""
    done = run_alone(file, url)
    assert ("1 failed" in done.stdout) != ("1 passed" in done.stdout), done.stdout + done.stderr
    assert ("AssertionError" in done.stdout) is ("1 failed" in done.stdout)
    return "1 failed" in done.stdout


@pytest.fixture(scope="module")
def correct_url() -> Iterator[str]:
    """A mock that stays correct: it is a process of its own."""
    with bundled_mock(["--max-items", "60"]) as url:
        yield url


@pytest.mark.parametrize(
    "name",
    [
        "moorcheh.vectors.dimension:any_length",
        "moorcheh.vectors.upsert-replaces:metadata_is_merged",
        "moorcheh.quota.update-at-cap:full_is_full",
        "cortex.matrix.empty-row:empty_rows_left_out",
    ],
)
def test_a_fault_becomes_a_test_of_its_own(
    name: str, correct_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clause = mutated(name, monkeypatch)
    service, driver = SERVICES[name.partition(".")[0]]
    key = {"authorization": "Bearer vecpact"}
    with (
        serving(create_app(max_items=60)) as url,
        Target(url, headers=key) as target,
        Target(correct_url, headers=key) as correct,
    ):
        run = Run(service, driver(target), Options(chosen={clause}))
        for check in run.checks():
            run.prove(check)
        run.finish()
        lines = list(write_reproductions(run, target, correct, driver, tmp_path / "new" / "folder"))
        (file,) = (tmp_path / "new" / "folder").iterdir()
        assert lines == [f"{file} shows {clause}"]
        assert file.name == f"test_{clause.replace('.', '_').replace('-', '_')}.py"
        assert fails(file, url)
        assert not fails(file, correct_url)
        assert "conformance" not in file.read_text().replace("vecpact-check", "")
        left = target.send("GET", "/namespaces").body.get("namespaces", [])
        assert left == []


def check_that(finds: Any) -> Check:
    """A check that finds a fault where a function says so of its answer."""

    @proves(MUST.id)
    def it_looks(server: Server) -> None:
        exchange = server.target.send("GET", "/")
        if finds(exchange):
            raise broken("steadiness", "a slip", exchange)

    return it_looks


def told(check: Check, target: Target, correct: Target, folder: Path) -> list[str]:
    """What is said of a run of this check."""
    run = Run(service_of(check), TinyDriver(target), Options())
    run.prove(check)
    return list(write_reproductions(run, target, correct, TinyDriver, folder))


def test_a_fault_that_does_not_come_again_is_no_test(tmp_path: Path) -> None:
    finds = iter((True, False))
    (line,) = told(check_that(lambda _exchange: next(finds)), answering(200), answering(200), tmp_path)
    assert line == (
        f"no test for {MUST.id}: this one example does not show it again: it takes more than its own calls"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_fault_of_the_bundled_mock_is_no_test(tmp_path: Path) -> None:
    (line,) = told(check_that(lambda _exchange: True), answering(200), answering(200), tmp_path)
    assert line == f"no test for {MUST.id}: the bundled mock breaks it too"


def test_a_fault_that_no_answer_shows_is_no_test(tmp_path: Path) -> None:
    faulty = target_of(lambda _request: httpx.Response(200, json={"message": "x"}))
    (line,) = told(check_that(lambda exchange: "message" in exchange.body), faulty, answering(200), tmp_path)
    assert line == f"no test for {MUST.id}: no single answer tells a faulty server from a correct one"


def exchange(status: int, answer: bytes) -> Exchange:
    """An exchange."""
    return Exchange("GET", "http://server/", {}, None, status, answer)


@pytest.mark.parametrize(
    ("expected", "faulty", "correct", "stated"),
    [
        ("409", (202, b"{}"), (409, b"{}"), ["answer.status_code in (409,)"]),
        ("400 or 422", (200, b"{}"), (422, b"{}"), ["answer.status_code in (400, 422,)"]),
        ("an acceptance", (400, b"{}"), (202, b"{}"), ["answer.is_success"]),
        ("whatever", (500, b"{}"), (202, b"{}"), ["answer.status_code == 202"]),
        ("whatever", (200, b"{}"), (201, b"{}"), ["answer.status_code == 201"]),
        ("n = 2", (200, b'{"n": 1, "m": 3}'), (200, b'{"n": 2, "m": 4}'), ["at(answer, 'n') == 2"]),
        ("x", (200, b'{"a": {"b": [1, 2]}}'), (200, b'{"a": {"b": [1, 3]}}'), ["at(answer, 'a.b.1') == 3"]),
        ("x", (200, b'{"a": [1]}'), (200, b'{"a": []}'), ["len(at(answer, 'a') or []) == 0"]),
        ("x", (200, b'{"a": 1, "message": "m"}'), (200, b'{"message": "n"}'), ["at(answer, 'a') is None"]),
        ("x", (200, b'{"timings": {"total": 1}}'), (200, b'{"timings": {"total": 2}}'), []),
        ("x", (200, b'{"a": {}}'), (200, b'{"a": {"b": null}}'), ["'b' in (at(answer, 'a') or {})"]),
        ("x", (200, b'{"n": "vecpact-01234567-1"}'), (200, b'{"n": "vecpact-89abcdef-1"}'), []),
        ("x", (200, b'{"n": "0123456789abcdef"}'), (200, b'{"n": "fedcba9876543210"}'), []),
        ("x", (200, b'{"n": null}'), (200, b'{"n": "fedcba9876543210"}'), []),
        ("x", (200, b'{"message": "m"}'), (200, b'{"message": "n"}'), []),
        ("x", (200, b'{"n": 1.0}'), (200, b'{"n": 1}'), []),
        (
            "a field 'n' of type integer",
            (200, b'{"n": 1.0}'),
            (200, b'{"n": 1}'),
            ["type(at(answer, 'n')) in (int,)"],
        ),
        (
            "a field 'n' of type string or null",
            (200, b'{"n": 1}'),
            (200, b'{"n": ""}'),
            ["type(at(answer, 'n')) in (str, type(None),)"],
        ),
        (
            'a message with "Not found"',
            (404, b'{"message": "no"}'),
            (404, b'{"message": "not found"}'),
            ["'not found' in answer.text.lower()"],
        ),
    ],
)
def test_where_two_answers_differ_a_test_can_state(
    expected: str, faulty: tuple[int, bytes], correct: tuple[int, bytes], stated: list[str]
) -> None:
    assert conditions(expected, exchange(*faulty), exchange(*correct)) == stated


def closed(number: int) -> Target:
    """A target whose answers come from a function, at an address that takes no connection."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json={"n": number}))
    return Target("http://127.0.0.1:9", transport=transport)


def test_a_test_that_does_not_work_is_not_kept(tmp_path: Path) -> None:
    (line,) = told(check_that(lambda exchange: exchange.body["n"] == 1), closed(1), closed(2), tmp_path)
    assert line.startswith(f"no test for {MUST.id}: its test does not work: ")
    assert list(tmp_path.iterdir()) == []


def test_a_fault_that_no_request_shows_is_no_test(tmp_path: Path) -> None:
    @proves(MUST.id)
    def it_knows(_server: Server) -> None:
        raise broken("this", "that")

    (line,) = told(it_knows, answering(200), answering(200), tmp_path)
    assert line == f"no test for {MUST.id}: it was not found by requests"


def test_a_fault_of_very_many_calls_is_no_test(tmp_path: Path) -> None:
    @proves(MUST.id)
    def it_takes_long(server: Server) -> None:
        for number in range(MOST_CALLS):
            exchange = server.target.send("GET", f"/{number}")
        raise broken("this", "that", exchange)

    (line,) = told(it_takes_long, answering(200), answering(200), tmp_path)
    assert line == f"no test for {MUST.id}: it takes too many calls"


def test_a_long_body_is_left_beside_the_tests(tmp_path: Path) -> None:
    content = b"x" * 10_000

    @proves(MUST.id)
    def it_sends_much(server: Server) -> None:
        raise broken("this", "that", server.target.send("POST", "/", content=content))

    run = Run(service_of(it_sends_much), TinyDriver(answering(200)), Options(bodies=tmp_path))
    run.prove(it_sends_much)
    list(write_reproductions(run, answering(200), answering(200), TinyDriver, tmp_path))
    assert (tmp_path / f"{MUST.id}.body").read_bytes() == content
    assert run.result(MUST.id).sent.endswith(f"--data-binary @{tmp_path / MUST.id}.body")
