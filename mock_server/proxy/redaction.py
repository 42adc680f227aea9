"""Takes secrets out of what is written down: keys, cookies, tokens and passwords, wherever they stand."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from mock_server.proxy.exchange import Headers

REDACTED = "REDACTED"
SECRET_HEADER = re.compile("auth|cookie|key|password|secret|session|token", re.IGNORECASE)
SECRET_FIELD = re.compile(
    "(.*[-_])?(api[-_]?key|apikey|access[-_]?key|authorization|password|passwd|secret|credentials?"
    "|(access|auth|refresh|bearer|id)[-_]?token|token)([-_](id|key|value))?",
    re.IGNORECASE,
)
NO_SECRET = frozenset({"next_token"})  # the place in a listing, which a replay needs
SHORTEST = 6  # characters of a secret that is looked for elsewhere


class Redaction:
    """Redacts one exchange: what its headers, query and bodies call a secret, wherever it stands."""

    def __init__(self, headers: Headers, target: str, *bodies: bytes) -> None:
        found = {*_in_headers(headers), *_in_query(target)}
        for body in bodies:
            found |= {*_in_body(body)}
        self._secrets = sorted((each for each in found if len(each) >= SHORTEST), key=len, reverse=True)

    def headers(self, headers: Headers) -> list[list[str]]:
        """Answers headers as pairs of text."""
        return [
            [
                name.decode("latin-1"),
                REDACTED
                if SECRET_HEADER.search(name.decode("latin-1"))
                else self.text(value.decode("latin-1")),
            ]
            for name, value in headers
        ]

    def target(self, target: str) -> str:
        """Answers a path with its query."""
        path, mark, query = target.partition("?")
        parts = []
        for part in query.split("&"):
            name, equals, value = part.partition("=")
            parts.append(f"{name}{equals}{REDACTED if value and _is_secret(name) else self.text(value)}")
        return self.text(path) + mark + "&".join(parts)

    def text(self, text: str) -> str:
        """Answers a text without the secrets in it."""
        for secret in self._secrets:
            for spelled in dict.fromkeys((secret, quote(secret, safe=""), json.dumps(secret)[1:-1])):
                text = text.replace(spelled, REDACTED)
        return text

    def body(self, text: str) -> str:
        """Answers a body; one in which a field is called a secret is written anew with its value redacted."""
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            return self.text(text)
        if any(True for _ in _secret_values(document)):
            text = json.dumps(_without(document), ensure_ascii=False)
        return self.text(text)


def _is_secret(name: str) -> bool:
    return name.lower() not in NO_SECRET and SECRET_FIELD.fullmatch(name) is not None


def _in_headers(headers: Headers) -> Iterator[str]:
    for name, value in headers:
        if SECRET_HEADER.search(name.decode("latin-1")):
            text = value.decode("latin-1").strip()
            yield text
            # Of `Bearer abc` the secret is abc.
            yield text.rpartition(" ")[2]


def _in_query(target: str) -> Iterator[str]:
    for part in target.partition("?")[2].split("&"):
        name, _, value = part.partition("=")
        if _is_secret(name):
            yield value


def _in_body(body: bytes) -> Iterator[str]:
    try:
        yield from (each for each in _secret_values(json.loads(body)) if isinstance(each, str))
    except (ValueError, RecursionError):
        return


def _secret_values(document: Any) -> Iterator[Any]:
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            for name, each in value.items():
                if _is_secret(name):
                    yield each
                elif isinstance(each, dict | list):
                    waiting.append(each)
        elif isinstance(value, list) and value and not isinstance(value[0], float):
            waiting.extend(each for each in value if isinstance(each, dict | list))


def _without(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: REDACTED if _is_secret(name) else _without(each) for name, each in document.items()}
    return [_without(each) for each in document] if isinstance(document, list) else document
