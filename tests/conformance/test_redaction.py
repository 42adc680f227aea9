"""What is secret is found by its name or by its value, and what is none is left alone."""

import pytest

from conformance.redaction import is_secret_header, redacted, secret_values, without_user


@pytest.mark.parametrize("name", ["authorization", "Cookie", "X-Api-Key", "x-auth-token", "Set-Password"])
def test_a_header_is_secret_by_its_name(name: str) -> None:
    assert is_secret_header(name)


@pytest.mark.parametrize("name", ["accept", "x-trace", "content-type", "user-agent"])
def test_other_headers_are_not(name: str) -> None:
    assert not is_secret_header(name)


def test_a_secret_is_found_without_its_scheme_too() -> None:
    headers = [("authorization", "Bearer 0123456789"), ("x-trace", "0123456789abc"), ("x-key", "short")]
    assert secret_values(headers) == {"Bearer 0123456789", "0123456789"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("the key 0123456789 is unknown", "the key REDACTED is unknown"),
        ("https://me:pass@server/a", "https://me:REDACTED@server/a"),
        ("https://:pass@server", "https://:REDACTED@server"),
        ("GET /a?api_key=abc&b=1", "GET /a?api_key=REDACTED&b=1"),
        ("/a?key=abc#d", "/a?key=REDACTED#d"),
        ("/a?next_token=abc&donkey=1", "/a?next_token=abc&donkey=1"),
        ('{"apiKey": "a\\"b", "b": 1}', '{"apiKey": "REDACTED", "b": 1}'),
        ('{"client_secret":"abc"}', '{"client_secret":"REDACTED"}'),
        (
            '{"next_token":"abc","key":"abc","author":"abc"}',
            '{"next_token":"abc","key":"abc","author":"abc"}',
        ),
        ("a@b and http://c/d:e@f", "a@b and http://c/d:e@f"),
    ],
)
def test_a_text_is_told_without_its_secrets(text: str, said: str) -> None:
    assert redacted(text, {"0123456789"}) == said


def test_of_two_secrets_the_longer_is_taken_out_first() -> None:
    assert redacted("Bearer 0123456789", {"0123456789", "Bearer 0123456789"}) == "REDACTED"


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://server/a", ("http://server/a", "")),
        ("http://me:pass@server:80/a?b", ("http://server:80/a?b", "me:pass")),
        ("http://me@server", ("http://server", "me")),
    ],
)
def test_an_address_is_told_without_its_user(url: str, parts: tuple[str, str]) -> None:
    assert without_user(url) == parts
