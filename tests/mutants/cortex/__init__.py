"""Mutants of the mock's Cortex, a module per area of the contract; importing the package registers them."""

import importlib
import pkgutil

for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")
