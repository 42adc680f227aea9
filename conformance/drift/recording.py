"""A recording in place of a server: its requests are asked of the other, and its answers compared."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from conformance import wire
from conformance.drift.comparing import Comparison, Said
from conformance.drift.difference import Differences
from conformance.drift.side import Side, Subject
from conformance.drift.step import ABSENT, MARK, Names, Step, value_at

SESSION = "/_session/"
RUNNING = ("running", "queued", "processing")
UNTIL = {"status": ("completed", "failed"), "indexing_status": ("completed", "success", "errored")}
NAMING = ("namespace_name", "name", "tenant_id")
CREATIONS = ("createNamespace", "createTenant", "createEmbeddingsTenant")
POLLS = ("getUploadJob", "getDeleteJob", "getFileJob", "verifyUpload", "verifyProcessing")
KEPT = ("job_id", "file_id", "pagination.next_token")


class UnusableRecordingError(Exception):
    """Says in one line why a file is no recording."""


@dataclass(frozen=True, slots=True)
class Record:
    """One recorded exchange of a service: the request, and the answer it had."""

    operation: str
    method: str
    target: str
    body: str
    said: Said
    broken: Sequence[str]


def read_recording(path: Path, service: str) -> list[Record]:
    """Reads the exchanges of a service that had whole answers.

    Raises:
        UnusableRecordingError: The file is not there, or no recording.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableRecordingError(f"{path}: {getattr(error, 'strerror', error)}") from None
    records = []
    for number, line in enumerate(lines, 1):
        try:
            exchange = json.loads(line)
            if exchange["service"] == service and not exchange["failure"] and not _is_cut(exchange):
                records.append(_record(exchange))
        except (ValueError, KeyError, TypeError) as error:
            raise UnusableRecordingError(f"{path}, line {number}: no recorded exchange: {error!r}") from None
    return records


def replay(subject: Subject, records: Sequence[Record], side: Side, found: Differences) -> int:
    """Asks a server what was recorded, and collects in what its answers differ; answers how many calls.

    What the recording names, the server has a name of its own for; a job that was seen to end is waited for.
    """
    recorded = Names()
    calls = 0
    side.begin()
    try:
        for record in records:
            if record.operation in POLLS and _state(record.said.value) in RUNNING:
                continue
            for name in _new_names(record):
                word = f"n{calls}"
                recorded.learn(word, name)
                side.learn(word)
            step = _step(subject, record, recorded, calls)
            live = side.take(step)
            for word, field in step.keep.items():
                own = value_at(record.said.value, field)
                if isinstance(own, str):
                    recorded.learn(word, own)
            masked = Said(record.said.status, recorded.masked(record.said.value))
            for difference in Comparison(subject.vocabulary, step).differences(live, masked):
                found.add(difference)
            calls += 1
    finally:
        side.driver.end_run()
    return calls


def _record(exchange: Mapping[str, Any]) -> Record:
    request, answer = exchange["request"], exchange["answer"]
    return Record(
        operation=exchange["operation"],
        method=request["method"],
        target=_without_session(request["target"]),
        body=request["body"],
        said=Said(answer["status"], _value(answer["body"] or "")),
        broken=[each["clause"] for each in exchange["breaks"] if each["side"] == "client"],
    )


def _is_cut(exchange: Mapping[str, Any]) -> bool:
    """Whether a body is not in the record as it was."""
    sides = (exchange["request"], exchange["answer"])
    return any(each is None or each["truncated"] or each["body"] is None for each in sides)


def _new_names(record: Record) -> Iterator[str]:
    """The names that a creation gives; they become others on another server."""
    if record.operation in CREATIONS:
        asked = _value(record.body)
        body = asked if isinstance(asked, dict) else {}
        query = dict(part.partition("=")[::2] for part in record.target.partition("?")[2].split("&"))
        given = [body.get(name, unquote(query.get(name, ""))) for name in NAMING]
        yield from (name for name in given if isinstance(name, str) and name and record.said.status < 300)


def _step(subject: Subject, record: Record, recorded: Names, number: int) -> Step:
    accepted = subject.vocabulary.accepted[record.operation]
    broken = record.broken[0].partition(".")[2] if record.broken else accepted
    state = _state(record.said.value)
    ended = {name: values for name, values in UNTIL.items() if state in values}
    return Step(
        operation=record.operation,
        about=broken,
        method=record.method,
        path=_masked_path(record.target, recorded),
        body=wire.Literal(recorded.masked_document(record.body)) if record.body else ABSENT,
        keep={f"{field.rpartition('.')[2]}{number}": field for field in KEPT},
        until=ended if record.operation in POLLS else {},
    )


def _masked_path(target: str, recorded: Names) -> str:
    """The target with recorded names as words, where they stand alone between its separators."""
    path, mark, query = target.partition("?")
    parts = [_masked_part(part, recorded) for part in path.split("/")]
    asked = [
        name + equals + _masked_part(value, recorded)
        for name, equals, value in (part.partition("=") for part in query.split("&"))
    ]
    return "/".join(parts) + mark + "&".join(asked)


def _masked_part(part: str, recorded: Names) -> str:
    masked = recorded.masked(unquote(part))
    return masked if masked.startswith(MARK) and masked != unquote(part) else part


def _state(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    listed = value.get("statuses")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    body = {**first, **value}
    return str(body.get("indexing_status", body.get("status", "")))


def _without_session(target: str) -> str:
    if not target.startswith(SESSION):
        return target
    return "/" + target.removeprefix(SESSION).partition("/")[2]


def _value(text: str) -> Any:
    """The JSON value of a body; None where it is none, as an exchange answers it."""
    try:
        return wire.decode(text)
    except ValueError:
        return None
