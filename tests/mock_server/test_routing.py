"""Routes, and what an application does with what is no request."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Message, Scope

from mock_server import create_app
from mock_server.endpoint import Endpoint
from mock_server.routing import Routes

PATHS = ["/health", "/a/{x}", "/a/{x}/b", "/a/{x}/b/{y}", "/a/{x}/b/c", "/a/{x}/{y}/c", "/{x}"]


class Named(Endpoint):
    """An endpoint that is only looked at."""

    def __init__(self, path: str) -> None:
        self.path = path


@pytest.mark.parametrize(
    ("path", "route", "values"),
    [
        ("/health", "/health", {}),
        ("/a/1", "/a/{x}", {"x": "1"}),
        ("/a/1/b", "/a/{x}/b", {"x": "1"}),
        ("/a/1/b/c", "/a/{x}/b/c", {"x": "1"}),
        ("/a/1/b/2", "/a/{x}/b/{y}", {"x": "1", "y": "2"}),
        ("/a/1/2/c", "/a/{x}/{y}/c", {"x": "1", "y": "2"}),
        ("/a/{}/b/{}", "/a/{x}/b/{y}", {"x": "{}", "y": "{}"}),
        ("/{}", "/{x}", {"x": "{}"}),
        ("/a", "/{x}", {"x": "a"}),
        ("/", None, None),
        ("", None, None),
        ("/a/", None, None),
        ("/a//b", None, None),
        ("/a/1/b/", None, None),
        ("/health/", None, None),
        ("/health\n", "/{x}", {"x": "health\n"}),
        ("/b/1", None, None),
        ("a/1", None, None),
    ],
)
def test_a_path_leads_to_its_endpoint(path: str, route: str | None, values: Mapping[str, str] | None) -> None:
    routes = Routes()
    for each in PATHS:
        routes.add(each, Named(each))
    found = routes.find(path)
    assert (found and (found[0].path, found[1])) == (route and (route, values))  # type: ignore[attr-defined]  # Named


def test_an_application_may_be_mounted_below_another_path() -> None:
    application = Starlette(routes=[Mount("/below", create_app())])

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
            paths = ("/below/health", "/below/_session/a/health", "/below/nothing")
            return [await client.get(path) for path in paths]

    default, other, nowhere = asyncio.run(ask())
    assert default.json()["items"] == other.json()["items"] == 0
    assert "/nothing is not found" in nowhere.text


def test_a_server_may_tell_of_its_life() -> None:
    sent = connect({"type": "lifespan"}, "lifespan.startup", "lifespan.shutdown")
    assert sent == [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]


def test_a_websocket_is_declined() -> None:
    sent = connect({"type": "websocket", "path": "/health"}, "websocket.connect")
    assert sent == [{"type": "websocket.close", "code": 1000}]


def connect(scope: Scope, *kinds: str) -> list[Message]:
    """Lets an application take a connection, on which it receives messages of some kinds."""
    waiting, sent = [*kinds], list[Message]()

    async def receive() -> Message:
        return {"type": waiting.pop(0)}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(create_app()(scope, receive, send))
    return sent
