"""Every fault by its name."""

from collections.abc import Mapping

from tests.careless import cortex_faults, moorcheh_faults, shared_faults
from tests.careless.fault import Fault

FAULTS: Mapping[str, Fault] = {**shared_faults.FAULTS, **moorcheh_faults.FAULTS, **cortex_faults.FAULTS}
