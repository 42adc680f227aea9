"""HTTP over sockets: what can be is answered on the spot, and all else as uvicorn speaks ASGI.

An operation is a function, so a whole request needs no task of its own: the protocol collects it, has it
answered and writes the answer, all within the call that brought its last byte. What takes time or more than
an answer goes through uvicorn as if nothing had happened: faults, steering, pipelines, `100-continue`.
"""

import asyncio
import contextlib
import logging
import os
import socket
import struct
from typing import Any, cast
from urllib.parse import unquote

from starlette.types import Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mock_server.acts import BODILESS, Reply
from mock_server.arrival import Arrival
from mock_server.connection import EXTENSION
from mock_server.heads import Heads
from mock_server.journal import Headers
from mock_server.routing import Mock

NO_MATTER_OF_OURS = (b"connection", b"transfer-encoding")  # headers that uvicorn does more than send
AT_ONCE = struct.pack("ii", 1, 0)  # for SO_LINGER: a close throws away what waits to be sent, and resets
FAILED = Reply(500, b"Internal Server Error", ((b"content-type", b"text/plain; charset=utf-8"),))
"""What uvicorn says when an application fails."""


class Wording:
    """Spells answers as they go over the wire, with the headers that uvicorn gives each of them."""

    def __init__(self) -> None:
        self._usual: Headers = ()
        self._heads: dict[tuple[int, Headers], bytes] = {}

    def spell(self, reply: Reply, usual: Headers, method: str, last: bool) -> bytes:
        """Spells the answer to a method, the `last` one of its connection or not."""
        if usual is not self._usual:  # a new list every second
            self._usual = usual
            self._heads.clear()
        head = self._heads.get((reply.status, reply.headers))
        if head is None:
            lines = (b"%b: %b\r\n" % header for header in (*usual, *reply.headers))
            head = self._heads[reply.status, reply.headers] = STATUS_LINE[reply.status] + b"".join(lines)
        end = b"connection: close\r\n\r\n" if last else b"\r\n"
        if reply.status in BODILESS:
            return head + end
        body = b"" if method == "HEAD" else reply.payload
        return b"%bcontent-length: %d\r\n%b%b" % (head, len(reply.payload), end, body)


class HttpConnection:
    """The `Connection` of one protocol."""

    def __init__(self, protocol: HttpToolsProtocol, wording: Wording) -> None:
        self._protocol = protocol
        self._wording = wording

    @property
    def lost(self) -> bool:
        """Whether the connection is gone."""
        return self._protocol.cycle.disconnected

    def answer(self, send: Send, reply: Reply) -> bool:
        """Sends a whole answer in one write, as uvicorn would in two; False if it sends nothing.

        It leaves to uvicorn what needs more: a full buffer, an access log, headers of the connection.
        """
        cycle = getattr(send, "__self__", None)
        if (
            type(cycle) is not RequestResponseCycle
            or cycle.response_started
            or cycle.disconnected
            or (cycle.access_log and cycle.access_logger.isEnabledFor(logging.INFO))
            or cycle.flow.write_paused
            or any(name in NO_MATTER_OF_OURS for name, _ in reply.headers)
        ):
            return False
        octets = self._wording.spell(
            reply, cycle.default_headers, cycle.scope["method"], not cycle.keep_alive
        )
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.transport.write(octets)
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
        return True

    def write(self, octets: bytes) -> None:
        """Sends octets as they are, whatever was announced."""
        self._protocol.transport.write(octets)

    def close(self) -> None:
        """Ends the connection once all is sent."""
        self._expect_no_more()
        self._protocol.transport.close()

    def reset(self) -> None:
        """Ends the connection at once: the peer is told that it was reset."""
        self._expect_no_more()
        transport = self._protocol.transport
        # uvloop shows a socket that takes no options: a second handle on the same one does.
        with contextlib.suppress(OSError):
            handle = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
            with handle:
                handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        transport.abort()

    def _expect_no_more(self) -> None:
        """Keeps uvicorn from sending what an application leaves out, or complaining of it."""
        self._protocol.cycle.disconnected = True


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol over httptools, which answers on the spot what the mock can answer so.

    A request that takes more is told to uvicorn from its beginning.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # What uvicorn may put around the application, or in front of it, has to see every request.
        alone = self.limit_concurrency is None and not (
            self.access_log and self.access_logger.isEnabledFor(logging.INFO)
        )
        self._mock = self.app if alone and isinstance(self.app, Mock) else None
        self._is_between = True  # after one request and before the next
        self._is_ours = False
        self._arrival: Arrival | None = None
        self._answered: Arrival | None = None
        self._heard = 0.0  # the time at which something came last
        self._watch: asyncio.TimerHandle | None = None
        self._heads = Heads()
        self._wording = Wording()
        self._extensions = {EXTENSION: HttpConnection(self, self._wording)}

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends with the connection."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes octets, and answers the requests that they complete."""
        self._heard = self.loop.time()
        begins = self._is_between
        if not (begins and self._is_known(data)):
            super().data_received(data)
            if begins and self._is_between and self._answered is not None:
                self._heads.learn(data, self._answered)
        self._answered = None

    def on_message_begin(self) -> None:
        """Begins a request."""
        self._is_between = False
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        """Finds out who answers: a request that is too large has its answer now."""
        arrival = self._arrival = self._expect()
        self._is_ours = arrival is not None
        if arrival is None:
            self._hand_over()
        elif arrival.too_large:
            self._answer(arrival, last=self._is_last())

    def on_body(self, body: bytes) -> None:
        """Takes the next bytes of a body; what comes after its answer is of no use."""
        arrival = self._arrival
        if arrival is not None:
            arrival.feed(body)
            if arrival.too_large:
                self._answer(arrival, last=self._is_last())
            elif arrival.is_read:
                self._give_way()
        elif not self._is_ours:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Answers a request that is whole."""
        self._is_between = True
        arrival = self._arrival
        if arrival is not None:
            self._answer(arrival, last=self._is_last())
        if not self._is_ours:
            super().on_message_complete()

    def _give_way(self) -> None:
        """Leaves the rest of a body to the next turn: uvloop would go on as long as there is any of it."""
        self.flow.pause_reading()
        self.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def _is_known(self, data: bytes) -> bool:
        """Answers a request whose head is known and that is whole; False, and nothing done, if it is not."""
        arrival = self._heads.find(data)
        reply = self._reply(arrival) if arrival is not None and self._is_free() else None
        if arrival is None or reply is None:
            return False
        self._unset_keepalive_if_required()
        self._send(reply, arrival, last=False)
        return True

    def _expect(self) -> Arrival | None:
        """Prepares to answer a request on the spot; None if that takes more."""
        mock, url = self._mock, self.url
        if (
            mock is None
            or not self._is_free()
            or self.expect_100_continue
            or self.parser.should_upgrade()
            or not url.startswith(b"/")
            or b"#" in url
        ):
            return None
        raw_path, _, query = url.partition(b"?")
        path = raw_path.decode("latin-1")
        place = mock.place(unquote(path) if "%" in path else path, raw_path)
        return place.endpoint.expect_on_the_spot(
            self.parser.get_method().decode(), place, query, self.headers
        )

    def _is_free(self) -> bool:
        """Tells whether an answer could be sent now: no other one is due, and the client takes them."""
        cycle = self.cycle
        return (
            (cycle is None or cycle.response_complete)
            and not self.flow.write_paused
            and not self.transport.is_closing()
        )

    def _is_last(self) -> bool:
        """Tells whether the request under way is the last of its connection."""
        return self.parser.get_http_version() == "1.0" or not self.parser.should_keep_alive()

    def _answer(self, arrival: Arrival, *, last: bool) -> None:
        """Answers a request, unless a fault that it meets needs uvicorn for that."""
        self._arrival = None
        reply = self._reply(arrival)
        if reply is None:
            self._is_ours = False
            self._hand_over(arrival.body())
        else:
            self._send(reply, arrival, last=last)

    def _reply(self, arrival: Arrival) -> Reply | None:
        try:
            return arrival.place.endpoint.answer(arrival)
        except Exception as error:  # as uvicorn does: told, answered, and the server goes on
            self.logger.error("Exception in ASGI application\n", exc_info=error)
            return FAILED

    def _send(self, reply: Reply, arrival: Arrival, *, last: bool) -> None:
        """Sends an answer, the `last` one of its connection or not."""
        last = last or reply is FAILED
        usual = self.server_state.default_headers
        self.transport.write(self._wording.spell(reply, usual, arrival.method, last))
        self.server_state.total_requests += 1
        if last:
            self.transport.close()
            return
        self._answered = arrival
        if self._watch is None:
            self._watch = self.loop.call_later(self.timeout_keep_alive, self._look)

    def _look(self) -> None:
        """Closes the connection if nothing has come by it for too long, or looks again when that could be.

        uvicorn sets a timer after each answer, and takes it back at the next request.
        """
        idle = self.loop.time() - self._heard
        busy = not self._is_between or (self.cycle is not None and not self.cycle.response_complete)
        self._watch = None
        if idle >= self.timeout_keep_alive and not busy:
            self.timeout_keep_alive_handler()
        elif not self.transport.is_closing():
            wait = self.timeout_keep_alive - (0.0 if busy else idle)
            self._watch = self.loop.call_later(wait, self._look)

    def _hand_over(self, body: bytes = b"") -> None:
        """Tells uvicorn of a request, as far as it has come."""
        url, headers, expected = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expected
        self.headers += headers
        cast(dict[str, Any], self.scope)["extensions"] = self._extensions
        super().on_headers_complete()
        if body:
            super().on_body(body)
