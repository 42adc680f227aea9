"""Mutants of the mock, a module per area of a contract; importing the package registers them all."""

import importlib
import pkgutil

from tests.mutants.registry import MUTANTS, Mutant, hardest, mutants_of

for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")

__all__ = ["MUTANTS", "Mutant", "hardest", "mutants_of"]
