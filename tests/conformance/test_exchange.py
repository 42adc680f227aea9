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
    assert f'-H "{name}: ${name.upper().replace("-", "_")}"' in line
    assert "-H 'accept: */*'" in line


def test_curl_tells_a_header_that_is_known_to_be_harmless() -> None:
    line = exchange(headers={"authorization": "Bearer"}, harmless=frozenset({"authorization"})).curl()
    assert line.endswith("-H 'authorization: Bearer'")


def test_no_secret_is_told_wherever_it_stands() -> None:
    said = exchange(
        401,
        b'{"message": "no key hush-hush", "api_key": "other \\" one", "key": "kept"}',
        method="POST",
        url="http://me:pass@server/a?api_key=hidden&b=1&token=it&next_token=kept",
        content=b'{"password": "hidden", "a": "hush-hush"}',
        secrets=frozenset({"hush-hush"}),
    )
    assert said.outcome() == '401 {"message": "no key REDACTED", "api_key": "REDACTED", "key": "kept"}'
    assert shlex.split(said.curl()) == [
        *("curl", "-sS", "-X", "POST"),
        "http://me:REDACTED@server/a?api_key=REDACTED&b=1&token=REDACTED&next_token=kept",
        *("--data-raw", '{"password": "REDACTED", "a": "REDACTED"}'),
    ]
    assert exchange(None, failure="no hush-hush", secrets=frozenset({"hush-hush"})).outcome() == (
        "no answer: no REDACTED"
    )


def test_a_long_body_is_cut_and_its_size_told() -> None:
    line = exchange(content=b"x" * 1_000_000).curl()
    assert len(line) < 5_000
    assert line.endswith("  # the body is cut, it has 1,000,000 bytes")


def test_a_long_body_may_be_in_a_file() -> None:
    line = exchange(content=b"x" * 1_000_000).curl("a b.json")
    assert line == "curl -sS -X GET http://server/health --data-binary '@a b.json'"


def test_bytes_that_are_no_text_are_printed_for_curl() -> None:
    line = exchange(content=b"\xff\0%'\\{}").curl()
    assert line == (
        "printf '\\377\\000\\045\\047\\134{}' | curl -sS -X GET http://server/health --data-binary @-"
    )


def test_a_redirect_is_told_with_where_it_leads() -> None:
    moved = exchange(307, b"", answer_headers={"location": "https://server/health"})
    assert moved.outcome() == "307 to https://server/health"


def test_a_name_that_stands_twice_is_told() -> None:
    doubled = exchange(200, b'{"a": 1, "a": 2}')
    assert (doubled.value, doubled.body) == (None, {})
    assert doubled.outcome() == '200 {"a": 1, "a": 2} (the name \'a\' stands there twice)'


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
