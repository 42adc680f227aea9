"""An exchange is one request as it was sent and what came back; it can print itself for a person."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from conformance import wire
from conformance.redaction import is_secret_header, redacted, variable_of

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
        answer_headers: The headers that came back.
        secrets: What must not be printed, wherever it stands.
        harmless: The names of headers that hold no secret, though they are named as if they did.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    status: int | None
    answer: bytes = b""
    failure: str = ""
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    harmless: frozenset[str] = frozenset()

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

    def curl(self, body_file: str = "") -> str:
        """The request as one shell command that sends it again.

        A header that holds a secret is taken from a variable of the shell: `$AUTHORIZATION`. A body that is
        too long for a line is cut, and said to be, unless a file is named that holds it.
        """
        words = ["curl", "-sS", *_precautions(self.url), "-X", self.method, self._said(self.url)]
        line = shlex.join(words)
        for name, value in self.headers.items():
            line += f" -H {self._header(name, value)}"
        if self.content is None:
            return line
        if body_file:
            return f"{line} --data-binary {shlex.quote('@' + body_file)}"
        if not _is_text(self.content):
            return f"{_printed(self.content[:LONGEST_BODY])} | {line} --data-binary @-{self._cut_remark()}"
        text = self.content[:LONGEST_BODY].decode(errors="ignore")
        return f"{line} --data-raw {shlex.quote(self._said(text))}{self._cut_remark()}"

    def is_long(self) -> bool:
        """Whether the body is too long for a line."""
        return self.content is not None and len(self.content) > LONGEST_BODY

    def outcome(self, longest: int = LONGEST_ANSWER) -> str:
        """What came back, in one line: the status and the beginning of the body, or why nothing came."""
        if self.status is None:
            return f"no answer: {self._said(self.failure)}"
        answer = self._said(_cut(self.answer, longest))
        where = self.answer_headers.get("location", "") if 300 <= self.status < 400 else ""
        told = f"{self.status} {f'to {self._said(where)} ' if where else ''}{answer}".rstrip()
        name = "" if self.value is not None else wire.repeated_name(self.answer)
        return in_one_line(told) + (f" (the name {name!r} stands there twice)" if name else "")

    def _said(self, text: str) -> str:
        return redacted(text, self.secrets)

    def _header(self, name: str, value: str) -> str:
        if is_secret_header(name, value) and name not in self.harmless:
            # A variable is filled in where it is run, and shows nothing where it is read.
            return f'"{name}: ${variable_of(name)}"'
        return shlex.quote(f"{name}: {self._said(value)}")

    def _cut_remark(self) -> str:
        length = len(self.content or b"")
        return f"  # the body is cut, it has {length:,} bytes" if self.is_long() else ""


def _precautions(url: str) -> list[str]:
    """What keeps curl from reading brackets as patterns, and from tidying a path up."""
    globs = ["-g"] if re.search(r"[\[\]{}]", url) else []
    return [*globs, "--path-as-is"] if "/." in url else globs


def _is_text(content: bytes) -> bool:
    """Whether a shell's argument can hold these bytes."""
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


def _printed(content: bytes) -> str:
    """The command of a shell that prints these bytes."""
    escaped = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b"%\\'" else f"\\{byte:03o}" for byte in content
    )
    return f"printf '{escaped}'"


def _cut(content: bytes, length: int) -> str:
    text = content[: 4 * length].decode("utf-8", errors="backslashreplace")
    if len(content) <= 4 * length and len(text) <= length:
        return text
    return f"{text[:length]}... ({len(content):,} bytes)"


def in_one_line(text: str) -> str:
    """The text with line breaks, and whatever else would command a terminal, as escapes."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
