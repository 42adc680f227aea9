"""Sends one request, again where that helps, and answers what came, or says what went wrong."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.careless.ways import Body, Failed, Pairs, Ways

NOTHING: Any = object()


@dataclass
class Transport:
    """The way to a server, for one operation of a caller.

    Attributes:
        ways: How it does what it does.
        base_url: Where the service is.
        key: The caller's key, or None.
        answer_seconds: How long one answer may take.
        deadline: When the operation must be over, on the monotonic clock.
    """

    ways: Ways
    base_url: str
    key: str | None
    answer_seconds: float
    deadline: float

    @property
    def left(self) -> float:
        """The seconds that are left for the operation."""
        return self.deadline - time.monotonic()

    def send(self, operation: str, method: str, path: str, query: Pairs = (), body: Body = NOTHING) -> Any:
        """Sends a request and answers the value of its answer.

        Raises:
            Failed: It was refused, or there was no answer that could be read.
        """
        method, path = self.ways.method_and_path(operation, method, path)
        target = path + (f"?{self.ways.query(query)}" if query else "")
        body = body if body is NOTHING else self.ways.body(operation, body)
        attempt = 1
        while True:
            headers: Mapping[str, str] = {}
            try:
                status, headers, text = self._send_once(method, target, body)
            except TimeoutError as error:
                failed = Failed("timeout", str(error))
            except (OSError, http.client.HTTPException) as error:
                failed = Failed("connection", f"{type(error).__name__}: {error}")
            else:
                if self.ways.accepts(operation, status):
                    return self.ways.told(operation, self.ways.decode(text))
                failed = self.ways.refused(operation, status, text)
                if not self.ways.repeats(status):
                    return self.ways.failing(failed)
            pause = self.ways.pause(headers, attempt)
            if attempt >= self.ways.attempts or pause >= self.left:
                return self.ways.failing(failed)
            time.sleep(pause)
            attempt += 1
            body = body if body is NOTHING else self.ways.again(body)

    def _send_once(self, method: str, target: str, body: Body) -> tuple[int, Mapping[str, str], bytes]:
        parts = urlsplit(self.base_url)
        seconds = self.ways.timeout(max(0.01, min(self.answer_seconds, self.left)))
        connection = http.client.HTTPConnection(parts.netloc, timeout=seconds)
        headers = {} if self.key is None else {"authorization": self.ways.authorization(self.key)}
        content = None if body is NOTHING else self.ways.encode(body)
        if content is not None and self.ways.content_type is not None:
            headers["content-type"] = self.ways.content_type
        try:
            connection.putrequest(method, parts.path + target)
            for name, value in headers.items():
                connection.putheader(name, value)
            if content is not None:
                connection.putheader("content-length", str(len(content)))
            connection.endheaders(content)
            response = connection.getresponse()
            text = response.read()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, text
        finally:
            connection.close()
