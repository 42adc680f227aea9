"""The endpoint of an admin operation: guarded, not journalled, and met by no fault."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.types import Receive, Scope, Send

from mock_server.acts import Act, Reply, reply_of
from mock_server.arrival import Arrival, Place
from mock_server.endpoint import Endpoint, deliver
from mock_server.journal import Headers
from mock_server.service import Api, Call, Operation
from mock_server.session import World, Worlds

HEADER = "x-vecpact-token"


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may steer: those who know the `token`, if there is one, on this machine or `anywhere`."""

    token: str | None = None
    anywhere: bool = False

    def objection(self, call: Call, scope: Scope) -> tuple[int, str] | None:
        """Answers the status and the message with which a call is refused, or None."""
        if not self.anywhere and not _is_near(scope):
            return (
                403,
                "The admin API answers this machine alone, unless the server runs with --admin-anywhere.",
            )
        if self.token is not None and not self._knows(call):
            return (
                401,
                f"The admin API needs the token: as Authorization: Bearer TOKEN, or as {HEADER}: TOKEN.",
            )
        return None

    def _knows(self, call: Call) -> bool:
        # Imported here: it brings all of OpenSSL's digests, and most servers have no token.
        import hmac

        scheme, _, bearer = call.headers.get("authorization", "").partition(" ")
        given = call.headers.get(HEADER) or (bearer.strip() if scheme.lower() == "bearer" else "")
        return hmac.compare_digest(given.encode(), str(self.token).encode())


class AdminEndpoint(Endpoint):
    """Serves the admin operations of one path to whom the guard lets pass."""

    def __init__(
        self,
        service: Api,
        operations: Mapping[str, Operation],
        worlds: Worlds,
        max_body: int,
        guard: Guard,
    ) -> None:
        super().__init__(service, operations, worlds, max_body)
        self._guard = guard

    def expect_on_the_spot(self, method: str, place: Place, query: bytes, headers: Headers) -> Arrival | None:
        """Leaves every request to `serve`: the guard looks where it comes from."""

    async def serve(
        self, world: World, call: Call, arrival: Arrival, scope: Scope, _receive: Receive, send: Send
    ) -> None:
        """Answers a call."""
        await deliver(self._reply(world, call, arrival, scope), scope, send)

    def acts(self, world: World, arrival: Arrival) -> Generator[Act, None, None]:
        """Answers a call that comes without a connection."""
        yield self._reply(world, arrival.call(), arrival, {})

    def _reply(self, world: World, call: Call, arrival: Arrival, scope: Scope) -> Reply:
        objection = self._guard.objection(call, scope)
        if objection is not None:
            return reply_of(self.service(call.path).fail(call.path, *objection))
        return self.work(world, call, arrival.too_large)


def _is_near(scope: Scope) -> bool:
    """Tells whether a request comes from this machine: over loopback, or without a connection at all."""
    client = scope.get("client")
    if client is None:
        return True
    try:
        address = ip_address(client[0].partition("%")[0])
    except ValueError:
        return True  # no address at all: a test client or a socket of the file system
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
