"""The mock server: vector-upload APIs with the documented behaviour, kept in memory.

`create_app` builds an ASGI application; it is imported on first use, so that importing this package is free.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_server.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mock_server import app

    return getattr(app, name)
