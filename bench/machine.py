"""The machine a measurement was made on, and the versions of what was measured."""

import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("starlette", "uvicorn", "uvloop", "httptools", "numpy", "orjson", "pysimdjson", "httpx")
CLOCK_OF_PROCESS = 2
"""How Linux numbers the clock that counts a process's time, beside the number of the process turned round."""


def described() -> dict[str, Any]:
    """Describes processor, memory, system, Python and packages."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_mb": _memory(),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "versions": {name: found for name in PACKAGES if (found := _version(name))},
    }


def load() -> float | None:
    """Answers how many processes want to run, over the last minute; None where no system tells."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def memory_of(pid: int, field: str) -> float:
    """Answers the memory of a process in MB: VmRSS is what it holds now, VmHWM the most it ever held."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024 * 1.048576
    raise LookupError(field)


def processor_time(pid: int) -> float | None:
    """Answers the processor time of a process in seconds, ended threads too; None where no system tells."""
    if sys.platform != "linux":
        return None
    return time.clock_gettime(~pid << 3 | CLOCK_OF_PROCESS)


def forget_peak(pid: int) -> None:
    """Begins the peak of a process's memory anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def tells_memory() -> bool:
    """Tells whether this system shows the memory of processes."""
    return sys.platform == "linux" and Path("/proc/self/clear_refs").exists()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 10**6
    except (AttributeError, ValueError, OSError):
        return None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


@contextmanager
def on_one_core() -> Iterator[None]:
    """Keeps the processes that are started meanwhile to one core, where the system lets a process say so."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    usual = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(usual)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usual)
