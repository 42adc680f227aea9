"""The adapters' side of the line protocol: reads requests, calls a client, writes answers.

An adapter gives `serve` a function that carries out one request with the client it adapts. What the function
returns is the result; what it raises is the error: a `Failed`, or whatever else the client throws.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Request:
    """What the suite asks for.

    Attributes:
        operation: The name of an operation of the service's openapi.json, or one that waits, such as
            uploadVectorsAndWait.
        base_url: Where the service is.
        api_key: The key to use, where the service has keys.
        arguments: The operation's parameters and the fields of its body, by their names in the contract.
        answer_seconds: How long one HTTP answer may take.
        operation_seconds: How long the whole operation may take.
    """

    operation: str
    base_url: str
    api_key: str | None
    arguments: dict[str, Any]
    answer_seconds: float
    operation_seconds: float


class Failed(Exception):
    """The client tells its caller of an error.

    `kind` is one of status, connection, timeout, answer, argument, job, unsupported and other; `status`
    and `body` are those of the HTTP answer, so far as the client tells them; `quota` says whether the client
    calls it a full quota, where it has a word for that.
    """

    def __init__(
        self,
        kind: str,
        message: str = "",
        *,
        status: int | None = None,
        body: Any = None,
        quota: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.error = {"kind": kind, "message": message, "status": status, "body": body, "quota": quota}


def serve(carry_out: Callable[[Request], Any]) -> None:
    """Answers requests until the input ends."""
    for line in sys.stdin.buffer:
        asked = json.loads(line, object_hook=_number)
        try:
            answer = {"result": carry_out(_request(asked))}
        except Failed as failed:
            answer = {"error": failed.error}
        except Exception as error:  # noqa: BLE001  # whatever else the client throws is what its caller sees
            answer = {"error": {"kind": "other", "message": f"{type(error).__name__}: {error}"}}
        sys.stdout.buffer.write(json.dumps({"id": asked["id"], **answer}).encode("utf-8") + b"\n")
        sys.stdout.buffer.flush()


def _request(asked: Mapping[str, Any]) -> Request:
    return Request(
        operation=asked["operation"],
        base_url=asked["base_url"],
        api_key=asked.get("api_key"),
        arguments=asked["arguments"],
        answer_seconds=asked["limits"]["answer"],
        operation_seconds=asked["limits"]["operation"],
    )


def _number(document: dict[str, Any]) -> Any:
    """A number that JSON cannot write comes as `{"$float": "NaN"}`."""
    return float(document["$float"]) if document.keys() == {"$float"} else document
