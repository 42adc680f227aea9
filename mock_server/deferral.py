"""Modules imported when they are first needed: a server that starts has no use for most of them yet."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


class Deferred:
    """Stands for a module, which is imported when a name of it is first asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        """Imports the module, and keeps the name: it costs nothing the next time."""
        value = getattr(import_module(self._name), name)
        setattr(self, name, value)
        return value


class Callables:
    """Stands for a module of functions, which is imported when one of them is first called."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> "Later":
        """Answers the stand-in for a function, the same one every time."""
        later = Later(self._name, name)
        setattr(self, name, later)
        return later


class Later:
    """Stands for a function, or a class, whose module is imported when it is first called."""

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self.name = name
        self._found: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Calls the function."""
        return (self._found or self.found())(*arguments)

    def found(self) -> Callable[..., Any]:
        """Imports the function."""
        found: Callable[..., Any] = getattr(import_module(self._module), self.name)
        self._found = found
        return found
