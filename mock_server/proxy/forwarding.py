"""Passes the exchanges of one client's connection on to the server, octet for octet, and back.

Each client's connection has one of its own to the server. Bodies are passed on as they come; heads keep
their order, their spelling and their repetitions, but for Host and for what is said from hop to hop.
"""

import asyncio
import contextlib
import errno
import os
from typing import Protocol

import h11

from mock_server.proxy.exchange import Exchange, Headers
from mock_server.proxy.peer import Address, Peer, SilentError

KEEP_ALIVE = 600.0  # seconds that a client's connection may lie idle
DRAINING = 5.0  # seconds in which what a client still sends is read after an early answer
HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection")
) | frozenset((b"te", b"trailer", b"transfer-encoding", b"upgrade"))
SAFE = (b"GET", b"HEAD")  # methods whose requests may be sent once more on a new connection
BAD_GATEWAY, GATEWAY_TIMEOUT = 502, 504


class Watcher(Protocol):
    """What is told of the exchanges that pass by."""

    def begin(self, method: str, target: str, headers: Headers) -> Exchange:
        """Takes note of a request's head."""

    def sent(self, exchange: Exchange) -> None:
        """Takes note that a request is about to reach the server whole."""

    def answered(self, exchange: Exchange) -> None:
        """Takes note that an exchange is over, before the client learns of it."""


class GoneError(Exception):
    """Says that the server is gone: it takes no connection, or ended one without an answer."""


class ClientGoneError(Exception):
    """Says that the client is gone: it closed the connection, fell silent, or no longer speaks HTTP."""


class Forwarder:
    """Passes on what comes from one client.

    Args:
        client: The client's end.
        address: Where the server is.
        watcher: Is told of every exchange.
        timeout: Seconds for which either end may be silent within an exchange.
    """

    def __init__(self, client: Peer, address: Address, watcher: Watcher, timeout: float) -> None:
        self._client = client
        self._address = address
        self._watcher = watcher
        self._timeout = timeout
        self._server: Peer | None = None

    async def run(self) -> None:
        """Passes exchanges on until one end closes."""
        try:
            await self._pass_all()
        except asyncio.CancelledError:
            for peer in self._ends():
                peer.abort()
            raise

    async def _pass_all(self) -> None:
        try:
            while await self._pass_one():
                pass
        except (OSError, SilentError, h11.LocalProtocolError):
            self._client.abort()
        finally:
            for peer in self._ends():
                await peer.close()

    def _ends(self) -> list[Peer]:
        return [peer for peer in (self._server, self._client) if peer is not None]

    async def _pass_one(self) -> bool:
        """Passes one exchange on; tells whether another may follow on the same connection."""
        try:
            request = await self._client.receive(KEEP_ALIVE)
        except SilentError:
            return False
        except h11.RemoteProtocolError as error:
            await self._refuse(error.error_status_hint, f"the request is no HTTP/1.1: {error}")
            return False
        if not isinstance(request, h11.Request):
            return False
        exchange = self._watcher.begin(
            request.method.decode("ascii"), request.target.decode("ascii"), request.headers.raw_items()
        )
        try:
            return await self._pass_on(request, exchange)
        except asyncio.CancelledError:
            exchange.failure = "the proxy was stopped"
            raise
        finally:
            if not exchange.answered.ended:
                exchange.end()
                self._watcher.answered(exchange)

    async def _pass_on(self, request: h11.Request, exchange: Exchange) -> bool:
        sending: asyncio.Task[bool] | None = None
        try:
            kept = self._server
            server = await self._connected()
            host = (b"Host", self._address.authority.encode())
            headers = [
                each for each in _end_to_end(request.headers.raw_items()) if each[0].lower() != b"host"
            ]
            target = self._address.base.encode() + request.target
            head = h11.Request(method=request.method, target=target, headers=[host, *headers])
            await server.send(head)
            sending = asyncio.create_task(self._send_body(server, exchange))
            try:
                await self._pass_back(server, exchange, sending)
            except (GoneError, OSError):
                safe = request.method in SAFE and exchange.sent.ended and not exchange.sent.size
                if server is not kept or server.has_spoken or not safe:
                    raise
                # The server may have closed the connection that was kept just as this request went out.
                await self._drop_server()
                server = await self._connected()
                await server.send(head, h11.EndOfMessage())
                await self._pass_back(server, exchange, sending)
        except ClientGoneError as error:
            exchange.failure = str(error)
            self._client.abort()
            return False
        except (GoneError, SilentError, OSError, h11.RemoteProtocolError) as error:
            exchange.failure = f"{self._address.url} {_in_words(error)}"
            await self._give_up(exchange, isinstance(error, SilentError))
            return False
        finally:
            sound = sending is not None and await _ended(sending) and exchange.answered.ended
            if not sound:
                await self._drop_server()
        if self._server is not None and not self._server.next_cycle():
            await self._drop_server()
        return self._client.next_cycle()

    async def _drop_server(self) -> None:
        """Breaks the connection to the server off, if there is one; the next exchange makes another."""
        if self._server is not None:
            self._server.abort()
            await self._server.close()
            self._server = None

    async def _connected(self) -> Peer:
        """Answers a connection to the server: the last one, unless the server has closed it since."""
        if self._server is not None and self._server.is_gone:
            await self._drop_server()
        if self._server is None:
            try:
                self._server = await Peer.connect(self._address, self._timeout)
            except OSError as error:
                raise GoneError(f"takes no connection: {_reason(error)}") from None
        return self._server

    async def _send_body(self, server: Peer, exchange: Exchange) -> bool:
        """Passes the request's body on; tells whether all of it arrived.

        A server that takes no more may have answered already: that is not for here to say.
        """
        takes_more = True
        while True:
            try:
                event = await self._client.receive(self._timeout)
            except (OSError, SilentError, h11.RemoteProtocolError) as error:
                raise ClientGoneError(f"the client {_in_words(error)}") from None
            if isinstance(event, h11.Data):
                exchange.sent.add(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                exchange.sent.ended = True
                if takes_more and not exchange.answered.ended:
                    self._watcher.sent(exchange)
            else:
                raise ClientGoneError("the client went away")
            if takes_more:
                try:
                    await server.send(event)
                except (OSError, SilentError, h11.LocalProtocolError):
                    takes_more = False
            if exchange.sent.ended:
                return takes_more

    async def _pass_back(self, server: Peer, exchange: Exchange, sending: asyncio.Task[bool]) -> None:
        head = await self._first(server, sending)
        while isinstance(head, h11.InformationalResponse):
            headers = _end_to_end(head.headers.raw_items())
            await self._to_client(
                h11.InformationalResponse(status_code=head.status_code, headers=headers, reason=head.reason)
            )
            head = await self._first(server, sending)
        assert isinstance(head, h11.Response), head
        exchange.status, exchange.answer_headers = head.status_code, head.headers.raw_items()
        headers = _end_to_end(head.headers.raw_items())
        if not sending.done():
            headers.append((b"Connection", b"close"))
        waiting: list[h11.Event] = [
            h11.Response(status_code=head.status_code, headers=headers, reason=head.reason)
        ]
        while True:
            event = server.at_hand()
            if event is h11.NEED_DATA:
                await self._to_client(*waiting)
                waiting.clear()
                await server.fill(self._timeout)
                continue
            if isinstance(event, h11.Data):
                exchange.answered.add(bytes(event.data))
            # The last octets wait until the exchange is judged: what a client does after them comes after.
            waiting.append(event)
            if isinstance(event, h11.EndOfMessage):
                exchange.answered.ended = True
                exchange.end()
                self._watcher.answered(exchange)
                await self._to_client(*waiting)
                return

    async def _first(self, server: Peer, sending: asyncio.Task[bool]) -> object:
        """Waits for the server to answer; how long it takes counts from the end of the request."""
        reading = asyncio.create_task(server.receive(None))
        try:
            await asyncio.wait({reading, sending}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                sending.result()
                async with asyncio.timeout(self._timeout):
                    await asyncio.wait({reading})
            return reading.result()
        except TimeoutError:
            raise SilentError(f"gave no answer for {self._timeout:g} s") from None
        except h11.RemoteProtocolError:
            if server.has_spoken:
                raise
            raise GoneError("ended the connection without an answer") from None
        finally:
            if not reading.done():
                reading.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await reading

    async def _to_client(self, *events: h11.Event) -> None:
        try:
            await self._client.send(*events)
        except (OSError, SilentError) as error:
            raise ClientGoneError(f"the client {_in_words(error)}") from None

    async def _give_up(self, exchange: Exchange, silent: bool) -> None:
        """Answers in the server's place or, where an answer has begun, breaks it off."""
        if self._client.http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            exchange.status = GATEWAY_TIMEOUT if silent else BAD_GATEWAY
            await self._refuse(exchange.status, exchange.failure)
        else:
            self._client.abort()

    async def _refuse(self, status: int, line: str) -> None:
        """Answers a request with one line, and no more requests on this connection."""
        body = f"vecpact proxy: {line}\n".encode()
        headers = [
            (b"Content-Type", b"text/plain; charset=utf-8"),
            (b"Content-Length", str(len(body)).encode()),
            (b"Connection", b"close"),
        ]
        with contextlib.suppress(OSError, SilentError, h11.LocalProtocolError):
            await self._client.send(
                h11.Response(status_code=status, headers=headers), h11.Data(data=body), h11.EndOfMessage()
            )


async def _ended(sending: asyncio.Task[bool]) -> bool:
    """Waits a little for a request to end whose answer came early; tells whether the server has all of it."""
    if not sending.done():
        await asyncio.wait({sending}, timeout=DRAINING)
    if not sending.done():
        sending.cancel()
    try:
        return await sending
    except (asyncio.CancelledError, ClientGoneError):
        return False


def _end_to_end(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Lists the headers that are for the other end, spelled as they came."""
    named = {
        word.strip().lower()
        for name, value in headers
        if name.lower() == b"connection"
        for word in value.split(b",")
    }
    hops = HOP_BY_HOP | named
    return [(name, value) for name, value in headers if name.lower() not in hops]


def _in_words(error: Exception) -> str:
    if isinstance(error, h11.RemoteProtocolError):
        return f"speaks no HTTP/1.1: {error}"
    if isinstance(error, GoneError | SilentError):
        return str(error)
    return f"broke the connection off: {_reason(error)}"


def _reason(error: Exception) -> str:
    """Says in the system's words why a connection failed."""
    number: int | None = getattr(error, "errno", None)
    if number is not None and number in errno.errorcode:
        return os.strerror(number)
    return getattr(error, "strerror", None) or str(error)
