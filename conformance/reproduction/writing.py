"""Writing: each fault of a run is tried again, on the server and on a correct one, and made a test.

What the test states is where the two differ. It is tried on both before it is kept: it fails on the one and
passes on the other.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.check import Check, Conditions, NotRepeatedError
from conformance.clause import Clause
from conformance.crew import Connect
from conformance.exchange import Exchange, in_one_line
from conformance.history import MOST_CALLS, Call
from conformance.reproduction.difference import conditions
from conformance.reproduction.script import function_name, neutral, script
from conformance.run import Run
from conformance.target import Target, Unreachable
from conformance.verdict import Broken, Unproven

Report = Callable[[str], None]
REFERENCE = "VECPACT_BASE_URL"
REMOVAL = re.compile("^DELETE |/delete-jobs/")


@dataclass(frozen=True)
class Recording:
    """One example on one server.

    Attributes:
        calls: What was sent, in order, with what came back.
        clean_up: What then removed what the calls had made.
        fault: What the example has found; None if nothing.
    """

    calls: Sequence[Call]
    clean_up: Sequence[Call]
    fault: Broken | None


class Unwritable(Exception):
    """A fault cannot be made a test; the message says why."""


def write_reproductions(
    run: Run, target: Target, correct: Target, connect: Connect, folder: Path
) -> Iterator[str]:
    """Writes a test for each fault that a run has found, and says of each in a line what became of it.

    Args:
        run: The run, which is over.
        target: The server that was tested.
        correct: A server that keeps the contract.
        connect: Makes the service's driver.
        folder: Where the files go.

    Raises:
        OSError: A file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for clause_id, fault in run.faults().items():
        clause = run.clauses[clause_id]
        body_file = run.body_file(clause_id, fault)
        if body_file and isinstance(fault.exchange, Exchange):
            body_file.write_bytes(fault.exchange.content or b"")
        try:
            text = _written(run, clause, fault, target, correct, connect)
        except (Unwritable, Unreachable) as reason:
            yield f"no test for {clause_id}: {reason}"
            continue
        path = folder / f"{function_name(clause)}.py"
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
        yield f"{path} shows {clause_id}"


def _written(
    run: Run, clause: Clause, fault: Broken, target: Target, correct: Target, connect: Connect
) -> str:
    check = next(
        (each for each in run.checks() if each.name == fault.check and _speaks_of(each, clause.id)), None
    )
    if check is None or not isinstance(fault.exchange, Exchange):
        raise Unwritable("it was not found by requests")
    faulty = _recorded(check, fault.choices, connect, target)
    if faulty.fault is None or (faulty.fault.clause_id or check.clauses[0]) != clause.id:
        raise Unwritable("this one example does not show it again: it takes more than its own calls")
    if len(faulty.calls) >= MOST_CALLS:
        raise Unwritable("it takes too many calls")
    _liken(correct, faulty.calls)
    sound = _recorded(check, fault.choices, connect, correct)
    if sound.fault is not None:
        raise Unwritable("the bundled mock breaks it too")
    told = f"Expected {faulty.fault.expected}, got {faulty.fault.got}."
    for judged, stated in _judgements(faulty, sound, target.base_url, correct.base_url):
        text = script(clause, told[:500], faulty.calls, judged, stated, faulty.clean_up, target.base_url)
        if _fails_on(text, clause, target) and not _fails_on(text, clause, correct):
            return text
    raise Unwritable("no single answer tells a faulty server from a correct one")


def _speaks_of(check: Check, clause_id: str) -> bool:
    return clause_id in check.clauses


def _recorded(check: Check, choices: str, connect: Connect, target: Target) -> Recording:
    """Tries one example again with a driver of its own, which has nothing yet on the server."""
    twin = target.twin()
    twin.history.is_whole = True
    driver = connect(twin)
    fault = None
    try:
        check.run(driver, Conditions(1, 0, choices=choices or None))
    except Broken as found:
        fault = found
    except ExceptionGroup as group:
        fault = next((each for each in group.exceptions if isinstance(each, Broken)), None)
    except (NotRepeatedError, Unproven):
        pass
    calls = fault.calls if fault else twin.history.calls()
    twin.history.begin()
    driver.end_check()
    driver.end_run()
    removals = [call for call in twin.history.calls() if REMOVAL.search(_asked(call))]
    return Recording(calls, removals, fault)


def _asked(call: Call) -> str:
    return f"{call.exchange.method} {call.exchange.url}"


def _liken(correct: Target, calls: Sequence[Call]) -> None:
    """Gives the bundled mock the cap of the server, so that what fills the one fills the other."""
    for call in calls:
        max_items = call.exchange.body.get("max_items")
        if isinstance(max_items, int) and not isinstance(max_items, bool):
            correct.send("POST", "/_mock/settings", json={"max_items": max_items})
            return


def _judgements(
    faulty: Recording, sound: Recording, base_url: str, correct_url: str
) -> Iterator[tuple[int, list[str]]]:
    """The calls that may be judged, the likeliest first, with what to state of their answers."""
    fault = faulty.fault
    shown = fault.exchange if fault else None
    pairs = []
    for number, (one, other) in enumerate(zip(faulty.calls, sound.calls, strict=False)):
        if neutral(one.exchange, base_url) != neutral(other.exchange, correct_url):
            break
        pairs.append((number, one.exchange, other.exchange))
    # The answer that the check speaks of, then those before the verdict, from the last.
    pairs.sort(key=lambda pair: (pair[1] is not shown, -pair[0]))
    for number, faulty_answer, answer in pairs:
        expected = fault.expected if fault and faulty_answer is shown else ""
        stated = conditions(expected, faulty_answer, answer)
        if stated:
            yield number, stated


def _fails_on(text: str, clause: Clause, target: Target) -> bool:
    """Whether the test fails on a server; an error of its own is no failure, and makes it useless."""
    with _environment({REFERENCE: target.base_url, **target.secret_variables()}):
        names: dict[str, Callable[[], None]] = {}
        exec(compile(text, f"{function_name(clause)}.py", "exec"), names)
        try:
            names[function_name(clause)]()
        except AssertionError:
            return True
        except Exception as error:
            raise Unwritable(f"its test does not work: {in_one_line(str(error))}") from error
    return False


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
