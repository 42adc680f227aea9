"""The command `drift`: in which clauses and choices two servers differ."""

import json as json_format
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from hypothesis.configuration import set_hypothesis_home_dir
from rich.console import Console

from conformance.clause import load_clauses
from conformance.cortex.client import KEY
from conformance.cortex.drifting import CORTEX
from conformance.cortex.driver import Cortex
from conformance.cortex.driver import Terms as CortexTerms
from conformance.drift.choice import load_choices
from conformance.drift.difference import Differences, Finding
from conformance.drift.recording import UnusableRecordingError, read_recording, replay
from conformance.drift.side import Side, Subject
from conformance.drift.telling import tell
from conformance.moorcheh.drifting import MOORCHEH
from conformance.moorcheh.driver import Moorcheh, Terms
from conformance.options import Option
from conformance.target import Target, Unreachable
from conformance.wishes import DEFAULT_JOB_TIMEOUT, DEFAULT_LEVELS, DEFAULT_TIMEOUT, Wishes, fail

SUBJECTS: Mapping[str, tuple[Subject, Callable[[Target, float], Any]]] = {
    "moorcheh": (MOORCHEH, lambda target, patience: Moorcheh(target, Terms(patience))),
    "cortex": (CORTEX, lambda target, patience: Cortex(target, CortexTerms(patience))),
}
"""Every service there is: what is compared of it, and its driver."""
DEFAULT_EXAMPLES = 20
DIFFERS = 1


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of comparing two servers in one service."""

    service: str
    calls: int
    findings: Sequence[Finding]
    differs: bool


def drift(
    a: Annotated[str, Option("--a", metavar="URL", help="One server.")],
    b: Annotated[str, Option("--b", metavar="URL", help="The other server.")] = "",
    recording: Annotated[
        Path | None, Option(metavar="FILE", help="What the proxy recorded, in place of the other server.")
    ] = None,
    service: Annotated[
        Literal["auto", "moorcheh", "cortex"], Option(help="What they are; auto looks what both speak.")
    ] = "auto",
    examples: Annotated[int, Option(min=1, help="Generated stories.")] = DEFAULT_EXAMPLES,
    seed: Annotated[
        int | None, Option(help="Repeat the choices of another run.", show_default="random")
    ] = None,
    evidence: Annotated[
        str, Option(metavar="LEVELS", help="Evidence that counts: documented,implied,assumed.")
    ] = DEFAULT_LEVELS,
    json: Annotated[Path | None, Option(metavar="FILE", help="Write a JSON report.")] = None,
    header: Annotated[
        list[str] | None, Option(metavar="'NAME: VALUE'", help="Send this with every request.")
    ] = None,
    api_key: Annotated[str, Option(help="The key that Cortex is asked with.")] = KEY,
    timeout: Annotated[
        float, Option(min=0.001, metavar="SECONDS", help="Longest wait for an answer.")
    ] = DEFAULT_TIMEOUT,
    job_timeout: Annotated[
        float, Option(min=0, metavar="SECONDS", help="Longest wait for a job.")
    ] = DEFAULT_JOB_TIMEOUT,
) -> None:
    """Asks two servers the same, and lists the clauses and the undocumented choices in which they differ.

    Exit code: 0 no clause differs; 1 one does; 2 the command could not do its work; 130 interrupted.
    """
    if bool(b) is (recording is not None):
        fail("expected either --b or --recording")
    wishes = Wishes(levels=evidence, headers=header or ())
    levels, number = wishes.evidence(), random.randrange(2**32) if seed is None else seed
    set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "vecpact-hypothesis")
    headers = {"authorization": f"Bearer {api_key}", **wishes.header_fields()}
    names = [*SUBJECTS] if service == "auto" else [service]
    compared: list[Compared] = []
    try:
        with Target(a, headers=headers, timeout=timeout) as one:
            other = None if recording else Target(b, headers=headers, timeout=timeout)
            for name in names:
                subject, connect = SUBJECTS[name]
                drivers = [connect(target, job_timeout) for target in (one, other) if target is not None]
                if service == "auto" and not all(map(subject.speaks, drivers)):
                    continue
                found = Differences(load_clauses(name), load_choices(name))
                sides = [Side(driver, subject) for driver in drivers]
                if recording is not None:
                    records = read_recording(recording, name)
                    calls = replay(subject, records, sides[0], found) if records else 0
                else:
                    calls = tell(subject, sides[0], sides[1], found, number, examples)
                if calls:
                    compared.append(Compared(name, calls, [*found.findings()], found.differs(levels)))
            if other is not None:
                other.close()
    except (Unreachable, UnusableRecordingError) as reason:
        fail(str(reason))
    if not compared:
        fail("nothing was compared: " + ("no exchange of the recording fits" if recording else NOTHING))
    against = str(recording) if recording else b
    _print(Console(highlight=False), compared, a, against, None if recording else number)
    if json is not None:
        _write(json, compared, a, against, None if recording else number)
    raise typer.Exit(DIFFERS if any(each.differs for each in compared) else 0)


NOTHING = "the servers have no API in common that is known here; --service says which it is"


def _print(console: Console, compared: Sequence[Compared], a: str, b: str, seed: int | None) -> None:
    for each in compared:
        for finding in each.findings:
            kind = finding.kind if finding.evidence != "assumed" else "assumed"
            console.print(f"{kind:<8} {finding.id}  {finding.times} times", markup=False)
            console.print(f"  {finding.title}", markup=False, soft_wrap=True)
            first = finding.first
            console.print(f"  {first.call}: {first.where}", markup=False, soft_wrap=True)
            console.print(f"    a  {first.a}", markup=False, soft_wrap=True)
            console.print(f"    b  {first.b}", markup=False, soft_wrap=True)
        clauses = sum(finding.kind == "clause" for finding in each.findings)
        seeded = "" if seed is None else f", seed {seed}"
        console.print(
            f"{each.service}: {clauses} clauses and {len(each.findings) - clauses} choices differ"
            f" in {each.calls:,} calls of {a} and {b}{seeded}",
            markup=False,
            soft_wrap=True,
        )


def _write(path: Path, compared: Sequence[Compared], a: str, b: str, seed: int | None) -> None:
    document = {"a": a, "b": b, "seed": seed, "services": [asdict(each) for each in compared]}
    try:
        path.write_text(json_format.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
