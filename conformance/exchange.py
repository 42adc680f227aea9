"""An exchange is one request as it was sent and what came back; it can print itself for a person."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from conformance import wire

SECRET_HEADER = re.compile("auth|cookie|key|password|secret|token", re.IGNORECASE)
LONGEST_ANSWER = 400
LONGEST_BODY = 4_000


@dataclass(frozen=True)
class Exchange:
    """One request and its answer.

    Attributes:
        method: The HTTP method.
        url: The whole address asked.
        headers: The request's own headers, those that every request of the run carries included.
        content: The body sent, or None.
        status: The status code, or None when no answer came.
        answer: The body that came back, decoded from its transfer and content encodings.
        failure: Why no answer came, in one line; empty otherwise.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    status: int | None
    answer: bytes = b""
    failure: str = ""
    answer_headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        """Whether the answer has a 2xx status."""
        return self.status is not None and 200 <= self.status < 300

    @cached_property
    def value(self) -> Any:
        """The answer as a JSON value, or None where it is no JSON."""
        try:
            return wire.decode(self.answer)
        except ValueError:
            return None

    @property
    def body(self) -> Mapping[str, Any]:
        """The answer as a JSON object; empty where it is anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def curl(self) -> str:
        """The request as one shell command, secrets redacted and a very long body cut."""
        words = ["curl", "-sS", "-X", self.method, self.url]
        for name, value in self.headers.items():
            words += ["-H", f"{name}: {'REDACTED' if SECRET_HEADER.search(name) else value}"]
        if self.content is not None:
            words += ["--data-raw", _cut(self.content, LONGEST_BODY)]
        return shlex.join(words)

    def outcome(self) -> str:
        """What came back, in one line: the status and the beginning of the body, or why nothing came."""
        if self.status is None:
            return f"no answer: {self.failure}"
        return f"{self.status} {in_one_line(_cut(self.answer, LONGEST_ANSWER))}".rstrip()


def _cut(content: bytes, length: int) -> str:
    text = content.decode("utf-8", errors="backslashreplace")
    return text if len(text) <= length else f"{text[:length]}... ({len(content):,} bytes)"


def in_one_line(text: str) -> str:
    """The text with line breaks, and whatever else would command a terminal, as escapes."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
