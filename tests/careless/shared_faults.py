"""Faults that a client of either service may have: in what it sends, of errors, and of time."""

import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn
from urllib.parse import quote

from tests.careless.fault import Faults, both, everywhere
from tests.careless.ways import Failed, Ways, decoded, encoded, refused, retry_after

FAULTS = Faults()
UPLOADS = ("uploadVectors", "uploadEmbeddings", "insertRawEmbeddings")


def single(value: Any) -> Any:
    """A float rounded to 32 bits; anything else as it is."""
    try:
        return struct.unpack("f", struct.pack("f", value))[0] if isinstance(value, float) else value
    except OverflowError:
        return value


def with_error(failed: Failed, **changed: Any) -> Failed:
    """The same error, told otherwise."""
    error = {**failed.error, **changed}
    kind, message = error.pop("kind"), error.pop("message")
    return Failed(kind, message, **error)


@FAULTS.add(
    "moorcheh.client.vectors.numbers",
    "cortex.client.matrix.numbers",
    "cortex.client.documents.numbers",
    "moorcheh.client.search.query",
)
def rounds_to_32_bits(ways: Ways) -> Ways:
    """It rounds every float to 32 bits before it sends it."""
    return replace(ways, encode=lambda body: encoded(everywhere(single)(body)))


@FAULTS.add(
    "moorcheh.client.vectors.numbers",
    "cortex.client.matrix.numbers",
    "cortex.client.documents.numbers",
    "cortex.client.finding.query",
)
def rounds_to_six_decimals(ways: Ways) -> Ways:
    """It writes floats with six decimals."""
    six = everywhere(
        lambda value: round(value, 6) if isinstance(value, float) and math.isfinite(value) else value
    )
    return replace(ways, encode=lambda body: encoded(six(body)))


@FAULTS.add("cortex.client.matrix.rows")
def rounds_to_two_decimals(ways: Ways) -> Ways:
    """It writes floats with two decimals."""
    two = everywhere(
        lambda value: round(value, 2) if isinstance(value, float) and math.isfinite(value) else value
    )
    return replace(ways, encode=lambda body: encoded(two(body)))


@FAULTS.add(
    "moorcheh.client.vectors.integers", "cortex.client.matrix.integers", "moorcheh.client.metadata.integers"
)
def sends_integers_as_floats(ways: Ways) -> Ways:
    """It makes a float of every integer."""
    floats = everywhere(lambda value: float(value) if type(value) is int else value)
    return replace(ways, encode=lambda body: encoded(floats(body)))


@FAULTS.add(
    "moorcheh.client.vectors.non-finite",
    "cortex.client.matrix.non-finite",
    "cortex.client.documents.non-finite",
)
def writes_nan(ways: Ways) -> Ways:
    """It writes NaN and Infinity, which are no JSON."""
    return replace(ways, encode=lambda body: json.dumps(body).encode("utf-8"))


@FAULTS.add(
    "moorcheh.client.vectors.non-finite",
    "cortex.client.matrix.non-finite",
    "cortex.client.documents.non-finite",
)
def sends_null_for_nan(ways: Ways) -> Ways:
    """It sends null for a number that JSON has not."""
    nulls = everywhere(lambda value: None if isinstance(value, float) and not math.isfinite(value) else value)
    return replace(ways, encode=lambda body: encoded(nulls(body)))


@FAULTS.add(
    "moorcheh.client.vectors.numbers", "cortex.client.matrix.numbers", "cortex.client.documents.numbers"
)
def turns_down_large_numbers(ways: Ways) -> Ways:
    """It takes no number beyond a million, and says so to its caller."""
    return replace(ways, encode=lambda body: encoded(everywhere(_small)(body)))


@FAULTS.add(
    "moorcheh.client.vectors.ids",
    "moorcheh.client.items.ids",
    "moorcheh.client.documents.text",
    "cortex.client.documents.sent",
)
def dies_of_other_scripts(ways: Ways) -> Ways:
    """It ends where a text is not plain ASCII."""
    return replace(ways, encode=_plainly_encoded)


@FAULTS.add(*both("requests.content-type"))
def says_no_content_type(ways: Ways) -> Ways:
    """It says not that a body is JSON."""
    return replace(ways, content_type=None)


@FAULTS.add(
    "moorcheh.client.requests.query", "cortex.client.requests.query", "cortex.client.requests.chunk-ids"
)
def leaves_queries_as_they_are(ways: Ways) -> Ways:
    """It encodes no sign that has a meaning in a query."""
    return replace(
        ways, query=lambda pairs: "&".join(f"{name}={quote(text, safe='&=+%')}" for name, text in pairs)
    )


@FAULTS.add(*both("answers.told"))
def drops_messages(ways: Ways) -> Ways:
    """It tells no message of a success."""
    return replace(ways, told=lambda _operation, answer: _without_message(answer))


@FAULTS.add(*both("answers.unknown-fields"))
def dies_of_unknown_fields(ways: Ways) -> Ways:
    """It ends where an answer has a field that it does not know."""
    return replace(ways, decode=_strictly_decoded)


@FAULTS.add(*both("errors.status"))
def loses_statuses(ways: Ways) -> Ways:
    """It tells of a refusal without its status."""
    return replace(ways, refused=lambda *answer: with_error(refused(*answer), kind="other", status=None))


@FAULTS.add(*both("errors.status"), "moorcheh.client.errors.search")
def takes_refusals_for_success(ways: Ways) -> Ways:
    """It never looks at the status."""
    return replace(ways, accepts=lambda _operation, _status: True)


@FAULTS.add(*both("errors.body"))
def loses_bodies(ways: Ways) -> Ways:
    """It tells of a refusal with its message alone."""
    return replace(ways, refused=lambda *answer: with_error(refused(*answer), body=None))


@FAULTS.add(*both("errors.message"), "moorcheh.client.errors.search")
def loses_messages(ways: Ways) -> Ways:
    """It has words of its own for every refusal."""
    return replace(
        ways, refused=lambda *answer: with_error(refused(*answer), message="bad request", body=None)
    )


@FAULTS.add(*both("errors.server"))
def takes_server_errors_for_nothing(ways: Ways) -> Ways:
    """It answers an empty result where the server fails."""
    return replace(
        ways, failing=lambda failed: {} if (failed.error.get("status") or 0) >= 500 else _raise(failed)
    )


@FAULTS.add(*both("errors.not-json"))
def dies_of_html(ways: Ways) -> Ways:
    """It ends where an error is no JSON."""
    return replace(ways, refused=_dying_unless(lambda text: not text or text.startswith(b"{")))


@FAULTS.add(*both("errors.empty"))
def dies_of_an_empty_error(ways: Ways) -> Ways:
    """It ends where an error has no body."""
    return replace(ways, refused=_dying_unless(bool))


@FAULTS.add(*both("errors.garbled"), *both("errors.cut-off"))
def takes_garbage_for_success(ways: Ways) -> Ways:
    """It answers an empty result where a success cannot be read."""
    return replace(ways, decode=_leniently_decoded)


@FAULTS.add(*both("errors.connection"))
def takes_no_answer_for_success(ways: Ways) -> Ways:
    """It answers an empty result where no answer came, and sends nothing again."""
    return replace(
        ways,
        attempts=1,
        failing=lambda failed: {} if failed.error["kind"] == "connection" else _raise(failed),
    )


@FAULTS.add(*both("repeats.refusals"))
def repeats_refusals(ways: Ways) -> Ways:
    """It sends again what was refused for good."""
    return replace(ways, repeats=lambda status: status >= 400, attempts=2)


@FAULTS.add(*both("repeats.lost-answer"))
def takes_a_lost_answer_for_success(ways: Ways) -> Ways:
    """It believes that what was sent has arrived, and sends nothing again."""
    lost = {"status": "success"}
    return replace(
        ways,
        attempts=1,
        failing=lambda failed: lost if failed.error["kind"] == "connection" else _raise(failed),
    )


@FAULTS.add(*both("repeats.same"))
def repeats_half(ways: Ways) -> Ways:
    """It sends the first half alone when it sends again."""
    return replace(ways, again=lambda body: {key: _half(value) for key, value in body.items()})


@FAULTS.add(*both("repeats.bounded"))
def repeats_for_ever(ways: Ways) -> Ways:
    """It never gives up a server that is unavailable."""
    return replace(
        ways, attempts=10**9, pause=lambda _headers, _attempt: -math.inf, repeats=lambda status: status == 503
    )


@FAULTS.add(*both("repeats.retry-after"))
def ignores_the_seconds_of_retry_after(ways: Ways) -> Ways:
    """It comes again at once, though it is told after how many seconds."""
    return replace(
        ways, pause=lambda headers, attempt: retry_after({} if _is_number(headers) else headers, attempt)
    )


@FAULTS.add(*both("repeats.retry-after-date"))
def ignores_the_date_of_retry_after(ways: Ways) -> Ways:
    """It comes again at once, though it is told when."""
    return replace(
        ways, pause=lambda headers, attempt: retry_after(headers if _is_number(headers) else {}, attempt)
    )


@FAULTS.add(*both("timeouts.silence"))
def waits_for_answers_for_ever(ways: Ways) -> Ways:
    """It sets no time limit for an answer."""
    return replace(ways, timeout=lambda _seconds: None)


@FAULTS.add(*both("timeouts.silence"), *both("timeouts.late"))
def takes_silence_for_success(ways: Ways) -> Ways:
    """It answers an empty result where no answer came in time."""
    return replace(
        ways, attempts=1, failing=lambda failed: {} if failed.error["kind"] == "timeout" else _raise(failed)
    )


@FAULTS.add("moorcheh.client.jobs.pace", "moorcheh.client.deletions.pace", "cortex.client.processing.pace")
def hammers(ways: Ways) -> Ways:
    """It looks at a job as often as it can."""
    return replace(ways, look_pause=0.0)


@FAULTS.add(
    "moorcheh.client.jobs.patience", "moorcheh.client.deletions.patience", "cortex.client.processing.patience"
)
def waits_for_jobs_for_ever(ways: Ways) -> Ways:
    """It waits for a job whatever time limit the caller sets."""
    return replace(ways, patience=lambda _seconds: math.inf, timeout=lambda _seconds: None)


@FAULTS.add("moorcheh.client.jobs.end", "moorcheh.client.deletions.end", "cortex.client.processing.end")
def takes_one_look(ways: Ways) -> Ways:
    """It takes a job for ended at the first look."""
    return replace(ways, has_ended=lambda _job: True)


@FAULTS.add("moorcheh.client.jobs.place", "moorcheh.client.deletions.place", "cortex.client.processing.place")
def looks_elsewhere(ways: Ways) -> Ways:
    """It asks for every job under the same name."""
    return replace(ways, looks_in=lambda _name: "default")


@FAULTS.add("moorcheh.client.jobs.vanished")
def takes_a_lost_job_for_done(ways: Ways) -> Ways:
    """It takes a job that is not found for one that has completed."""
    done = {"status": "completed"}
    return replace(ways, failing=lambda failed: done if failed.error.get("status") == 404 else _raise(failed))


def _raise(failed: Failed) -> NoReturn:
    raise failed


def _small(value: Any) -> Any:
    if isinstance(value, float) and abs(value) > 1e6:
        raise Failed("argument", f"{value} is too large")
    return value


def _plainly_encoded(body: Any) -> bytes:
    text = encoded(body)
    if not text.isascii():
        raise SystemExit
    return text


def _without_message(answer: Any) -> Any:
    return (
        {key: value for key, value in answer.items() if key != "message"}
        if isinstance(answer, dict)
        else answer
    )


def _strictly_decoded(text: bytes) -> Any:
    if b"vecpact_extra" in text:
        raise SystemExit
    return decoded(text)


def _leniently_decoded(text: bytes) -> Any:
    try:
        return decoded(text)
    except Failed:
        return {}


def _dying_unless(readable: Any) -> Any:
    def dying(operation: str, status: int, text: bytes) -> Failed:
        if not readable(text):
            raise SystemExit
        return refused(operation, status, text)

    return dying


def _half(value: Any) -> Any:
    return value[: len(value) // 2] if isinstance(value, Sequence) and not isinstance(value, str) else value


def _is_number(headers: Mapping[str, str]) -> bool:
    return headers.get("retry-after", "").isdigit()
