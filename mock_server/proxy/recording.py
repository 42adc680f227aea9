"""Writes exchanges down, one JSON object a line, as schemas/recording.schema.json describes them."""

import base64
import json
from pathlib import Path
from typing import Any, Self, TextIO

from mock_server.proxy.exchange import Body, Exchange, decoded
from mock_server.proxy.judging import Finding, Judgement
from mock_server.proxy.redaction import Redaction


class Recorder:
    """Writes to one file; each line is whole as soon as its exchange is over."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    @classmethod
    def to(cls, path: Path) -> Self:
        """Opens a file, which is emptied; OSError if it cannot be written."""
        return cls(path.open("w", encoding="utf-8"))

    def write(self, exchange: Exchange, judgement: Judgement) -> None:
        """Writes an exchange down without the secrets in it."""
        self._file.write(json.dumps(as_record(exchange, judgement), ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def as_record(exchange: Exchange, judgement: Judgement) -> dict[str, Any]:
    """Spells an exchange as JSON, redacted."""
    sent = decoded(exchange.sent.octets, exchange.headers)
    answered = decoded(exchange.answered.octets, exchange.answer_headers)
    redaction = Redaction(exchange.headers, exchange.target, sent or b"", answered or b"")
    answer = None
    if exchange.status is not None:
        answer = {
            "status": exchange.status,
            "headers": redaction.headers(exchange.answer_headers),
            **_body(exchange.answered, answered, redaction),
        }
    return {
        "number": exchange.number,
        "at": exchange.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "seconds": round(exchange.seconds, 6),
        "service": judgement.service or None,
        "operation": judgement.operation or None,
        "session": judgement.session,
        "request": {
            "method": exchange.method,
            "target": redaction.target(exchange.target),
            "headers": redaction.headers(exchange.headers),
            **_body(exchange.sent, sent, redaction),
        },
        "answer": answer,
        "failure": exchange.failure,
        "unjudged": judgement.unjudged,
        "breaks": [as_finding(each, redaction) for each in judgement.findings],
    }


def as_finding(finding: Finding, redaction: Redaction | None = None) -> dict[str, Any]:
    """Spells a finding as JSON."""
    hide = redaction.text if redaction else str
    return {
        "number": finding.number,
        "side": finding.side,
        "clause": finding.clause,
        "evidence": finding.evidence,
        "force": finding.force,
        "method": finding.method,
        "path": hide(finding.path),
        "detail": hide(finding.detail),
    }


def _body(body: Body, plain: bytes | None, redaction: Redaction) -> dict[str, Any]:
    """Spells a body without its content encoding; what is no text, or has an unknown one, in base64."""
    octets = body.octets if plain is None else plain
    counted = {"body_bytes": body.size, "truncated": not body.whole}
    try:
        return {"body": redaction.body(octets.decode("utf-8")), **counted}
    except UnicodeDecodeError:
        return {"body": None, "body_base64": base64.b64encode(octets).decode(), **counted}
