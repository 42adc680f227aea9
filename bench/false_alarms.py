"""Runs the suite with many seeds on the bundled mock, which keeps every clause, and prints all else it says.

Every verdict but `kept` is a false alarm, or a proof that a seed failed to bring. Each run is one line of a
log, with the state of the code it ran on: started again, the script goes on where it was stopped, and a
change of the code starts a new count.

    python -m bench.false_alarms --runs 200 --log build/false-alarms.jsonl
"""

import argparse
import contextlib
import hashlib
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis.configuration import set_hypothesis_home_dir

from conformance.asgi import AsgiTransport
from conformance.check import Server
from conformance.clause import EVIDENCE_LEVELS
from conformance.cortex import CORTEX
from conformance.cortex.driver import Cortex
from conformance.effort import USUAL
from conformance.embedded import bundled_mock
from conformance.moorcheh import MOORCHEH
from conformance.moorcheh.driver import FilesFolder, Moorcheh, Terms
from conformance.run import Options, Run
from conformance.service import Service
from conformance.target import Target
from conformance.verdict import Result, Verdict
from mock_server import create_app

ROOT = Path(__file__).resolve().parents[1]
SERVICES: Mapping[str, Service] = {service.name: service for service in (MOORCHEH, CORTEX)}
SOURCES = ("conformance", "mock_server", "schemas")
KEY = {"Authorization": "Bearer any"}

Connect = Callable[[Target], Server]


def main() -> None:
    """Runs what the log lacks, then sums it up; exit code 1 if any run raised a false alarm."""
    options = _options()
    options.log.parent.mkdir(parents=True, exist_ok=True)
    set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "vecpact-hypothesis")
    state = _state()
    done = {_key(entry) for entry in _entries(options.log) if entry["state"] == state}
    for seed in range(options.first, options.first + options.runs):
        for service in options.services:
            wanted = {"service": service, "seed": seed, "http": options.http, "examples": options.examples}
            if _key(wanted) in done:
                continue
            entry = {"state": state, **wanted, **_prove(SERVICES[service], seed, options)}
            with options.log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(entry) + "\n")
            _tell(entry)
    sys.exit(_sum_up(options.log))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=200, help="seeds for each service (default: 200)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--examples", type=int, default=USUAL.examples, help="examples for each check")
    parser.add_argument(
        "--http", action="store_true", help="over a socket, to the mock in a process of its own"
    )
    parser.add_argument("--services", nargs="+", choices=sorted(SERVICES), default=sorted(SERVICES))
    parser.add_argument("--log", type=Path, default=ROOT / "build" / "false-alarms.jsonl")
    return parser.parse_args()


def _prove(service: Service, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Runs the suite once on a mock of its own; what is not kept, with all evidence levels counted."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vecpact-") as made:
        folder = Path(made).resolve()
        with _target(service, folder, http=options.http) as target:
            terms = Terms(files=FilesFolder(folder, str(folder)))
            server: Server = Moorcheh(target, terms) if service is MOORCHEH else Cortex(target)
            run = Run(
                service, server, Options(examples=options.examples, seed=seed, evidence=EVIDENCE_LEVELS)
            )
            for check in run.checks():
                run.prove(check)
            run.finish()
            results, requests = run.results(), target.requests
    return {
        "requests": requests,
        "seconds": round(time.monotonic() - begun, 1),
        "verdicts": Counter(result.verdict.value for result in results),
        "alarms": [_told(result) for result in results if result.verdict is not Verdict.KEPT],
    }


@contextlib.contextmanager
def _target(service: Service, folder: Path, *, http: bool) -> Iterator[Target]:
    headers = KEY if service is CORTEX else {}
    if http:
        files = ["--files", str(folder)] if service is MOORCHEH else []
        with bundled_mock([service.name, *files]) as url, Target(url, headers=headers) as target:
            yield target
    else:
        app = create_app(services=[service.name], files=[folder])
        with Target("http://mock", headers=headers, transport=AsgiTransport(app)) as target:
            yield target


def _told(result: Result) -> dict[str, str]:
    facts = {"detail": result.detail, "expected": result.expected, "got": result.got, "sent": result.sent}
    return {"clause": result.clause.id, "verdict": result.verdict.value, **facts}


def _state() -> str:
    """The code that runs, as a digest of its files: what is not committed counts as well."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".toml", ".json"):
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _entries(log: Path) -> Sequence[Mapping[str, Any]]:
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []


def _key(entry: Mapping[str, Any]) -> tuple[object, ...]:
    return entry["service"], entry["seed"], entry["http"], entry["examples"]


def _tell(entry: Mapping[str, Any]) -> None:
    sys.stdout.write(
        f"{entry['service']} seed {entry['seed']}: {entry['verdicts']} "
        f"{entry['requests']} requests in {entry['seconds']} s\n"
    )
    for alarm in entry["alarms"]:
        sys.stdout.write(f"  {alarm['verdict']} {alarm['clause']}: {alarm['detail'] or alarm['got']}\n")
    sys.stdout.flush()


def _sum_up(log: Path) -> int:
    """Prints for each service and state of the code how many runs raised how many alarms; 1 if any did."""
    runs: Counter[tuple[str, str]] = Counter()
    alarms: dict[tuple[str, str], Counter[str]] = {}
    for entry in _entries(log):
        group = entry["service"], entry["state"]
        runs[group] += 1
        named = alarms.setdefault(group, Counter())
        named.update(f"{alarm['verdict']} {alarm['clause']}" for alarm in entry["alarms"])
    for group, count in runs.items():
        said = ", ".join(f"{name} ({times})" for name, times in alarms[group].most_common()) or "no alarm"
        sys.stdout.write(f"{group[0]} {group[1]}: {count} runs, {said}\n")
    return int(any(alarms.values()))


if __name__ == "__main__":
    main()
