"""The driver of a client under test: it asks, listens to the mock meanwhile, and judges nothing."""

import itertools
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.client.lines import read, written
from conformance.client.process import ClientProcess, Gone, Misbehaved, Silent, Unstartable
from conformance.client.reply import Reply
from conformance.client.world import World
from conformance.target import Target, Unreachable
from conformance.verdict import Unproven

STARTING = 30.0
"""Seconds that the first answer of a program may take longer: some are compiled first."""
GRACE = 1.5
"""Seconds beyond its time limit after which a client counts as hung."""
SILENCES = 5
"""Requests in a row that a client may leave unanswered before it is given up: each costs its time limit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The time limits told to a client, in seconds: for one HTTP answer, and for the whole operation."""

    answer: float
    operation: float


class Client:
    """A client of a service, under test against the mock: each example has a world of its own there.

    Args:
        target: The mock.
        command: The program under test and its arguments.
        service: The service it is a client of.
        seconds: How long an operation may take where a check sets no other limit.
        api_key: The key it is told to use; None where the service has none.
    """

    def __init__(
        self,
        target: Target,
        command: Sequence[str],
        service: str,
        *,
        seconds: float = 10.0,
        api_key: str | None = None,
    ) -> None:
        self.target = target
        self.remarks: list[str] = []
        self.command = command
        self.api_key = api_key
        self._service = service
        self._limits = Limits(seconds / 2, seconds)
        self._numbers = itertools.count(1)
        self._process: ClientProcess | None = None
        self._has_answered = False
        self._silences = 0
        self._prefix = f"vecpact-{secrets.token_hex(4)}"
        self._world: World | None = None

    @property
    def world(self) -> World:
        """The world of the example that runs."""
        if self._world is None:
            key = {} if self.api_key is None else {"authorization": f"Bearer {self.api_key}"}
            self._world = World(self.target, f"{self._prefix}-{next(self._numbers)}", key)
        return self._world

    def begin_example(self) -> None:
        """Leaves the world of the example before."""
        if self._world is not None:
            self._world.drop()
            self._world = None

    def end_check(self) -> None:
        """Leaves the last world too."""
        self.begin_example()

    def end_run(self) -> None:
        """Ends the client."""
        self.begin_example()
        self.close()

    def ask(self, operation: str, arguments: Mapping[str, Any], limits: Limits | None = None) -> Reply:
        """Asks the client for an operation and answers its reply with what the mock heard of it.

        The faults that are to meet it have been scripted by now.

        Raises:
            Unproven: The client does not offer the operation.
            Misbehaved: What it says is no answer.
            Unreachable: The client cannot be started, or has been silent too often.
        """
        limits = limits or self._limits
        number = next(self._numbers)
        request = {
            "id": number,
            "service": self._service,
            "operation": operation,
            "base_url": self.world.base_url,
            **({} if self.api_key is None else {"api_key": self.api_key}),
            "arguments": arguments,
            "limits": {"answer": limits.answer, "operation": limits.operation},
        }
        line = written(request)
        self.world.listen()
        answer, failure = self._answer(line, number, limits.operation + GRACE)
        error = answer.get("error", {})
        if error.get("kind") == "unsupported":
            raise Unproven(f"the client does not offer {operation}")
        return Reply(self.command, line, answer, failure, self.world.heard())

    def _answer(self, line: str, number: int, seconds: float) -> tuple[Mapping[str, Any], str]:
        """The client's answer, or why there is none; a client that has gone is started anew for the next."""
        try:
            if self._process is None:
                self._process = ClientProcess(self.command)
            answer = read(
                self._process.ask(line, seconds if self._has_answered else seconds + STARTING), number
            )
        except Unstartable as reason:
            raise Unreachable(str(reason)) from reason
        except Gone as reason:
            self._process = None
            self._silences = self._silences + 1 if isinstance(reason, Silent) else 0
            if self._silences >= SILENCES:
                raise Unreachable(f"{reason}, {SILENCES} times in a row") from reason
            return {}, str(reason)
        except Misbehaved:
            self.close()
            raise
        self._has_answered, self._silences = True, 0
        return answer, ""

    def close(self) -> None:
        """Ends the program; the next request starts it again."""
        if self._process is not None:
            self._process.close()
            self._process = None
