"""Redaction: what is secret in a request or an answer is left out of all that is printed or written."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

REDACTED = "REDACTED"
STAND_IN = "vecpact"  # what is sent to a server that takes any key
SHORTEST_SECRET = 8  # a shorter text would be found in what is none

_HEADER = re.compile("auth|cookie|key|password|secret|token", re.IGNORECASE)
_FIELD = (
    r"(?:api|access|auth|private|refresh)[-_]?(?:key|token)"
    r"|passw(?:or)?d|(?:client[-_]?)?secret|authorization"
)
_QUERY = re.compile(rf"(?<=[?&])({_FIELD}|key|token)=[^&#\s]*", re.IGNORECASE)
_MEMBER = re.compile(rf'("(?:{_FIELD})"\s*:\s*)"(?:[^"\\]|\\.)*"', re.IGNORECASE)
_USER = re.compile(r"(?<=://)([^/@\s:]*):[^/@\s]*@")


def is_secret_header(name: str, value: str = "") -> bool:
    """Whether a header of this name is likely to hold a secret; what stands in for a key is none."""
    return bool(_HEADER.search(name)) and value.rpartition(" ")[2] != STAND_IN


def variable_of(header: str) -> str:
    """The variable of a shell that stands for the value of a secret header."""
    return re.sub("[^A-Z0-9]", "_", header.upper())


def secret_values(headers: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The texts that must not appear anywhere: what secret headers say, also without their scheme."""
    said = [value for name, value in headers if is_secret_header(name, value)]
    parts = (part for value in said for part in (value, value.rpartition(" ")[2]))
    return frozenset(part for part in parts if len(part) >= SHORTEST_SECRET)


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """A text without these secrets, without passwords in addresses, and without secret fields."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, REDACTED)
    text = _USER.sub(rf"\1:{REDACTED}@", text)
    text = _QUERY.sub(rf"\1={REDACTED}", text)
    return _MEMBER.sub(rf'\1"{REDACTED}"', text)


def without_user(url: str) -> tuple[str, str]:
    """An address without the user and password it may name, and these, as `user:password`."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=host)) if user else url, user
