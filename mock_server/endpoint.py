"""An endpoint: reads a request, finds its world, has the operation done, answers, and writes both down."""

import asyncio
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from starlette.types import Receive, Scope, Send

from mock_server.acts import JSON, Act, Loss, Pause, Reply, reply_of
from mock_server.arrival import Arrival, Place
from mock_server.connection import EXTENSION, Connection, lost
from mock_server.deferral import Later
from mock_server.faults import Fault
from mock_server.jobs import Fate
from mock_server.journal import Exchange, Headers
from mock_server.refusal import Refused
from mock_server.service import Api, Call, Operation
from mock_server.session import World, Worlds

if TYPE_CHECKING:
    from mock_server.effects import Turn, play
else:
    Turn, play = Later("mock_server.effects", "Turn"), Later("mock_server.effects", "play")

READ_AGAIN = 65_536  # octets of a refused upload that are read once more, for the ledger
LULL = 0.01  # seconds
STEERING = "/_mock/"


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

    def expect(self, method: str, place: Place, query: bytes, headers: Headers) -> Arrival:
        """Prepares for a request whose body is still to come."""
        operation = self._operations.get(method)
        make = None if operation is None else operation.reader
        arrival = Arrival(method, place, query, headers, self._max_body, make)
        for name, value in headers:
            if name == b"content-length" and value.isdigit() and int(value) > self._max_body:
                arrival.too_large = True
        return arrival

    def expect_on_the_spot(self, method: str, place: Place, query: bytes, headers: Headers) -> Arrival | None:
        """Prepares for a request that `answer` may answer; None if it may not."""
        if self._worlds[place.session].faults:
            return None
        return self.expect(method, place, query, headers)

    def answer(self, arrival: Arrival) -> Reply | None:
        """Answers a request on the spot; None, and nothing done, if it takes more than that.

        It does where a fault may meet it, as faults take time, or the connection. A request that is too large
        is always answered: nothing of it is left to go on with.
        """
        world = self._worlds[arrival.place.session]
        if world.faults and not arrival.too_large:
            return None
        return self._answer(world, arrival.call(), arrival)

    async def __call__(self, place: Place, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        arrival = self.expect(scope["method"], place, scope.get("query_string", b""), scope["headers"])
        try:
            await _receive_body(arrival, receive)
        except ClientGoneError:
            return
        world = self._worlds[place.session]
        await self.serve(world, arrival.call(), arrival, scope, receive, send)

    async def serve(
        self, world: World, call: Call, arrival: Arrival, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answers a call and writes both down, unless a fault meets it."""
        begun = perf_counter()
        exchange = _open(world, call, arrival)
        fault = world.faults.meet(call.method, call.path) if world.faults else None
        work = partial(self.work, world, call, arrival.too_large, exchange)
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
            self._close(world, call, exchange, fault, begun)

    def acts(self, world: World, arrival: Arrival) -> Generator[Act, None, None]:
        """Answers a call act by act and writes both down, for whoever carries it without a connection."""
        call = arrival.call()
        if world.faults:
            yield from self._played(world, call, arrival)
        else:
            yield self._answer(world, call, arrival)

    def _answer(self, world: World, call: Call, arrival: Arrival) -> Reply:
        """Answers a call that no fault meets, and writes both down."""
        begun = perf_counter()
        exchange = _open(world, call, arrival)
        try:
            reply = self.work(world, call, arrival.too_large, exchange)
            world.journal.answer(exchange, reply.status, reply.payload)
            exchange.answered = True
        finally:
            self._close(world, call, exchange, None, begun)
        return reply

    def _played(self, world: World, call: Call, arrival: Arrival) -> Generator[Act, None, None]:
        """Answers a call that a fault may meet, act by act, and writes both down."""
        begun = perf_counter()
        exchange = _open(world, call, arrival)
        fault = world.faults.meet(call.method, call.path)
        work = partial(self.work, world, call, arrival.too_large, exchange)
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
            self._close(world, call, exchange, fault, begun)

    def _close(self, world: World, call: Call, exchange: Exchange, fault: Fault | None, begun: float) -> None:
        """Writes down how a request ended."""
        exchange.seconds = perf_counter() - begun
        if self._takes_uploads:
            self._enter(world, call, exchange, fault)

    def _enter(self, world: World, call: Call, exchange: Exchange, fault: Fault | None) -> None:
        """Enters an upload in the ledger."""
        operation = self._operations.get(call.method)
        if operation is not None and operation.sent is not None:
            refused = (exchange.status or 0) >= 400 or (fault is not None and fault.effect == "failure")
            small = exchange.clause is None or len(call.content) <= READ_AGAIN
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
        self, world: World, call: Call, arrival: Arrival, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answers a call, and writes it down unless it was meant for the admin API."""
        if call.path.startswith(STEERING):
            await deliver(self.work(world, call, arrival.too_large), scope, send)
        else:
            await super().serve(world, call, arrival, scope, receive, send)

    def _answer(self, world: World, call: Call, arrival: Arrival) -> Reply:
        if call.path.startswith(STEERING):
            return self.work(world, call, arrival.too_large)
        return super()._answer(world, call, arrival)

    def _played(self, world: World, call: Call, arrival: Arrival) -> Generator[Act, None, None]:
        if call.path.startswith(STEERING):
            yield self.work(world, call, arrival.too_large)
        else:
            yield from super()._played(world, call, arrival)

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
    if reply.length is None and connection is not None and connection.answer(send, reply):
        return True
    headers, body = reply.framed()
    if reply.length is not None:
        headers = [*headers, (b"connection", b"close")]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if reply.length is None or connection is None:
        await send({"type": "http.response.body", "body": body})
        return connection is None or not connection.lost
    connection.write(body)
    connection.close()
    return False


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


async def _receive_body(arrival: Arrival, receive: Receive) -> None:
    """Takes a body in; of one that is too large no more than it takes to know that."""
    more = True
    while more and not arrival.too_large:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        arrival.feed(message.get("body", b""))
        more = message.get("more_body", False)


def _open(world: World, call: Call, arrival: Arrival) -> Exchange:
    """Writes down a request as it came."""
    journal, content = world.journal, call.content
    body = content if isinstance(content, bytes) else content.first(journal.body_bytes)
    return journal.open(
        call.method,
        call.path,
        arrival.place.raw_path,
        arrival.query,
        arrival.headers,
        body,
        len(content),
    )


def _connection(scope: Scope) -> Connection | None:
    extensions = scope.get("extensions")
    connection: Connection | None = extensions.get(EXTENSION) if extensions else None
    return connection
