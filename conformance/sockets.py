"""HTTP/1.1 over a pool of sockets, as plain as a suite needs it: a request costs a tenth of a millisecond.

A run sends tens of thousands of small requests. General HTTP clients spend four times as long on each as the
server does; what they add (redirects, cookies, proxies, authentication) a suite must not have anyway.
Errors have httpx's names.
"""

import select
import socket
import time
from collections import deque
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import httptools
import httpx

from conformance.transport import Reply, decoded

# Shorter than servers usually keep an idle connection, so that it is not closed just as a request is sent.
IDLE_SECONDS = 2.0
PIECE = 65_536
LARGEST_HEAD = 2**18
PORTS = {"http": 80, "https": 443}
BODILESS = ("GET", "HEAD", "DELETE")
UNQUOTED = "/?#[]@!$&'()*+,;=:-._~%"


class Sockets:
    """A pool of connections to one server; threads may share it, each has a connection while it needs one.

    Args:
        base_url: The server's address; its path is no part of what requests ask for.
        seconds: The time of one request, from its connection to the last byte of its answer.
        largest: The most bytes of an answer that are read.

    Raises:
        httpx.InvalidURL: The address names no host or port.
        httpx.UnsupportedProtocol: It is neither HTTP nor HTTPS.
    """

    def __init__(self, base_url: str, seconds: float, largest: int) -> None:
        try:
            parts = urlsplit(base_url)
            name, port = (parts.hostname or "").encode("idna").decode(), parts.port
        except ValueError as error:
            raise httpx.InvalidURL(str(error)) from error
        if parts.scheme not in PORTS:
            raise httpx.UnsupportedProtocol(f"{parts.scheme!r} is neither http nor https")
        self._address = name, port or PORTS[parts.scheme]
        self._host = (f"[{name}]" if ":" in name else name) + (f":{port}" if port else "")
        self._tls = httpx.create_ssl_context() if parts.scheme == "https" else None
        self._seconds = seconds
        self._largest = largest
        self._idle: deque[_Connection] = deque()

    def exchange(self, method: str, target: str, headers: Mapping[str, str], content: bytes | None) -> Reply:
        """Sends one request and reads its answer.

        A connection that was idle may be closed by the server just as it is used again: where not a byte has
        come back on it, the request goes out once more on a new one.

        Args:
            method: The HTTP method.
            target: Path and query; what a request line must not hold is percent-encoded.
            headers: By lower-case name; those of the connection and of the body's length are added.
            content: The body, or None.

        Raises:
            httpx.ConnectError: No connection could be made.
            httpx.ConnectTimeout: None was made in time.
            httpx.ReadTimeout: No whole answer came in time.
            httpx.ReadError: The connection broke, or the answer is too long.
            httpx.RemoteProtocolError: What came back is no HTTP, or not all of it.
            httpx.DecodingError: The body is not in the encoding that the answer names.
        """
        sent = self._written(method, target, headers, content)
        until = time.monotonic() + self._seconds
        connection = self._idle_connection()
        if connection is not None:
            try:
                return self._use(connection, method, sent, until)
            except _ClosedMeanwhileError:
                pass
        try:
            return self._use(_Connection(self._connected(until)), method, sent, until)
        except _ClosedMeanwhileError as error:
            raise httpx.RemoteProtocolError(str(error)) from error

    def close(self) -> None:
        """Closes the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _written(self, method: str, target: str, headers: Mapping[str, str], content: bytes | None) -> bytes:
        fields = {"host": self._host, **headers}
        if content is not None or method not in BODILESS:
            fields["content-length"] = str(len(content or b""))
        lines = [f"{method} {quote(target, safe=UNQUOTED)} HTTP/1.1"]
        lines += [f"{name}: {text}" for name, text in fields.items()]
        return "\r\n".join((*lines, "", "")).encode() + (content or b"")

    def _idle_connection(self) -> "_Connection | None":
        """The connection used last, unless it has been idle for long or the server has closed it."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if connection.is_usable():
                return connection
            connection.close()

    def _connected(self, until: float) -> socket.socket:
        try:
            plain = socket.create_connection(self._address, timeout=_left(until, httpx.ConnectTimeout))
            if self._tls is None:
                return plain
            plain.settimeout(_left(until, httpx.ConnectTimeout))
            return self._tls.wrap_socket(plain, server_hostname=self._address[0])
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(str(error)) from error

    def _use(self, connection: "_Connection", method: str, sent: bytes, until: float) -> Reply:
        reading = _Reading(self._largest, bodiless=method == "HEAD")
        try:
            connection.send(sent, until)
            connection.receive(reading, until)
        except BaseException:
            connection.close()
            raise
        if reading.leaves_it_open:
            connection.rest()
            self._idle.append(connection)
        else:
            connection.close()
        return reading.reply(self._largest)


class _ClosedMeanwhileError(Exception):
    """The server closed the connection before a byte of the answer."""


class _Connection:
    """One connection."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._resting_since = 0.0

    def rest(self) -> None:
        """Takes note that it is idle from now on."""
        self._resting_since = time.monotonic()

    def is_usable(self) -> bool:
        """Whether it has not been idle for long and nothing has come in, be it the connection's end."""
        return time.monotonic() - self._resting_since < IDLE_SECONDS and not self._has_input()

    def send(self, content: bytes, until: float) -> None:
        """Sends a request. One that is answered before its end may not be taken whole: its answer counts."""
        try:
            self._socket.settimeout(_left(until, httpx.WriteTimeout))
            self._socket.sendall(content)
        except TimeoutError as error:
            raise httpx.WriteTimeout("the request was not taken in time") from error
        except OSError:
            return

    def receive(self, reading: "_Reading", until: float) -> None:
        """Reads until the answer is whole."""
        while not reading.is_whole:
            try:
                self._socket.settimeout(_left(until, httpx.ReadTimeout))
                piece = self._socket.recv(PIECE)
            except TimeoutError as error:
                raise httpx.ReadTimeout("no whole answer in time") from error
            except OSError as error:
                if not reading.has_begun:
                    raise _ClosedMeanwhileError(f"the connection broke before an answer: {error}") from error
                raise httpx.ReadError(f"the connection broke in the middle of the answer: {error}") from error
            if piece:
                reading.feed(piece)
            else:
                reading.end()

    def close(self) -> None:
        """Closes it."""
        self._socket.close()

    def _has_input(self) -> bool:
        if not hasattr(select, "poll"):  # pragma: no cover  # Windows
            return bool(select.select([self._socket], [], [], 0)[0])
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))


class _Reading:
    """An answer as far as it has been read; httptools calls the methods that begin with `on_`."""

    def __init__(self, largest: int, *, bodiless: bool) -> None:
        self.is_whole = False
        self.has_begun = False
        self.leaves_it_open = False
        self._largest = largest
        self._bodiless = bodiless
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []
        self._length = 0
        self._head = 0
        self._status = 0

    def feed(self, piece: bytes) -> None:
        """Takes what has come in."""
        self.has_begun = True
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserError as error:
            # What follows a whole answer is none of it: the connection is not used again.
            self.leaves_it_open = False
            if not self.is_whole:
                raise httpx.RemoteProtocolError(f"the answer is no HTTP: {error}") from error
        if not self._status:
            self._head += len(piece)
            if self._head > LARGEST_HEAD:
                raise httpx.RemoteProtocolError(
                    f"the headers of the answer are longer than {LARGEST_HEAD // 2**10} KiB"
                )
        if self._length > self._largest:
            raise httpx.ReadError(
                f"the answer ({self._status}) is longer than {self._largest // 2**20} MiB; "
                "no more of it was read"
            )

    def end(self) -> None:
        """Takes the end of the connection, which ends an answer that names no length."""
        if not self.has_begun:
            raise _ClosedMeanwhileError("the server closed the connection without an answer")
        named = self._headers.get("content-length")
        if not self._status or named is not None or "transfer-encoding" in self._headers:
            expected = f" of {named}" if named else ""
            raise httpx.RemoteProtocolError(
                f"the server closed the connection in the middle of the answer, after {self._length}"
                f"{expected} bytes of its body"
            )
        self.is_whole = True

    def reply(self, largest: int) -> Reply:
        """The whole answer."""
        encodings = self._headers.get("content-encoding", "")
        return Reply(self._status, self._headers, decoded(b"".join(self._parts), encodings, largest))

    def on_message_begin(self) -> None:
        if self.is_whole:
            self.leaves_it_open = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.is_whole:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        if not self.is_whole:
            self._status = self._parser.get_status_code()
            if self._bodiless:
                self.is_whole = True

    def on_body(self, part: bytes) -> None:
        if not self.is_whole:
            self._parts.append(part)
            self._length += len(part)

    def on_message_complete(self) -> None:
        if self.is_whole:
            return
        if 100 <= self._status < 200:  # an interim answer: the answer itself follows
            self._headers, self._status = {}, 0
            return
        self.is_whole = True
        self.leaves_it_open = self._parser.should_keep_alive()


def _left(until: float, late: type[httpx.TimeoutException]) -> float:
    """Seconds that are left, or the error that none are."""
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise late("no time is left")
    return seconds
