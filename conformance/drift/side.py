"""One of the two servers that are compared: it takes the steps of a story, and keeps its own names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis.strategies import SearchStrategy

from conformance import wire
from conformance.drift.comparing import Said, Vocabulary
from conformance.drift.step import ABSENT, Names, Step, value_at
from conformance.driver import Driver
from conformance.exchange import Exchange
from conformance.target import Unreachable


@dataclass(frozen=True, slots=True)
class Subject:
    """What is compared of a service.

    Attributes:
        vocabulary: What the fields of its answers mean.
        words: The words that stories have for names.
        stories: What servers are asked, as a strategy of lists of steps.
        creations: The operations that make something which is to be removed.
        register: Takes note of what a successful creation, sent to a path with a body, has made on a server.
        speaks: Whether a server speaks the service's API.
        spelled: The path by which a server knows an operation.
    """

    vocabulary: Vocabulary
    words: tuple[str, ...]
    stories: Callable[[], SearchStrategy[list[Step]]]
    creations: frozenset[str]
    register: Callable[[Driver, Step, str, Any], object]
    speaks: Callable[[Any], bool]
    spelled: Callable[[Any, str], str] = lambda _driver, path: path


class Side:
    """A server, spoken to by its service's driver.

    Args:
        driver: The driver.
        subject: What is compared.
    """

    def __init__(self, driver: Any, subject: Subject) -> None:
        self.driver = driver
        self._subject = subject
        self._names = Names()

    def begin(self) -> None:
        """Begins a story: what the last has made is removed, and words get names that nobody else uses."""
        self.driver.begin_example()
        self._names = Names()
        for word in self._subject.words:
            self.learn(word)

    def learn(self, word: str) -> None:
        """Makes a name for a word."""
        self._names.learn(word, self.driver.new_name())

    def take(self, step: Step) -> Said:
        """Takes a step, again and again where it waits for something, and answers what came last."""
        exchange = (
            self.driver.polls_until(lambda each: _has_come(step.until, each), lambda: self._sent(step))[-1]
            if step.until
            else self._sent(step)
        )
        if exchange.status is None:
            raise Unreachable(f"{exchange.url} gave no answer: {exchange.failure}")
        for word, field in step.keep.items():
            own = value_at(exchange.value, field)
            if isinstance(own, str):
                self._names.learn(word, own)
        return Said(exchange.status, self._names.masked(exchange.value))

    def _sent(self, step: Step) -> Exchange:
        body = self._names.in_body(step.body) if step.body is not ABSENT else ABSENT
        path = self._names.in_path(self._subject.spelled(self.driver, step.path))
        sent = {} if body is ABSENT else {"json": body}
        exchange: Exchange = self.driver.target.send(step.method, path, **sent)
        if exchange.succeeded and step.operation in self._subject.creations:
            self._subject.register(self.driver, step, path, ABSENT if body is ABSENT else wire.plain(body))
        return exchange


def _has_come(until: Mapping[str, tuple[str, ...]], exchange: Exchange) -> bool:
    listed = exchange.body.get("statuses")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    return not exchange.succeeded or any(
        {**first, **exchange.body}.get(name) in wanted for name, wanted in until.items()
    )
