"""Carries requests straight to the operations of an application: no socket, no event loop, no framework."""

from collections.abc import Generator
from threading import Lock
from urllib.parse import unquote

from mock_server.acts import Act
from mock_server.journal import Headers
from mock_server.routing import Mock
from mock_server.session import World, Worlds


class Direct:
    """An application as a function from a request to what it comes to.

    Threads may share it: one act is done at a time.
    """

    def __init__(self, app: Mock) -> None:
        self.worlds: Worlds = app.state.worlds
        self._app = app
        self.lock = Lock()

    def acts(
        self, world: World, method: str, target: bytes, headers: Headers, body: bytes
    ) -> Generator[Act, None, None]:
        """Says act by act what a request comes to; `target` is its path and query as on the wire."""
        raw_path, _, query = target.partition(b"?")
        place = self._app.place(unquote(raw_path.decode("latin-1")), raw_path)
        arrival = place.endpoint.expect(method, place, query, headers)
        arrival.feed(body)
        acts = place.endpoint.acts(world, arrival)
        try:
            while True:
                with self.lock:
                    act = next(acts, None)
                if act is None:
                    return
                yield act
        finally:
            with self.lock:
                acts.close()

    def without_base(self, target: bytes) -> bytes:
        """Takes off what stands in front of a path that the server knows, such as that of a base URL."""
        raw_path, mark, query = target.partition(b"?")
        rest = raw_path
        while rest:
            if self._app.knows(unquote(rest.decode("latin-1"))):
                return rest + mark + query
            rest = rest[rest.find(b"/", 1) :] if b"/" in rest[1:] else b""
        return target
