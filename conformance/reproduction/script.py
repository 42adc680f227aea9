"""A script: the calls of a failing example as the text of a test, free of what belongs to one run alone."""

import base64
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.clause import Clause
from conformance.exchange import Exchange
from conformance.history import Call
from conformance.redaction import is_secret_header, redacted, variable_of
from conformance.reproduction.difference import OWN_NAME, free_of_names

FRAME = Path(__file__).with_name("frame.py.txt")
LONGEST_LITERAL = 2_000
SHORTEST_CAPTURE = 6
POLLED = ("status", "indexing_status")
WAITING = re.compile(r"-jobs/|verify|infra")


def neutral(exchange: Exchange, base_url: str) -> tuple[str, str]:
    """Method and path of a request free of names that one run or one server made up."""
    return exchange.method, free_of_names(exchange.url.removeprefix(base_url))


def script(
    clause: Clause,
    told: str,
    calls: Sequence[Call],
    judged: int,
    conditions: Sequence[str],
    clean_up: Sequence[Call],
    base_url: str,
) -> str:
    """The text of a test file.

    Args:
        clause: The clause it is about.
        told: What was expected and what came.
        calls: What to send.
        judged: Which of the calls is judged, from 0.
        conditions: What must hold of its answer, as expressions of `answer`.
        clean_up: What removes what the calls have made.
        base_url: The server, where none is named.
    """
    lines = [f'"""{_quoted(clause.id)}: {_quoted(clause.title)}.', "", f"{_quoted(clause.source)}"]
    lines += [
        f"{_quoted(told)}",
        "",
        "Written by vecpact-check. VECPACT_BASE_URL names another server.",
        '"""',
        "",
    ]
    shared = _shared_headers(calls)
    frame = FRAME.read_text(encoding="utf-8")
    frame = frame.replace("@BASE_URL@", repr(redacted(base_url))).replace("@HEADERS@", _headers(shared))
    lines += [
        frame,
        "",
        f"def {function_name(clause)}():",
        "    with httpx.Client(timeout=SECONDS) as client:",
    ]
    lines += ["        calls = Calls(client)", "        try:"]
    writer = _Writer(base_url, shared)
    for call in calls[:judged]:
        lines += [f"            # {line}" for line in writer.step(call)]
        lines.append(f"            {writer.call(call)}")
    lines.append(f"            answer = {writer.call(calls[judged])}")
    lines += [f"            assert {condition}, answer.text" for condition in conditions]
    lines.append("        finally:")
    lines += [f"            {writer.call(call)}" for call in clean_up] or ["            pass"]
    return "\n".join(lines) + "\n"


def function_name(clause: Clause) -> str:
    """The name of the test, and of its file without the ending."""
    return "test_" + re.sub(r"\W", "_", clause.id)


class _Writer:
    """Writes calls, with what earlier calls were answered in place of what it was in this run."""

    def __init__(self, base_url: str, shared: Mapping[str, str]) -> None:
        self._base_url = base_url
        self._shared = shared
        self._said: list[dict[str, str]] = []
        self._asked = ""
        self._step = ""

    def step(self, call: Call) -> Iterator[str]:
        """The step that a call begins, if it begins one."""
        step = call.step
        if step != self._step:
            self._step = step
            yield OWN_NAME.sub("vecpact", step)

    def call(self, call: Call) -> str:
        """The call as an expression."""
        exchange = call.exchange
        words = [repr(exchange.method), repr(self._neutral(exchange.url.removeprefix(self._base_url)))]
        words += self._content(exchange)
        number = len(self._said)
        self._note(exchange)
        expected = {name: exchange.body[name] for name in POLLED if name in exchange.body}
        if expected and (call.times > 1 or WAITING.search(exchange.url)):
            return f"calls.poll({number}, {expected!r}, {', '.join(words)})"
        return f"calls.send({number}, {', '.join(words)})"

    def _content(self, exchange: Exchange) -> Iterator[str]:
        own = {name: text for name, text in exchange.headers.items() if self._shared.get(name) != text}
        missing = any(name not in exchange.headers for name in self._shared)
        if exchange.content is not None:
            yield self._literal(exchange.content)
            if own == {"content-type": "application/json"}:
                own = {}
        elif own or missing:
            yield "None"
        if own or missing:
            yield repr({**own, **dict.fromkeys(self._shared.keys() - exchange.headers.keys(), "")})

    def _literal(self, content: bytes) -> str:
        try:
            text = self._neutral(content.decode())
        except UnicodeDecodeError:
            return repr(content)
        if len(text) <= LONGEST_LITERAL:
            return repr(text)
        return f'unpacked("{base64.b85encode(zlib.compress(text.encode())).decode()}")'

    def _neutral(self, text: str) -> str:
        """A text without this run's names, and with references to earlier answers."""
        for index, said in enumerate(self._said):
            for path, value in said.items():
                if value in text:
                    text = text.replace(value, f"@{index}:{path}@")
        return OWN_NAME.sub("vecpact-@RUN@", text)

    def _note(self, exchange: Exchange) -> None:
        """Takes note of what was answered and nobody had asked with: that is the server's own."""
        self._asked += exchange.url + (exchange.content or b"").decode(errors="ignore")
        self._said.append(
            {
                path: value
                for path, value in _leaves("", exchange.value)
                if len(value) >= SHORTEST_CAPTURE
                and value not in self._asked
                and OWN_NAME.search(value) is None
            }
        )


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """The texts of a JSON value by their paths, but for those that only say something."""
    if isinstance(value, dict):
        for key, entry in value.items():
            if re.fullmatch(r"\w+", key) and key not in ("message", "status", *POLLED):
                yield from _leaves(f"{path}.{key}".lstrip("."), entry)
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _leaves(f"{path}.{number}".lstrip("."), entry)
    elif isinstance(value, str):
        yield path, value


def _shared_headers(calls: Sequence[Call]) -> dict[str, str]:
    """The headers that the user has every request carry: those of the first call but its type."""
    return {name: text for name, text in calls[0].exchange.headers.items() if name != "content-type"}


def _headers(shared: Mapping[str, str]) -> str:
    said = [
        f"{name!r}: os.environ.get({variable_of(name)!r}, '')"
        if is_secret_header(name, text)
        else f"{name!r}: {text!r}"
        for name, text in shared.items()
    ]
    return f"{{{', '.join(said)}}}"


def _quoted(text: str) -> str:
    """A text that may stand in a docstring."""
    return text.replace("\\", "\\\\").replace('"""', "'''")
