"""numpy, imported when the first number comes.

Modules that take `np` from here name its types in annotations alone, which nobody evaluates.
"""

from typing import TYPE_CHECKING

from mock_server.deferral import Deferred

__all__ = ["np"]

if TYPE_CHECKING:
    import numpy as np
else:
    np = Deferred("numpy")
