"""The effects of faults: what a request that meets one comes to, act by act."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any

from mock_server.acts import JSON, Act, Loss, Pause, Reply, reply_of
from mock_server.faults import Fault
from mock_server.payload import encode
from mock_server.service import Answer

HTML = (b"content-type", b"text/html; charset=utf-8")
PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body><h1>{0}</h1></body>\r\n</html>\r\n"
NO_JSON = b"OK: this is no JSON"
KEYED: Sequence[str] = ("metadata", "embeddings", "status")
"""Fields of answers whose objects are keyed by what clients sent, not by names of the contract."""
USUAL_FIELDS: Mapping[str, Any] = {"vecpact_extra": {"nested": [1, None, "unknown"]}}


@dataclass(frozen=True, slots=True)
class Turn:
    """A request that a fault has met: `work` does what it asks for, `refuse` words the service's failure."""

    fault: Fault
    work: Callable[[], Reply]
    refuse: Callable[[int, str], Answer]


def play(turn: Turn) -> Iterator[Act]:
    """Says act by act what the request comes to; the work is done where the effect has it done."""
    return EFFECTS[turn.fault.effect](turn)


def _status(turn: Turn) -> Iterator[Act]:
    fields = turn.fault.fields
    status, said = fields["status"], fields.get("headers", {})
    headers = [(name.lower().encode(), value.encode()) for name, value in said.items()]
    if all(name != b"content-type" for name, _ in headers):
        headers.append(JSON)
    if "body" in fields:
        yield Reply(status, json.dumps(fields["body"], ensure_ascii=False).encode(), (*headers,))
    else:
        yield reply_of(turn.refuse(status, f"The fault {turn.fault.id} answers {status}."), (*headers,))


def _delay(turn: Turn) -> Iterator[Act]:
    seconds = float(turn.fault.fields["seconds"])
    if turn.fault.fields["when"] == "before":
        yield Pause(seconds, over_at_once=False)
        yield turn.work()
    else:
        reply = turn.work()
        yield Pause(seconds, over_at_once=True)
        yield reply


def _reset(turn: Turn) -> Iterator[Act]:
    if turn.fault.fields["when"] == "after":
        turn.work()
    yield Loss()


def _truncate(turn: Turn) -> Iterator[Act]:
    reply = turn.work()
    stop = turn.fault.fields.get("bytes", len(reply.payload) // 2)
    yield replace(reply, payload=reply.payload[:stop])


def _malformed(turn: Turn) -> Iterator[Act]:
    yield replace(turn.work(), payload=NO_JSON)


def _content_length(turn: Turn) -> Iterator[Act]:
    reply = turn.work()
    yield replace(reply, length=max(0, len(reply.payload) + turn.fault.fields["by"]))


def _html(turn: Turn) -> Iterator[Act]:
    status = turn.fault.fields["status"]
    yield Reply(status, PAGE.format(f"{status} from a proxy").encode(), (HTML,))


def _empty(turn: Turn) -> Iterator[Act]:
    yield Reply(turn.fault.fields["status"], b"", ())


def _retry(status: int) -> Callable[[Turn], Iterator[Act]]:
    def retry(turn: Turn) -> Iterator[Act]:
        seconds, spelling = turn.fault.fields["retry_after"], turn.fault.fields["as"]
        after = formatdate(time.time() + seconds, usegmt=True) if spelling == "date" else str(seconds)
        answer = turn.refuse(status, f"Try again in {seconds} s.")
        yield reply_of(answer, (JSON, (b"retry-after", after.encode())))

    return retry


def _failure(turn: Turn) -> Iterator[Act]:
    message = turn.fault.fields.get("message", f"The fault {turn.fault.id} makes this fail.")
    yield reply_of(turn.refuse(200, message))


def _extra(turn: Turn) -> Iterator[Act]:
    reply = turn.work()
    fields = turn.fault.fields.get("fields", USUAL_FIELDS)
    yield replace(reply, payload=encode(extended(json.loads(reply.payload), fields)))


def _job(turn: Turn) -> Iterator[Act]:
    yield turn.work()


EFFECTS: Mapping[str, Callable[[Turn], Iterator[Act]]] = {
    "status": _status,
    "delay": _delay,
    "reset": _reset,
    "truncate": _truncate,
    "malformed": _malformed,
    "content-length": _content_length,
    "html": _html,
    "empty": _empty,
    "rate-limit": _retry(429),
    "unavailable": _retry(503),
    "failure": _failure,
    "extra": _extra,
    "job": _job,
}
"""What each effect of `mock_server.fault_fields.EFFECTS` does."""


def extended(document: Any, fields: Mapping[str, Any]) -> Any:
    """Adds fields to every object of an answer but those that hold what clients sent; known ones stay."""
    if isinstance(document, list):
        return [extended(each, fields) for each in document]
    if isinstance(document, dict):
        own = {
            key: value if key in KEYED and isinstance(value, dict) else extended(value, fields)
            for key, value in document.items()
        }
        return {**fields, **own}
    return document
