"""A step is one call of a story, with names that each server has its own for."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from conformance.wire import Literal

ABSENT: Any = object()
MARK = "@"
MESSAGE = "message"
WORD = re.compile(r"@(\w+)")
QUOTED_WORD = re.compile(r'"@(\w+)"')
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
NAME = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class Step:
    """One call.

    Attributes:
        operation: Its operationId in the service's openapi.json.
        about: The clause or choice, without the service's name, that says whether it is accepted.
        method: The HTTP method.
        path: The path with its query; `@word` stands for a name that each server has its own for.
        body: The body, `@word` in it likewise; ABSENT for none.
        keep: Where in the answer stands what later steps speak of, keys joined by dots, by the word they use.
        until: The fields whose values end a wait: the call is repeated until one has one of them.
        prelude: Whether it only prepares the next ones: it must succeed on both servers.
    """

    operation: str
    about: str
    method: str
    path: str
    body: Any = ABSENT
    keep: Mapping[str, str] = field(default_factory=dict)
    until: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prelude: bool = False


class Names:
    """What one server calls what a story calls `@word`.

    A name counts only where it stands alone, and in messages as a word: names such as `demo` may be parts of
    others.
    """

    def __init__(self) -> None:
        self._own: dict[str, str] = {}
        self._words: dict[str, str] = {}

    def learn(self, word: str, own: str) -> None:
        """Takes note of a name."""
        self._own[word] = own
        self._words[own] = word

    def in_path(self, path: str) -> str:
        """The path as this server is asked it."""
        return WORD.sub(lambda found: quote(self._unmasked_text(found[0]), safe=""), path)

    def in_body(self, body: Any) -> Any:
        """The body as this server is sent it; in a literal, names are strings of their own."""
        match body:
            case str():
                return self._unmasked_text(body)
            case dict():
                return {key: self.in_body(value) for key, value in body.items()}
            case list():
                return [self.in_body(value) for value in body]
            case Literal(text=text):
                return Literal(QUOTED_WORD.sub(self._spelled, text))
            case _:
                return body

    def masked(self, answer: Any) -> Any:
        """An answer with this server's names taken back to the story's words."""
        match answer:
            case str():
                return self._masked_text(answer)
            case dict():
                return {
                    self.masked(key): self._told(value) if key == MESSAGE else self.masked(value)
                    for key, value in answer.items()
                }
            case list():
                return [self.masked(value) for value in answer]
            case _:
                return answer

    def masked_document(self, text: str) -> str:
        """The text of a JSON document with names taken back to words, all else spelled as it is."""
        return STRING.sub(self._unspelled, text)

    def _masked_text(self, text: str) -> str:
        # A chunk of a file is called by the file's name and a number.
        name, line, number = text.rpartition("_") if text not in self._words else (text, "", "")
        known = name in self._words and (not line or number.isdigit())
        return f"{MARK}{self._words[name]}{line}{number}" if known else text

    def _told(self, message: Any) -> Any:
        """A message with the names in its sentences taken back."""
        return (
            NAME.sub(lambda found: self._masked_text(found[0]), message)
            if isinstance(message, str)
            else message
        )

    def _unmasked_text(self, text: str) -> str:
        word = text.removeprefix(MARK)
        name, line, number = word.rpartition("_") if word not in self._own else (word, "", "")
        return self._own[name] + line + number if text.startswith(MARK) and name in self._own else text

    def _spelled(self, found: re.Match[str]) -> str:
        return json.dumps(self._unmasked_text(MARK + found[1]))

    def _unspelled(self, found: re.Match[str]) -> str:
        try:
            text = json.loads(found[0])
        except ValueError:
            return found[0]
        masked = self._masked_text(text)
        return found[0] if masked == text else json.dumps(masked)


def value_at(value: Any, path: str) -> Any:
    """What stands in a JSON value at keys joined by dots; None where nothing does."""
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value
