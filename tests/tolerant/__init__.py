"""Tolerant variants of the mock, a module per kind of choice; importing the package registers them all."""

import importlib
import pkgutil

from tests.tolerant.registry import VARIANTS, Variant

for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")

__all__ = ["VARIANTS", "Variant"]
