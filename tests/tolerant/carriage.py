"""Variants of both services whose answers travel otherwise, or never come from the service itself."""

import itertools
from typing import Any

from tests.tolerant.registry import SERVICES, VARIANTS, Application, Variant, wrapping
from tests.tolerant.serving import SERVERS

PAGE = b"<!doctype html><html><body><h1>Not here</h1><hr>nginx</body></html>"
MOST_BYTES = 300_000


class Fronted:
    """An application behind a server that answers some requests itself, with a page."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def answer(self, send: Any, status: int, *more: tuple[bytes, bytes]) -> None:
        """Sends the page."""
        headers = [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(PAGE)), *more]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE})


class _KnownPaths(Fronted):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers one request."""
        said: list[dict[str, Any]] = []

        async def keep(message: dict[str, Any]) -> None:
            said.append(message)

        await self._app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in said[1:])
        if said[0]["status"] in (404, 405) and (b"on this server" in body or b"does not take" in body):
            await self.answer(send, said[0]["status"])
        else:
            for message in said:
                await send(message)


class _SmallBodies(Fronted):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers one request."""
        length = int(dict(scope["headers"]).get(b"content-length", b"0"))
        if length > MOST_BYTES:
            await self.answer(send, 413)
        else:
            await self._app(scope, receive, send)


@wrapping(
    "An unknown path, or a method that a path does not take, is answered with a page",
    moorcheh=["errors.*", "search.namespace", "files.*", "health.*"],
    cortex=["errors.*", "spellings.*", "seed.*", "tenants.*", "auth.*"],
)
def pages_for_unknown_paths(app: Application) -> Application:
    return _KnownPaths(app)


@wrapping(
    "A body above 300 KB is answered with 413 and a page",
    moorcheh=["quota.exact-fill", "vectors.accepted", "vectors.batch-1000", "errors.no-5xx"],
    cortex=["matrix.max-*", "errors.no-5xx"],
)
def small_bodies(app: Application) -> Application:
    return _SmallBodies(app)


class _Busy(Fronted):
    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self._requests = itertools.count(1)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers one request."""
        if next(self._requests) % 5 == 0:
            await self.answer(send, 429, (b"retry-after", b"0"))
        else:
            await self._app(scope, receive, send)


@wrapping(
    "Each fifth request is told to come again, at once",
    moorcheh=["health.*", "errors.*", "quota.concurrent", "namespaces.exists"],
    cortex=["errors.*", "documents.*", "tenants.*", "processing.*"],
)
def busy(app: Application) -> Application:
    return _Busy(app)


class _Bare(Fronted):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers one request."""

        async def tell(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message["headers"] if pair[0].lower() != b"content-type"]
                message = {**message, "headers": [*kept, (b"Content-Type", b"text/plain; charset=latin-1")]}
            await send(message)

        await self._app(scope, receive, tell)


@wrapping(
    "JSON comes under another content-type, and a charset that is not its own",
    moorcheh=["health.*", "vectors.metadata", "vectors.id-any-string", "search.shape", "errors.envelope"],
    cortex=["errors.envelope", "find.*", "matrix.accepted"],
)
def other_content_types(app: Application) -> Application:
    return _Bare(app)


TOUCHED = {
    "moorcheh": (
        "moorcheh.health.*",
        "moorcheh.vectors.accepted",
        "moorcheh.quota.concurrent",
        "moorcheh.errors.*",
    ),
    "cortex": ("cortex.matrix.accepted", "cortex.find.shape", "cortex.errors.*"),
}
SAYS = {
    "HTTP/1.0": "Answers are HTTP/1.0, and each ends its connection",
    "closing": "The connection is closed after each answer, which says so",
    "closing in silence": "The connection is closed after each answer, and nothing says so",
    "unmeasured": "Answers name no length: their end is that of the connection",
    "chunked": "Answers come in chunks of a few bytes",
    "gzip": "Answers are compressed",
}
VARIANTS += [
    Variant(
        service,
        name.replace(" ", "-"),
        SAYS[name],
        TOUCHED[service],
        server=name,
    )
    for name in SERVERS
    for service in SERVICES
]
