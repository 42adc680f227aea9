"""Variants of both services whose answers travel otherwise, or never come from the service itself."""

from typing import Any

from tests.tolerant.registry import SERVICES, VARIANTS, Application, Variant, wrapping
from tests.tolerant.serving import SERVERS

PAGE = b"<!doctype html><html><body><h1>Not here</h1><hr>nginx</body></html>"
MOST_BYTES = 300_000


class Fronted:
    """An application behind a server that answers some requests itself, with a page."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def answer(self, send: Any, status: int) -> None:
        """Sends the page."""
        headers = [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(PAGE))]
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


TOUCHED = {
    "moorcheh": (
        "moorcheh.health.*",
        "moorcheh.vectors.accepted",
        "moorcheh.quota.concurrent",
        "moorcheh.errors.*",
    ),
    "cortex": ("cortex.matrix.accepted", "cortex.find.shape", "cortex.errors.*"),
}
VARIANTS += [
    Variant(
        service,
        name.replace(" ", "-"),
        f"Answers are carried in this way: {name}",
        TOUCHED[service],
        server=name,
    )
    for name in SERVERS
    for service in SERVICES
]
