"""A target is the server under test: it sends requests and keeps count of them, and judges nothing."""

import base64
import copy
import threading
import time
import unittest
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx

from conformance import wire
from conformance.exchange import Exchange
from conformance.history import History
from conformance.redaction import is_secret_header, redacted, secret_values, variable_of, without_user
from conformance.sockets import UNQUOTED, Sockets
from conformance.transport import HttpxTransport, Reply, Transport, pause_asked_for

ABSENT: Any = object()
LARGEST_ANSWER = 64 * 2**20
MOST_SILENT = 5
BUSY = 429
LONGEST_WAIT, LEAST_WAIT = 60.0, 1.0  # seconds, for one request; a wait of none counts as the least
MOST_DURATIONS = 64

_EVERY_REQUEST = {"accept": "*/*", "accept-encoding": "gzip, deflate", "user-agent": "vecpact"}
_NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)


class Unreachable(unittest.SkipTest):
    """The server takes no connection, or answers no more: nothing can be said of it.

    Hypothesis lets a `SkipTest` end the check at once: there is nothing to shrink.
    """


class _Line:
    """What a target and its twins share: the way to the server, and how the server has answered on it."""

    def __init__(
        self, base_url: str, timeout: float, transport: Transport | httpx.BaseTransport | None
    ) -> None:
        self.timeout = timeout
        self._base_url = base_url
        self._transport: Transport | None = (
            HttpxTransport(transport, _origin(base_url))
            if isinstance(transport, httpx.BaseTransport)
            else transport
        )
        self._lock = threading.Lock()
        self._silent = 0
        self._durations: deque[float] = deque(maxlen=MOST_DURATIONS)
        self.requests = 0

    def close(self) -> None:
        """Closes the connections."""
        if self._transport:
            self._transport.close()

    @property
    def seconds(self) -> float:
        """The median time of the last answers, in seconds; 0 before the first."""
        durations = sorted(self._durations)
        return durations[len(durations) // 2] if durations else 0.0

    def exchange(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        """Sends one request.

        Raises:
            httpx.RequestError: No answer came.
            Unreachable: None came in time, and several times so in a row.
        """
        with self._lock:
            self.requests += 1
            # Not before the first request: it is then that an address which is none is told.
            self._transport = self._transport or Sockets(self._base_url, self.timeout, LARGEST_ANSWER)
        begun = time.monotonic()
        try:
            reply = self._transport.exchange(method, _request_target(url), headers, content)
        except (httpx.ReadTimeout, httpx.WriteTimeout) as error:
            self._note_silence(error)
            raise
        except httpx.RequestError:
            self._silent = 0
            raise
        self._silent = 0
        self._durations.append(time.monotonic() - begun)
        return reply

    def _note_silence(self, error: httpx.TimeoutException) -> None:
        """Takes note of a time-out; a server that has let several pass in a row is given up."""
        self._silent += 1
        if self._silent >= MOST_SILENT:
            raise Unreachable(
                f"{self._base_url} has not answered {self._silent} requests in a row "
                f"within {self.timeout:g} s each"
            ) from error


class Target:
    """A server under test at a base URL, spoken to over one pool of connections.

    Threads may share a target, and then its history too; a twin has one of its own.

    Args:
        base_url: Where the API's paths begin, such as `http://localhost:8080`.
        headers: Sent with every request.
        timeout: Seconds one request may take, from its connection to the last byte of its answer.
        transport: Another way to reach the server than a socket, such as `conformance.asgi.AsgiTransport`.

    Attributes:
        base_url: The address, without the user and password it may have named.
        history: The calls of the example that is being tried.
        heed: Is called before each request, and raises KeyboardInterrupt if the user wants the run to end.
        is_shared: Whether others of the suite are at work on the server too.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
        transport: Transport | httpx.BaseTransport | None = None,
    ) -> None:
        self.base_url, user = without_user(base_url.rstrip("/"))
        # The names of headers know no case: of two spellings of one the later counts.
        self._headers = {name.lower(): text for name, text in (headers or {}).items()}
        if user:
            self._headers.setdefault("authorization", f"Basic {base64.b64encode(user.encode()).decode()}")
        self._secrets = secret_values(self._headers.items())
        self._line = _Line(self.base_url, timeout, transport)
        self.history = History()
        self.heed: Callable[[], None] = lambda: None
        self.is_shared = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections, which are those of its twins too."""
        self._line.close()

    def twin(self, *, is_shared: bool = False) -> Self:
        """Another target on the same server and the same connections, with a history of its own."""
        twin = copy.copy(self)
        twin.is_shared = is_shared
        if not self.history.is_whole:
            twin.history = History()
        twin.heed = lambda: None
        return twin

    @property
    def headers(self) -> dict[str, str]:
        """What is sent with every request."""
        return dict(self._headers)

    def secret_variables(self) -> dict[str, str]:
        """What commands and tests take from the environment, by the variables' names."""
        return {
            variable_of(name): text for name, text in self._headers.items() if is_secret_header(name, text)
        }

    @property
    def requests(self) -> int:
        """How many requests were sent, by its twins too."""
        return self._line.requests

    @property
    def seconds(self) -> float:
        """The median time of the last answers, in seconds; 0 before the first."""
        return self._line.seconds

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = ABSENT,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Sends one request and answers the exchange, whatever came back.

        No redirect is followed, and no more than 64 MiB of an answer is read. A 429 that says when to try
        again (Retry-After) is waited for, a minute at most, and the request sent again.

        Args:
            method: The HTTP method.
            path: The path below the base URL, percent-encoded where it must be.
            json: A value to send as JSON; `wire.Literal`s in it keep their spelling.
            content: The body as bytes, instead of `json`.
            headers: Sent in place of those of every request.

        Raises:
            Unreachable: No connection could be made, or several requests in a row were not answered in time.
        """
        self.heed()
        own = {} if headers is None else {name.lower(): text for name, text in headers.items()}
        sent = dict(self._headers if headers is None else own)
        if json is not ABSENT:
            content = wire.encode(json).encode("utf-8")
        if content is not None:
            sent.setdefault("content-type", "application/json")
        # What a request line must not hold is encoded, and told as it is sent.
        url = self.base_url + quote(path, safe=UNQUOTED)
        try:
            status, answer, answer_headers, failure = self._exchange(method, url, sent, content)
        except _NO_CONNECTION as error:
            reason = redacted(f"{self.base_url} takes no connection: {error}", self._secrets)
            raise Unreachable(reason) from error
        harmless = frozenset(name for name, text in own.items() if self._headers.get(name) != text)
        exchange = Exchange(
            method,
            url,
            sent,
            content,
            status,
            answer,
            failure,
            answer_headers=answer_headers,
            secrets=self._secrets,
            harmless=harmless,
        )
        self.history.add(exchange)
        return exchange

    def repeat(self, exchange: Exchange) -> Exchange:
        """Sends the request of an exchange once more."""
        path = exchange.url.removeprefix(self.base_url)
        return self.send(exchange.method, path, content=exchange.content, headers=exchange.headers)

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[int | None, bytes, Mapping[str, str], str]:
        """Status, body and headers of the answer; or no status, and why there is none."""
        try:
            reply = self._reply(method, url, {**_EVERY_REQUEST, **headers}, content)
        except _NO_CONNECTION:
            raise
        except httpx.TimeoutException as error:
            return None, b"", {}, f"{type(error).__name__}: no whole answer within {self._line.timeout:g} s"
        except httpx.RequestError as error:
            return None, b"", {}, f"{type(error).__name__}: {error}".rstrip(": ")
        return reply.status, reply.body, reply.headers, ""

    def _reply(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        waited = 0.0
        while True:
            reply = self._line.exchange(method, url, headers, content)
            # Refused for its rate alone: that says nothing of what was asked.
            pause = pause_asked_for(reply.headers.get("retry-after", "")) if reply.status == BUSY else None
            if pause is None or waited + max(pause, LEAST_WAIT) > LONGEST_WAIT:
                return reply
            waited += max(pause, LEAST_WAIT)
            time.sleep(pause)
            self.heed()


def _request_target(url: str) -> str:
    """Path and query of an address."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
