"""Routing: from a request's path to the endpoint that serves it, in the world that the path names."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from mock_server.arrival import Place
from mock_server.endpoint import Endpoint
from mock_server.session import DEFAULT, Worlds

SESSION = "/_session/"
VARIABLE = "{}"
KNOWN = 1_024
LONGEST_KNOWN = 512  # bytes
"""Places that are found once and remembered, and the longest paths among them."""


class Routes:
    """The endpoints of a server by path; of two that fit, the one with fewer variable segments."""

    def __init__(self) -> None:
        self._literal: dict[str, Endpoint] = {}
        self._places: dict[int, list[tuple[int, ...]]] = {}
        self._endpoints: dict[tuple[tuple[int, ...], str], tuple[Endpoint, list[str]]] = {}

    def add(self, path: str, endpoint: Endpoint) -> None:
        """Adds the endpoint of a path, whose variable segments stand in braces."""
        segments = path.split("/")
        places = tuple(place for place, segment in enumerate(segments) if segment.startswith("{"))
        if not places:
            self._literal[path] = endpoint
            return
        known = self._places.setdefault(len(segments), [])
        if places not in known:
            known.append(places)
            known.sort(key=len)
        names, key = _parted(segments, places)
        self._endpoints[places, key] = endpoint, [name[1:-1] for name in names]

    def find(self, path: str) -> tuple[Endpoint, Mapping[str, str]] | None:
        """Finds the endpoint of a path, and what stands for its variable segments: never nothing."""
        endpoint = self._literal.get(path)
        if endpoint is not None:
            return endpoint, {}
        segments = path.split("/")
        for places in self._places.get(len(segments), ()):
            values, key = _parted(segments, places)
            found = self._endpoints.get((places, key))
            if found is not None and all(values):
                return found[0], dict(zip(found[1], values, strict=True))
        return None


class Mock:
    """The mock as an ASGI application; `state.worlds` holds its worlds."""

    def __init__(self, routes: Routes, nowhere: Endpoint, worlds: Worlds) -> None:
        self.state = State(worlds)
        self._routes = routes
        self._nowhere = nowhere
        self._known = lru_cache(maxsize=KNOWN)(self._place)

    def place(self, path: str, raw_path: bytes) -> Place:
        """Finds where a request goes: one endpoint takes all paths that have none of their own.

        `raw_path` is the path as on the wire, `path` what it says.
        """
        return self._known(path, raw_path) if len(raw_path) <= LONGEST_KNOWN else self._place(path, raw_path)

    def knows(self, path: str) -> bool:
        """Tells whether a path without a session has an endpoint of its own."""
        return self._routes.find(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request; a connection of another kind is none that it takes."""
        if scope["type"] != "http":
            await _decline(scope, receive, send)
            return
        path: str = scope["path"]
        raw_path: bytes = scope.get("raw_path") or quote(path).encode()
        root: str = scope.get("root_path", "")
        if root and path.startswith(root):
            path, raw_path = path[len(root) :], _without(root, raw_path)
        place = self.place(path, raw_path)
        await place.endpoint(place, scope, receive, send)

    def _place(self, path: str, raw_path: bytes) -> Place:
        session = DEFAULT
        if path.startswith(SESSION):
            name, slash, rest = path[len(SESSION) :].partition("/")
            if name and slash:
                session, path, raw_path = name, slash + rest, _without(SESSION + name, raw_path)
        endpoint, parameters = self._routes.find(path) or (self._nowhere, {})
        return Place(endpoint, session, path, raw_path, parameters)


class State:
    """What of an application is within reach: its worlds."""

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds


def _parted(segments: Sequence[str], places: Sequence[int]) -> tuple[list[str], str]:
    """Parts the segments at some places from the path, in which they leave braces."""
    rest = [*segments]
    for place in places:
        rest[place] = VARIABLE
    return [segments[place] for place in places], "/".join(rest)


def _without(prefix: str, raw_path: bytes) -> bytes:
    """Takes a prefix off a path as on the wire, where it may be spelled otherwise: by its segments."""
    parts = raw_path.split(b"/", prefix.count("/") + 1)
    return b"/" + parts[-1] if len(parts) > prefix.count("/") + 1 else b"/"


async def _decline(scope: Scope, receive: Receive, send: Send) -> None:
    """Closes a WebSocket, and follows the life of a server, in which there is nothing to do."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
        return
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
