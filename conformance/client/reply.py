"""A reply is what a client was asked, what it answered, and what the mock heard of it meanwhile."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.client.heard import Heard
from conformance.exchange import in_one_line

LONGEST_LINE = 4_000
LONGEST_ANSWER = 400


@dataclass(frozen=True)
class Reply:
    """One line to a client and one back.

    Attributes:
        command: The client's command.
        line: What it was asked.
        answer: What it answered; empty where it left the protocol.
        failure: How it left the protocol, in one line; empty otherwise.
        heard: The requests that the mock heard from it, in order.
    """

    command: Sequence[str]
    line: str
    answer: Mapping[str, Any]
    failure: str
    heard: Sequence[Heard]

    @property
    def operation(self) -> str:
        """The operation it was asked for."""
        return str(json.loads(self.line)["operation"])

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The arguments of what it was asked."""
        found: Mapping[str, Any] = json.loads(self.line)["arguments"]
        return found

    @property
    def succeeded(self) -> bool:
        """Whether it answered a result."""
        return "result" in self.answer

    @property
    def result(self) -> Any:
        """The result, or None."""
        return self.answer.get("result")

    @property
    def fields(self) -> Mapping[str, Any]:
        """The result as an object; empty where it is anything else."""
        return self.result if isinstance(self.result, dict) else {}

    @property
    def error(self) -> Mapping[str, Any]:
        """The error, or an empty one."""
        found: Mapping[str, Any] = self.answer.get("error", {})
        return found

    @property
    def kind(self) -> str:
        """The kind of the error, or nothing."""
        return str(self.error.get("kind", ""))

    @property
    def status(self) -> int | None:
        """The HTTP status that the error tells."""
        return self.error.get("status")

    @cached_property
    def body(self) -> Any:
        """The body that the error tells: the JSON value, also where it is told as its text."""
        told = self.error.get("body")
        if isinstance(told, str):
            try:
                return json.loads(told)
            except ValueError:
                return told
        return told

    def tells(self, text: str) -> bool:
        """Whether a text stands anywhere in the error: in its message, or in its body."""
        return json.dumps(text, ensure_ascii=False)[1:-1] in json.dumps(self.error, ensure_ascii=False)

    def curl(self) -> str:
        """The line and the command it was for, as one shell command."""
        line = self.line if len(self.line) <= LONGEST_LINE else f"{self.line[:LONGEST_LINE]}..."
        return f"echo {shlex.quote(line)} | {shlex.join(self.command)}"

    def outcome(self) -> str:
        """What the client answered, in one line."""
        if self.failure:
            return self.failure
        text = json.dumps(self.answer, ensure_ascii=False)
        return in_one_line(text if len(text) <= LONGEST_ANSWER else f"{text[:LONGEST_ANSWER]}...")

    def on_the_wire(self) -> str:
        """What the mock heard, in one line."""
        return "; ".join(heard.outcome() for heard in self.heard) or "no request"
