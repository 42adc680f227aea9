"""The load generator: wrk, which costs a tenth of what it measures."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

SCRIPT = Path(__file__).with_name("requests.lua")
MISSING = "wrk is not installed (Debian and Ubuntu: apt install wrk)"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of wrk: a path, how many connections, for how many seconds, and the bodies in turn.

    Without bodies it sends GETs, else POSTs.
    """

    path: str
    connections: int
    seconds: int
    bodies: Sequence[Path] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Load:
    """What a load came to: answers, and how many a second."""

    requests: int
    rate: float


def is_installed() -> bool:
    """Tells whether wrk can be run."""
    return shutil.which("wrk") is not None


def drive(url: str, order: Order, *, quiet: bool = False) -> Load:
    """Sends requests over kept connections, for as long again if none is answered, up to three times.

    RuntimeError if one is refused, or still none answered, unless that may be so (`quiet`).
    """
    load = _drive(url, order)
    for longer in (2, 4):
        if not load.requests and not quiet:
            load = _drive(url, replace(order, seconds=order.seconds * longer))
    if not load.requests and not quiet:
        raise RuntimeError(f"{url}{order.path}: no request was answered")
    return load


def _drive(url: str, order: Order) -> Load:
    address = url + order.path
    command = ["wrk", "-t1", f"-c{order.connections}", f"-d{order.seconds}s", "--timeout", "60s"]
    command += [word for name, value in order.headers.items() for word in ("-H", f"{name}: {value}")]
    command += ["-s", str(SCRIPT), address, "--", *map(str, order.bodies)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    if told["errors"]:
        raise RuntimeError(f"{address}: {told['errors']} of {told['requests']} requests failed")
    return Load(told["requests"], told["requests"] / told["seconds"])
