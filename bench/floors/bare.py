"""Bare Starlette, under the server settings of the mock.

`python -m bench.floors.bare KIND`: `constant` answers a GET with a constant JSON, `drain` also reads the body
of a POST and forgets it, `decode` also passes that body to orjson.loads.
"""

import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

HEALTH = {
    "status": "ok",
    "embedding_provider": "vecpact",
    "model": "hashed-words",
    "llm_provider": "vecpact",
    "llm_model": "extractive",
    "items": 1500,
    "max_items": 100000,
    "remaining": 98500,
}
ACCEPTED = {
    "status": "success",
    "message": "Vectors upload started. Poll job status for progress.",
    "job_id": "job-d044a3bf6c0e4380bf6ad7e9df7999d0",
    "namespace_name": "bench",
    "total": 1,
}


async def health(_request: Request) -> Response:
    """Answers a constant."""
    return JSONResponse(HEALTH)


async def drain(request: Request) -> Response:
    """Reads a body and forgets it."""
    try:
        async for _chunk in request.stream():
            pass
    except ClientDisconnect:
        return Response()
    return JSONResponse(ACCEPTED, 202)


async def decode(request: Request) -> Response:
    """Reads a body and its JSON."""
    import orjson

    try:
        orjson.loads(await request.body())
    except ClientDisconnect:
        return Response()
    return JSONResponse(ACCEPTED, 202)


PATHS = (
    "/namespaces/{namespace}/vectors",
    "/upload/upload_embeddings",
    "/embeddings/insert_raw_embeddings",
)
UPLOADS: Mapping[str, Callable[[Request], Awaitable[Response]]] = {"drain": drain, "decode": decode}


class Announcing(uvicorn.Server):
    """A server that says where it listens, as the mock does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens, then says so."""
        await super().startup(sockets)
        assert sockets
        print(f"bare on http://127.0.0.1:{sockets[0].getsockname()[1]}", flush=True)


def application(kind: str) -> Starlette:
    """Builds the application of a kind."""
    routes = [Route("/health", health)]
    if kind in UPLOADS:
        routes += [Route(path, UPLOADS[kind], methods=["POST"]) for path in PATHS]
    return Starlette(routes=routes)


def main(kind: str) -> None:
    """Serves until it is told to stop."""
    settings: Any = {
        "lifespan": "off",
        "ws": "none",
        "proxy_headers": False,
        "access_log": False,
        "log_level": "warning",
    }
    config = uvicorn.Config(application(kind), timeout_keep_alive=75, **settings)
    Announcing(config).run(sockets=[socket.create_server(("127.0.0.1", 0))])


if __name__ == "__main__":
    main(*sys.argv[1:])
