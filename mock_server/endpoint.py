"""An endpoint: reads a request, finds its world, has the operation done, answers, and writes both down."""

import asyncio
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from functools import partial
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs, quote

from starlette.types import Receive, Scope, Send

from mock_server.connection import EXTENSION, Connection, lost
from mock_server.effects import JSON, Act, Loss, Pause, Reply, Turn, play, reply_of
from mock_server.faults import Fault
from mock_server.jobs import Fate
from mock_server.journal import Exchange, Headers
from mock_server.refusal import Refused
from mock_server.segments import LARGE
from mock_server.service import Api, Call, Operation, Reader, Reading
from mock_server.session import DEFAULT, World, Worlds

NOTHING: Mapping[str, Any] = {}
READ_AGAIN = 65_536  # octets of a refused upload that are read once more, for the ledger
LULL = 0.01  # seconds
STEERING = "/_mock/"
BODILESS = (204, 304)  # answers of these statuses have no body, and say no length


class BodyTooLargeError(Exception):
    """Says that a body goes on beyond the most bytes allowed."""


class ClientGoneError(Exception):
    """Says that the client closed the connection before its body ended."""


class Endpoint:
    """Serves the operations of one path."""

    def __init__(
        self, service: Api, operations: Mapping[str, Operation], worlds: Worlds, max_body: int
    ) -> None:
        self._service = service
        self._operations = operations
        self._worlds = worlds
        self._max_body = max_body
        self._takes_uploads = any(operation.sent is not None for operation in operations.values())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        reading = None
        try:
            body, reading = await _read(scope, receive, self._max_body, self._reader(scope["method"]))
        except ClientGoneError:
            return
        except BodyTooLargeError:
            body = None
        parameters = dict(scope.get("path_params", NOTHING))
        world = self._worlds[parameters.pop("session", DEFAULT)]
        query = scope.get("query_string", b"")
        call = Call(
            scope["method"],
            path_of(scope),
            parameters,
            body or b"",
            parse_qs(query.decode("latin-1"), keep_blank_values=True) if query else NOTHING,
            {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            reading,
        )
        await self.serve(world, call, body is None, scope, receive, send)

    async def serve(
        self, world: World, call: Call, too_large: bool, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answers a call and writes both down, unless a fault meets it."""
        begun = perf_counter()
        exchange = world.journal.open(
            call.method,
            call.path,
            _raw_path(scope),
            scope.get("query_string", b""),
            scope["headers"],
            call.body,
        )
        fault = world.faults.meet(call.method, call.path) if world.faults else None
        work = partial(self.work, world, call, too_large, exchange)
        try:
            if fault is None:
                reply = work()
                world.journal.answer(exchange, reply.status, reply.payload)
                exchange.answered = await deliver(reply, scope, send)
            else:
                exchange.fault = fault.id
                work = partial(_fated, world, fault, work)
                turn = Turn(fault, work, partial(self.service(call.path).fail, call.path))
                exchange.answered = await _carry_out(turn, world, exchange, scope, receive, send)
        finally:
            exchange.seconds = perf_counter() - begun
            if self._takes_uploads:
                self._enter(world, call, exchange, fault)

    def acts(
        self, world: World, call: Call, raw_path: bytes, query: bytes, headers: Headers
    ) -> Generator[Act, None, None]:
        """Answers a call act by act and writes both down, for whoever carries it without a connection."""
        begun = perf_counter()
        exchange = world.journal.open(call.method, call.path, raw_path, query, headers, call.body)
        fault = world.faults.meet(call.method, call.path) if world.faults else None
        work = partial(self.work, world, call, len(call.body) > self._max_body, exchange)
        played: Iterable[Act]
        if fault is None:
            played = (work(),)
        else:
            exchange.fault = fault.id
            work = partial(_fated, world, fault, work)
            played = play(Turn(fault, work, partial(self.service(call.path).fail, call.path)))
        try:
            for act in played:
                if isinstance(act, Reply):
                    world.journal.answer(exchange, act.status, act.payload)
                    exchange.answered = act.length is None
                yield act
        finally:
            exchange.seconds = perf_counter() - begun
            if self._takes_uploads:
                self._enter(world, call, exchange, fault)

    def _enter(self, world: World, call: Call, exchange: Exchange, fault: Fault | None) -> None:
        """Enters an upload in the ledger."""
        operation = self._operations.get(call.method)
        if operation is not None and operation.sent is not None:
            refused = (exchange.status or 0) >= 400 or (fault is not None and fault.effect == "failure")
            small = exchange.clause is None or len(call.body) <= READ_AGAIN
            read = partial(operation.sent, call) if small else _unread
            world.ledger.close(exchange.number, self._service.name, read, exchange.answered, refused)

    def work(self, world: World, call: Call, too_large: bool, exchange: Exchange | None = None) -> Reply:
        """Has the operation of a call done, or says why it is not."""
        service = self.service(call.path)
        if too_large:
            message = f"The body is larger than the {self._max_body} bytes this server reads."
            return reply_of(service.fail(call.path, 413, message))
        operation = self._operations.get("GET" if call.method == "HEAD" else call.method)
        if operation is None:
            return self.miss(call)
        world.jobs.settle()
        if exchange is not None:
            world.ledger.number = exchange.number
        try:
            answer = operation.handle(world, call)
            if exchange is not None:
                exchange.committed = True
        except Refused as refused:
            if exchange is not None:
                exchange.clause = refused.clause
            answer = service.refuse(call, refused)
        return reply_of(answer)

    def _reader(self, method: str) -> Callable[[], Reader] | None:
        operation = self._operations.get(method)
        return None if operation is None else operation.reader

    def miss(self, call: Call) -> Reply:
        """Answers a method that the path does not take."""
        methods = {*self._operations, *(["HEAD"] if "GET" in self._operations else [])}
        allowed = ", ".join(sorted(methods))
        message = f"{call.path} does not take {call.method}, only {allowed}."
        answer = self.service(call.path).fail(call.path, 405, message)
        return reply_of(answer, (JSON, (b"allow", allowed.encode())))

    def service(self, _path: str) -> Api:
        """Answers the service in whose words a path is answered."""
        return self._service


class Nowhere(Endpoint):
    """Answers the paths that no operation has, in the words of the service with paths like it."""

    def __init__(self, services: Sequence[Api], worlds: Worlds, max_body: int) -> None:
        super().__init__(services[0], {}, worlds, max_body)
        self._services = services

    async def serve(
        self, world: World, call: Call, too_large: bool, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answers a call, and writes it down unless it was meant for the admin API."""
        if call.path.startswith(STEERING):
            await deliver(self.work(world, call, too_large), scope, send)
        else:
            await super().serve(world, call, too_large, scope, receive, send)

    def acts(
        self, world: World, call: Call, raw_path: bytes, query: bytes, headers: Headers
    ) -> Generator[Act, None, None]:
        """Answers a call, and writes it down unless it was meant for the admin API."""
        if call.path.startswith(STEERING):
            yield self.work(world, call, too_large=False)
        else:
            yield from super().acts(world, call, raw_path, query, headers)

    def miss(self, call: Call) -> Reply:
        """Answers that there is nothing here."""
        answer = self.service(call.path).fail(call.path, 404, f"{call.path} is not found on this server.")
        return reply_of(answer)

    def service(self, path: str) -> Api:
        """Answers the first service one of whose paths begins with the same segment, or else the first."""
        first = path.split("/")[1]
        alike = (
            service
            for service in self._services
            if any(operation.path.split("/")[1] == first for operation in service.operations)
        )
        return next(alike, self._service)


async def deliver(reply: Reply, scope: Scope, send: Send) -> bool:
    """Sends an answer, and tells whether it was whole and the connection still there to take it."""
    connection = _connection(scope)
    payload = reply.payload
    length = len(payload) if reply.length is None else reply.length
    said = [] if reply.status in BODILESS else [(b"content-length", b"%d" % length)]
    headers = [*reply.headers, *said]
    if reply.length is None and connection is not None:
        body = b"" if reply.status in BODILESS else payload
        if connection.answer(send, reply.status, headers, body):
            return True
    if reply.length is not None:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if reply.length is None or connection is None:
        body = b"" if reply.status in BODILESS else payload
        await send({"type": "http.response.body", "body": body})
        return connection is None or not connection.lost
    connection.write(payload)
    connection.close()
    return False


def path_of(scope: Scope) -> str:
    """Answers a request's path without the session's prefix."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _unread() -> None:
    """Reads nothing of an upload."""


def _fated(world: World, fault: Fault, work: Callable[[], Reply]) -> Reply:
    """Does the work of a request, and lets the job that it starts come to what the fault says of it."""
    outcome = fault.fields.get("outcome")
    if outcome is not None:
        reason = fault.fields.get("reason", f"The fault {fault.id} makes this fail.")
        world.jobs.fate = Fate(outcome, fault.fields["failed"], reason)
    try:
        return work()
    finally:
        world.jobs.fate = None


async def _carry_out(
    turn: Turn, world: World, exchange: Exchange, scope: Scope, receive: Receive, send: Send
) -> bool:
    """Does what a fault has a request come to, and tells whether it was answered."""
    for act in play(turn):
        if isinstance(act, Pause):
            if await _gone_within(act.seconds, receive, act.over_at_once):
                break
        elif isinstance(act, Loss):
            connection = _connection(scope)
            if connection is None:
                raise lost(f"{turn.fault.id} loses the answer to {exchange.method} {exchange.path}")
            connection.reset()
        else:
            world.journal.answer(exchange, act.status, act.payload)
            return await deliver(act, scope, send)
    return False


async def _gone_within(seconds: float, receive: Receive, over_at_once: bool) -> bool:
    """Lets some seconds go by, and tells whether the client went away in them: then, if asked, at once."""
    if not over_at_once:
        await asyncio.sleep(seconds)
        return False
    end = asyncio.get_running_loop().time() + seconds
    try:
        async with asyncio.timeout_at(end):
            # What still comes of the request is nothing new; where it never ends, others have their turn.
            while (await receive())["type"] != "http.disconnect":
                await asyncio.sleep(LULL)
    except TimeoutError:
        return False
    return True


async def _read(
    scope: Scope, receive: Receive, limit: int, make: Callable[[], Reader] | None = None
) -> tuple[bytes, Reading | None]:
    """Reads a body of at most `limit` bytes; no byte beyond it is kept. A large one is read as it comes."""
    reader: Reader | None = None
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > limit:
            raise BodyTooLargeError
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLargeError
        chunks.append(chunk)
        if reader is not None:
            reader.feed(chunk)
        elif make is not None and size > LARGE:
            reader = make()
            for each in chunks:
                reader.feed(each)
        if not message.get("more_body", False):
            body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
            return body, None if reader is None else reader.close(body)


def _connection(scope: Scope) -> Connection | None:
    extensions = scope.get("extensions")
    connection: Connection | None = extensions.get(EXTENSION) if extensions else None
    return connection


def _raw_path(scope: Scope) -> bytes:
    """Answers a request's path as it stood on the wire, without the session's prefix."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    before = scope.get("root_path", "").count("/")
    if not before:
        return raw
    parts = raw.split(b"/", before + 1)
    return b"/" + parts[-1] if len(parts) > before + 1 else b"/"
