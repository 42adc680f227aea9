"""A target is the server under test: it sends requests and keeps count of them, and judges nothing."""

import unittest
from collections.abc import Mapping
from itertools import count
from types import TracebackType
from typing import Any, Self

import httpx

from conformance import wire
from conformance.exchange import Exchange

ABSENT: Any = object()


class Unreachable(unittest.SkipTest):
    """The server takes no connection: nothing can be said of it.

    Hypothesis lets a `SkipTest` end the check at once: there is nothing to shrink.
    """


class Target:
    """A server under test at a base URL, spoken to over one pool of connections.

    Threads may share a target.

    Args:
        base_url: Where the API's paths begin, such as `http://localhost:8080`.
        headers: Sent with every request.
        timeout: Seconds one request may take.
        transport: Another way to reach the server than a socket, such as `conformance.asgi.AsgiTransport`.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._headers = dict(headers or {})
        self._client = httpx.Client(timeout=timeout, transport=transport, trust_env=False)
        self._count = count(1)
        self.requests = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

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

        Args:
            method: The HTTP method.
            path: The path below the base URL, percent-encoded where it must be.
            json: A value to send as JSON; `wire.Literal`s in it keep their spelling.
            content: The body as bytes, instead of `json`.
            headers: Sent in place of those of every request.

        Raises:
            Unreachable: No connection could be made.
        """
        # The names of headers know no case: of two spellings of one the later counts.
        headers = {
            name.lower(): text for name, text in (self._headers if headers is None else headers).items()
        }
        if json is not ABSENT:
            content = wire.encode(json).encode("utf-8")
        if content is not None:
            headers.setdefault("content-type", "application/json")
        url = self.base_url + path
        self.requests = next(self._count)
        try:
            response = self._client.request(method, url, content=content, headers=headers)
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.UnsupportedProtocol,
            httpx.InvalidURL,
        ) as error:
            raise Unreachable(f"{self.base_url} takes no connection: {error}") from error
        except httpx.RequestError as error:
            failure = f"{type(error).__name__}: {error}".rstrip(": ")
            return Exchange(method, url, headers, content, None, failure=failure)
        return Exchange(
            method,
            url,
            headers,
            content,
            response.status_code,
            response.content,
            answer_headers=response.headers,
        )
