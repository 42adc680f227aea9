"""One end of a connection, spoken to in HTTP/1.1 events."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import h11

READ = 256 * 1024  # bytes at a time
LARGEST_HEAD = 256 * 1024  # bytes of a request or answer before its body
CLOSING = 1.0  # seconds that closing a connection may take


class SilentError(Exception):
    """Says that the other end was silent, or took nothing, for longer than it may."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is: the parts of its base URL, `authority` as it stands in a Host header."""

    url: str
    host: str
    port: int
    authority: str
    base: str
    encrypted: bool

    @classmethod
    def of(cls, url: str) -> Self:
        """Takes a base URL apart; ValueError says what is wrong with it."""
        parts = urlsplit(url.rstrip("/"))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r}: expected an address such as http://localhost:8080")
        if parts.query or parts.fragment or parts.username is not None:
            raise ValueError(f"{url!r}: expected a base URL without user, query and fragment")
        encrypted = parts.scheme == "https"
        port = parts.port if parts.port is not None else 443 if encrypted else 80
        return cls(url.rstrip("/"), parts.hostname, port, parts.netloc, parts.path, encrypted)


class Peer:
    """The other end of one connection.

    Args:
        reader: What comes from it.
        writer: What goes to it.
        role: What we are to it.
        timeout: Seconds for which it may take nothing of what is sent.

    Attributes:
        has_spoken: Whether anything came of it in this exchange.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, role: Any, timeout: float
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._timeout = timeout
        self.http = h11.Connection(role, max_incomplete_event_size=LARGEST_HEAD)
        self.has_spoken = False

    @classmethod
    async def connect(cls, address: Address, timeout: float) -> Self:
        """Connects to a server; OSError or `SilentError` if it cannot be reached."""
        context = ssl.create_default_context() if address.encrypted else None
        try:
            async with asyncio.timeout(timeout):
                streams = await asyncio.open_connection(address.host, address.port, ssl=context, limit=READ)
        except TimeoutError:
            raise SilentError(f"takes no connection within {timeout:g} s") from None
        return cls(*streams, h11.CLIENT, timeout)

    @property
    def is_gone(self) -> bool:
        """Whether the other end has closed the connection and nothing of it is left to read."""
        return self._reader.at_eof() or self._writer.is_closing()

    def at_hand(self) -> Any:
        """Answers the next event that needs no waiting for, or `h11.NEED_DATA`."""
        return self.http.next_event()

    async def fill(self, patience: float | None) -> None:
        """Waits for more octets, for ever if `patience` is None; `SilentError` if none come in time."""
        try:
            async with asyncio.timeout(patience):
                octets = await self._reader.read(READ)
        except TimeoutError:
            raise SilentError(f"said nothing for {patience:g} s") from None
        self.has_spoken = self.has_spoken or bool(octets)
        self.http.receive_data(octets)

    async def receive(self, patience: float | None) -> Any:
        """Waits for the next event, as long as for octets."""
        while (event := self.at_hand()) is h11.NEED_DATA:
            await self.fill(patience)
        return event

    async def send(self, *events: Any) -> None:
        """Sends events; `SilentError` if the other end does not take them in time."""
        octets = b"".join(self.http.send(event) or b"" for event in events)
        if not octets:
            return
        self._writer.write(octets)
        try:
            async with asyncio.timeout(self._timeout):
                await self._writer.drain()
        except TimeoutError:
            raise SilentError(f"took nothing for {self._timeout:g} s") from None

    def next_cycle(self) -> bool:
        """Makes ready for the next exchange on the same connection; tells whether there may be one."""
        if self.http.our_state is not h11.DONE or self.http.their_state is not h11.DONE:
            return False
        self.http.start_next_cycle()
        self.has_spoken = False
        return True

    async def close(self) -> None:
        """Closes the connection."""
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(CLOSING):
                await self._writer.wait_closed()

    def abort(self) -> None:
        """Breaks the connection off: whoever waits for the rest of an answer learns that none comes."""
        self._writer.transport.abort()
