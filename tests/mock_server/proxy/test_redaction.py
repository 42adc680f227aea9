"""No secret is written down, wherever in an exchange it stands; all else is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.proxy.exchange import Exchange
from mock_server.proxy.judging import Judgement
from mock_server.proxy.recording import as_record
from mock_server.proxy.redaction import REDACTED

secrets = st.text("abcdefXYZ0189/+=%& é", min_size=8, max_size=30).map(lambda text: f"s{text}t")


def recorded(target: str, headers: list[tuple[str, str]], body: Any, answer: Any) -> dict[str, Any]:
    raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers]
    exchange = Exchange(1, "POST", target, raw)
    exchange.sent.add(json.dumps(body).encode())
    exchange.answered.add(json.dumps(answer).encode())
    exchange.sent.ended = exchange.answered.ended = True
    exchange.status = 200
    return as_record(exchange, Judgement())


@given(secret=secrets)
def test_a_key_is_nowhere_in_a_record(secret: str) -> None:
    record = recorded(
        f"/a?api_key={secret.replace('&', '').replace('%', '')}",
        [("Authorization", f"Bearer {secret.replace(' ', '')}"), ("X-Api-Key", secret)],
        {"password": secret, "deep": [{"note": f"is {secret}."}], "n": 1},
        {"message": f"key {secret} is wrong", "access_token": secret},
    )
    assert json.dumps(secret)[1:-1] not in json.dumps(record)
    sent = json.loads(record["request"]["body"])
    assert sent == {"password": REDACTED, "deep": [{"note": f"is {REDACTED}."}], "n": 1}


@pytest.mark.parametrize("name", ["Authorization", "Cookie", "X-Api-Key", "x-vecpact-token", "Password"])
def test_headers_that_hold_secrets_are_redacted(name: str) -> None:
    record = recorded("/a", [(name, "abc"), ("Accept", "b")], {}, {})
    assert record["request"]["headers"] == [[name, REDACTED], ["Accept", "b"]]


@pytest.mark.parametrize(
    "name",
    ["api_key", "apiKey", "client-secret", "PASSWORD", "refresh_token", "token", "x_secret_key"],
)
def test_fields_that_hold_secrets_are_redacted(name: str) -> None:
    record = recorded(f"/a?{name}=1&b=2", [], {name: 7, "b": 2}, {name: "x"})
    assert record["request"]["target"] == f"/a?{name}={REDACTED}&b=2"
    assert json.loads(record["request"]["body"]) == {name: REDACTED, "b": 2}


def test_a_body_without_secrets_stays_as_it_is_spelled() -> None:
    body = b'{"a": 1e2,  "keys": ["x"], "tokens": 3, "next_token": "abcdefgh", "vector": [0.10]}'
    exchange = Exchange(1, "POST", "/a?next_token=abcdefgh", [])
    exchange.sent.add(body)
    record = as_record(exchange, Judgement())
    assert record["request"]["body"].encode() == body
    assert record["request"]["target"] == "/a?next_token=abcdefgh"
    assert record["answer"] is None
    assert record["request"]["truncated"] is True


def test_a_body_that_is_no_text_is_in_base64() -> None:
    exchange = Exchange(1, "POST", "/a", [])
    exchange.sent.add(b"\xff\xfe")
    exchange.sent.ended = True
    record = as_record(exchange, Judgement())
    assert (record["request"]["body"], record["request"]["body_base64"]) == (None, "//4=")
