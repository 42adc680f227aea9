"""A server that misbehaves costs a clear line, in the time of a request: no traceback, no hang, no memory."""

import re

import pytest
from typer.testing import CliRunner

from conformance.__main__ import application
from conformance.target import LARGEST_ANSWER, MOST_SILENT, Target, Unreachable
from tests.misbehaving.behaviours import ANSWERED, FAILING, LARGE, hanging, saying, with_body
from tests.misbehaving.serving import Behaviour, misbehaving

TIMEOUT = 0.2
CLAUSES = (
    "--only",
    "*.health.*",
    "--only",
    "*.vectors.accepted",
    "--only",
    "*.items.delete",
    "--examples",
    "2",
)
OFTEN = with_body(b'{"status": "ok", "items": 0, "max_items": 9, "remaining": 9}')


@pytest.fixture(autouse=True)
def _no_patience_with_shrinking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.check.SHRINKING_SECONDS", 0)


@pytest.mark.parametrize("name", FAILING)
def test_an_answer_that_is_none_is_told_in_one_line(name: str) -> None:
    behave, failure = FAILING[name]
    with misbehaving(behave) as url, Target(url, timeout=TIMEOUT) as target:
        exchange = target.send("GET", "/health")
    assert exchange.status is None
    assert exchange.failure.startswith(failure)
    assert "\n" not in exchange.outcome()


@pytest.mark.parametrize("name", ANSWERED)
def test_an_odd_answer_is_an_answer(name: str) -> None:
    behave, outcome = ANSWERED[name]
    with misbehaving(behave) as url, Target(url) as target:
        assert target.send("GET", "/health").outcome() == outcome


@pytest.mark.parametrize("name", LARGE)
def test_no_more_than_a_bounded_part_of_an_answer_is_read(name: str) -> None:
    with misbehaving(LARGE[name]) as url, Target(url, timeout=60) as target:
        exchange = target.send("GET", "/health")
    assert (exchange.status, exchange.answer) == (None, b"")
    longer = f"is longer than {LARGEST_ANSWER // 2**20} MiB"
    assert re.match(rf"ReadError: the (decoded answer|answer \(200\)) {longer}", exchange.failure)


def test_a_body_that_is_not_taken_ends_in_time() -> None:
    with misbehaving(hanging) as url, Target(url, timeout=TIMEOUT) as target:
        exchange = target.send("POST", "/", content=b" " * 50_000_000)
    assert re.match("(Read|Write)Timeout: no whole answer within 0.2 s", exchange.failure)


def test_a_server_that_never_answers_is_given_up() -> None:
    with misbehaving(hanging) as url, Target(url, timeout=0.01) as target:
        for _ in range(MOST_SILENT - 1):
            assert target.send("GET", "/").status is None
        with pytest.raises(Unreachable, match=r"has not answered 5 requests in a row within 0.01 s each"):
            target.send("GET", "/")


@pytest.mark.parametrize(
    "behave", [each for each, _ in (*FAILING.values(), *ANSWERED.values())], ids=[*FAILING, *ANSWERED]
)
def test_a_run_ends_with_a_report(behave: Behaviour) -> None:
    with misbehaving(behave) as url:
        words = ["moorcheh", "--base-url", url, *CLAUSES, "--timeout", "0.05", "--job-timeout", "0"]
        result = CliRunner().invoke(application, words, catch_exceptions=False)
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output
    assert not re.findall("^(kept|error) ", result.stdout, re.MULTILINE)
    assert re.findall(r"^moorcheh at http\S+: \d+ requests", result.stdout, re.MULTILINE)


@pytest.mark.parametrize("requests", range(0, 12, 3))
def test_a_server_that_dies_in_mid_run_is_told(requests: int) -> None:
    with misbehaving(saying(OFTEN), requests=requests) as url:
        result = CliRunner().invoke(application, ["moorcheh", "--base-url", url, *CLAUSES])
    assert result.exit_code in (1, 2)
    assert "takes no connection" in result.output
    assert "Traceback" not in result.output
