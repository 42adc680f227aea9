"""The ASGI application: routes to operations, one world per session, one place that answers refusals."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import Receive, Scope, Send

from mock_server.admin import ADMIN
from mock_server.clock import Source
from mock_server.cortex.service import CORTEX
from mock_server.embedder import MAX_TEXT, Embed, Embedder
from mock_server.equipment import GENERATIONS, Equipment, allowed_folders, generation_number
from mock_server.jobs import parse_mode
from mock_server.moorcheh.embedding import MODEL, embed
from mock_server.moorcheh.service import MOORCHEH
from mock_server.payload import encode
from mock_server.refusal import Refused
from mock_server.service import Answer, Call, Operation, Service
from mock_server.session import DEFAULT, Settings, Worlds

SERVICES: Mapping[str, Service] = {service.name: service for service in (MOORCHEH, CORTEX)}
"""Every service there is, by name."""
MAX_BODY = 256 * 1024 * 1024  # bytes


def create_app(
    *,
    services: Sequence[str] = (),
    max_items: int = 100_000,
    jobs: str = "polls=2",
    max_body: int = MAX_BODY,
    api_key: str | None = None,
    clock: Source | None = None,
    seed: int | None = None,
    embedder: Embed | None = None,
    max_text: int = MAX_TEXT,
    files: Sequence[str | Path] = (),
    generation: str = GENERATIONS[-1],
) -> Starlette:
    """Builds a server with its own, empty worlds; `app.state.worlds[name]` reaches one of them.

    `services` names those that are served, without names all. `jobs` is a progress mode (see
    `mock_server.jobs.parse_mode`), `max_body` counts bytes, `api_key` is the one key that services which ask
    for keys take, `clock` answers seconds since 1970 in place of the real time, and `seed` makes ids
    repeatable. `embedder` turns texts into vectors in place of the server's own, texts of more than
    `max_text` characters are not embedded, `files` are the folders whose files may be read, and `generation`
    is that of Moorcheh. ValueError if a service, a generation or a folder is unknown, `jobs` is no mode, or
    the embedder does not work.
    """
    served = [_service(name) for name in dict.fromkeys(services or SERVICES)]
    since = generation_number(generation)
    own = Embedder(embed, max_text, MODEL) if embedder is None else Embedder(embedder, max_text)
    equipment = Equipment(own, allowed_folders(files), generation)
    kinds = [part for service in served for part in service.parts]
    worlds = Worlds(kinds, Settings(max_items, parse_mode(jobs), api_key), equipment, clock, seed)
    routes: list[BaseRoute] = [
        route for service in (*served, ADMIN) for route in _routes(service, since, worlds, max_body)
    ]
    session = Mount("/_session/{session}", Router(routes, redirect_slashes=False))
    unroutable = partial(_unroutable, served)
    app = Starlette(routes=[*routes, session], exception_handlers={HTTPException: unroutable})
    app.router.redirect_slashes = False
    app.state.worlds = worlds
    return app


class BodyTooLargeError(Exception):
    """Says that a body goes on beyond the most bytes allowed."""


class ClientGoneError(Exception):
    """Says that the client closed the connection before its body ended."""


class Endpoint:
    """Serves the operations of one path: reads the body, finds the world, answers."""

    def __init__(
        self, service: Service, operations: Mapping[str, Operation], worlds: Worlds, max_body: int
    ) -> None:
        self._service = service
        self._operations = operations
        self._worlds = worlds
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        try:
            body = await _read(scope, receive, self._max_body)
        except ClientGoneError:
            return
        except BodyTooLargeError:
            answer = self._service.fail(
                _path(scope), 413, f"The body is larger than the {self._max_body} bytes this server reads."
            )
        else:
            answer = self._answer(scope, body)
        await _response(answer)(scope, receive, send)

    def _answer(self, scope: Scope, body: bytes) -> Answer:
        parameters = dict(scope["path_params"])
        world = self._worlds[parameters.pop("session", DEFAULT)]
        method = scope["method"]
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        call = Call(method, _path(scope), parameters, body, query, headers)
        world.jobs.settle()
        try:
            return self._operations["GET" if method == "HEAD" else method].handle(world, call)
        except Refused as refused:
            return self._service.refuse(call, refused)


def _service(name: str) -> Service:
    try:
        return SERVICES[name]
    except KeyError:
        raise ValueError(f"no service {name!r}: expected {' or '.join(SERVICES)}") from None


def _routes(service: Service, generation: int, worlds: Worlds, max_body: int) -> Iterable[Route]:
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in service.operations:
        if operation.since > generation:
            continue
        by_path.setdefault(operation.path, {})[operation.method] = operation
    for path, operations in by_path.items():
        endpoint = Endpoint(service, operations, worlds, max_body)
        yield Route(path, endpoint, methods=[*operations], name=path)


async def _read(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Reads a body of at most `limit` bytes; no byte beyond it is kept."""
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
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _unroutable(served: Sequence[Service], request: Request, error: Exception) -> Response:
    """Answers an unknown path or a wrong method in the words of the service that has paths like it."""
    assert isinstance(error, HTTPException)
    path = _path(request.scope)
    service = next((each for each in served if _has_alike(each, path)), served[0])
    if error.status_code == 405:
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        message = f"{path} does not take {request.method}, only {allowed}."
    else:
        message = f"{path} is not found on this server."
    return _response(service.fail(path, error.status_code, message), error.headers)


def _has_alike(service: Service, path: str) -> bool:
    """Tells whether one of a service's paths begins with the same segment."""
    first = path.split("/")[1]
    return any(operation.path.split("/")[1] == first for operation in service.operations)


def _path(scope: Scope) -> str:
    """Answers a request's path without the session's prefix."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _response(answer: Answer, headers: Mapping[str, str] | None = None) -> Response:
    return Response(encode(answer.body), answer.status, headers, "application/json")
