"""numpy, imported when it is first needed: a server that has just started has no numbers yet.

Modules that take `np` from here name its types in annotations alone, which nobody evaluates.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["np"]


class Deferred:
    """Stands for a module, which is imported when a name of it is first asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        """Imports the module, and keeps the name: it costs nothing the next time."""
        value = getattr(import_module(self._name), name)
        setattr(self, name, value)
        return value


if TYPE_CHECKING:
    import numpy as np
else:
    np = Deferred("numpy")
