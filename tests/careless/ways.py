"""The ways of a client: every choice it makes, each a function of its own that a fault can replace."""

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

Body = Any
Pairs = Sequence[tuple[str, str]]
BATCH = 1_000
ATTEMPTS = 5
TRANSIENT = (408, 429, 500, 502, 503, 504)
FIRST_PAUSE = 0.02


class Failed(Exception):
    """What the client tells its caller where it has no result: the error of the protocol."""

    def __init__(self, kind: str, message: str = "", **more: Any) -> None:
        super().__init__(message)
        self.error: dict[str, Any] = {"kind": kind, "message": message, **more}


def encoded(body: Body) -> bytes:
    """A body as JSON.

    Raises:
        Failed: It holds what JSON has not.
    """
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except ValueError as error:
        raise Failed("argument", str(error)) from error


def decoded(text: bytes) -> Any:
    """An answer from its JSON.

    Raises:
        Failed: It is none.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        raise Failed("answer", str(error), body=text.decode("utf-8", "replace")) from error


def refused(_operation: str, status: int, text: bytes) -> Failed:
    """What the caller is told of an answer that is no success."""
    try:
        body = json.loads(text)
    except ValueError:
        body = text.decode("utf-8", "replace") or None
    said = body if isinstance(body, dict) else {}
    detail = said.get("detail", said)
    message = detail.get("message") if isinstance(detail, dict) else detail
    is_quota = status == 409 and "max_items" in said
    return Failed(
        "status", message if isinstance(message, str) else "", status=status, body=body, quota=is_quota
    )


def retry_after(headers: Mapping[str, str], attempt: int) -> float:
    """Seconds to wait before the next attempt: what the server says, or twice as long each time."""
    said = headers.get("retry-after", "")
    if said.isdigit():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return FIRST_PAUSE * float(2**attempt)


def told(_operation: str, answer: Any) -> Any:
    """What of an answer the caller is told: all."""
    return answer


def failure_of(job: Mapping[str, Any]) -> str:
    """What went wrong in a job that has ended; empty if nothing did."""
    if job.get("status") == "failed" or job.get("indexing_status") == "errored":
        return str(job.get("last_error") or job.get("message"))
    return f"{job['failed']} items failed" if job.get("failed") else ""


def has_ended(job: Mapping[str, Any]) -> bool:
    """Whether a job or an upload has come to its end."""
    return job.get("status", job.get("indexing_status")) in ("completed", "success", "failed", "errored")


def batches(items: Sequence[Any]) -> Sequence[Sequence[Any]]:
    """Items in batches, in order."""
    return [items[start : start + BATCH] for start in range(0, len(items), BATCH)]


def raise_it(failed: Failed) -> Any:
    """Tells the caller of an error as of an error."""
    raise failed


@dataclass(frozen=True)
class Ways:
    """How a client does what it does; the defaults are careful.

    Attributes:
        path: A name as a segment of a path.
        query: The fields of a query as its text.
        content_type: What a request with a body says of it.
        authorization: What a request says of a key.
        scope: The sub-tenant of a call as it is sent; None to leave it out.
        body: An operation's body before it is written.
        encode: A body as text.
        timeout: Seconds to wait for an answer, from the limit that the caller sets; None for ever.
        accepts: Whether a status is a success, of an operation.
        repeats: Whether a status is worth another attempt.
        attempts: How many there are at most.
        pause: Seconds before another, from the answer's headers and the number of the attempt.
        again: A body that is sent again.
        decode: The value of an answer's text.
        told: What of an answer the caller is told, of an operation.
        refused: What the caller is told of a refusal, of an operation, a status and a text.
        failing: How the caller is told of an error: raises it, or answers something instead.
        batches: How a large upload is split.
        file_id: The id of a file for which the caller has none.
        looks_in: The namespace or tenant under which a job is looked for.
        look_pause: Seconds between two looks.
        has_ended: Whether a job is over.
        failure_of: What went wrong in a job.
        patience: Seconds to wait for a job, from the caller's limit.
        method_and_path: An operation's method and path, from those of the contract.
    """

    path: Callable[[str], str] = lambda name: quote(name, safe="")
    query: Callable[[Pairs], str] = lambda pairs: urlencode(pairs, quote_via=quote)
    content_type: str | None = "application/json"
    authorization: Callable[[str], str] = lambda key: f"Bearer {key}"
    scope: Callable[[str | None], str | None] = lambda name: name or None
    body: Callable[[str, Body], Body] = lambda _operation, body: body
    encode: Callable[[Body], bytes] = encoded
    timeout: Callable[[float], float | None] = lambda seconds: seconds
    accepts: Callable[[str, int], bool] = lambda _operation, status: 200 <= status < 300
    repeats: Callable[[int], bool] = lambda status: status in TRANSIENT
    attempts: int = ATTEMPTS
    pause: Callable[[Mapping[str, str], int], float] = retry_after
    again: Callable[[Body], Body] = lambda body: body
    decode: Callable[[bytes], Any] = decoded
    told: Callable[[str, Any], Any] = told
    refused: Callable[[str, int, bytes], Failed] = refused
    failing: Callable[[Failed], Any] = raise_it
    batches: Callable[[Sequence[Any]], Sequence[Sequence[Any]]] = batches
    file_id: Callable[[], str | None] = lambda: f"file-{uuid.uuid4().hex}"
    looks_in: Callable[[str], str] = lambda name: name
    look_pause: float = 0.08
    has_ended: Callable[[Mapping[str, Any]], bool] = has_ended
    failure_of: Callable[[Mapping[str, Any]], str] = failure_of
    patience: Callable[[float], float] = lambda seconds: seconds
    method_and_path: Callable[[str, str, str], tuple[str, str]] = lambda _operation, method, path: (
        method,
        path,
    )
