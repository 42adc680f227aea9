"""An exchange tells what was sent and what came, in words that can be pasted and read."""

import shlex
from typing import Any

import pytest

from conformance.exchange import Exchange


def exchange(status: int | None = 200, answer: bytes = b"", **more: Any) -> Exchange:
    """An exchange whose request does not matter."""
    request: dict[str, Any] = {"method": "GET", "url": "http://server/health", "headers": {}, "content": None}
    return Exchange(status=status, answer=answer, **{**request, **more})


@pytest.mark.parametrize(
    ("status", "succeeded"),
    [(200, True), (202, True), (299, True), (199, False), (301, False), (404, False), (None, False)],
)
def test_a_status_of_2xx_is_success(status: int | None, succeeded: bool) -> None:
    assert exchange(status).succeeded is succeeded


@pytest.mark.parametrize(
    ("answer", "value", "body"),
    [
        (b'{"a": 1}', {"a": 1}, {"a": 1}),
        (b"[1]", [1], {}),
        (b"null", None, {}),
        (b"", None, {}),
        (b'{"a": NaN}', None, {}),
        (b"<html>", None, {}),
        (b"\xff", None, {}),
    ],
)
def test_the_body_is_the_answer_where_that_is_an_object(answer: bytes, value: Any, body: Any) -> None:
    assert (exchange(answer=answer).value, exchange(answer=answer).body) == (value, body)


def test_curl_repeats_the_request() -> None:
    content = '{"id":"it\'s \\"ä\\" $HOME `x`\\n"}'.encode()
    sent = exchange(method="POST", url="http://server/a b?c=d&e", headers={"X-Trace": "1 2"}, content=content)
    assert shlex.split(sent.curl()) == [
        *("curl", "-sS", "-X", "POST", "http://server/a b?c=d&e"),
        *("-H", "X-Trace: 1 2", "--data-raw", content.decode()),
    ]


def test_curl_sends_no_body_where_there_was_none() -> None:
    assert "--data-raw" not in exchange().curl()
    assert exchange(content=b"").curl().endswith("--data-raw ''")


@pytest.mark.parametrize(
    "name", ["Authorization", "COOKIE", "x-api-key", "Proxy-Authorization", "X-Auth-Token", "Client-Secret"]
)
def test_curl_tells_no_secret(name: str) -> None:
    line = exchange(headers={name: "hush", "accept": "*/*"}).curl()
    assert "hush" not in line
    assert f"{name}: REDACTED" in line
    assert "accept: */*" in line


def test_a_long_body_is_cut_and_its_size_told() -> None:
    line = exchange(content=b"x" * 1_000_000).curl()
    assert len(line) < 5_000
    assert "... (1,000,000 bytes)" in line


def test_bytes_that_are_no_text_are_shown_as_escapes() -> None:
    assert "\\xff\\xfe{}" in exchange(content=b"\xff\xfe{}").curl()


def test_the_outcome_is_status_and_answer_in_one_line() -> None:
    assert exchange(404, b'{"status":"failure"}').outcome() == '404 {"status":"failure"}'
    assert exchange(204).outcome() == "204"
    assert exchange(200, b'{\n\t"a": "\xc3\xa4\x1b[2J"\n}').outcome() == '200 {\\n\\t"a": "ä\\x1b[2J"\\n}'


def test_a_long_answer_is_cut_and_its_size_told() -> None:
    outcome = exchange(200, b"y" * 12_345).outcome()
    assert len(outcome) < 500
    assert outcome.endswith("... (12,345 bytes)")


def test_no_answer_is_told_with_the_reason() -> None:
    assert exchange(None, failure="ReadTimeout: timed out").outcome() == "no answer: ReadTimeout: timed out"
