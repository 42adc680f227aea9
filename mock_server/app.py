"""The ASGI application: routes to operations, one world per session."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mock_server.admin.endpoint import AdminEndpoint, Guard
from mock_server.admin.service import ADMIN
from mock_server.clock import Source
from mock_server.deferral import Deferred, Later
from mock_server.embedder import DIMENSION, MAX_TEXT, MODEL, Embed, Embedder
from mock_server.endpoint import Endpoint, Nowhere
from mock_server.equipment import GENERATIONS, Equipment, allowed_folders, generation_number
from mock_server.jobs import parse_mode
from mock_server.routing import Mock, Routes
from mock_server.service import Api, Operation, Service
from mock_server.session import Settings, Worlds

if TYPE_CHECKING:
    from mock_server.cortex import service as cortex
    from mock_server.moorcheh import service as moorcheh
    from mock_server.moorcheh.embedding import embed
else:
    cortex = Deferred("mock_server.cortex.service")
    moorcheh = Deferred("mock_server.moorcheh.service")
    embed = Later("mock_server.moorcheh.embedding", "embed")

SERVICES: Mapping[str, Callable[[], Service]] = {
    "moorcheh": lambda: moorcheh.MOORCHEH,
    "cortex": lambda: cortex.CORTEX,
}
"""Every service there is, by name: one that is not served is not imported."""
MAX_BODY = 256 * 1024 * 1024  # bytes
SNAPSHOT = 8 * 1024**3  # bytes: the admin API reads a whole world at once


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
    admin_token: str | None = None,
    admin_anywhere: bool = False,
) -> Mock:
    """Builds a server with its own, empty worlds; `app.state.worlds[name]` reaches one of them.

    `services` names those that are served, without names all. `jobs` is a progress mode (see
    `mock_server.jobs.parse_mode`), `max_body` counts bytes, `api_key` is the one key that services which ask
    for keys take, `clock` answers seconds since 1970 in place of the real time, and `seed` makes ids
    repeatable. `embedder` turns texts into vectors in place of the server's own, texts of more than
    `max_text` characters are not embedded, `files` are the folders whose files may be read, and `generation`
    is that of Moorcheh. The admin API asks for `admin_token`, if there is one, and answers this machine alone
    unless `admin_anywhere`. ValueError if a service, a generation or a folder is unknown, `jobs` is no mode,
    or the embedder does not work.
    """
    served = [_service(name) for name in dict.fromkeys(services or SERVICES)]
    since = generation_number(generation)
    own = Embedder(embed, max_text, MODEL, DIMENSION) if embedder is None else Embedder(embedder, max_text)
    equipment = Equipment(own, allowed_folders(files), generation)
    kinds = [part for service in served for part in service.parts]
    seeds = {service.name: service.seed for service in served}
    worlds = Worlds(kinds, Settings(max_items, parse_mode(jobs), api_key), equipment, clock, seed, seeds)
    serve = partial(Endpoint, worlds=worlds, max_body=max_body)
    guard = Guard(admin_token, admin_anywhere)
    steer = partial(AdminEndpoint, worlds=worlds, max_body=max(max_body, SNAPSHOT), guard=guard)
    routes = Routes()
    for service in served:
        _route(routes, service, since, serve)
    _route(routes, ADMIN, since, steer)
    return Mock(routes, Nowhere(served, worlds, max_body), worlds)


def _service(name: str) -> Service:
    try:
        return SERVICES[name]()
    except KeyError:
        raise ValueError(f"no service {name!r}: expected {' or '.join(SERVICES)}") from None


def _route(
    routes: Routes,
    service: Api,
    generation: int,
    make: Callable[[Api, Mapping[str, Operation]], Endpoint],
) -> None:
    """Makes the endpoint of each path of a service."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in service.operations:
        if operation.since <= generation:
            by_path.setdefault(operation.path, {})[operation.method] = operation
    for path, operations in by_path.items():
        routes.add(path, make(service, operations))
