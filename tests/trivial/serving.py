"""Trivial servers of any service, and the application that serves one."""

import itertools
import json
from collections.abc import Callable
from typing import Any

Trivial = Callable[[str, str, bytes], tuple[int, Any]]
"""Answers a method, a path and a body with a status and a JSON value, or bytes as they are."""


def trivial_servers(success: Any, failure: Any, forgetful: Trivial) -> dict[str, Trivial]:
    """Lists the trivial servers of a service by name.

    They speak in a success and in a refusal of its own, and one of them takes all it can and forgets it.
    """
    return {
        "always 200 and an empty object": always(200, {}),
        "always 200 and success": always(200, success),
        "always 400": always(400, failure),
        "always 404": always(404, failure),
        "always 500": always(500, failure),
        "echo": echo,
        "accepts and stores nothing": forgetful,
    }


def always(status: int, body: Any) -> Trivial:
    """Makes a server that answers everything alike."""
    return lambda _method, _path, _body: (status, body)


def echo(_method: str, _path: str, body: bytes) -> tuple[int, Any]:
    """Answers with what was asked."""
    return 200, body


def nonsense(fields: str, value: Any, **more: Any) -> Trivial:
    """Makes a server that takes everything and answers with the same value in each of these fields."""
    return always(200, {**dict.fromkeys(fields.split(), value), **more})


def asked_in(body: bytes) -> dict[str, Any]:
    """Reads the JSON object of a request; an empty one where there is none."""
    try:
        asked = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return asked if isinstance(asked, dict) else {}


def listed(asked: dict[str, Any], key: str) -> list[Any]:
    """Answers an array of a request; an empty one where it is none."""
    value = asked.get(key)
    return value if isinstance(value, list) else []


def application(trivial: Trivial) -> Any:
    """Makes the ASGI application of a trivial server; the query is part of its path."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query = scope["query_string"].decode("latin-1")
        path = scope["path"] + (f"?{query}" if query else "")
        status, value = trivial(scope["method"], path, body)
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": content})

    return serve


def refusing(server: Any, failure: Any, is_refused: Callable[[str, str], bool]) -> Any:
    """Makes an ASGI application that refuses some requests with 400, whatever they ask, and passes others on.

    Args:
        server: The application that the others go to.
        failure: The body of a refusal.
        is_refused: Says so, for each request in turn, by method and path.
    """

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if not is_refused(scope["method"], scope["path"]):
            await server(scope, receive, send)
            return
        while (await receive()).get("more_body", False):
            pass
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(failure).encode()})

    return serve


def every_second(is_meant: Callable[[str, str], bool] = lambda _method, _path: True) -> Any:
    """Makes a rule that refuses each second of the requests that are meant."""
    turns = itertools.cycle((False, True))
    return lambda method, path: is_meant(method, path) and next(turns)


def after(number: int, is_meant: Callable[[str, str], bool] = lambda _method, _path: True) -> Any:
    """Makes a rule that refuses the requests that are meant, once so many requests have come."""
    counted = itertools.count(1)
    return lambda method, path: next(counted) > number and is_meant(method, path)
