"""The mock server: vector-upload APIs with the documented behaviour, kept in memory.

`create_app` builds an ASGI application, `running` starts it on a socket; both are imported on first use, so
that importing this package is free.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_server.app import create_app
    from mock_server.serving import running

__all__ = ["create_app", "running"]


HOMES = {"create_app": "mock_server.app", "running": "mock_server.serving"}


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first asked for."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(HOMES[name]), name)
