"""Traffic with an application in process, watched as the proxy watches it, without a socket."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mock_server.proxy.exchange import Exchange
from mock_server.proxy.judging import Finding, Judge, Judgement
from mock_server.proxy.report import Report
from mock_server.proxy.watching import Watch

Rewrite = Any
"""Takes method, path, status and the JSON value of an answer, and gives status and value anew."""
KEY = {"authorization": "Bearer example"}


@dataclass(frozen=True)
class Reply:
    """An answer: its status and JSON value."""

    status: int
    body: Any


class Traffic:
    """Sends requests one after the other, and lets a judge see each.

    Args:
        app: The server.
        services: Whose contracts hold.
        evidence: The levels that count.
        alone: Whether nobody else changes the server.
    """

    def __init__(
        self,
        app: ASGIApp,
        *services: str,
        evidence: Sequence[str] = ("documented", "implied"),
        alone: bool = True,
    ) -> None:
        self._app = app
        self.lines: list[str] = []
        self.report = Report(self.lines.append, self.lines.append)
        self._judge = Judge(services or ("moorcheh", "cortex"), evidence, alone)
        self.watch = Watch(self._judge, self.report)
        self.findings: list[Finding] = []
        self.last = Judgement()

    def call(
        self, method: str, target: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Sends a request, a bytes body as it is and any other as JSON."""
        exchange = self.begin(method, target, body, headers)
        status, answer_headers, octets = asyncio.run(self._sent(exchange))
        return self.end(exchange, status, answer_headers, octets)

    def begin(
        self, method: str, target: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Exchange:
        """Lets the judge see a request on its way."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        own = {**KEY, **({"content-type": "application/json"} if content else {}), **(headers or {})}
        raw = [(name.encode(), value.encode()) for name, value in own.items()]
        exchange = self.watch.begin(method, target, raw)
        exchange.sent.add(content)
        exchange.sent.ended = True
        self.watch.sent(exchange)
        return exchange

    def end(
        self, exchange: Exchange, status: int, headers: Sequence[tuple[bytes, bytes]], octets: bytes
    ) -> Reply:
        """Lets the judge see the answer to a request."""
        exchange.status, exchange.answer_headers = status, headers
        exchange.answered.add(octets)
        exchange.answered.ended = True
        self.last = self._judge.judge(exchange)
        self.report.add(exchange, self.last)
        self.findings += self.last.findings
        try:
            return Reply(status, json.loads(octets))
        except ValueError:
            return Reply(status, {})

    def of(self, side: str) -> set[str]:
        """Answers the clauses that a side has broken so far."""
        return {finding.clause for finding in self.findings if finding.side == side}

    async def _sent(self, exchange: Exchange) -> tuple[int, Sequence[tuple[bytes, bytes]], bytes]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app)) as client:
            answer = await client.request(
                exchange.method,
                "http://server" + exchange.target,
                content=exchange.sent.octets,
                headers=[*exchange.headers],
            )
        return answer.status_code, answer.headers.raw, answer.content


def rewriting(app: ASGIApp, rewrite: Rewrite) -> Any:
    """Makes a server of another whose answers a function changes."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        head: Message = {}
        octets = b""

        async def collect(message: Message) -> None:
            nonlocal head, octets
            if message["type"] == "http.response.start":
                head = message
            else:
                octets += message.get("body", b"")

        await app(scope, receive, collect)
        status, value = rewrite(scope["method"], scope["path"], head["status"], json.loads(octets))
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        headers = [each for each in head["headers"] if each[0].lower() != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return serve
